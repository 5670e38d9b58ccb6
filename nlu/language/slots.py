"""The fields of one record: what its form's cues name, then what only its type tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.forms import Form, FormField
from domain.intents import Said
from nlu.language.lines import Line, amount_fields
from nlu.language.matching import Compiled
from nlu.language.mentions import present
from nlu.language.said import said_person, said_value
from nlu.language.spans import LETTERS, Scan, Span
from nlu.language.times import When

NEXT = {"next_step": "next_date"}
"""A text field and the date that is said in the same breath."""


_TRAILING = "，。、；！？ "


@dataclass
class Draft:
    """One record while its fields are being collected."""

    form: Form
    start: int
    end: int
    left: int
    right: int
    planned: bool
    spans: list[Span]
    done: bool = False
    fields: dict[str, Said] = field(default_factory=dict)
    customer: Span | None = None
    lines: list[Line] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    cued: set[str] = field(default_factory=set)
    """Fields that words of their own announced."""
    went: bool = False
    """Of a visit: whether the words say that he was there, not merely that they talked."""
    reach: int = 0
    """How far beyond its stretch what was said of its customer goes; only visits reach so far."""

    @property
    def told(self) -> bool:
        """Whether an amount was said, or that nothing is left."""
        return any(x.quantity or x.zero for x in self.lines)

    def of(self, *kinds: str) -> list[Span]:
        return [s for s in self.spans if s.kind in kinds and s.at not in self.used]


def fill(draft: Draft, scan: Scan, cues: Compiled, now: datetime) -> None:
    """Everything but customer and goods: cued fields first, then what only its type tells."""
    for match_field, start, end in _cued(draft, scan, cues):
        _take_cued(draft, match_field, start, end, scan, now)
    _choices(draft, scan, cues)
    _times(draft, scan, now)
    _money(draft, scan)
    _rest(draft, scan)
    if draft.planned and (_long_gone(draft, now) or _over(draft, scan, now)):
        draft.planned = False
    if draft.planned and _plannable(draft.form):
        draft.fields["planned"] = Said(value=True)
    _settle_expected(draft, scan, now)


def _irreal(draft: Draft, scan: Scan) -> bool:
    start, end = scan.soft_clause(draft.start)
    return bool(re.search("答应|承诺|保证|说|把|将|要|会|再", scan.masked[start:end]))


def _settle_expected(draft: Draft, scan: Scan, now: datetime) -> None:
    """What is expected lies ahead: of something done and of a day gone by nothing is expected any more."""
    said = draft.fields.get("expected_date")
    if said is None:
        return
    gone = isinstance(said.value, str) and said.value[:10] < now.date().isoformat()
    if (
        not gone
        and _plannable(draft.form)
        and "expected_date" in draft.cued
        and _irreal(draft, scan)
        and said.value
        and said.value[:10] > now.date().isoformat()
    ):
        # 月底把三千六结了: what lies ahead is promised, whatever 了 seems to say.
        draft.planned = True
        draft.fields["planned"] = Said(value=True)
    if gone or (_plannable(draft.form) and not draft.planned):
        del draft.fields["expected_date"]
        today = isinstance(said.value, str) and said.value[:10] <= now.date().isoformat()
        if today and draft.form.field("happened_at") and not draft.planned:
            draft.fields.setdefault("happened_at", said)
    elif said.value is None and said.alternatives:
        first = str(said.alternatives[0])
        if first[:1].isdigit() and len(said.alternatives) == 2 and _week_or_more(said):
            del draft.fields["expected_date"]


def _week_or_more(said: Said) -> bool:
    """下周, 这个月: no day that could be expected, and none worth a question."""
    first, last = (date.fromisoformat(str(a)[:10]) for a in said.alternatives)
    return (last - first).days >= 4


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
        if wanted and wanted.or_clause:
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


def _times(draft: Draft, scan: Scan, now: datetime) -> None:
    """The first time is when it happened or will; a day to come of something done is when it is expected."""
    form = draft.form
    happened, expected = form.field("happened_at"), form.field("expected_date")
    for span in sorted(draft.of("date"), key=lambda s: _far(s, draft, scan)):
        when: When = span.value
        if when.kind in ("recurring", "vague"):
            continue
        if _PUTS_OFF.match(scan.masked, span.at + 1):
            continue
        if when.kind == "impossible" and _plannable(form) and not draft.done:
            # 让我4月31号过去: whatever day is meant, it was none that has been.
            draft.planned = True
        ahead = _ahead(when, span, draft, now)
        elsewhere = (
            span.at > draft.end
            and scan.soft_clause(span.at) != scan.soft_clause(draft.start)
            and not (draft.planned and (isinstance(when.value, datetime) or _stands_alone(span, scan)))
        )
        if scan.masked[span.at - 1 : span.at] in ("到", "至") and not ahead:
            continue
        if elsewhere and expected is None and not _SAW.search(scan.masked, *scan.soft_clause(span.at)):
            # 拜访…，他说下个月再说: what is said later on is no time of this visit.
            continue
        target = expected if ahead and expected else happened
        if draft.done and not ahead and when.value and when.past is None and _later(when.value, now):
            # 写成68了，他们说明天改: what is done was not done tomorrow.
            continue
        if target is happened and target is not None and _told_closer(draft, target, span, ahead):
            continue
        if (
            target is None
            or target.id in draft.fields
            or (ahead and target is happened and not _plannable(form))
        ):
            continue
        if ahead and _plannable(form) and target is happened:
            draft.planned = True
        said = said_value(span, target, done=not ahead)
        if said is None:
            continue
        draft.fields[target.id] = said
        draft.used.add(span.at)
        if ahead and _plannable(form):
            draft.planned = True


def _told_closer(draft: Draft, target: FormField, span: Span, ahead: bool) -> bool:
    """下下周一去…，差不多十点半到: the hour that is told later on belongs to the day told before."""
    earlier = draft.fields.get(target.id)
    if earlier is None or not isinstance(earlier.value, str) or len(earlier.value) > 10:
        return False
    said = said_value(span, target, done=not ahead)
    if said is None or not isinstance(said.value, str) or not said.value.startswith(earlier.value + "T"):
        return False
    draft.fields[target.id] = said
    draft.used.add(span.at)
    return True


_SAW = re.compile(
    f"我(?:刚|就|也)?{LETTERS['date']}[^再要想准，]?(?:看|去|查|盘|到)(?:了|的|时)"
    f"|{LETTERS['date']}我?(?:看到|去看|看|发现|去)的"
)
"""我今天看了都着急, 我今天去看的: when it was seen is when it happened."""


_PUTS_OFF = re.compile(
    "(?:就|才|再|先|会|能)?(?:[给回]个?(?:准信|准话|答复|回复|话|消息|信)|再?(?:说吧|说|定|看看|看|考虑|商量|研究)|开门|上班|回来|才开|营业)"
)
"""月底再定, 周一给准信: when somebody will decide or be back, and nothing else."""


def _stands_alone(span: Span, scan: Scan) -> bool:
    """约了王店长，周五上午，…: a clause that is nothing but a time."""
    start, end = scan.soft_clause(span.at)
    return end - start <= 2


def _far(span: Span, draft: Draft, scan: Scan) -> tuple[bool, bool, int]:
    """Times of the cue's own clause first, then those told before it."""
    other = scan.soft_clause(span.at) != scan.soft_clause(draft.start)
    return other, span.at > draft.end, span.at


