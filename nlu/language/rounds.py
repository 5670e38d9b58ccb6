"""A day's round told at once: 今天跑了三家，惠民订了…，佳美没开门，好邻居…. Each customer named in it was visited."""

import re
from collections.abc import Sequence
from datetime import datetime

from domain.forms import Rulebook
from nlu.language.drafts import Draft
from nlu.language.matching import word_pattern
from nlu.language.portions import list_with
from nlu.language.said import said_value
from nlu.language.spans import LETTERS, Scan, Span

_COUNT = "(?:[一两二三四五六七八九十几\\d]+|好几)"
_HEADING = re.compile(
    f"(?:跑|走|去|拜访|转|看|巡|串|访)(?:了|访|完|店|过)?(?:一共|总共|大概)?{_COUNT}家"
    f"|{_COUNT}家(?:店|客户|门店)?[^，。；\ue006]{{0,3}}，?(?:都|全)?(?:跑|去|走|拜访|转|巡)[完了遍]"
    f"|各(?:跑|去|走|拜访)了?一?[趟次]|(?:跑|拜访)(?:店|客户|门店){_COUNT}家"
    f"|{_COUNT}家都没(?:见|开|下单|谈|人|碰)"
    f"|^{LETTERS['date']}?的?(?:拜访|走访|回访|巡店|跑店|访店)(?:了|记录|情况|汇总|小结|明细|客户)?[：。]"
    f"|^{LETTERS['date']}?我?(?:一共|总共|就)?{_COUNT}家[：，]|^{LETTERS['date']}我?(?:们)?跑(?:得|断|细|死|废)"
    "|一[圈趟]儿?(?:跑|转|走|巡)(?:下来|完|过来|回来)|从早(?:上)?(?:跑|忙|转)到(?:黑|晚)"
    f"|{LETTERS['date']}我?跑(?:的|了)?[\u4e00-\u9fff]{{2,3}}(?:片|这边|那边|一带)?[，：]"
)


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
