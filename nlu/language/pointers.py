"""前者, 后头那家, 第二家: customers that were named before, by their place in what was said."""

import re
from collections.abc import Iterator

from nlu.language.mentions import Found, Mention

_FORMER = "前者|前头那家|前面那家|前一家|头一家|第一家"
_LATTER = "后者|后头那家|后面那家|后一家|最后那家|末了那家"
_POINTS = re.compile(f"(?P<former>{_FORMER})|(?P<latter>{_LATTER})|第(?P<number>[二三四五])家")
_NUMBERS = dict(zip("二三四五", range(1, 5), strict=True))


def find_pointers(found: list[Found], text: str) -> Iterator[Found]:
    """A mention of the customer that is pointed at, where at least two have been named before; else nothing."""
    customers = sorted((f for f in found if f[2] == "customer"), key=lambda f: f[0])
    for match in _POINTS.finditer(text):
        named: list[Mention] = []
        for _, end, _, mention in customers:
            if end <= match.start() and mention not in named:
                named.append(mention)
        at = 0 if match["former"] else -1 if match["latter"] else _NUMBERS[match["number"]]
        if len(named) >= 2 and at < len(named):
            yield match.start(), match.end(), "customer", named[at]