def _long_gone(draft: Draft, now: datetime) -> bool:
    """昨天付清了 is no promise: every time that was said lies behind."""
    times = [s.value for s in draft.spans if s.kind == "date" and s.value.value is not None]
    if not times:
        return False
    return all(w.past is None and w.until is None and not _later(w.value, now) for w in times) and any(
        w.value < now if isinstance(w.value, datetime) else w.value < now.date() for w in times
    )


def _over(draft: Draft, scan: Scan, now: datetime) -> bool:
    """今天回款一万二，已经到账了: told of today, and done."""
    whens = [s.value for s in draft.spans if s.kind == "date" and s.value.value is not None]
    if not whens or any(_later(w.value, now) for w in whens):
        return False
    words = scan.masked[draft.left : draft.right]
    clause = scan.masked[slice(*scan.soft_clause(draft.start))]
    if all(isinstance(w.value, datetime) for w in whens):
        return True
    if re.search("已经|到账|到帐|收到|[付打转结给清]了", words):
        return True
    if draft.form.key != "visit" or _WILL.search(clause):
        return False
    whole_day = all(not w.part and not isinstance(w.value, datetime) for w in whens)
    if whole_day and now.hour >= 12:
        return True
    return any(_part_over(w, now) for w in whens) or bool(re.search("[了过完说]|反映", words))


_WILL = re.compile("要|准备|打算|计划|想去|还得|约|再去|抽空|先去|待会|等下")
_PART_ENDS = {"早": 10, "上午": 12, "中午": 14, "下午": 18, "傍晚": 19, "晚": 22}


