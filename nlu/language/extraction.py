"""From a scanned text to records: each event gets its customer, its goods and the fields said near it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from domain.forms import Form, Rulebook
from domain.intents import Command, RecordIntent, Said
from nlu.language.events import Event, commands_in, find_events
from nlu.language.matching import Compiled, Match, compiled, word_pattern
from nlu.language.slots import Draft, Line, amount_fields, fill, lines_of, said_customer, said_value
from nlu.language.spans import Scan, Span

_LIST = re.compile("[和跟及与、，还有以]{1,2}")
_REPORTED = re.compile(
    "(?:客户|他|她|老板|店长|经理|采购|主任|[\ue007])(?:还|又|在|一直|也|就)?(?:问|想知道)"
)
_DONE = re.compile("[了过完]|刚|已经")


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
    drafts = _folded(drafts, scan)
    _link_customers(drafts, scan, customer)
    drafts = _merged(drafts)
    _share_contacts(drafts)
    _inherit_products(drafts, scan)
    _objections(drafts, scan, cues)
    records = [_record(x, scan) for d in sorted(drafts, key=lambda d: d.start) for x in spread(d)]
    return Found((*records, *_other_intents(commands, scan, bool(records))))


# --- what counts -----------------------------------------------------------------------------------------------------


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


# --- drafts ----------------------------------------------------------------------------------------------------------


def _drafts(
    events: list[Event], scan: Scan, cues: Compiled, rulebook: Rulebook, now: datetime
) -> list[Draft]:
    drafts = [_draft(e, scan, rulebook.forms[e.form]) for e in events]
    _hand_out(drafts, events, scan)
    for draft in drafts:
        fill(draft, scan, cues, now)
        if draft.form.by_product:
            draft.lines = lines_of(draft, scan, cues)
    return drafts


def _draft(event: Event, scan: Scan, form: Form) -> Draft:
    # Only the words of the cue tell; a 了 further on belongs to something else.
    done = bool(_DONE.search(scan.masked[event.start : event.end + 1])) and not event.planned
    return Draft(form, event.start, event.left, event.right, event.planned, [], done)


_WANTS = {
    "date": ("date", "datetime"),
    "money": ("money",),
    "price": ("money",),
    "quantity": ("quantity",),
    "number": ("number",),
    "factor": ("number",),
    "product": ("product",),
    "competitor": ("competitor",),
    "contact": ("contact",),
    "person": ("person",),
    "customer": ("customer",),
}


def _hand_out(drafts: list[Draft], events: list[Event], scan: Scan) -> None:
    """Each span goes to the event whose cue names it, else to the one in whose stretch it stands, else to the nearest
    event of its sentence that has a field for it."""
    for span in scan.spans:
        named = [d for d, e in zip(drafts, events, strict=True) if span.at in e.solid and _wants(d, span)]
        if named:
            for draft in named if span.kind in ("customer", "contact", "date", "competitor") else named[:1]:
                draft.spans.append(span)
            continue
        home = next((d for d in drafts if d.left <= span.at < d.right), None)
        if home is not None and _wants(home, span):
            home.spans.append(span)
            continue
        if span.kind in ("customer", "date") and home is not None:
            continue
        sentence = scan.sentence(span.at)
        near = [
            d for d in drafts if _wants(d, span) and sentence[0] <= d.start <= sentence[1] and _loose(span, d)
        ]
        if near:
            min(near, key=lambda d: abs(d.start - span.at)).spans.append(span)


def _wants(draft: Draft, span: Span) -> bool:
    return any(f.type in _WANTS.get(span.kind, ()) for f in draft.form.fields)


def _loose(span: Span, draft: Draft) -> bool:
    """Goods and money may stray to a neighbour; a date, never."""
    if span.kind in ("quantity", "product"):
        return draft.form.by_product
    return span.kind in ("money", "price", "contact", "competitor")


# --- follow-ups, customers, merging ----------------------------------------------------------------------------------


def _folded(drafts: list[Draft], scan: Scan) -> list[Draft]:
    """再来一趟 after a visit is that visit's next step, no visit of its own."""
    kept: list[Draft] = []
    for draft in drafts:
        earlier = next((d for d in reversed(kept) if d.form.key == draft.form.key and not d.planned), None)
        if draft.planned and earlier and draft.form.field("next_step") and _follow_up(draft, earlier, scan):
            _fold(draft, earlier, scan)
            continue
        kept.append(draft)
    return kept


