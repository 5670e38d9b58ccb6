"""From a scanned text to records and commands, in the order they are said."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from domain.forms import Form, Rulebook
from domain.intents import Command, RecordIntent, Said
from nlu.language.events import Event, commands_in, find_events
from nlu.language.gathering import (
    fold_follow_ups,
    hand_out,
    inherit_products,
    link_customers,
    merged,
    new_draft,
    share_contacts,
)
from nlu.language.lines import Line, amount_fields, lines_of
from nlu.language.matching import Compiled, Match, compiled, word_pattern
from nlu.language.objections import place_objections
from nlu.language.said import said_customer, said_value
from nlu.language.slots import Draft, fill
from nlu.language.spans import Scan

_REPORTED = re.compile(
    "(?:客户|他|她|老板|店长|经理|采购|主任|[\ue007])(?:还|又|在|一直|也|就)?(?:问|想知道)"
)


@dataclass(frozen=True)
class Found:
    """What a text says: records and commands in the order they are said."""

    intents: tuple[RecordIntent | Command, ...]


def extract(scan: Scan, now: datetime, rulebook: Rulebook, customer: str | None) -> Found:
    """`customer` is the one whose visit is open: whom the words are about as long as they name nobody else."""
    cues = compiled(rulebook)
    commands = commands_in(scan, cues)
    if any(c.key == "undo" for c in commands):
        return Found((_command("undo", scan, 0, len(scan.masked)),))
    events = [e for e in find_events(scan, cues, rulebook) if not _asked(e, scan, commands, rulebook)]
    drafts = _drafts(events, scan, cues, rulebook, now)
    drafts = fold_follow_ups(drafts, scan)
    link_customers(drafts, scan, customer)
    drafts = merged(drafts)
    share_contacts(drafts)
    inherit_products(drafts, scan)
    place_objections(drafts, scan, cues)
    records = [_record(x, scan) for d in sorted(drafts, key=lambda d: d.start) for x in spread(d)]
    return Found((*records, *_other_intents(commands, scan, bool(records))))


def _asked(event: Event, scan: Scan, commands: list[Match], rulebook: Rulebook) -> bool:
    """Whether the words only ask, or give a command: then nothing is recorded."""
    start, end = scan.soft_clause(event.start)
    clause = scan.masked[start:end]
    if _REPORTED.search(clause):
        return False
    for command in commands:
        if command.key == "objection_help":
            if start <= command.start <= end and 0 <= command.start - event.end < 4:
                return True
        elif command.key != "chitchat" and start <= command.start <= end:
            return True
    sentence = scan.sentence(event.start)
    if scan.masked[sentence[1] : sentence[1] + 1] == "？":
        return True
    asking = word_pattern(rulebook.words("actions", "asking")).search(clause)
    if asking is None:
        return False
    return not any(c.key == "objection_help" for c in commands) or start + asking.start() < event.end + 2


def _other_intents(commands: list[Match], scan: Scan, records: bool) -> list[Command]:
    """Commands beside the records; small talk and help only where there is nothing else."""
    serious = [c for c in commands if c.key not in ("chitchat", "help")]
    if serious:
        serious = _one_question(serious)
        return [_command(c.key, scan, c.start, c.end) for c in serious]
    if records:
        return []
    rest = sorted(commands, key=lambda c: (c.key != "help", c.start))[:1]
    return [_command(c.key, scan, 0, len(scan.masked)) for c in rest]


_RANK = ("daily_report", "practise", "objection_help", "query_leads", "query_customer", "query_day")


def _one_question(commands: list[Match]) -> list[Match]:
    """Of several readings of one question, the most telling."""
    return sorted(commands, key=lambda c: _RANK.index(c.key) if c.key in _RANK else 9)[:1]


def _command(name: str, scan: Scan, start: int, end: int) -> Command:
    fields: dict[str, Said] = {}
    if name == "query_customer":
        span = next((s for s in scan.spans if s.kind == "customer"), None)
        if span:
            fields["customer"] = said_customer(span.value, span.words)
    if name == "query_day":
        day = next((s for s in scan.spans if s.kind == "date"), None)
        said = said_value(day, None, done=False) if day else None
        if said and said.value:
            fields["happened_at"] = said
    words = scan.words(0, len(scan.masked))
    return Command(intent=name, fields=fields, words=words)


def _drafts(
    events: list[Event], scan: Scan, cues: Compiled, rulebook: Rulebook, now: datetime
) -> list[Draft]:
    drafts = [new_draft(e, scan, rulebook.forms[e.form]) for e in events]
    hand_out(drafts, events, scan)
    for draft in drafts:
        fill(draft, scan, cues, now)
        if draft.form.by_product:
            draft.lines = lines_of(draft, scan, cues)
    return drafts


def _record(draft: Draft, scan: Scan) -> RecordIntent | Command:
    words = scan.words(draft.left, draft.right).strip("，。；、 ")
    if draft.form.intent != "record":
        return Command(intent=draft.form.intent, fields=_ordered(draft.fields, draft.form), words=words)
    return RecordIntent(form=draft.form.key, fields=_ordered(draft.fields, draft.form), words=words)


def spread(draft: Draft) -> list[Draft]:
    """One draft for each product line."""
    if not draft.form.by_product or not draft.lines:
        return [draft]
    return [
        replace(draft, fields={**draft.fields, **_line_fields(line, draft.form)}, lines=[])
        for line in draft.lines
    ]


def _line_fields(line: Line, form: Form) -> dict[str, Said]:
    fields: dict[str, Said] = {}
    wanted = form.field("product")
    if line.product and wanted:
        said = said_value(line.product, wanted, done=True)
        if said:
            fields["product"] = said
    if line.quantity:
        fields.update(amount_fields(line.quantity, form))
    elif line.zero:
        fields["quantity"] = Said(value=0, words=line.zero)
    return fields


def _ordered(fields: dict[str, Said], form: Form) -> dict[str, Said]:
    return {f.id: fields[f.id] for f in form.fields if f.id in fields}
