"""Names that are in no list: contacts by surname and title, shops by the word for their kind, counted places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from domain.forms import Rulebook
from nlu.language.lexicon import Lexicon
from nlu.language.numbers import NUMBER, read
from nlu.language.quantities import Quantity

BLANK = "\x00"
"""Stands for every letter that is already taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Mention:
    """A customer as it was named. One code where it is known, several where it must be asked, none where unknown.

    Two mentions are equal where they mean the same: 惠民 and 惠民超市朝阳店 of one code.
    """

    codes: tuple[str, ...]
    name: str
    sure: bool = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mention) and (self.codes or self.name) == (other.codes or other.name)

    def __hash__(self) -> int:
        return hash(self.codes or self.name)


Found = tuple[int, int, str, Any]
"""(start, end, kind, value)."""


_NAME_MAY_BEGIN = r"(?:(?<![\u4e00-\u9fff])|(?<=[的找跟和见叫让给约与是到]))"


@lru_cache(maxsize=8)
def contact_pattern(surnames: tuple[str, ...], titles: tuple[str, ...]) -> re.Pattern[str]:
    single = "".join(re.escape(s) for s in surnames if len(s) == 1)
    surname = "|".join([*(re.escape(s) for s in surnames if len(s) > 1), f"[{single}]"])
    title = "|".join(sorted(map(re.escape, titles), key=len, reverse=True))
    long_title = "|".join(t for t in titles if len(t) > 1)
    return re.compile(
        rf"(?:{_NAME_MAY_BEGIN}(?:{surname})[\u4e00-\u9fff]{{1,2}}(?={long_title})|{surname})(?:{title})"
        rf"|[小老阿](?:{surname})(?![\u4e00-\u9fff]?(?:店|超市|年|板|客户|师|的店))|(?:{surname})[姐哥总工叔嫂董]"
    )


def find_contacts(text: str, rulebook: Rulebook) -> Iterator[Found]:
    """王经理, 李主任, 老陈: whom the rep met. Which customer's, the clause tells."""
    pattern = contact_pattern(rulebook.words("names", "surnames"), rulebook.words("names", "titles"))
    named: set[int] = set()
    for match in pattern.finditer(text):
        start, end = match.span()
        yield start, end, "contact", match.group()
        named.update(range(start - 4, end))
        named.discard(start - 1)
    for match in _full_name(rulebook.words("names", "surnames")).finditer(text):
        if match.start() not in named:
            yield *match.span(), "contact", match.group()
            named.update(range(*match.span()))
    for match in _role_pattern(rulebook.words("names", "roles")).finditer(text):
        if match.start() not in named:
            yield match.start(), match.end(), "contact", match.group()


@lru_cache(maxsize=8)
def _full_name(surnames: tuple[str, ...]) -> re.Pattern[str]:
    """惠民朝阳店王建军说: a surname and a given name right behind the customer, before he speaks or acts."""
    single = "".join(re.escape(s) for s in surnames if len(s) == 1)
    given = "[^\\W\\d_我你他她它咱跟和给对向那这们也都就又还刚才已店家里老板长总说讲要订在是的了不没]"
    return re.compile(
        rf"(?<={BLANK})[{single}]{given}{{1,2}}(?=(?:刚|又|也|今天)?(?:说|讲|反映|反馈|抱怨|投诉|来电|打电话|打来|让我|让咱|叫我|喊我|问我))"
    )


@lru_cache(maxsize=8)
def _role_pattern(roles: tuple[str, ...]) -> re.Pattern[str]:
    role = "|".join(sorted(map(re.escape, roles), key=len, reverse=True))
    return re.compile(rf"(?:{role})(?![们里店娘量价成部单了过\d一二两三四五六七八九十百几])")


@lru_cache(maxsize=8)
def _shop_pattern(shops: tuple[str, ...]) -> re.Pattern[str]:
    shop = "|".join(sorted(map(re.escape, shops), key=len, reverse=True))
    return re.compile(rf"(?:{shop})(?:[\u4e00-\u9fff]{{1,4}}?(?<![在的了和到去有])店)?")


_STOPS = set(
    "去到在从给跟找回来拜访走跑往是了过着和与把被约见刚，。、！？；：的了叫做家进巡查对于帮替向让送铺个开谈个说问看店里住"
    + BLANK
)


_OWN_LETTERS = ("大", "小", "新", "老")
"""大润发, 小百花, 新世纪, 老百姓 begin so; a new or big shop without a name has nothing between these and 超市."""


def _name_stops(text: str, at: int) -> bool:
    """Whether no name reaches over this letter. 家 counts shops (那家超市), or is part of a name (好邻家超市)."""
    if text[at] == "家":
        return at == 0 or text[at - 1] in _STOPS or bool(_COUNTS.match(text[at - 1]))
    return text[at] in _STOPS


_COUNTS = re.compile("[一二两三四五六七八九十几\\d这那哪每各某多别另人他们]")