def _follow_up(draft: Draft, earlier: Draft, scan: Scan) -> bool:
    words = scan.masked[draft.left : draft.right]
    own = [s for s in draft.spans if s.kind == "customer"]
    theirs = [s for s in earlier.spans if s.kind == "customer"]
    if own and theirs and own[0].value != theirs[0].value:
        return False
    return bool(re.search("再|下次|回头|改天|复访|回访", words)) or (not own and "约" in words)


def _fold(draft: Draft, earlier: Draft, scan: Scan) -> None:
    when = draft.fields.get("next_date") or draft.fields.get("happened_at")
    step = draft.fields.get("next_step")
    if step is None:
        start = draft.left
        while start < draft.start and (start in scan.by_place or scan.masked[start] in "，。；、"):
            start += 1
        words = scan.words(start, scan.soft_clause(draft.start)[1]).strip("，。；、 ")
        step = Said(value=words, words=words)
    earlier.fields.setdefault("next_step", step)
    if when and "next_date" not in earlier.fields:
        value = when.value[:10] if isinstance(when.value, str) else when.value
        earlier.fields["next_date"] = when.model_copy(update={"value": value})


def _link_customers(drafts: list[Draft], scan: Scan, customer: str | None) -> None:
    """The customer in the event's own clause, else the last one named before it, else the first one after it."""
    mentions = [s for s in scan.spans if s.kind == "customer"]
    for draft in list(drafts):
        own = [s for s in draft.spans if s.kind == "customer"]
        if len(own) > 1 and draft.form.key == "visit":
            listed = _listed(own, scan)
            for extra in listed[1:]:
                twin = replace(
                    draft,
                    customer=extra,
                    fields=dict(draft.fields),
                    spans=list(draft.spans),
                    used=set(draft.used),
                )
                drafts.append(twin)
            draft.customer = listed[0]
        elif own:
            draft.customer = min(own, key=lambda s: abs(s.at - draft.start) if s.at >= draft.left else 99)
        else:
            before = [s for s in mentions if s.at < draft.start]
            after = [s for s in mentions if s.at >= draft.start]
            draft.customer = before[-1] if before else (after[0] if after else None)
    for draft in drafts:
        wanted = draft.form.field("customer")
        if wanted is None:
            continue
        span = draft.customer
        if span and (wanted.required or wanted.required_unless or span in draft.spans):
            _take_customer(draft, span)
        elif span is None and customer and (wanted.required or wanted.required_unless):
            draft.fields["customer"] = Said(value=customer)


def _take_customer(draft: Draft, span: Span) -> None:
    said = said_customer(span.value, span.words)
    status = draft.fields.get("status")
    if status and status.value == "new" and said.value is None and draft.form.field("customer_name"):
        draft.fields["customer_name"] = Said(value=span.value.name, words=span.words)
        return
    draft.fields["customer"] = said


def _listed(spans: list[Span], scan: Scan) -> list[Span]:
    """The customers of a list: 惠民、永旺和佳美."""
    run = [spans[0]]
    for span in spans[1:]:
        if _LIST.fullmatch(scan.masked[run[-1].at + 1 : span.at]):
            run.append(span)
    return run


def _merged(drafts: list[Draft]) -> list[Draft]:
    """What is said twice of one customer is one record, unless the two contradict one another."""
    kept: list[Draft] = []
    for draft in sorted(drafts, key=lambda d: d.start):
        twin = next((k for k in kept if _same(k, draft)), None)
        if twin is None:
            kept.append(draft)
            continue
        for name, said in draft.fields.items():
            twin.fields.setdefault(name, said)
        twin.lines.extend(x for x in draft.lines if x not in twin.lines)
        twin.spans.extend(s for s in draft.spans if s not in twin.spans)
        twin.right = max(twin.right, draft.right)
        twin.start = min(twin.start, draft.start)
    return kept


_TELLING = ("customer", "customer_name", "amount", "competitor_brand", "planned", "status", "price")


