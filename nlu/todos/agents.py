"""Who is named in a sentence of the minutes, and who of them is to act: 小李 in 由小李负责, not in 发给小李."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from domain.forms import Rulebook
from nlu.language.matching import word_pattern
from nlu.language.spans import LETTERS, Scan
from nlu.todos.owners import Roster, unknown_name

Kind = Literal["person", "self", "you", "many", "outside", "unknown"]

SIGNS = '，、。；：:！!？?（）()【】[]|—–“”"'
DATE, CUSTOMER = LETTERS["date"], LETTERS["customer"]
_SELF = re.compile(r"我(?![们司方的])|本人|我这边|咱(?!们)")
_DUTY = re.compile(rf"[{DATE}]|负责|牵头|跟进|把|将|要|需|来|[：:]")
_YOU = re.compile(r"你(?!们|的)")
_ASKED_BEFORE = re.compile(
    r"(?:由|请|让|要求|麻烦|安排|辛苦|拜托|交给|交由|分给|派|归|@|[-—–]\s*|(?:责任人|负责人|执行人)(?:是|为|[：:])?)$"
)
_CHARGED_AFTER = re.compile(
    r"(?:同学|这边)?(?:负责|跟进|牵头|主导|承担|主责|来(?!自|电|访|信|年)|[：:]|\s*[-—–]|，?你)"
)
_LABEL = re.compile(r"^(?:责任人|负责人|执行人|[-—–])")
_HELPS = re.compile(r"(?:来)?(?:配合|协助|支持|辅助|帮忙|协同)[一下]*(?=[，、。；]|$)")
_LEADS_IN = re.compile(
    rf"(?:^|[{re.escape(SIGNS)}{DATE}])(?:然后|那个|还有|另外|再|同时|并且?|以及|最后|其中|接着|也|就|那|好|行|第.个?|第.，?|[一二三四五六七八九十]是|最终|因此|所以|本次|需要?|要|后|今天|本周)*$"
)


@dataclass(frozen=True)
class Mention:
    """Somebody named at a place of the masked text."""

    start: int
    end: int
    kind: Kind
    ids: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Agent:
    """Somebody who is to act. `start` includes what leads to him (由, 请, @)."""

    mention: Mention
    start: int
    end: int
    firm: bool
    """Named as the one in charge, not merely the first to be named."""
    labelled: bool = False
    """Named beside the matter (责任人：张敏), whatever stands between."""


def ends_with(words: tuple[str, ...], text: str) -> bool:
    return text.endswith(tuple(words))


def mentions_in(seen: Scan, roster: Roster, rulebook: Rulebook, speaker: str | None) -> list[Mention]:
    """Everybody named, from left to right. `speaker` is the id of whoever says 我."""
    text = seen.masked
    found: list[Mention] = []
    outsiders = rulebook.words("todos", "outsiders")

    def add(start: int, end: int, kind: Kind, ids: tuple[str, ...]) -> None:
        if kind == "outside":
            prefix = next((w for w in outsiders if text[:start].endswith(w)), "")
            start -= len(prefix)
        if all(end <= m.start or start >= m.end for m in found):
            found.append(Mention(start, end, kind, ids, seen.words(start, end)))

    for span in seen.spans:
        if span.kind not in ("person", "contact"):
            continue
        before = text[: span.at]
        theirs = ends_with((CUSTOMER, f"{CUSTOMER}的"), before)
        if span.kind == "person" and text.startswith(DATE, span.at + 1):
            # 把报价发给华联小张周五前整理清单: who has a day of his own is one of ours.
            theirs = False
        outside = ends_with(outsiders, before) or theirs
        ids = roster.who(span.words) or (span.value if span.kind == "person" else ())
        add(span.at, span.at + 1, "outside" if outside or not ids else "person", () if outside else ids)
    at = 0
    while at < len(text):
        length = next((n for n in (4, 3, 2) if text[at : at + n] in roster.names), 0)
        if length and not ends_with(outsiders, text[:at]):
            add(at, at + length, "person", roster.names[text[at : at + length]])
        at += length or 1
    for name in ("everybody", "departments"):
        for match in word_pattern(rulebook.words("todos", name)).finditer(text):
            if len(match.group()) > 2 or name == "everybody" or _DUTY.match(text, match.end()):
                add(match.start(), match.end(), "many", ())
    for match in _SELF.finditer(text):
        add(match.start(), match.end(), "self", (speaker,) if speaker else ())
    for match in _YOU.finditer(text):
        add(match.start(), match.end(), "you", ())
    for match in word_pattern(rulebook.words("todos", "outsiders")).finditer(text):
        add(match.start(), match.end(), "outside", ())
    for start, end in _unknown(text, rulebook):
        add(start, end, "person" if roster.who(text[start:end]) else "unknown", roster.who(text[start:end]))
    return sorted(found, key=lambda m: m.start)


def _unknown(text: str, rulebook: Rulebook) -> list[tuple[int, int]]:
    """Names as they look, only where somebody in charge is likely to be named."""
    found = []
    after = _goes_on(rulebook.words("todos", "actions") + rulebook.words("todos", "must"))
    for match in unknown_name(
        rulebook.words("names", "surnames"), rulebook.words("names", "titles")
    ).finditer(text):
        for end in range(match.end(), match.start() + 1, -1):
            asked = _ASKED_BEFORE.search(text[: match.start()])
            first = _LEADS_IN.search(text[: match.start()])
            follows = _CHARGED_AFTER.match(text, end) or (after.match(text, end) and first)
            if (asked or first) and (follows or (asked and end == match.end() and _ends(text, end))):
                found.append((match.start(), end))
                break
    return found


def _ends(text: str, at: int) -> bool:
    return at >= len(text) or text[at] in SIGNS


@lru_cache(maxsize=8)
def _goes_on(words: tuple[str, ...]) -> re.Pattern[str]:
    """What follows whoever is to act: a time, 把, or what he is to do."""
    actions = sorted(words, key=len, reverse=True)
    long = "|".join(re.escape(a) for a in actions if len(a) > 1)
    short = "".join(re.escape(a) for a in actions if len(a) == 1)
    return re.compile(rf"[{DATE}]|再|还|也|{long}|[{short}]")


def agents_in(text: str, mentions: list[Mention], rulebook: Rulebook) -> list[Agent]:
    """Those of the mentions who are to act."""
    agents: list[Agent] = []
    goes_on = _goes_on(rulebook.words("todos", "actions") + rulebook.words("todos", "must"))
    for mention in mentions:
        agent = _agent(text, mention, goes_on, rulebook)
        if agent is None:
            continue
        if agents and agent.start < agents[-1].end:  # 小李，你…: he is meant by both
            continue
        agents.append(agent)
    firm = [a for a in agents if a.firm]
    return [
        a
        for a in agents
        if a.firm or not any(_same_clause(text, a, f) and f.start > a.start and _asked(text, f) for f in firm)
    ]


def _asked(text: str, agent: Agent) -> bool:
    return agent.start < agent.mention.start


def _same_clause(text: str, a: Agent, b: Agent) -> bool:
    return not any(sign in SIGNS for sign in text[a.end : b.start])


def _agent(text: str, mention: Mention, goes_on: re.Pattern[str], rulebook: Rulebook) -> Agent | None:
    left, right = text[: mention.start], text[mention.end :]
    if right.startswith("的"):
        return None
    asked = _ASKED_BEFORE.search(left)
    if asked:
        return Agent(mention, asked.start(), mention.end, True, bool(_LABEL.match(asked.group())))
    if _HELPS.match(text, mention.end) and mention.start > 0:
        return None
    if ends_with(rulebook.words("todos", "towards"), left):
        return None
    charged = _CHARGED_AFTER.match(text, mention.end)
    by_right = mention.kind in ("person", "self", "unknown") or _LEADS_IN.search(left)
    if charged and by_right and mention.kind != "you":
        end = charged.end() if text[charged.end() - 1] in "：:-—–你" else mention.end
        return Agent(mention, mention.start, end, True)
    if _LEADS_IN.search(left):
        if mention.kind in ("outside",) and not goes_on.match(text, mention.end):
            return None
        return Agent(mention, mention.start, mention.end, False)
    if left.endswith(("（", "(")):
        return Agent(mention, mention.start, mention.end, True)
    if mention.kind in ("person", "self") and goes_on.match(text, mention.end):
        return Agent(mention, mention.start, mention.end, False)
    return None
