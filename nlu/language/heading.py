"""Where somebody is going now, and in which order he is to go. Only texts that say nothing else: what tells more (with
whom, when, what for) is a plan, which is written down, and 去了 is a visit."""

import re

_GOING = re.compile(
    r"(?:(?:好的?|那|嗯)[，,]?)?(?:我|我们|咱|咱们)?(?:现在|马上|这就|正|正在|先|接着|然后|接下来|准备|出发|要|就)*"
    r"(?:去|过去|赶去|赶往|前往|往|去往|奔)(?P<shop>[^，,。！!？?\s去了过完]{2,24}?)(?:那边|那儿|那里|的路上|一趟|看看)?[吧呢]?"
)
_ON_THE_WAY = re.compile(
    r"(?:我|我们)?(?:现在|正|正在)?在?(?:去|往)(?P<shop>[^，,。！!？?\s]{2,24}?)的?路上了?"
)
_NEXT = re.compile(r"(?:我的?)?下一?(?:站|家|个)(?:去|是|到|就是)?(?P<shop>[^，,。！!？?\s去哪]{2,24}?)[吧]?")
_ORDER = re.compile(
    r"(?:请|麻烦)?(?:你|小访)?(?:帮我|给我|帮忙|替我)?(?:把)?(?:"
    r"(?:排|安排|规划|理|优化|看|设计)(?:一下|一排|个|下|好)*(?:我)?(?:今天|今日|下午|上午)?(?:的)?(?:拜访)?(?:路线|线路|拜访顺序|顺序|跑店路线)"
    r"|(?:今天|今日)(?:的)?(?:拜访)?(?:路线|线路|顺序)(?:帮我)?(?:排|安排|规划|怎么排|怎么走|怎么安排)?(?:一下|下)?"
    r"|(?:我)?(?:今天|今日|下午|上午)(?:我)?(?:该|要|应该)?(?:怎么|咋|如何)(?:跑|走|排路线)(?:比较|最|才|更)?(?:顺路?|合适|好|省时间|近)?"
    r"|(?:我)?(?:今天|今日)(?:我)?(?:该|要|应该)?先(?:跑|去)(?:哪家|哪个|哪一家|谁家?)(?:好|合适)?"
    r"|怎么跑(?:比较|最)?(?:顺路?|省时间))(?:呢|啊|吧)?"
)
_THIS_ONE = re.compile(
    r"(?:这个|这家)(?:客户|店|超市)?(?:最近|现在)?(?:怎么样|怎样|什么情况|啥情况|情况怎么样|咋样|如何)"
)
_MARKS = "。．.！!？?~～ \n"


def going_to(text: str) -> str:
    """The words for the place that somebody is going to, empty where the text says anything else."""
    words = text.strip(_MARKS)
    match = _ON_THE_WAY.fullmatch(words) or _GOING.fullmatch(words) or _NEXT.fullmatch(words)
    return match["shop"] if match else ""


def asks_for_order(text: str) -> bool:
    return _ORDER.fullmatch(text.strip(_MARKS)) is not None


def asks_about_this_one(text: str) -> bool:
    """这个客户怎么样: of the customer that the talk is about."""
    return _THIS_ONE.fullmatch(text.strip(_MARKS)) is not None
