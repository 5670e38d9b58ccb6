"""The to-dos in minutes: each sentence cut where somebody else is to act, judged, and given a title, owner and day.

What is done, cancelled, rejected, asked or merely talked about is none. An owner who is several people, a department,
an outsider or a name that nobody has stays open, to be asked about.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from rapidfuzz import fuzz

from domain.forms import Rulebook
from domain.intents.records import RecordIntent, Said
from nlu.language.lexicon import Lexicon
from nlu.language.normalise import normalise
from nlu.language.said import said_customer
from nlu.language.spans import Scan, Span, scan
from nlu.language.times import find_times
from nlu.todos.agents import DATE, Agent, Mention, agents_in, mentions_in
from nlu.todos.dues import Due, due_among, due_in
from nlu.todos.layout import Item, Layout, layout_of
from nlu.todos.owners import Roster, roster_of, said_owner
from nlu.todos.titles import Judge, judge_of

FORM = "meeting_todo"
LONGEST = 8000
"""Letters of minutes that are read."""
MOST = 40
"""To-dos of one meeting."""
SAME = 80
"""From this likeness on (0 to 100), two titles of one owner are one to-do."""
_BACK = timedelta(days=14)
_SOFT = "，、：（）() "
_ONLY_TIME = re.compile(rf"[{DATE}，、\s就那]*[{DATE}][，、\s就那]*")
_AS_FOR = re.compile("(?:至于|关于|对于|针对)")
_CHARGE = re.compile(rf"[{DATE}]?(?:来)?(?:负责|跟进|牵头|落实|主导|承担)[一下]*[{DATE}]?(?:完成)?")
_FOR_ALL = re.compile(
    rf"^.{{0,6}}?(?:以上|上述|以下|全部|统一|均|都|所有|未注明|没注明|没有?特别|其他|其余|完成时间|截止).*[{DATE}]"
)


@dataclass(frozen=True)
class _Piece:
    """A stretch of a sentence that one person is to act in."""

    start: int
    end: int
    agent: Agent | None
    others: tuple[Agent, ...] = ()
    topic: bool = False
    """Who is to act stands at its end: 佳美的回款由李伟跟进."""


@dataclass
class _Found:
    title: str
    words: str
    owner: Said | None
    due: Said | None
    customer: Said | None

    def record(self) -> RecordIntent:
        fields = {"title": Said(value=self.title, words=self.words)}
        for name in ("owner", "due", "customer"):
            if said := getattr(self, name):
                fields[name] = said
        return RecordIntent(form=FORM, fields=fields, words=self.words)


@dataclass
class _Reader:
    now: datetime
    lexicon: Lexicon
    rulebook: Rulebook
    own: frozenset[str]
    roster: Roster
    speaker: str | None
    judge: Judge

    def read(self, layout: Layout) -> list[_Found]:
        found: list[_Found] = []
        waiting: list[int] = []
        whole = next(
            (d for h in layout.headings if DATE_WORDS.search(h) and (d := due_in(h, self.now))), None
        )
        for item in layout.items:
            if (common := self._common_due(item)) is not None:
                if _LATER.search(item.text):
                    whole = common
                else:
                    for index in waiting:
                        found[index].due = found[index].due or common
                    waiting = []
                continue
            ones, common = self._item(item)
            for one in ones:
                found.append(one)
                if one.due is None:
                    waiting.append(len(found) - 1)
            if common is not None:
                for index in waiting:
                    found[index].due = found[index].due or common
                waiting = []
        for one in found:
            one.due = one.due or whole
        return _merged(found)

    def _common_due(self, item: Item) -> Said | None:
        """以上都在周五前完成: a day for everything, and no matter of its own."""
        seen = self._scan(item.text)
        if not _FOR_ALL.search(seen.masked) or len(_FILLER.sub("", seen.masked)) > 2:
            return None
        return due_in(seen.source.text, self.now)

    def _item(self, item: Item) -> tuple[list[_Found], Said | None]:
        """The to-dos of one sentence, and the day that it gives for everything before."""
        if item.section == "closed" or not item.text:
            return [], None
        seen = self._scan(item.text)
        speaker = self.speaker
        if item.speaker:
            speaker = next(iter(self.roster.who(item.speaker)), None)
        mentions = mentions_in(seen, self.roster, self.rulebook, speaker)
        agents = agents_in(seen.masked, mentions, self.rulebook)
        pieces = list(_pieces(seen, agents, mentions))
        found = [one for piece in pieces if (one := self._piece(piece, seen, item))]
        if frame := _frame(seen, pieces, self.now):
            for one in found:
                one.due = one.due or frame
        return found, _tail(seen, self.now)

    def _piece(self, piece: _Piece, seen: Scan, item: Item) -> _Found | None:
        inside = [s for s in seen.spans if piece.start <= s.at < piece.end]
        due = due_among(seen.masked, inside, self.now.date())
        if item.due:
            due = Due(due_in(item.due, self.now) or Said(value=None)) if due_in(item.due, self.now) else due
        owner = self._owner(piece, item)
        gone = [(piece.agent.start, (piece.others or (piece.agent,))[-1].end)] if piece.agent else []
        verdict = self.judge.judge(
            seen,
            (piece.start, piece.end),
            gone,
            due,
            topic=piece.topic,
            firm=bool(piece.agent and piece.agent.firm) or bool(item.owner),
            asked=bool(piece.agent and piece.agent.start < piece.agent.mention.start),
            somebody=piece.agent.mention.kind if piece.agent else ("person" if item.owner else ""),
            section=item.section,
            listed=item.listed,
        )
        if verdict is None:
            return None
        customer = next((s for s in inside if s.kind == "customer"), None)
        return _Found(
            verdict,
            seen.words(piece.start, piece.end).strip("，、。；：;,. \t-"),
            owner,
            due.said if due else None,
            _customer(customer),
        )

    def _owner(self, piece: _Piece, item: Item) -> Said | None:
        if piece.agent is None:
            return said_owner(self.roster.who(item.owner), item.owner) if item.owner else None
        mention = piece.agent.mention
        if item.owner and mention.kind == "you":
            return said_owner(self.roster.who(item.owner), item.owner)
        ids = tuple(dict.fromkeys(i for a in (piece.agent, *piece.others) for i in a.mention.ids))
        if piece.others and not ids:
            ids = ()
        return said_owner(ids, mention.words)

    def _scan(self, text: str) -> Scan:
        words = self.rulebook.words
        source = normalise(text, words("speech", "fillers"), words("speech", "stutters"))
        return scan(source, self.now, self.lexicon, self.rulebook, self.own)


DATE_WORDS = re.compile("前|截止|完成")
_LATER = re.compile("以下|未注明|没注明|没有?特别|其他|其余")
_FILLER = re.compile(
    r"以上|上述|以下|所有|全部|统一|这些|各项|事项|任务|工作|待办|请|均|都|也|要|需|须|必须|务必|应|在|于|为|是|按|到|的|时间|日期|完成"
    r"|之?前|截止|搞定|提交|交|到位|办完|做完|未注明|没注明|没有?特别(?:说明|注明)|没有?写|其他|其余|内|期限|限|结束|落实|[，。；：！、（）()\s]"
)


def todos_in(
    text: str,
    *,
    now: datetime,
    lexicon: Lexicon,
    rulebook: Rulebook,
    speaker: str | None = None,
    own: frozenset[str] = frozenset(),
) -> tuple[RecordIntent, ...]:
    """The to-dos in minutes, as `meeting_todo` records in the order they were said.

    `now` is aware and in the company's zone; where the minutes tell the day of the meeting, times are relative to that
    day. `speaker` is the id of whoever wrote them (我). Never raises on any text.
    """
    people = roster(lexicon)
    layout = layout_of(text[:LONGEST], rulebook, people.words)
    met = _meeting_day(layout, now)
    reader = _Reader(met, lexicon, rulebook, own, people, speaker, judge_of(rulebook))
    return tuple(one.record() for one in reader.read(layout)[:MOST])


@lru_cache(maxsize=2)
def roster(lexicon: Lexicon) -> Roster:
    """The colleagues by every word that names them, made once for each version of the names."""
    return roster_of(lexicon.people.values())


def _meeting_day(layout: Layout, now: datetime) -> datetime:
    """When the meeting was, as its headings tell; now where they do not, or where it is long ago or still to come."""
    for heading in layout.headings:
        if DATE_WORDS.search(heading):
            continue
        for when in find_times(heading, now):
            value = when.past or when.value
            if value is None or when.kind not in ("date", "datetime"):
                continue
            day = value.date() if isinstance(value, datetime) else value
            if timedelta() <= now.date() - day <= _BACK:
                return now.replace(year=day.year, month=day.month, day=day.day)
    return now


def _pieces(seen: Scan, agents: list[Agent], mentions: list[Mention]) -> Iterator[_Piece]:
    """The sentence, cut before whoever is to act; people named together are one piece."""
    text = seen.masked
    grouped = _together(text, agents, mentions)
    if not grouped:
        yield _Piece(0, len(text), None)
        return
    starts = [
        _piece_start(text, group[0], grouped[i - 1][-1].end if i else 0, seen)
        for i, group in enumerate(grouped)
    ]
    if starts[0] > 0 and not text[: starts[0]].strip(_SOFT + "。；"):
        starts[0] = 0
    for index, group in enumerate(grouped):
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        topic = _is_topic(text, group[-1], starts[index])
        yield _Piece(starts[index], end, group[0], tuple(group[1:]), topic)


def _together(text: str, agents: list[Agent], mentions: list[Mention]) -> list[list[Agent]]:
    groups: list[list[Agent]] = []
    for agent in agents:
        if groups and re.fullmatch(r"[和与及跟、]", text[groups[-1][-1].end : agent.start]):
            groups[-1].append(agent)
        else:
            groups.append([agent])
    for group in groups:
        for mention in mentions:
            between = text[group[-1].end : mention.start]
            if re.fullmatch(r"[和与及跟、]", between) and mention.start >= group[-1].end:
                group.append(Agent(mention, mention.start, mention.end, False))
    return groups


def _piece_start(text: str, agent: Agent, before: int, seen: Scan) -> int:
    """Where the agent's piece begins: with his own clause where he stands at its end, else with the time before him."""
    clause = max((text.rfind(sign, before, agent.start) for sign in "，。；"), default=-1)
    begin = max(before, clause + 1)
    # What stands before him belongs to him: a mere time, 至于…, or a matter that he is then put in charge of.
    ended = text.find("，", before) + 1 if before else 0
    if _ONLY_TIME.fullmatch(text[before : agent.start]):
        return before
    if agent.labelled or (0 <= ended < agent.start and _hangs_over(text, agent, ended)):
        return before if agent.labelled else ended
    if _is_topic(text, agent, begin):
        return begin
    if agent.start > 0 and text[agent.start - 1] in DATE and (agent.start - 1 == begin or before == 0):
        return agent.start - 1
    if agent.start - begin <= 6:
        return begin
    return agent.start


