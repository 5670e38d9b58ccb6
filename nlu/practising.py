"""What people say about practising: which talk they want, and the words that are not part of one. Pure."""

import re
from dataclasses import dataclass

from domain.coaching import ObjectionType
from domain.intents.practice import PracticeWordName
from domain.roleplay import Mode

_END = r"(?:吧|啊|呀|了|哈|哦|一下)*[。.！!～~\s]*"
_IN_TALK: tuple[tuple[PracticeWordName, re.Pattern[str]], ...] = tuple(
    (word, re.compile(rf"(?:{said}){_END}"))  # type: ignore[misc]
    for word, said in (
        ("pause", "暂停|先暂停|停一下|等会儿再练|晚点再练|回头再练|先练到这|先到这|我有事先停"),
        ("stop", "不练|结束练习|结束对练|退出练习|退出对练|认输|放弃练习|这局不练|结束这局"),
        ("hint", "提示|给个提示|来个提示|给点提示|怎么接|我该怎么接|提示我"),
    )
)
_ANYTIME: tuple[tuple[PracticeWordName, re.Pattern[str]], ...] = tuple(
    (word, re.compile(rf"(?:{said})[？?]*{_END}"))  # type: ignore[misc]
    for word, said in (
        (
            "resume",
            "(?:继续|接着|回去|接着上次|继续上次)(?:练|对练|练习|刚才那局|上一局|上次那局|那一局|的练习)",
        ),
        (
            "today",
            "今天(?:该|要|应该)?练(?:什么|啥|哪个)|今天的(?:练习|十分钟|功课)|(?:练习|对练)(?:安排|计划)",
        ),
        (
            "appeal",
            "(?:我要|我想)?(?:申诉|上诉)|(?:这局|这个|上一局)?(?:判|打|评)分?(?:得)?(?:不对|不公平|有问题|错了)",
        ),
        ("next", "开始今天的(?:练习|十分钟|功课)|(?:练)?下一项|继续今天的(?:练习|十分钟|功课)|开始练习?"),
        (
            "progress",
            "我(?:的)?(?:练习|对练|陪练)(?:成绩|记录|进步|进度|情况)(?:怎么样|如何)?|我练得(?:怎么样|如何|咋样)"
            "|我的(?:能力|技能|成长)(?:怎么样|如何)?",
        ),
    )
)
_BEGINS = re.compile(
    r"^(?:小访[，,\s]*)?(?:(?:请|麻烦)?(?:陪|跟|和|帮)我再?(?:对?练|模拟|演练)|再?[来开]一?[局轮盘]|(?:开练|对练|陪练|练一?[局下把])"
    r"|考试[：:，,]|练习?一?下?(?:嫌贵|价格|报价|砍价|信任|异议|话术))"
)
_TYPES: tuple[tuple[ObjectionType, re.Pattern[str]], ...] = (
    ("trust", re.compile("信任|质量|品质|口碑|牌子|品牌|售后|不信|靠谱")),
    ("timing", re.compile("时间|时机|决策|拖延|拖着|做主|拍板|再看看|再说|考虑考虑|没位置|不着急|不急")),
    ("price", re.compile("价格|价钱|砍价|还价|压价|嫌贵|太贵|便宜|报价|账期|折扣|利润")),
)
_EXAM = re.compile("考试|考核|考考|考我|考一|测测|测一下|测验|摸底|不要提示|别给提示")
_LEVELS = (
    re.compile("入门|简单|容易|好说话|初级"),
    re.compile("进阶|中等|一般难"),
    re.compile("实战|难缠|难搞|困难|最难|难一点|高级"),
)


@dataclass(frozen=True)
class Wish:
    """What was said of the talk that is wanted; None where nothing was."""

    type: ObjectionType | None = None
    mode: Mode = "train"
    level: int | None = None


def wish(text: str) -> Wish:
    return Wish(
        type=next((kind for kind, said in _TYPES if said.search(text)), None),
        mode="exam" if _EXAM.search(text) else "train",
        level=next((number for number, said in enumerate(_LEVELS) if said.search(text)), None),
    )


def begins(text: str) -> bool:
    """Whether a talk is asked for."""
    return _BEGINS.match(text.strip()) is not None


def word_in_talk(text: str) -> PracticeWordName | None:
    """A word that is not said to the customer: only a message that says nothing else is one."""
    return next((word for word, said in _IN_TALK if said.fullmatch(text.strip())), None)


def word_about(text: str) -> PracticeWordName | None:
    """A word about practising, whether or not a talk is under way."""
    return next((word for word, said in _ANYTIME if said.fullmatch(text.strip())), None)
