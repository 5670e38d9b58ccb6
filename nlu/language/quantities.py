"""Amounts of goods and money: 两箱半, 半打, 三五箱, 三块八, 一百二十块五, 38一箱, 八折."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from nlu.language.numbers import DIGITS, NUMBER, Number, read

SHELF_UNITS = ("个", "组", "排", "层", "节", "面", "列")
"""What is counted so on a display is no goods."""

HALF = Decimal("0.5")
PRICED = "\x01"
"""Stands for the last letter of a product in a text that speaks of prices: the bare number behind it is one."""
_N = NUMBER.pattern
_VAGUE_AFTER = r"(?P<about>左右|上下|的样子)?"
_NOT_GOODS = re.compile(
    r"(?:人|家|店|事|月|次|天|小时|星期|礼拜|问题|意见|建议|报价|方案|合同|消息|要求|原因|电话|客户|同事|朋友|老板|"
    r"经理|点[上下中半]|活动|办法|情况|月底|季度|人员|促销员|店员|顾客|竞品|品牌|多月|半月|年|点(?!心)|百分点|钟头|地方|位置|品种|口味|单品|SKU|sku|门店|网点|小伙子|姑娘|孩子|阶段|周期|步骤|字)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` is None where only a range was said. `half` tells nothing more than that it was spoken so."""

    start: int
    end: int
    value: Decimal | None
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    each: bool = False
    """一箱, 每箱: may be the measure of a price."""


@dataclass(frozen=True, slots=True)
class Money:
    """Yuan. `unit` where it is the price of one unit (38块一箱), else empty."""

    start: int
    end: int
    value: Decimal | None
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    sure: bool = True
    """False where no 块 or 元 was said and only the words around it tell."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A discount: 八折 → 0.8."""

    start: int
    end: int
    value: Decimal


@lru_cache(maxsize=8)
def _unit_pattern(units: tuple[str, ...]) -> str:
    return "|".join(
        _DOZEN if unit == "打" else re.escape(unit) for unit in sorted(units, key=len, reverse=True)
    )


_DOZEN = "打(?![过给款钱进到])"
"""两千一打过来 is a sum that is paid, and no dozen."""


@lru_cache(maxsize=8)
def _quantity_pattern(units: tuple[str, ...]) -> re.Pattern[str]:
    unit = _unit_pattern(units)
    return re.compile(
        rf"(?:(?P<low>{_N})(?:到|至|-|~|—|－|或|或者)(?P<high>{_N})|(?P<number>{_N})|(?P<each>每一?|各)|(?P<some>几)"
        rf"|(?P<half>半)|(?P<pair>[俩仨]))"
        rf"(?P<unit>(?<=[俩仨])|大?(?:{unit}))(?P<more>半|多|来)?{_VAGUE_AFTER}"
    )


def find_quantities(text: str, units: tuple[str, ...]) -> Iterator[Quantity]:
    """Every amount of goods in the text, from left to right."""
    at = 0
    pattern = _quantity_pattern(units)
    while match := pattern.search(text, at):
        at = match.end()
        unit = match["unit"] or "个"
        if text[match.start() - 1 : match.start()] == "第":
            continue
        if unit in ("个", "条", "件", "份", "套", "包", "张", "排") and _NOT_GOODS.match(
            text, match.end("unit")
        ):
            continue
        if match["pair"] and _NOT_GOODS.match(text, match.end()):
            continue
        start, end = match.start(), match.end("unit")
        found = _quantity(match, start, end, unit)
        if found is None:
            at = match.start() + 1
            continue
        at = found.end
        yield found


def _quantity(match: re.Match[str], start: int, end: int, unit: str) -> Quantity | None:
    tail = match.end() if match["more"] or match["about"] else end
    if match["each"]:
        return Quantity(start, end, None, unit, each=True)
    if match["half"]:
        return Quantity(start, end, HALF, unit)
    if match["pair"]:
        return Quantity(start, match.end("pair"), Decimal(DIGITS[match["pair"]]), "个")
    if match["some"]:
        return Quantity(start, end, None, unit, Decimal(2), Decimal(9))
    if match["low"]:
        low, high = _ends(match["low"], match["high"])
        return Quantity(start, tail, None, unit, low, high) if low is not None and high is not None else None
    number = read(match["number"])
    if number is None:
        return None
    # 四十多箱 is told as forty; only a choice of two numbers (三五箱) has to be asked about.
    value = number.low if number.approximate and number.value is None else number.value
    low, high = number.low, number.high
    if value is not None and match["more"] == "半":
        value += HALF
    return Quantity(
        start, tail, value, unit, low, high, each=match["number"] in ("一", "1") and not match["more"]
    )