def _hangs_over(text: str, agent: Agent, begin: int) -> bool:
    """至于物美采购那边，就麻烦老周联系一下; 乐多多进店费谈判，张敏负责."""
    if _AS_FOR.match(text[begin:]):
        return True
    right = re.split("[，。；（(]", text[agent.end :], maxsplit=1)[0]
    return agent.firm and _CHARGE.fullmatch(right) is not None and text[: agent.start].rstrip().endswith("，")


def _is_topic(text: str, agent: Agent, begin: int) -> bool:
    """佳美的回款由李伟跟进, 整理客户清单（张敏，周五前）: what is to be done stands before who does it."""
    left = text[begin : agent.start].strip(_SOFT)
    if len(re.sub(rf"[{DATE}]", "", left)) < 2:
        return False
    if text[: agent.start].rstrip().endswith(("（", "(")):
        return True
    right = re.split("[，。；（(]", text[agent.end :], maxsplit=1)[0]
    right = re.sub(rf"[{DATE}]|完成|之?前|负责|跟进|同学|这边|一下|[来去了]", "", right).strip(_SOFT)
    return agent.firm and len(right) <= 3


def _frame(seen: Scan, pieces: list[_Piece], now: datetime) -> Said | None:
    """本周李伟要…，张敏要…: a period at the beginning of a sentence is about all of it."""
    first = next((s for s in seen.spans if s.kind == "date"), None)
    if first is None or first.at > 1 or first.value.kind != "range" or len(pieces) < 2:
        return None
    due = due_among(seen.masked, [first], now.date())
    return due.said if due else None


