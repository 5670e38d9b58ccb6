"""A day's round told at once: 今天跑了三家，惠民订了…，佳美没开门，好邻居…. Each customer named in it was visited."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from domain.forms import Rulebook
from domain.intents import Said
from nlu.language.drafts import Draft
from nlu.language.matching import word_pattern
from nlu.language.portions import list_with
from nlu.language.said import said_value
from nlu.language.spans import LETTERS, SOFT, Scan, Span

_COUNT = "(?:[一两二三四五六七八九十几\\d]+|好几)"
_HEADING = re.compile(
    f"(?:跑|走|去|拜访|转|看|巡|串|访)(?:了|访|完|店|过)?(?:一共|总共|大概)?{_COUNT}家"
    f"|{_COUNT}家(?:店|客户|门店)?[^，。；\ue006]{{0,3}}，?(?:都|全)?(?:跑|去|走|拜访|转|巡)[完了遍]"
    f"|各(?:跑|去|走|拜访)了?一?[趟次]|(?:跑|拜访)(?:店|客户|门店){_COUNT}家"
    f"|{_COUNT}家都没(?:见|开|下单|谈|人|碰)"
    f"|{LETTERS['date']}我?跑(?:的|了)?[\u4e00-\u9fff]{{2,3}}(?:片|这边|那边|一带)?[，：]"
)


_PARTS = ("上午", "下午", "晚上", "早上", "中午", "傍晚")
_AGENDA = re.compile(
    f"(?:{LETTERS['date']}|[这下本]周|接下来)?的?(?:工作|拜访)?(?:计划|安排|行程|打算)(?:如下|是|有)?[：，]"
    f"|^(?:计划|安排|行程)：?{LETTERS['date']}"
)
"""明天计划：惠民对账，佳美做堆头: each customer of an agenda will be visited."""
_NOT_THERE = re.compile("[^，。；]{0,6}(?:不去|不跑|取消|先放|放一放|往后|缓)")


_BARE = re.compile(f"^(?:{LETTERS['date']}(?:去|跑|到)?{LETTERS['customer']}[，；。、]?(?:然后|再)?){{2,}}")
"""上午惠民，下午永旺望京: nothing but when and where."""


def bare_route(drafts: list[Draft], scan: Scan, rulebook: Rulebook, now: datetime) -> list[Draft]:
    """A visit, done or planned, for each customer of a route that says nothing else."""
    form, route = rulebook.forms.get("visit"), _BARE.match(scan.masked)
    if route is None or form is None:
        return []
    going = {s.value for d in drafts if d.form is form for s in d.spans if s.kind == "customer"}
    made, first = [], None
    for when, span in pairwise(scan.spans):
        if span.at >= route.end() or span.kind != "customer" or when.kind != "date" or span.value in going:
            continue
        said = said_value(when, form.field("happened_at"), done=False)
        first = first or said
        ahead = bool(said and isinstance(said.value, str) and said.value[:10] > now.date().isoformat())
        start, end = scan.soft_clause(span.at)
        draft = Draft(form, span.at, span.at + 1, start, end, ahead, [span], not ahead, went=True)
        draft.customer = span
        if said and first:
            same_day = when.words.startswith(_PARTS) and isinstance(first.value, str)
            draft.fields["happened_at"] = first if same_day else said
            if (draft.fields["happened_at"].value or "")[:10] > now.date().isoformat():
                draft.planned, draft.done = True, False
                draft.fields["planned"] = Said(value=True)
        made.append(draft)
    return made


def agenda(drafts: list[Draft], scan: Scan, rulebook: Rulebook, now: datetime) -> list[Draft]:
    """A planned visit for each customer of an agenda, in the place of what is only going to be done there."""
    heading = _AGENDA.search(scan.masked)
    form = rulebook.forms.get("visit")
    if form is None or not ((heading and heading.start() <= 6) or _is_route(scan, now)):
        return drafts
    begins = heading.end() if heading else 1
    first = next((s for s in scan.spans if s.kind == "date" and s.at < begins), None)
    mentions = [s for s in scan.spans if s.kind == "customer" and s.at >= begins]
    going = {s.value for d in drafts if d.form is form for s in d.spans if s.kind == "customer"}
    made = []
    for span in mentions:
        start, end = scan.soft_clause(span.at)
        if span.value in going or _NOT_THERE.match(scan.masked, span.at + 1):
            continue
        going.add(span.value)
        draft = Draft(form, span.at, span.at + 1, start, end, True, [span], went=True)
        draft.customer = span
        draft.fields["planned"] = Said(value=True)
        own = next((s for s in scan.spans if s.kind == "date" and start <= s.at < end), first)
        said = said_value(own, form.field("happened_at"), done=False) if own else None
        if said:
            draft.fields["happened_at"] = _day_of(first, said) if own is not first else said
        made.append(draft)
    kept = [d for d in drafts if d.form is form or d.fields.keys() & {"amount"} or d.told]
    return [*kept, *made] if made else drafts


_STATION = re.compile(f"{LETTERS['date']}(?:先|再)?(?:去|跑|到)?{LETTERS['customer']}")


def _is_route(scan: Scan, now: datetime) -> bool:
    """明早九点惠民对账，十点半永旺谈端架: every clause begins with when and where, from a day to come on."""
    clauses = [c for c in re.split(f"[{SOFT}]", scan.masked) if c]
    first = scan.by_place.get(0)
    ahead = first is not None and first.kind == "date" and said_value(first, None, done=False)
    return (
        len(clauses) > 1
        and bool(ahead and isinstance(ahead.value, str) and ahead.value[:10] > now.date().isoformat())
        and all(_STATION.match(c) for c in clauses)
    )


def _day_of(heading: Span | None, said: Said) -> Said:
    """上午 under 明天计划 is tomorrow's."""
    day = said_value(heading, None, done=False) if heading else None
    if day is None or not isinstance(day.value, str) or not isinstance(said.value, str):
        return said
    if not said.words.startswith(_PARTS):
        return said
    return said.model_copy(update={"value": day.value[:10] + said.value[10:]})