def _ends(low_words: str, high_words: str) -> tuple[Decimal | None, Decimal | None]:
    """三到五百 is 300 to 500, 三到五 is 3 to 5."""
    low, high = (n.value if (n := read(w)) else None for w in (low_words, high_words))
    if low is not None and high is not None and low < 10 and high >= 100 and high_words[-1] in "百千万wk":
        scale = next(s for s in (10_000, 1000, 100) if high >= s)
        if low * scale < high:
            low *= scale
    if low is not None and high is not None and low >= high:
        return None, None
    return low, high


_SMALL = r"[零一二两三四五六七八九\d]"
_YUAN = r"(?:块钱?|元钱?|圆|块儿|塊|RMB|rmb)"
FACTOR = re.compile(
    r"(?P<whole>[一二三四五六七八九\d](?:[.点][一二三四五六七八九\d])?|[一二三四五六七八九]{2}|\d{2})折"
)


@lru_cache(maxsize=8)
def _money_pattern(units: tuple[str, ...]) -> re.Pattern[str]:
    small = rf"{_SMALL}(?!{_unit_pattern(units)})"
    return re.compile(
        rf"(?:(?P<low>{_N})(?:到|至|-|~|—)(?P<high>{_N})(?P<yuan0>万?{_YUAN}))"
        rf"|(?:[¥￥]\s?(?P<sign>{_N}))"
        rf"|(?:(?P<number>{_N})(?P<more>多|来)?(?P<yuan>{_YUAN})(?:(?:零(?={_SMALL}[毛角]))?(?P<jiao>{small})(?P<jiao_unit>毛钱?|角)?"
        rf"(?P<fen>{small}分?)?(?![十百千万点\d折])|(?P<half>半))?(?:钱)?)"
        rf"|(?:(?P<mao>{_SMALL}|半)(?P<mao_unit>毛钱?|角钱?)(?:(?P<mao_fen>{_SMALL})分?)?)"
    )


def find_money(
    text: str, units: tuple[str, ...], before: tuple[str, ...] = (), after: tuple[str, ...] = ()
) -> Iterator[Money]:
    """Every sum of money. A bare number counts only beside one of the words `before` or `after` it (货款三千五)."""
    taken: list[tuple[int, int]] = []
    for match in _money_pattern(units).finditer(text):
        found = _money(match)
        if found and not (found.value is not None and _is_measure(text, match, units)):
            found = _per_unit(found, text, units)
            taken.append((found.start, found.end))
            yield found
    for found in _bare_money(text, units, before, after):
        if all(found.end <= s or found.start >= e for s, e in taken):
            yield found


_UNIT_SAID = "(?:都是|单位是?|单位都是|全是|都要|按|都按)(?P<unit>{unit})"


def find_bare(text: str, units: tuple[str, ...], told: list[Quantity]) -> Iterator[Quantity]:
    """原味20、草莓10，都是箱: bare numbers behind products, in the unit that is said for all of them."""
    led = ""
    if PRICES.search(text) or re.search("[块元标卖折]", text):
        # Where prices are spoken of, only a word for ordering makes an amount of a bare number.
        led = "(?:来|订|补|拿)"
    common = re.search(_UNIT_SAID.format(unit=_unit_pattern(units)), text)
    unit = common["unit"] if common else told[0].unit if told else ""
    for match in re.finditer(
        rf"(?<={PRICED}){led or '(?:各|要|来|订|是|：)?'}(?P<number>{_N})(?=[，。、；！和\x00{PRICED}]|$)",
        text,
    ):
        number = read(match["number"])
        if number is not None and number.value is not None:
            yield Quantity(match.start("number"), match.end(), number.value, unit)


