"""Where somebody goes, told as a list: an agenda of days to come, or a route that has been gone."""

import re
from datetime import datetime
from itertools import pairwise

from domain.forms import Rulebook
from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.said import said_value
from nlu.language.spans import LETTERS, SOFT, Scan, Span

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
    """A visit to each customer of a route that has been gone and of which nothing else is said."""
    form, route = rulebook.forms.get("visit"), _BARE.match(scan.masked)
    if route is None or form is None or _ahead(scan, now):
        return []
    going = {s.value for d in drafts if d.form is form for s in d.spans if s.kind == "customer"}
    made, first = [], scan.spans[0]
    for when, span in pairwise(scan.spans):
        if span.at >= route.end() or span.kind != "customer" or when.kind != "date" or span.value in going:
            continue
        start, end = scan.soft_clause(span.at)
        draft = Draft(form, span.at, span.at + 1, start, end, False, [span], True, went=True)
        draft.customer = span
        said = said_value(when, form.field("happened_at"), done=True)
        if said:
            draft.fields["happened_at"] = said if when is first else _day_of(first, said)
        made.append(draft)
    return made


def agenda(drafts: list[Draft], scan: Scan, rulebook: Rulebook, now: datetime) -> list[Draft]:
    """A planned visit for each customer of an agenda, in the place of what is only going to be done there."""
    heading = _AGENDA.search(scan.masked)
    form = rulebook.forms.get("visit")
    if form is None or not (
        (heading and heading.start() <= 6)
        or _is_route(scan, now)
        or (not drafts and _is_appointment(scan, now))
    ):
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
    return len(clauses) > 1 and _ahead(scan, now) and all(_STATION.match(c) for c in clauses)


_APPOINTMENT = re.compile(
    f"^{LETTERS['date']}(?:先|再)?(?:去|跑|到|在)?{LETTERS['customer']}"
    f"(?:那边|那儿|店里|(?:的|找|见|会)?[{LETTERS['contact']}]|，)*(?:$|，|谈|聊|对|盘|看|查|送|签|收|催|办|做|见|拜访|开会|培训|碰)"
)


def _is_appointment(scan: Scan, now: datetime) -> bool:
    """下周一上午九点回龙观鲜奶屋，谈鲜牛奶供货: when and where, of a time to come."""
    if not (_APPOINTMENT.match(scan.masked) and sum(s.kind == "customer" for s in scan.spans) == 1):
        return False
    first = scan.by_place[0].value.value
    return first > now if isinstance(first, datetime) else _ahead(scan, now)


def _ahead(scan: Scan, now: datetime) -> bool:
    """Whether the text begins with a day to come."""
    first = scan.by_place.get(0)
    said = said_value(first, None, done=False) if first is not None and first.kind == "date" else None
    return said is not None and isinstance(said.value, str) and said.value[:10] > now.date().isoformat()


def _day_of(heading: Span | None, said: Said) -> Said:
    """上午 under 明天计划 is tomorrow's."""
    day = said_value(heading, None, done=False) if heading else None
    if day is None or not isinstance(day.value, str) or not isinstance(said.value, str):
        return said
    if not said.words.startswith(_PARTS):
        return said
    return said.model_copy(update={"value": day.value[:10] + said.value[10:]})