def rounds(drafts: list[Draft], scan: Scan, rulebook: Rulebook, now: datetime) -> list[Draft]:
    """A visit to each customer of a round that no other words say he was visited."""
    form = rulebook.forms.get("visit")
    heading = _heading(scan, rulebook)
    if heading is None or form is None:
        return []
    mentions = [s for s in scan.spans if s.kind == "customer"]
    visits = [d for d in drafts if d.form is form]
    visited = {s.value for d in visits if not d.planned for s in _named_in(d, mentions, scan)}
    days = [s for s in scan.spans if s.kind == "date" and s.at < heading.end()]
    made = []
    for number, span in enumerate(mentions):
        if span.at < heading.start() or span.value in visited or any(_heads_for(d, span) for d in visits):
            continue
        visited.add(span.value)
        draft = Draft(
            form, span.at, span.at + 1, span.at, _end(span, mentions[number + 1 :], scan), False, [span], True
        )
        draft.went, draft.reach, draft.customer = True, draft.right, span
        said = said_value(days[0], form.field("happened_at"), done=True) if days else None
        if said:
            draft.fields["happened_at"] = said
        made.append(draft)
    return made


def _named_in(visit: Draft, mentions: Sequence[Span], scan: Scan) -> list[Span]:
    """The customers that the words of a visit name themselves, with those of their list."""
    own = [s for s in visit.spans if s.kind == "customer"]
    named = [s for s in own if visit.start <= s.at < visit.end] or own[:1]
    return [other for s in named for other in list_with(s, mentions, scan, visit.start)[0]]


def _heading(scan: Scan, rulebook: Rulebook) -> re.Match[str] | None:
    words = word_pattern(rulebook.words("actions", "rounds"))
    found = (p.search(scan.masked) for p in (words, _HEADING))
    return min((m for m in found if m), key=lambda m: m.start(), default=None)


def _heads_for(visit: Draft, span: Span) -> bool:
    """明天去永旺谈端架: where he will go he has not been."""
    return visit.planned and visit.start <= span.at < visit.end


def _end(span: Span, later: Sequence[Span], scan: Scan) -> int:
    return next((s.at for s in later if s.value != span.value), len(scan.masked))