def find_factors(text: str) -> Iterator[Factor]:
    for match in FACTOR.finditer(text):
        words = match["whole"].replace("点", ".")
        digits = "".join(str(DIGITS[c]) if c in DIGITS else c for c in words)
        value = Decimal(digits) / (100 if len(digits) == 2 and "." not in digits else 10)
        yield Factor(match.start(), match.end(), value)


def _money(match: re.Match[str]) -> Money | None:
    start, end = match.span()
    if match["low"]:
        scale = 10_000 if match["yuan0"].startswith("万") else 1
        low, high = _ends(match["low"], match["high"])
        if low is None or high is None:
            return None
        return Money(start, end, None, low=low * scale, high=high * scale)
    if match["sign"]:
        return _whole(read(match["sign"]), start, end)
    if match["mao"]:
        jiao = HALF if match["mao"] == "半" else Decimal(DIGITS[match["mao"]])
        fen = Decimal(DIGITS[match["mao_fen"]]) if match["mao_fen"] else Decimal(0)
        return Money(start, end, jiao / 10 + fen / 100)
    number = read(match["number"])
    if number is None:
        return None
    if number.value is None and not number.approximate:
        return Money(start, end, None, low=number.low, high=number.high)
    if number.value is None:
        return Money(start, end, number.low)
    return Money(start, end, number.value + _cents(match))


def _cents(match: re.Match[str]) -> Decimal:
    if match["half"]:
        return HALF
    if not match["jiao"]:
        return Decimal(0)
    jiao = Decimal(DIGITS[match["jiao"]])
    if match["fen"] and not match["jiao_unit"]:
        # 46块55: two figures after 块 are jiao and fen.
        return jiao / 10 + Decimal(DIGITS[match["fen"][0]]) / 100
    fen = Decimal(DIGITS[match["fen"][0]]) if match["fen"] else Decimal(0)
    return jiao / 10 + fen / 100


def _whole(number: Number | None, start: int, end: int) -> Money | None:
    if number is None:
        return None
    return Money(start, end, number.value, low=number.low, high=number.high)


def _is_measure(text: str, match: re.Match[str], units: tuple[str, ...]) -> bool:
    """两块巧克力 is goods: 块 as a measure, where 块 is a unit of the company's."""
    if match.group() == "一块" and re.match("儿?[结送给付去来弄算补还拿]", text[match.end() :]):
        return True
    return match["yuan"] == "块" and "块" in units and not match["jiao"]


def _per_unit(money: Money, text: str, units: tuple[str, ...]) -> Money:
    unit = _unit_pattern(units)
    after = re.compile(rf"(?:/|每一?|一)(?P<unit>{unit})(?!半)").match(text, money.end)
    if after:
        return Money(money.start, after.end(), money.value, after["unit"], money.low, money.high, money.sure)
    before = re.search(
        rf"(?:每一?|一|(?<![\d.])1)(?P<unit>{unit})(?:是|要|卖|才|的价格|价格)?$", text[: money.start]
    )
    if before and not re.search(r"[了送订要来]一?$", text[: before.start()]):
        return Money(
            before.start(), money.end, money.value, before["unit"], money.low, money.high, money.sure
        )
    return money


