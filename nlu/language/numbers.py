"""Chinese numbers as they are written and spoken: 一万二, 两千五, 12万8, 1.2w, 三五 as a range, 二十来, 十几.

The library grammars lose the tail of such numbers silently (一万二 → 10002), so this one is our own.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {
    **{d: i for i, d in enumerate("0123456789")},
    **{d: i for i, d in enumerate("零一二三四五六七八九")},
    **{d: i for i, d in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "〇": 0, "两": 2, "俩": 2, "仨": 3, "幺": 1, "参": 3, "弍": 2, "弎": 3, "貮": 2,
}  # fmt: skip
UNITS = {
    "十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000, "K": 1000,
    "万": 10_000, "w": 10_000, "W": 10_000, "亿": 100_000_000,
}  # fmt: skip
TWENTIES = {"廿": 20, "卅": 30}

_HAN = "零〇一二两三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_TENS = "十百千万亿拾佰仟"
_ARABIC = r"(?>\d{1,3}(?:,\d{3})+|\d+)(?:\.\d++)?"
_LATIN_UNIT = r"[wWkK](?![A-Za-z])"
_ATOM = rf"(?:{_ARABIC}|[{_HAN}廿卅]|[{_TENS}]|{_LATIN_UNIT})"
_LONGEST = 24
"""Parts of one number. A run of figures is one part and no part has two readings, so that what is no number is known
as such in a time that grows with its length only."""
NUMBER = re.compile(
    rf"(?:几[十百千万]{{1,4}}|[上成][百千万]{{1,4}}|"
    rf"(?:{_ARABIC}|[{_HAN}廿卅十百千壹贰叁拾佰仟])"
    rf"(?:点[{_HAN}]{{1,{_LONGEST}}}+(?![{_TENS}]{{0,4}}点)|{_ATOM}){{0,{_LONGEST}}}(?:几{_ATOM}{{0,4}})?)"
    rf"(?:多万|来万)?[多来余]?"
)
"""Everything that may be a number; `read` tells whether it is one."""

_TOKEN = re.compile(rf"{_ARABIC}|.")
_SPOKEN_DECIMAL = re.compile(rf"^([{_HAN}十百]+)点([{_HAN}]+)([万亿千百]?)$")


@dataclass(frozen=True, slots=True)
class Number:
    """`value` is None where only a range was said; `approximate` where the words leave room (二十来)."""

    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    approximate: bool = False


def read(words: str) -> Number | None:
    """The number that all of `words` means, None where they are no number."""
    if not words:
        return None
    if "几" in words:
        return _some(words)
    if words[0] in "上成" and len(words) > 1:
        low = _exact("一" + words[1:])
        return Number(None, low, low * 10) if low else None
    vague = words[-1] if words[-1] in "多来余" else ""
    body = words[:-1] if vague else words
    inner = re.search(r"[多来](?=万)", body)
    if inner:
        vague, body = inner.group(), body[: inner.start()] + body[inner.end() :]
    pair = _neighbours(body)
    if pair:
        low, high = (_exact(one) for one in pair)
        return Number(None, low, high) if low is not None and high is not None else None
    value = _exact(body)
    if value is None:
        return None
    if vague in ("多", "余"):
        return Number(None, value, value + _last_place(body, value), approximate=True)
    return Number(value, approximate=bool(vague))


def exact(words: str) -> Decimal | None:
    """The number that `words` mean exactly, None where they are vague or no number."""
    number = read(words)
    return number.value if number and not number.approximate else None


def plain(value: Decimal) -> int | float:
    """As JSON: an int where it is whole, else a float of at most three decimals."""
    return int(value) if value == value.to_integral_value() else round(float(value), 3)


def _some(words: str) -> Number | None:
    """十几 → 11–19, 几十 → 20–90, 二十几 → 21–29. 几 alone is no number."""
    body = words.rstrip("多来余")
    if body == "几":
        return None
    low, high = (_exact(body.replace("几", d)) for d in ("二" if body[0] == "几" else "一", "九"))
    return Number(None, low, high) if low is not None and high is not None else None


def _neighbours(words: str) -> tuple[str, str] | None:
    """三五, 七八十, 十七八, 三四百: two readings where two neighbouring digits stand side by side, else None."""
    if len(re.findall(rf"[{_HAN}]{{3,}}", words)):
        return None
    for match in re.finditer(rf"([{_HAN}])([{_HAN}])", words):
        first, second = (DIGITS[d] for d in match.groups())
        if first and (second == first + 1 or (first, second) == (3, 5)):
            start, end = match.span()
            tail = words[end:]
            if words[:start] and words[start - 1] in "零〇":
                continue
            return words[: start + 1] + tail, words[:start] + words[end - 1] + tail
    return None


def _last_place(words: str, value: Decimal) -> Decimal:
    """How much 多 may add: up to the place of the last unit, less one (二十多 → 9)."""
    unit = next((UNITS[c] for c in reversed(words) if c in UNITS), 1)
    if unit == 1:
        digits = str(int(value))
        unit = 10 ** (len(digits) - len(digits.rstrip("0")))
    return Decimal(max(unit - 1, 0))


def _exact(words: str) -> Decimal | None:
    spoken = _SPOKEN_DECIMAL.match(words)
    if spoken:
        whole = _exact(spoken[1])
        tail = "".join(str(DIGITS[d]) for d in spoken[2])
        scale = UNITS.get(spoken[3], 1)
        return None if whole is None else Decimal(f"{int(whole)}.{tail}") * scale
    if all(c in DIGITS for c in words) and len(words) > 1 and not words.isdigit():
        return Decimal("".join(str(DIGITS[d]) for d in words))
    return _places(_TOKEN.findall(words))


def _places(tokens: list[str]) -> Decimal | None:
    """A number written with places: 一百二十, 12万8, 5万4千6百, 三千零五. The tail without a unit (一万二) is one
    place below the last unit, unless 零 stands before it."""
    total, section = Decimal(0), Decimal(0)
    digit: Decimal | None = None
    last, zero, single = 0, False, False
    for token in tokens:
        if token in TWENTIES:
            if digit is not None:
                return None
            section, last = section + TWENTIES[token], 10
        elif token in UNITS:
            unit = UNITS[token]
            if unit >= 10_000:
                lump = section + (digit or 0)
                if not lump:
                    if total or digit is not None:
                        return None
                    lump = Decimal(1)
                total = (total + lump) * unit if unit > 10_000 else total + lump * unit
                section = Decimal(0)
            else:
                if digit is None and (unit != 10 and (section or total)):
                    return None
                if 0 < last <= unit:
                    # 四千四千二 is no number: whoever says so begins anew.
                    return None
                section += (Decimal(1) if digit is None else digit) * unit
            digit, last, zero = None, unit, False
        elif token in ("零", "〇"):
            if digit is not None:
                return None
            zero = True
            digit = Decimal(0) if len(tokens) == 1 else None
        else:
            if digit is not None:
                return None
            number = Decimal(token.replace(",", "")) if token[0].isdigit() else Decimal(DIGITS.get(token, -1))
            if number < 0:
                return None
            digit, single = number, number < 10 and number == int(number) and "." not in token
    if digit is None:
        return total + section if tokens and not (zero and len(tokens) > 1 and not last) else None
    if last >= 100 and not zero:
        if not single:
            # 1万2000 names every place below the unit; 12万80 leaves some out and is no number.
            return total + section + digit if last / 10 <= digit < last else None
        return total + section + digit * last / 10
    return total + section + digit