def _part_over(when: When, now: datetime) -> bool:
    """今天上午 is over in the afternoon."""
    if isinstance(when.value, datetime):
        return when.value < now
    return any(when.part.startswith(p) and now.hour >= hour for p, hour in _PART_ENDS.items())


def _plannable(form: Form) -> bool:
    return form.field("planned") is not None


def _ahead(when: When, span: Span, draft: Draft, now: datetime) -> bool:
    """Whether a time lies ahead of what is told. 周五 alone does in a plan, and after something ordered."""
    if when.past is not None:
        return draft.planned or (draft.form.field("expected_date") is not None and span.at > draft.start)
    value = when.value or (when.alternatives[0] if when.alternatives else None)
    if value is None or draft.done:
        return value is not None and draft.form.field("expected_date") is not None and _later(value, now)
    return _later(value, now)


def _later(value: date, now: datetime) -> bool:
    return value > now if isinstance(value, datetime) else value > now.date()


_DIFFERENCE = re.compile(
    "(?:便宜|降|让|让利|优惠|少|返|省|涨|涨价|降价|贵|加|低|高|(?<!还)差|补贴|补)(?:了|个|他|点|掉|我们|咱们)?$"
)
_DUE = re.compile(
    "(?:应该|应|本该|该|本来|本来该|原价|原来|正常|规定|要求|说好|定)(?:的|价)?(?:是|卖|为|标)?(?:的|价)?$"
)
"""活动价应该是2块9: what it ought to cost is not what it costs."""
_TOO_DEAR = re.compile("(?:太|有点|还是|偏|也|的价)?[高贵]")
"""A sum by which a price changes is no price."""


def _is_a_gap(draft: Draft, span: Span, scan: Scan) -> bool:
    """对了账，差了两百: by how much two accounts differ is no payment."""
    return bool(
        re.search("[对核].{0,6}账", scan.masked[draft.left : draft.right])
        and re.search("(?<!还)(?:差|多|少|出入)了?$", scan.masked[max(0, span.at - 3) : span.at])
    )


def _too_little(span: Span, draft: Draft) -> bool:
    """57 beside 20箱 is what one of them costs."""
    amounts = [s.value.value for s in draft.spans if s.kind == "quantity" and s.value.value]
    value = span.value.value
    return value is not None and bool(amounts) and min(amounts) >= 3 and value < 100


def _is_owed(span: Span, draft: Draft, scan: Scan) -> bool:
    """欠的3500今天给了2000: what was owed is not what was paid, where a later sum is."""
    owed = re.search(
        "(?:欠|欠的|欠款|欠着|应付|应收|挂着|总共|货款一共|拖着)(?:是|的|有)?$",
        scan.masked[max(0, span.at - 5) : span.at],
    )
    later = [s for s in draft.of("money") if s.at > span.at]
    return bool(owed) and any(
        re.search("[给付打转结还汇回]了?(?:一半|一部分|部分)?$", scan.masked[max(0, s.at - 5) : s.at])
        for s in later
    )


def _is_a_fee(span: Span, scan: Scan) -> bool:
    """进店费2000, 500块陈列费: what the competitor pays is not what his goods cost."""
    return bool(
        re.search(
            "费(?:用|是|给|要|交|了)*$|(?:月|年|季度)(?:给|付|出|补)$",
            scan.masked[max(0, span.at - 5) : span.at],
        )
        or re.match("的?[^，。；]{0,3}费", scan.masked[span.at + 1 : span.at + 6])
    )


def _money(draft: Draft, scan: Scan) -> None:
    form = draft.form
    fields = [f for f in form.fields if f.type == "money" and not f.hidden]
    for span in draft.of("money", "price"):
        if _DIFFERENCE.search(scan.masked[max(0, span.at - 4) : span.at]) or _is_a_gap(draft, span, scan):
            continue
        if form.key == "payment" and not draft.planned and _is_owed(span, draft, scan):
            continue
        if form.key == "competitor" and _is_a_fee(span, scan):
            continue
        if form.key == "promotion_check" and (
            _DUE.search(scan.masked[max(0, span.at - 6) : span.at])
            or re.match("(?:进|拿|供)(?:的|货|价)", scan.masked[span.at + 1 : span.at + 3])
        ):
            continue
        if (
            draft.form.key == "quote"
            and _TOO_DEAR.match(scan.masked, span.at + 1)
            and len(draft.of("money", "price")) > 1
        ):
            continue
        free = [f for f in fields if f.id not in draft.fields]
        if not free:
            return
        prices = [f for f in free if f.id == "price"]
        amounts = [f for f in free if f.id != "price"]
        by_unit = span.kind == "price" or (form.key == "order" and _too_little(span, draft))
        wanted = (prices or amounts) if by_unit else (amounts or prices)
        said = said_value(span, wanted[0], done=True)
        if said and not (wanted[0].id == "amount" and span.kind == "price" and not _for_a_place(span, form)):
            draft.fields[wanted[0].id] = said
            draft.used.add(span.at)