@lru_cache(maxsize=8)
def _bare_patterns(
    units: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]
) -> tuple[re.Pattern[str], ...]:
    unit = _unit_pattern(units)
    cue = "|".join(sorted(map(re.escape, before), key=len, reverse=True)) or "(?!)"
    tail = "|".join(sorted(map(re.escape, after), key=len, reverse=True)) or "(?!)"
    no_unit = (
        rf"(?!{unit}|[年月日号点天周个次家人折倍%％块元毛角分小度楼路级层层名位种盘趟成][^钱]?|"
        r"[零〇一二两三四五六七八九十百千万亿\d.a-zA-Z:/-]|[多来余几]|[到至~](?![了账帐公位我手]))"
    )
    return (
        re.compile(
            rf"(?:{cue})(?:是|为|共|了|大概|差不多|：|:|，)?(?P<money>{_N})(?P<each>(?:/|每一?|一)(?:{unit}))?{no_unit}"
        ),
        re.compile(rf"(?P<money>{_N})(?P<each>(?:/|每一?|一)(?:{unit}))(?!半){no_unit}"),
        re.compile(
            rf"(?:每一?|一|(?<![\d.])1)(?P<unit>{unit})(?:才|只)?(?:卖|要|是)?(?P<money>{_N}){no_unit}"
        ),
        re.compile(rf"(?P<money>{_N})(?:的)?(?={tail})"),
        re.compile(
            rf"(?P<money>(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)[万wW](?:{_SMALL})?|\d+(?:\.\d+)?[kK]){no_unit}"
        ),
        # 一千八, 六百五: the tail without its unit is how sums are spoken.
        re.compile(
            rf"(?<![第\d.一二两三四五六七八九十百千万])(?P<money>(?:[一二两三四五六七八九\d]+[万千百])+[一二三四五六七八九])(?!来|多|几){no_unit}"
        ),
        # 报价单给了，原味38.5，草莓41: `¤` marks where a product stood.
        re.compile(
            rf"(?<={PRICED})(?:的|是|：|还是|标|按|卖)?(?P<money>\d+(?:\.\d+)?|{_N})(?P<each>(?:/|每一?|一)(?:{unit}))?(?=[，。、；！]|$|正常|没问题)"
        ),
        re.compile(rf"(?P<money>{_N})(?=一个月|一个季度|一年|每月|/月|一季度|每年)"),
        # 他要55, 从42砍到39: in a text that speaks of prices.
        re.compile(
            rf"(?:报|还价|还到|还|要|按|做|出|开价|开的是|开|能做|砍到|谈到|压到|磨到|给|价|到|从|是|给他|最低|最高|至少)(?:了|的|是)?"
            rf"(?P<money>\d{{1,3}}(?:\.\d+)?|[一二三四五六七八九]?十[一二三四五六七八九]?)(?P<each>(?:/|每一?|一)(?:{unit}))?{no_unit}"
        ),
        # 把5600结清: a bare figure in a text that speaks of paying.
        re.compile(rf"(?<![第\d.,/:-])(?P<money>(?:\d{{1,3}}(?:,\d{{3}})+|\d{{3,7}})(?:\.\d+)?){no_unit}"),
        # 八月的账，一万一千二百: a sum spelt out, in such a text too.
        re.compile(
            rf"(?<![第\d.零一二两三四五六七八九十百千万])(?P<money>(?:[一二两三四五六七八九][万千百]零?){{2,}}(?:[一二三四五六七八九]?十?[一二三四五六七八九]?)){no_unit}"
        ),
    )


PRICES = re.compile("价|砍|贵|便宜")
ORDERS = re.compile(
    f"(?:订|补|要|进|拿|来|加)(?:了|点|个|他)?(?:\x00*{PRICED}各?\\d{{1,3}}(?![\\d.块元]))"
    "|补货|下单|订货|进货|要货|报货|补单|订单|备货|剩|库存|存货|盘点"
)
"""补货，原味20，草莓15: amounts, as long as no price is spoken of."""
HOTLINES = ("110", "119", "120", "12315", "12345", "12318", "96315")
"""Numbers that one calls, and nobody pays."""
PAYS = re.compile("[款付结账帐欠钱汇赔]|转[了过账给来]|打[了过给来]|收[了到回]|费")


def _bare_money(
    text: str, units: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]
) -> Iterator[Money]:
    """Numbers that only the words around them make money."""
    taken: list[tuple[int, int]] = []
    *patterns, beside, monthly, asked, plain_figures, spelt_out = _bare_patterns(units, before, after)
    patterns.append(monthly)
    if PRICES.search(text):
        patterns += [beside, asked]
    elif not ORDERS.search(text):
        patterns.append(beside)
    if PAYS.search(text):
        patterns += [plain_figures, spelt_out]
    for pattern in patterns:
        for match in pattern.finditer(text):
            number = read(match["money"])
            groups = match.groupdict()
            if (
                number is None
                or match["money"] in HOTLINES
                or match["money"] in ("一", "两", "十", "千", "百")
                or any(s < match.end("money") and match.start("money") < e for s, e in taken)
            ):
                continue
            unit = (groups.get("each") or groups.get("unit") or "").lstrip("/每一")
            start = match.start() if groups.get("unit") else match.start("money")
            end = match.end("each") if groups.get("each") else match.end("money")
            taken.append((start, end))
            yield Money(start, end, number.value, unit, number.low, number.high, sure=False)
