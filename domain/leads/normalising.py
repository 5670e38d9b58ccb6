"""Phones, tax ids and names of companies in one form each, so that the same one is written the same.

Every function takes any text, never raises, and changes nothing of what it gave itself.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from domain.tax_ids import tidy
from domain.values import Value

_MOBILE = re.compile(r"(?<!\d)(?:\+|00)?(?:86)?(1[3-9]\d{9})(?!\d)")
_SERVICE = re.compile(r"[48]00\d{7}")
_LANDLINE = re.compile(r"(?:\+|00)?(?:86)?(0?)(10|2\d|[3-9]\d{2})([2-9]\d{6,7})")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_EXTENSION = re.compile(r"(?:转分机号?|分机号?|转|ext\.?|#|x)[:：]?(\d{1,6})$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s\-—–_.·()（）/]")


def phone_of(words: str) -> str:
    """Digits alone: 13900000001, 01085001234, and 01085001234-808 with an extension; empty where it is no phone.

    Country code, spaces, hyphens, brackets and full-width letters are all the same; a mobile with words around it is
    found. A landline without its area code stays as it is.
    """
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", words.replace("－", "")))
    hyphened = re.fullmatch(r"(0\d{9,11})-(\d{1,6})", words.strip())
    if hyphened:
        return f"{hyphened[1]}-{hyphened[2]}"
    extension = _EXTENSION.search(plain)
    number = plain[: extension.start()] if extension else plain
    suffix = f"-{extension[1]}" if extension else ""
    if found := _MOBILE.search(number):
        return found[1]
    number = number.removeprefix("电话").removeprefix(":")
    if _SERVICE.fullmatch(number):
        return number + suffix
    if found := _LANDLINE.fullmatch(number):
        return (
            f"0{found[2]}{found[3]}{suffix}"
            if found[1] or number.startswith(("+", "00", "86"))
            else number + suffix
        )
    return number + suffix if _LOCAL.fullmatch(number) else ""


def tax_id_of(words: str) -> str:
    """18 characters, or 15 or 20 of the older kinds; empty where it can be none."""
    plain = re.sub(r"[\s\-]", "", tidy(unicodedata.normalize("NFKC", words)))
    return plain if re.fullmatch(r"[0-9A-Z]{15}|[0-9A-Z]{18}|[0-9A-Z]{20}", plain) else ""


_LEGAL = re.compile(
    "(?:个体工商户|有限责任公司|股份有限公司|集团有限公司|有限公司|集团公司|总公司|分公司|公司|集团)+$"
)
_PLACE_WORDS = """
    北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南
    陕西 甘肃 青海 内蒙古 广西 西藏 宁夏 新疆 石家庄 太原 沈阳 大连 长春 哈尔滨 南京 苏州 无锡 杭州 宁波 温州 合肥 福州
    厦门 南昌 济南 青岛 郑州 武汉 长沙 广州 深圳 佛山 东莞 南宁 海口 成都 贵阳 昆明 西安 兰州 西宁 银川 乌鲁木齐
"""
_PLACES = _PLACE_WORDS.split()
_KIND_WORDS = """
    餐饮管理 餐饮服务 餐饮 商业管理 商贸 贸易 食品 乳业 实业 科技 生鲜超市 超级市场 连锁超市 生活超市
    超市 便利超市 便利店 便利 食品店 粮油店 杂货店 水果店 烟酒店 蛋糕店 面包店 面馆 包子铺 餐厅
    饭店 大酒店 酒店 宾馆 食堂 商店 商场 商行 百货 经营部 批发部 小卖部 门市部 卖场
    购物中心 托育中心 幼儿园 小学 中学 医院 咖啡 茶饮 烘焙 奶站 店
"""
_KINDS = sorted(_KIND_WORDS.split(), key=len, reverse=True)
_KIND = re.compile("|".join(_KINDS))
_ENDS_IN_KINDS = re.compile(f"(?:{'|'.join(_KINDS)})+$")
_BRANCH = re.compile(rf"^(.+?(?:{'|'.join(k for k in _KINDS if k != '店')}))([^店]{{1,6}}?)(?:分)?店$")
_BRACKETED = re.compile(r"[(\[【〔「]([^)\]】〕」]*)[)\]】〕」]")
_NUMBERED = re.compile(r"第?([0-9一二三四五六七八九十]{1,3})号?(?:分)?店$")


class CompanyName(Value):
    """A company's name, taken apart."""

    core: str
    """What tells it apart: 喜乐汇 of 北京喜乐汇商贸有限公司."""
    kind: str = ""
    """超市, 酒店: what many share."""
    branch: str = ""
    """望京 of 永旺超市望京店; empty for the only one, or where nothing says."""


def plain_company(words: str) -> str:
    """Full-width letters, case, spaces and punctuation are the same; brackets are kept as such."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).lower())
    return re.sub(r"[^\w()\[\]【】〔〕「」]|_", "", plain)


def company_name(words: str, city: str = "", district: str = "") -> CompanyName:
    """The name without its legal form and the place in front, in its parts."""
    plain, branch = plain_company(words), ""
    places = _places(city, district)
    if found := _BRACKETED.search(plain):
        inside = found[1]
        plain = plain[: found.start()] + plain[found.end() :]
        if inside not in places and inside.rstrip("市区") not in places:
            branch = re.sub(r"(?:分)?店$", "", inside)
    plain = re.sub(r"[()\[\]【】〔〕「」]", "", plain)
    plain = _LEGAL.sub("", plain) or plain
    plain = _without_place(plain, places)
    if not branch and (numbered := _NUMBERED.search(plain)) and numbered.start() > 1:
        plain, branch = plain[: numbered.start()], numbered[1]
    if not branch and (found := _BRANCH.match(plain)):
        plain, branch = found[1], found[2]
    kinds = _ENDS_IN_KINDS.search(plain)
    core = plain[: kinds.start()] if kinds and kinds.start() else plain
    return CompanyName(core=core, kind=kinds[0] if kinds and kinds.start() else "", branch=branch)


@lru_cache(maxsize=10_000)
def _places(city: str, district: str) -> tuple[str, ...]:
    """The words for a place that may stand in front of a name, the longest first."""
    named = {*_PLACES, city.rstrip("市"), district.rstrip("区县")}
    return tuple(sorted((place for place in named if len(place) > 1), key=lambda place: (-len(place), place)))


def _without_place(name: str, places: Sequence[str]) -> str:
    """A name keeps two letters at least: 上海 alone is a name."""
    again = True
    while again:
        again = False
        for place in places:
            if name.startswith(place):
                rest = re.sub(r"^[省市区县]", "", name[len(place) :])
                if len(rest) >= 2 and not _KIND.match(rest):
                    name, again = rest, True
                    break
    return name


_PLACE = re.compile(rf"(?:({'|'.join(_PLACES)})[省市]?|([^\W\d]{{2,4}})市)?([^\W\d]{{1,5}}[区县])?")


def place_of(words: str) -> tuple[str, str] | None:
    """(city, district) of 北京市朝阳区 or a part of it; None where it is no place."""
    found = _PLACE.fullmatch(words)
    if not words or found is None:
        return None
    return found[1] or found[2] or "", found[3] or ""
