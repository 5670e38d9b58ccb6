"""What somebody wants with his words: note down minutes, see his to-dos, or say that one is done."""

import re
from dataclasses import dataclass

from domain.intents.records import RecordIntent
from nlu.language.numbers import exact

_ASKED = re.compile(
    r"^[，。\s嗯]*(?:帮我|请|麻烦)?(?:再)?(?:记|建|加|写|录)(?:一下|下|几个|几条|个|一个|条|一条)?(?:会议|今天的)?(?:的)?(?:待办|任务|行动项)"
)
_HEADED = re.compile(
    r"会议纪要|会议记录|会议待办|会议决议|会议总结|例会纪要|周会纪要|晨会纪要|行动项|待办事项|"
    r"^[\s【#*]*(?:待办|会后任务|后续安排|任务分工|下一步工作|to-?do|action items?)[\s】*]*(?:[：:]|\n|$)",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD_REACHES = 40
_N = r"(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})"
_ENDED = r"(?:已经?|都)?(?:完成|做完|搞定|办完|办好|做好|弄完|弄好|处理完|处理好)了?"
_DONE = (
    re.compile(rf"(?:我的)?第{_N}[条个项](?:会议)?(?:待办|任务)?的?{_ENDED}"),
    re.compile(rf"(?:会议)?(?:待办|任务)第?{_N}?[条个项]?{_ENDED}"),
    re.compile(rf"完成了?(?:我的)?第{_N}[条个项](?:会议)?(?:待办|任务)?"),
    re.compile(rf"(?:会议)?(?:待办|任务)[：:“”，\s]*(?P<title>.{{2,40}}?)[”，\s]*{_ENDED}"),
)
_ASKS = re.compile(
    r"(?:看|查|打开|列)?(?:一下|下)?我(?:的|有)(?:会议)?(?:哪些|什么)?待办(?:事项)?|(?:会议)?待办(?:有哪些|列表|清单|呢)|我?(?:还)?有(?:哪些|什么|几个|几条)(?:会议)?待办(?:没做|没完成)?"
)
_SIGNS = re.compile(r"[。！!？?~～\s]+$")
_LINE = re.compile(
    r"^\s*(?:[-*•·]|\d{1,2}[.、)）]|[①-⑳]|[（(]\d{1,2}[)）]|[一二三四五六七八九十]、|\S{2,4}[：:])",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Done:
    """A to-do is done: the one with this number of the list, or of this title; neither where there is only one."""

    number: int = 0
    title: str = ""


def done_said(text: str) -> Done | None:
    words = _SIGNS.sub("", text.strip())
    for pattern in _DONE:
        if match := pattern.fullmatch(words):
            found = match.groupdict()
            return Done(int(exact(found["n"]) or 0) if found.get("n") else 0, found.get("title") or "")
    return None


def asks_for_todos(text: str) -> bool:
    return _ASKS.fullmatch(_SIGNS.sub("", text.strip())) is not None


def announced(text: str) -> bool:
    """Whether the words themselves say that they are minutes or to-dos."""
    heading = _HEADED.search(text[: max(_HEAD_REACHES, text.find("\n"))])
    return bool(_ASKED.match(text) or heading) and not asks_for_todos(text)


def looks_like_minutes(text: str, found: tuple[RecordIntent, ...]) -> bool:
    """A list of at least two matters of colleagues is minutes even where nobody says so."""
    owned = [r for r in found if "owner" in r.fields and r.fields["owner"].value]
    return len(owned) >= 2 and len(_LINE.findall(text)) >= 2
