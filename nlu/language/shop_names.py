"""How far the name of a shop reaches in a text, and the words that many shops share."""

import re
from functools import lru_cache

_GENERIC_WORDS = """
    生鲜超市 果蔬超市 生活馆 烟酒店 烟酒行 水果店 鲜奶屋 奶站 食品店 粮油店 杂货店 经营部 门市部 茶餐厅 面包店
    蛋糕店 餐厅 饭店 酒店 食堂 有限责任公司 股份有限公司 有限公司 超级市场 购物中心 购物广场 连锁超市 便利店
    便利超市 生活超市 大卖场 专卖店 批发部 小卖部 超市 便利 商店 商场 卖场 百货 商行 商贸 总店 分店 旗舰店 店
"""
GENERIC = tuple(sorted(_GENERIC_WORDS.split(), key=len, reverse=True))
"""Words that many shops share, longest first: they tell little about which shop is meant."""


_KIND = "|".join(g for g in GENERIC if len(g) > 1)
_INSIDE = "[^在到去给从跟找回来了着过和与把被约见的说要订补送有没是就也都还又，。、！？；：\\s\\x00\\d]"
_GOES_ON = re.compile(
    rf"{_INSIDE}{{0,3}}?(?:{_KIND})(?:[\u4e00-\u9fff]{{1,4}}?(?<![在的了和到去有进])店(?![长主员里铺]))?"
)
_BRANCH = re.compile(rf"(?![那这]){_INSIDE}{{1,4}}?(?<![家进到门新老分小])店(?![长主员里铺])")
_BEGINS_AFTER = (
    "[^\u4e00-\u9fff]|[在到去给从跟找了着过和与把被约见的说点号刚再先又还日半刻转前后趟下个位查问看催]"
)
"""Letters behind which a name begins."""


@lru_cache(maxsize=8)
def _begins(words: tuple[str, ...]) -> re.Pattern[str]:
    choice = "".join(f"{re.escape(w)}|" for w in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?:{choice}(?:周|星期|礼拜)[一二三四五六日天末]|^|{_BEGINS_AFTER})$")


_FURTHEST, _LONG = 6, 6


def whole_shop(
    text: str, start: int, end: int, heard: bool, leading: tuple[str, ...] = ()
) -> tuple[int, int]:
    """The whole name of the shop of which the known name at this place may be a part only. A long name that is spelt
    right begins where it begins. `leading` are words behind which a name begins."""
    first, begins = start, _begins(leading)
    spelt = not heard and end - start >= _LONG
    while not spelt and start - first < _FURTHEST and not begins.search(text[max(0, first - 4) : first]):
        first -= 1
    if start - first == _FURTHEST and end - start >= 5:
        first = start
    known = text[start:end]
    if known.endswith("店"):
        return first, end
    further = _GOES_ON.match(text, end) or _BRANCH.match(text, end)
    return first, further.end() if further else end
