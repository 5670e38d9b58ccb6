"""From a scanned text to records and commands, in the order they are said."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from domain.forms import Form, Rulebook
from domain.intents.records import Command, RecordIntent, Said
from nlu.language.agendas import agenda, bare_route
from nlu.language.asking import REPORTED, asked, question
from nlu.language.drafts import Draft
from nlu.language.errands import take_purposes, without_errands
from nlu.language.events import Event, commands_in, find_events
from nlu.language.gathering import (
    fold_follow_ups,
    hand_out,
    inherit_products,
    merged,
    new_draft,
    without_second_news,
)
from nlu.language.lines import Line, amount_fields, lines_of, without_echoes
from nlu.language.matching import Compiled, Match, compiled
from nlu.language.objections import place_objections
from nlu.language.portions import portions
from nlu.language.rounds import rounds
from nlu.language.said import said_customer, said_value
from nlu.language.sharing import (
    share_contacts,
    share_days,
    share_deliveries,
    share_new_names,
    share_plans,
    split_by_price,
    split_by_product,
    without_hollow,
    without_idle_visits,
    without_old_news,
    without_promises,
    without_shadows,
)
from nlu.language.slots import fill, take_clauses
from nlu.language.spans import Scan
from nlu.language.whose import link_customers


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
    events = [e for e in find_events(scan, cues, rulebook) if not asked(e, scan, commands, rulebook)]
    events = portions(events, scan)
    drafts = _drafts(events, scan, cues, rulebook, now)
    drafts += rounds(drafts, scan, rulebook, now)
    drafts += bare_route(drafts, scan, rulebook, now)
    drafts = sorted(agenda(drafts, scan, rulebook, now), key=lambda d: d.start)
    drafts = fold_follow_ups(drafts, scan)
    drafts = without_errands(drafts, scan)
    link_customers(drafts, scan, customer)
    drafts = without_second_news(merged(drafts))
    for draft in drafts:
        take_clauses(draft, scan, cues)
    take_purposes(drafts, scan)
    drafts = without_hollow(split_by_product(split_by_price(without_promises(drafts))))
    drafts = without_idle_visits(without_old_news(drafts))
    share_new_names(drafts)
    share_deliveries(drafts, scan)
    share_contacts(drafts, scan)
    share_days(drafts)
    share_plans(drafts, scan)
    inherit_products(drafts, scan)
    place_objections(drafts, scan, cues)
    for draft in drafts:
        draft.lines = without_echoes(draft.lines)
    drafts = without_shadows(drafts)
    if any(c.key == "objection_help" for c in commands) and not any(s.kind == "customer" for s in scan.spans):
        # 客户老说伊利便宜，我该怎么回: of customers in general nothing is recorded.
        drafts = []
    if any(c.key == "practise" for c in commands) and all(d.planned for d in drafts):
        # 陪我练一遍，明天要见永辉的采购: why he wants to practise.
        drafts = []
    records = [_record(x, scan) for d in sorted(drafts, key=lambda d: d.start) for x in spread(d)]
    others = _other_intents(commands, scan, rulebook, bool(records))
    if not records and not others:
        others = _asked_about(scan, rulebook)
    return Found((*records, *others))


def _asked_about(scan: Scan, rulebook: Rulebook) -> list[Command]:
    """A question that names a customer is about that customer, however it is put."""
    if not any(s.kind == "customer" for s in scan.spans) or REPORTED.search(scan.masked):
        return []
    if "？" not in scan.masked and not question(scan.masked, rulebook):
        return []
    return [_command("query_customer", scan, 0, len(scan.masked))]


def _other_intents(commands: list[Match], scan: Scan, rulebook: Rulebook, records: bool) -> list[Command]:
    """Commands beside the records; small talk and help only where there is nothing else."""
    serious = [c for c in commands if c.key not in ("chitchat", "help")]
    if records:
        serious = [c for c in serious if c.key != "objection_help" or not _AT_A_LOSS.search(scan.masked)]
        serious = [
            c
            for c in serious
            if c.key not in ("daily_report", "query_day") or _asks_for_it(c, scan, rulebook)
        ]
    helps = [c for c in commands if c.key == "help"]
    if (
        helps
        and not records
        and all(c.key == "objection_help" or helps[0].weight >= c.weight for c in serious)
    ):
        return [_command("help", scan, 0, len(scan.masked))]
    if serious:
        serious = _one_question(serious)
        return [_command(c.key, scan, c.start, c.end) for c in serious]
    if records:
        return []
    rest = sorted(commands, key=lambda c: (c.key != "help", c.start))[:1]
    return [_command(c.key, scan, 0, len(scan.masked)) for c in rest]


def _asks_for_it(command: Match, scan: Scan, rulebook: Rulebook) -> bool:
    """日报：今天跑了三家… is the report itself; 帮我写日报 asks for one."""
    start, end = scan.soft_clause(command.start)
    if command.key == "query_day":
        return question(scan.masked[start:end], rulebook) is not None
    return bool(re.search("(?:帮|给|替)我|[写发出做]一?[个份下]|生成|整理|导出", scan.masked[start:end]))


_AT_A_LOSS = re.compile("(?:不知道|不晓得|不清楚|没想好)[^，。]{0,3}(?:怎么|咋|如何)")
"""我也不知道怎么办 asks nobody."""
_RANK = (
    "daily_report",
    "practise",
    "objection_help",
    "query_leads",
    "query_customer",
    "query_stock",
    "query_day",
)


def _one_question(commands: list[Match]) -> list[Match]:
    """Of several readings of one question, the most telling."""
    return sorted(commands, key=lambda c: _RANK.index(c.key) if c.key in _RANK else 9)[:1]


def _command(name: str, scan: Scan, start: int, end: int) -> Command:
    fields: dict[str, Said] = {}
    if name == "query_customer":
        span = next((s for s in scan.spans if s.kind == "customer"), None)
        if span:
            fields["customer"] = said_customer(span.value, span.words)
    if name == "query_stock":
        goods = next((s for s in scan.spans if s.kind == "product"), None)
        told = said_value(goods, None, done=True) if goods else None
        if told and told.value:
            fields["product"] = told
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
    hand_out(drafts, events, scan, _in_question(scan, rulebook))
    for number, draft in enumerate(drafts):
        if draft.form.key == "visit":
            draft.reach = _reach(draft, drafts[number + 1 :], scan)
        fill(draft, scan, cues, now)
        if draft.form.by_product:
            draft.lines = lines_of(draft, scan, cues)
            if draft.form.key == "complaint":
                draft.lines = _nearest(draft, scan, cues)
    _then_as_well(drafts, scan)
    return drafts


_THEN = re.compile("(?:然后|接着|又|最后|之后)")


def _then_as_well(drafts: list[Draft], scan: Scan) -> None:
    """先跑了物美，然后去西三旗: what follows what was done has been done as well."""
    visits = [d for d in drafts if d.form.key == "visit"]
    for before, after in pairwise(visits):
        if (
            after.planned
            and not before.planned
            and "happened_at" not in after.fields
            and scan.sentence(before.start) == scan.sentence(after.start)
            and _THEN.match(scan.masked, scan.soft_clause(after.start)[0])
        ):
            after.planned = False
            after.fields.pop("planned", None)


def _in_question(scan: Scan, rulebook: Rulebook) -> frozenset[int]:
    """Places of times that are only asked about: 收了5000，对了我明天都去哪几家来着."""
    return frozenset(
        s.at
        for s in scan.spans
        if s.kind == "date" and question(scan.masked[slice(*scan.soft_clause(s.at))], rulebook)
    )


def _nearest(draft: Draft, scan: Scan, cues: Compiled) -> list[Line]:
    """有一箱里头少了两盒: of several amounts of one product, the one beside the words for the damage counts."""
    told = [x for x in draft.lines if x.quantity]
    if len(told) < 2 or len({x.product.value for x in told if x.product}) > 1:
        return draft.lines
    stretch = scan.masked[draft.left : draft.right]
    places = [draft.left + m.start for m in cues.fields[draft.form.key].find(stretch) if m.key == "reason"]
    best = min(
        told,
        key=lambda x: (
            min((abs(x.quantity.at - p) for p in places if x.quantity), default=0)
            - 0.1 * (x.quantity.at if x.quantity else 0) / 1000
        ),
    )
    product = next((x.product for x in told if x.product), None)
    return [replace(best, product=best.product or product)]


def _reach(draft: Draft, later: list[Draft], scan: Scan) -> int:
    """Up to the next visit, or the next customer."""
    own = {s.value for s in draft.spans if s.kind == "customer"}
    stops = [d.left for d in later if d.form is draft.form and any(s.kind == "customer" for s in d.spans)]
    stops += [s.at for s in scan.spans if s.kind == "customer" and s.at >= draft.end and s.value not in own]
    return min([*stops, len(scan.masked)])


def _record(draft: Draft, scan: Scan) -> RecordIntent | Command:
    words = scan.words(draft.left, draft.right).strip("，。；、 ")
    if draft.form.intent != "record":
        return Command(intent=draft.form.intent, fields=_ordered(draft.fields, draft.form), words=words)
    return RecordIntent(form=draft.form.key, fields=_ordered(draft.fields, draft.form), words=words)


def spread(draft: Draft) -> list[Draft]:
    """One draft for each product line."""
    if not draft.form.by_product or not draft.lines:
        return [draft]
    prices = _prices(draft)
    return [
        replace(
            draft, fields={**draft.fields, **prices.get(i, {}), **_line_fields(line, draft.form)}, lines=[]
        )
        for i, line in enumerate(draft.lines)
    ]


def _prices(draft: Draft) -> dict[int, dict[str, Said]]:
    """Line → its own price, where several products have one each (早餐奶49，草莓45)."""
    wanted = draft.form.field("price")
    places = [line.product.at for line in draft.lines if line.product]
    told = [s for s in draft.spans if s.kind == "price"]
    if wanted is None or len(places) < 2 or len(places) != len(draft.lines) or len(told) < 2:
        return {}
    ends = [*places[1:], 10**9]
    found: dict[int, dict[str, Said]] = {}
    for number, (start, end) in enumerate(zip(places, ends, strict=True)):
        span = next((s for s in told if start < s.at < end), None)
        said = said_value(span, wanted, done=True) if span else None
        if said:
            found[number] = {"price": said}
    return found


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
