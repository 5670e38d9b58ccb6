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
    rounds,
)
from nlu.language.lines import Line, amount_fields, lines_of, without_echoes
from nlu.language.matching import Compiled, Match, compiled, word_pattern
from nlu.language.objections import place_objections
from nlu.language.said import said_customer, said_value
from nlu.language.sharing import (
    share_contacts,
    share_days,
    share_deliveries,
    share_new_names,
    split_by_price,
    take_purposes,
    without_errands,
    without_hollow,
    without_idle_visits,
    without_old_news,
    without_promises,
    without_shadows,
)
from nlu.language.slots import Draft, fill, take_clauses
from nlu.language.spans import LETTERS, SOFT, Scan

_REPORTED = re.compile(
    "(?:客户|他|她|老板|店长|经理|采购|主任|[\ue007])(?:还|又|在|一直|也|就)?(?:问|想知道)|问(?:我|咱|了|能|一下|价|[\ue003\ue004])"
    "|[说讲][^，。？]{0,8}(?:能不能|可不可以|行不行|能否|能到|可以)"
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
    drafts += rounds(drafts, scan, rulebook, now)
    drafts = fold_follow_ups(drafts, scan)
    drafts = without_errands(drafts, scan)
    link_customers(drafts, scan, customer)
    drafts = merged(drafts)
    for draft in drafts:
        take_clauses(draft, scan, cues)
    take_purposes(drafts, scan)
    drafts = without_hollow(split_by_price(without_promises(drafts)))
    drafts = without_idle_visits(without_old_news(drafts))
    share_new_names(drafts)
    share_deliveries(drafts, scan)
    share_contacts(drafts, scan)
    share_days(drafts)
    inherit_products(drafts, scan)
    place_objections(drafts, scan, cues)
    for draft in drafts:
        draft.lines = without_echoes(draft.lines)
    drafts = without_shadows(drafts)
    if any(c.key == "objection_help" for c in commands) and not any(s.kind == "customer" for s in scan.spans):
        # 客户老说伊利便宜，我该怎么回: of customers in general nothing is recorded.
        drafts = []
    records = [_record(x, scan) for d in sorted(drafts, key=lambda d: d.start) for x in spread(d)]
    others = _other_intents(commands, scan, bool(records))
    if not records and not others:
        others = _asked_about(scan, rulebook)
    return Found((*records, *others))


def _asked_about(scan: Scan, rulebook: Rulebook) -> list[Command]:
    """A question that names a customer is about that customer, however it is put."""
    if not any(s.kind == "customer" for s in scan.spans) or _REPORTED.search(scan.masked):
        return []
    if "？" not in scan.masked and not _question(scan.masked, rulebook):
        return []
    return [_command("query_customer", scan, 0, len(scan.masked))]


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
    asking = _question(clause, rulebook)
    if asking is None:
        return False
    return not any(c.key == "objection_help" for c in commands) or start + asking.start() < event.end + 2


_NO_QUESTION = re.compile("[没不无管](?:说|什么|怎么|要|有|个)?$"), re.compile("都|也|年了|年没|有点|有些")


_FINDS_OUT = re.compile(
    f"[{LETTERS['date']}去来].*(?:看看|看下|看一下|了解|问问|问下|确认|检查|核实|核对|盘)"
)
"""后天去看看卖得怎么样 is an errand, no question."""


def _question(words: str, rulebook: Rulebook) -> re.Match[str] | None:
    """A word that asks. 没什么, 不怎么 and 多少年了 ask nothing."""
    for found in word_pattern(rulebook.words("actions", "asking")).finditer(words):
        before, after = _NO_QUESTION
        if _FINDS_OUT.search(words[: found.start()]):
            continue
        if found.group() == "了没" and words[found.end() : found.end() + 1] not in {"", *SOFT}:
            continue
        if not before.search(words[: found.start()]) and not after.match(words, found.end()):
            return found
    return None


def _other_intents(commands: list[Match], scan: Scan, records: bool) -> list[Command]:
    """Commands beside the records; small talk and help only where there is nothing else."""
    serious = [c for c in commands if c.key not in ("chitchat", "help")]
    if records:
        serious = [c for c in serious if c.key != "objection_help" or not _AT_A_LOSS.search(scan.masked)]
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
    hand_out(drafts, events, scan)
    for number, draft in enumerate(drafts):
        if draft.form.key == "visit":
            draft.reach = _reach(draft, drafts[number + 1 :], scan)
        fill(draft, scan, cues, now)
        if draft.form.by_product:
            draft.lines = lines_of(draft, scan, cues)
            if draft.form.key == "complaint":
                draft.lines = _nearest(draft, scan, cues)
    return drafts


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