def find_shops(text: str, rulebook: Rulebook, lexicon: Lexicon, own: frozenset[str]) -> Iterator[Found]:
    """Shops that are in no list as they stand: linked to the customer that is meant, or kept as unknown."""
    excluded = rulebook.words("names", "not_shops")
    for match in _shop_pattern(rulebook.words("names", "shops")).finditer(text):
        start = match.start()
        while start > 0 and match.start() - start < 8 and not _name_stops(text, start - 1):
            start -= 1
        while start < match.start() and not text[start].isalnum():
            start += 1
        called = _CALLED.search(text, max(0, match.start() - 9), match.start())
        if called:
            start = called.end()
        before = text[start : match.start()]
        for word in sorted(excluded, key=len, reverse=True):
            if word in _OWN_LETTERS and len(before) > 1:
                continue
            if before.startswith(word) and len(before) - len(word) != 1:
                start += len(word)
                before = before[len(word) :]
        if not before or not re.search(r"[\u4e00-\u9fffA-Za-z0-9]", before) or before in tuple("大小新老各"):
            continue
        name = text[start : match.end()]
        link = lexicon.link(name, own)
        if link.code is None and _THAT_ONE.search(name):
            link = lexicon.link(_THAT_ONE.sub("", name), own)
        yield (
            start,
            match.end(),
            "customer",
            Mention((link.code,) if link.code else link.candidates, name, link.code is not None),
        )


_THAT_ONE = re.compile("(?:那边|那儿|那里)?的?[那这](?:家|个|间)")
"""五棵松那家水果店 is 五棵松水果店."""
_CALLED = re.compile(
    "(?:新开了?一?[家个]|拿下了?|签下了?|谈下了?|开发了?(?:一家)?|名叫|名字叫|店名叫|叫做|叫|店名是|名字是)"
    "(?=[\u4e00-\u9fff]{1,8}$)"
)


def find_misheard(text: str, lexicon: Lexicon, own: frozenset[str]) -> Iterator[Found]:
    """A misheard name without any word that tells it is a shop: only among the rep's own, only when very near."""
    found = lexicon.misheard(text, own)
    if found:
        start, end, code = found
        yield start, end, "customer", Mention((code,), text[start:end])


def find_counts(text: str, rulebook: Rulebook) -> Iterator[Found]:
    """六个排面, 两张海报: a number of places or things on the shelf, no goods."""
    pattern = _count_pattern(rulebook.words("units", "others"), rulebook.words("units", "places"))
    for match in (*pattern.finditer(text), *_SHELF.finditer(text)):
        number, start, end = read(match["number"]), match.start("number"), match.end()
        if number is not None and match["number"] not in ("五一", "六一", "十一", "三八"):
            value = Quantity(start, end, number.value, match["unit"] or "", number.low, number.high)
            yield start, end, "number", value


_SHELF = re.compile(
    rf"(?<![\x00箱])(?:占|摆|排面|陈列|露出|扩到|加到|减到|缩到|压到|挤到|挤得|挤成|只剩|就剩|给|堆头|端架|地堆|冰柜|货架)[^，。；！？、\x00]{{0,4}}?"
    rf"(?P<number>{NUMBER.pattern}|[俩仨])(?P<unit>[个排组节层面列纵])(?!\x00|月|人|家|小时|点|星期|礼拜|货)"
)
"""占了六个面, 只剩一排: what is counted on a shelf, where nothing tells that it is goods."""


@lru_cache(maxsize=8)
def _count_pattern(others: tuple[str, ...], places: tuple[str, ...]) -> re.Pattern[str]:
    other = "|".join(map(re.escape, others))
    place = "|".join(sorted(map(re.escape, places), key=len, reverse=True))
    return re.compile(
        rf"(?P<number>{NUMBER.pattern}|[俩仨])(?:(?P<unit>个|组|台|排|{other})(?=(?:新|的|大|小)?(?:{place}))|(?=(?:{place})))"
        rf"|(?P<number2>(?!))"
    )


_ABSENT_AFTER = re.compile(
    r"(?:临时|正在|在|正|一直|老|都|也|又|还|今天|还是|刚好|正好|人|都|他们|恰好|刚|不巧|偏偏)?(?:不在|没在|没来|出差|出去|出门|休息|请假|外出|开会|有事|不上班|没上班|回老家|回家|住院"
    r"|下班|轮休|调休|不再|去[^，。]{1,4}了|(?:打牌|打麻将|进货|开会|吃饭|喝酒|钓鱼|送货|接孩子|旅游|赶集|午睡|睡觉|看病)去了)"
    r"|(?:带|领|陪|叫|喊)(?:着|了)?(?:我|咱)(?:们|俩)?(?:一起|一块儿?)?(?:去|到|来|跑|拜访)"
)
_ABSENT_BEFORE = re.compile(
    r"(?:(?:没|没有|未|没能|又没)(?:见到|见着|见上|碰到|碰上|碰着|遇到|遇上|找到|找着|等到|见)了?"
    r"|(?:问|问问|请示|等|得等|要等|要问|得问|请示一下|问一下|问下)(?:他们|她们|他|她|一下)?|新来?的?|换了个?|带着|领着|陪着|叫上|带上)$"
)


def present(masked: str, at: int) -> bool:
    """Whether the person at this place of the masked text was there: 老板不在 and 没见到李主任 name nobody met."""
    if _ABSENT_AFTER.match(masked, at + 1):
        return False
    return not _ABSENT_BEFORE.search(masked[max(0, at - 8) : at])