def _says_nothing(draft: Draft) -> bool:
    """A mere mention (找李主任, 对了账), which belongs to the plan or the deed told beside it."""
    if draft.form.key == "visit":
        return not draft.done and not draft.fields.keys() & {"happened_at", "result", "objections"}
    return not draft.fields.keys() & {"amount", "price", "quantity", "happened_at", "expected_date"}


def _same(one: Draft, other: Draft) -> bool:
    if one.form.key != other.form.key:
        return False
    for name in _TELLING:
        a, b = one.fields.get(name), other.fields.get(name)
        if name == "planned":
            if (a is None) != (b is None) and not _says_nothing(other if a else one):
                return False
        elif a and b and (a.value != b.value or (a.value is None and a.words != b.words)):
            return False
    if one.form.by_product and one.told and other.told:
        return False
    if one.form.key == "visit" and one.fields.get("planned"):
        a, b = one.fields.get("happened_at"), other.fields.get("happened_at")
        return not (a and b and a.value != b.value)
    return True


def _share_contacts(drafts: list[Draft]) -> None:
    """A contact whom no form of its own place wants belongs to the visit of the same customer."""
    for draft in drafts:
        if draft.form.key == "visit" and "contact" not in draft.fields:
            spans = [s for s in draft.spans if s.kind == "contact"]
            if spans:
                draft.fields["contact"] = Said(value=spans[0].value, words=spans[0].words)


def _inherit_products(drafts: list[Draft], scan: Scan) -> None:
    """意向订五十箱 after one product has been named means that product; after two, it has to be asked."""
    products = [s for s in scan.spans if s.kind == "product"]
    for draft in drafts:
        if not draft.form.by_product:
            continue
        draft.lines = (
            [x for x in draft.lines if x.quantity or x.zero] or draft.lines[:1]
            if any(x.quantity or x.zero for x in draft.lines) and draft.form.key != "complaint"
            else draft.lines
        )
        if not draft.lines:
            draft.lines = [Line()]
        draft.lines = [_with_product(x, draft, products) for x in draft.lines]


def _with_product(line: Line, draft: Draft, products: list[Span]) -> Line:
    if line.product is not None:
        return line
    place = line.quantity.at if line.quantity else draft.start
    before = [p for p in products if p.at < place]
    known = {p.value for p in before if len(p.value) == 1}
    if len(known) == 1:
        return replace(line, product=next(p for p in reversed(before) if len(p.value) == 1))
    if not before:
        after = [p for p in products if p.at >= place]
        if len({p.value for p in after}) == 1:
            return replace(line, product=after[0])
    return line


# --- objections ------------------------------------------------------------------------------------------------------


def _objections(drafts: list[Draft], scan: Scan, cues: Compiled) -> None:
    """Each objection lives on the visit where it was heard, else on the nearest action of that customer."""
    void = list(cues.not_objections.find(scan.masked))
    for match in sorted(cues.objections.find(scan.masked), key=lambda m: m.start):
        if any(v.key == match.key and v.solid & match.solid for v in void):
            continue
        host = _host(match, drafts, scan)
        if host is None:
            continue
        words = scan.words(match.start, match.end)
        said = host.fields.get("objections")
        if said is None:
            host.fields["objections"] = Said(value=[match.key], words=words)
        elif match.key not in said.value:
            host.fields["objections"] = Said(value=[*said.value, match.key], words=said.words)


def _host(match: Match, drafts: list[Draft], scan: Scan) -> Draft | None:
    named = [s for s in scan.spans if s.kind == "customer" and s.at < match.start]
    candidates = [d for d in drafts if d.form.field("objections") and d.form.key != "complaint"]
    if any(
        d.form.key in ("complaint", "sample_request") and d.start <= match.start < d.right for d in drafts
    ):
        return None
    if named:
        same = [d for d in candidates if d.customer and d.customer.value == named[-1].value]
        candidates = same or candidates
    visits = [d for d in candidates if d.form.key == "visit" and not d.planned]
    pool = visits or candidates
    return min(pool, key=lambda d: abs(d.start - match.start), default=None)


# --- records ---------------------------------------------------------------------------------------------------------


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