def _for_a_place(span: Span, form: Form) -> bool:
    """每组300, 一个1200: what a place on the shelf costs, where goods have no price."""
    return form.key == "display" and span.value.unit in ("", *SHELF_UNITS)


def _rest(draft: Draft, scan: Scan) -> None:
    for wanted in draft.form.fields:
        kinds = {"contact": ("contact", "person"), "competitor": ("competitor",), "person": ("person",)}.get(
            wanted.type
        )
        if wanted.type == "number":
            kinds = ("factor",) if wanted.id == "discount" else ("number", "quantity")
        if kinds is None or wanted.id in draft.fields:
            continue
        for span in sorted(
            draft.of(*kinds), key=lambda s: (not _is_total(s, scan), s.kind in ("quantity", "person"))
        ):
            if span.kind == "quantity" and span.value.unit not in SHELF_UNITS:
                continue
            if wanted.type == "contact" and not (
                is_somebody(span, scan) and _is_the_contact(draft, span, scan)
            ):
                continue
            said = (
                said_person(span)
                if span.kind == "person" and wanted.type == "contact"
                else said_value(span, wanted, done=True)
            )
            if said:
                draft.fields[wanted.id] = said
                draft.used.add(span.at)
                if span.kind in ("number", "quantity") and draft.form.field("unit") and span.value.unit:
                    draft.fields["unit"] = Said(value=span.value.unit, words=span.words)
                break
    if not draft.form.by_product:
        _loose_goods(draft)


def _is_total(span: Span, scan: Scan) -> bool:
    """最上面一层给我们了，一共四排: the sum counts."""
    return bool(
        re.search("(?:一共|总共|合计|共计|总计)(?:是|有)?$", scan.masked[max(0, span.at - 4) : span.at])
    )


def is_somebody(span: Span, scan: Scan) -> bool:
    """采购订单, 采购合同 are papers, 采购 is a person."""
    return not re.match("订单|合同|单|计划|流程|部门|量|价", scan.masked[span.at + 1 : span.at + 4])


def _is_the_contact(draft: Draft, span: Span, scan: Scan) -> bool:
    """Who was there and acted; of a change of persons the one who left, who has a name."""
    if draft.form.key != "customer_update":
        return present(scan.masked, span.at)
    before, after = scan.masked[max(0, span.at - 5) : span.at], scan.masked[span.at + 1 : span.at + 4]
    if re.search("新|接替|接手|换成|换了|来了|现在是|变成", before) or re.match("接|来了|新|顶|上任", after):
        return False
    named = not span.words.startswith(_ROLES)
    start, end = scan.sentence(draft.start)
    others = [
        s for s in scan.spans if s.kind in ("contact", "person") and s is not span and start <= s.at < end
    ]
    others = [s for s in others if not re.search("新|接替|换成", scan.masked[max(0, s.at - 4) : s.at])]
    return named or not any(not s.words.startswith(_ROLES) for s in others)


SHELF_UNITS = ("个", "组", "排", "层", "节", "面", "列")
"""What is counted so on a display is no goods."""

_ROLES = ("老板", "店长", "采购", "经理", "主任", "店主", "负责人", "值班", "财务", "主管", "大姐", "园长")


def _loose_goods(draft: Draft) -> None:
    """Product and amount of a form that is not told product by product."""
    for wanted in draft.form.fields:
        if wanted.type == "product" and wanted.id not in draft.fields:
            span = next(iter(draft.of("product")), None)
            if span and len({s.value for s in draft.of("product")}) == 1 and len(span.value) == 1:
                draft.fields[wanted.id] = Said(value=span.value[0], words=span.words)
        if wanted.type == "quantity" and wanted.id not in draft.fields:
            span = next(iter(draft.of("quantity")), None)
            if span and not span.value.each:
                draft.fields.update(amount_fields(span, draft.form))
