"""The fields of one record: what its form's cues name, then what only its type tells."""

import re
from collections.abc import Iterator
from datetime import datetime

from domain.forms import FormField
from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.matching import Compiled
from nlu.language.occasions import is_over, long_gone, settle_expected, take_times
from nlu.language.remainders import take_rest
from nlu.language.said import said_value
from nlu.language.spans import LETTERS, Scan
from nlu.language.sums import take_sums

NEXT = {"next_step": "next_date"}
"""A text field and the date that is said in the same breath."""


_TRAILING = "，。、；！？ "


def fill(draft: Draft, scan: Scan, cues: Compiled, now: datetime) -> None:
    """Everything but customer and goods: cued fields first, then what only its type tells."""
    for match_field, start, end in _cued(draft, scan, cues):
        _take_cued(draft, match_field, start, end, scan, now)
    _choices(draft, scan, cues)
    take_times(draft, scan, now)
    take_sums(draft, scan)
    take_rest(draft, scan)
    if draft.planned and (long_gone(draft, now) or is_over(draft, scan, now)):
        draft.planned = False
    if draft.planned and draft.plannable:
        draft.fields["planned"] = Said(value=True)
    settle_expected(draft, scan, now)
    if draft.form.key == "payment" and draft.planned:
        # What will be paid has a day on which it is expected, and none on which it happened.
        draft.fields.pop("happened_at", None)


def _cued(draft: Draft, scan: Scan, cues: Compiled) -> Iterator[tuple[FormField, int, int]]:
    stretch = scan.masked[draft.left : max(draft.right, draft.reach)]
    whole: dict[str, list[tuple[int, int]]] = {}
    for match in cues.fields[draft.form.key].find(stretch):
        found = draft.form.field(match.key)
        if found and draft.planned and draft.form.key == "visit" and found.id in (*NEXT, *NEXT.values()):
            continue
        if found and found.whole:
            whole.setdefault(found.id, []).append((draft.left + match.start, draft.left + match.end))
        elif found and found.id not in draft.fields:
            yield found, draft.left + match.start, draft.left + match.end
    for name, places in whole.items():
        _take_whole(draft, name, places, scan)


def take_clauses(draft: Draft, scan: Scan, cues: Compiled) -> None:
    """The fields that are whole clauses, once all that belongs to the record has been put together."""
    whole: dict[str, list[tuple[int, int]]] = {w.id: [] for w in draft.form.fields if w.whole}
    if not whole or (draft.form.key == "quote" and "result" not in draft.fields):
        return
    stretch = scan.masked[draft.left : max(draft.right, draft.reach)]
    for match in cues.fields[draft.form.key].find(stretch):
        if match.key in whole:
            whole[match.key].append((draft.left + match.start, draft.left + match.end))
    for name, places in whole.items():
        wanted = draft.form.field(name)
        if wanted and wanted.or_clause and scan.masked[draft.end : draft.end + 1] != "：":
            places = [*places, (draft.start, draft.end)]
        if places:
            draft.fields.pop(name, None)
            _take_whole(draft, name, places, scan)


_LEADING = re.compile(
    f"(?:[{''.join(LETTERS[k] for k in ('customer', 'date'))}的，、：边里儿也又]|[那这](?![次批回个款种家箱]))*"
)


def _take_whole(draft: Draft, name: str, places: list[tuple[int, int]], scan: Scan) -> None:
    """The clauses that tell of a field, from the first to the last that follows it without a break."""
    if name in draft.fields:
        return
    places.sort()
    start, stop = _clause_of(draft, *places[0], scan)
    for place in places[1:]:
        other = _clause_of(draft, *place, scan)
        if start <= other[0] <= stop + 1 or _only_a_price(scan.masked[stop : other[0]]):
            stop = max(stop, other[1])
    words = scan.words(start, stop).strip(_TRAILING)
    if words:
        draft.fields[name] = Said(value=words, words=words)


def _only_a_price(between: str) -> bool:
    """堆头摆门口了，39块9一提，买二赠一: a sum between two clauses does not part them."""
    return bool(
        re.fullmatch(f"，[^，。；]{{0,3}}[{LETTERS['price']}{LETTERS['money']}][^，。；]{{0,2}}，", between)
    )


def _clause_of(draft: Draft, first: int, last: int, scan: Scan) -> tuple[int, int]:
    """The clause around a cue, without the place and time that lead it in and without what the next record tells."""
    start, end = scan.soft_clause(first)
    end = scan.soft_clause(max(last - 1, first))[1]
    start = max(start, draft.left)
    if draft.form.key == "visit" and draft.end <= first:
        start = max(start, draft.end)
    for span in scan.spans:
        if span.kind in ("customer", "date") and start <= span.at < first:
            start = span.at + 1
    lead = _LEADING.match(scan.masked, start, max(first, start))
    return (lead.end() if lead else start), max(min(end, max(draft.right, draft.reach)), last)


def _take_cued(draft: Draft, wanted: FormField, start: int, end: int, scan: Scan, now: datetime) -> None:
    if wanted.id in draft.fields:
        return
    if wanted.type == "text":
        _take_text(draft, wanted, start, end, scan, now)
        return
    kinds = {"date": ("date",), "datetime": ("date",), "money": ("money", "price")}.get(
        wanted.type, (wanted.type,)
    )
    for span in draft.spans:
        if start <= span.at < end and span.kind in kinds and span.at not in draft.used:
            if wanted.id == "expected_date" and _ARRIVED.match(scan.masked, span.at + 1):
                continue
            said = said_value(span, wanted, done=False)
            if said:
                draft.fields[wanted.id] = said
                draft.used.add(span.at)
                draft.cued.add(wanted.id)
            return


_ARRIVED = re.compile("[我就才刚]?到(?:的|了)")
"""10点到的: when the rep came, not when the goods are due."""


def _take_text(draft: Draft, wanted: FormField, start: int, end: int, scan: Scan, now: datetime) -> None:
    stop = min(scan.soft_clause(max(end - 1, start))[1], max(draft.right, draft.reach))
    paired = draft.form.field(NEXT.get(wanted.id, ""))
    first = scan.by_place.get(start)
    if paired:
        when = next((s for s in scan.spans if s.kind == "date" and start <= s.at < stop), None)
        said = said_value(when, paired, done=False) if when else None
        if when and said:
            draft.fields[paired.id] = said
            draft.used.add(when.at)
        if first and first.kind == "date":
            start += 1
    words = scan.words(start, stop).strip(_TRAILING)
    if words:
        draft.fields[wanted.id] = Said(value=words, words=words)
        # An amount that the cue itself names (有一箱下周过期) is part of these words and of nothing else.
        named = scan.masked[start:end].startswith(LETTERS["quantity"])
        if wanted.id != "reason" and not (named and len(draft.of("quantity")) < 2):
            draft.used.update(
                s.at for s in draft.spans if start <= s.at < end and s.kind in ("quantity", "number")
            )


def _choices(draft: Draft, scan: Scan, cues: Compiled) -> None:
    stretch = scan.masked[draft.left : draft.right]
    best: dict[str, tuple[int, str, str]] = {}
    for match in cues.choices[draft.form.key].find(stretch):
        name, _, key = match.key.partition("=")
        wanted = draft.form.field(name)
        if wanted is None or wanted.type != "choice" or (name in best and best[name][0] >= match.weight):
            continue
        words = scan.words(draft.left + match.start, draft.left + match.end)
        best[name] = (match.weight, key, words)
    for name, (_, key, words) in best.items():
        draft.fields.setdefault(name, Said(value=key, words=words))