def _tail(seen: Scan, now: datetime) -> Said | None:
    """…，都在周四前搞定: a last clause that is about everything before it."""
    last = seen.masked.rstrip("。；，").rpartition("，")[2]
    if not re.match("(?:以上|全部|统一|均|都|这些)", last):
        return None
    spans: list[Span] = [s for s in seen.spans if s.at >= seen.masked.rfind(last)]
    due = due_among(seen.masked, spans, now.date())
    return due.said if due else None


def _customer(span: Span | None) -> Said | None:
    said = said_customer(span.value, span.words) if span else None
    return said if said and said.value is not None else None


def _merged(found: list[_Found]) -> list[_Found]:
    """What is said twice of one owner is one to-do; 好的我周三前发 adds its day to what he was just given."""
    kept: list[_Found] = []
    for one in found:
        twin = next((k for k in kept if _same(k, one)), None)
        if twin is None:
            kept.append(one)
            continue
        twin.due = twin.due or one.due
        if len(one.title) > len(twin.title) + 2:
            kept[kept.index(twin)] = replace(twin, title=one.title, words=one.words)
    return kept


def _same(a: _Found, b: _Found) -> bool:
    if a.owner is None or b.owner is None or a.owner.value != b.owner.value or a.owner.value is None:
        return False
    return a.title in b.title or b.title in a.title or fuzz.ratio(a.title, b.title) >= SAME
