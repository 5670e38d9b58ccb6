"""When a record happened, or will: which of the times told are its own, and what lies ahead of it."""

import re
from datetime import date, datetime

from domain.forms import FormField
from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.said import said_value
from nlu.language.spans import LETTERS, Scan, Span
from nlu.language.times import When


def _irreal(draft: Draft, scan: Scan) -> bool:
    start, end = scan.soft_clause(draft.start)
    return bool(re.search("答应|承诺|保证|说|把|将|要|会|再", scan.masked[start:end]))


def settle_expected(draft: Draft, scan: Scan, now: datetime) -> None:
    """What is expected lies ahead: of something done and of a day gone by nothing is expected any more."""
    said = draft.fields.get("expected_date")
    if said is None:
        return
    gone = isinstance(said.value, str) and (
        said.value[:10] < now.date().isoformat() or _was_today(said, draft, scan, now)
    )
    if (
        not gone
        and draft.plannable
        and "expected_date" in draft.cued
        and _irreal(draft, scan)
        and said.value
        and said.value[:10] > now.date().isoformat()
    ):
        # 月底把三千六结了: what lies ahead is promised, whatever 了 seems to say.
        draft.planned = True
        draft.fields["planned"] = Said(value=True)
    if gone or (draft.plannable and not draft.planned):
        del draft.fields["expected_date"]
        today = isinstance(said.value, str) and said.value[:10] <= now.date().isoformat()
        before = said.words.endswith("前")
        if today and draft.form.field("happened_at") and not draft.planned and not before:
            draft.fields.setdefault("happened_at", said)
    elif said.value is None and said.alternatives:
        first = str(said.alternatives[0])
        if first[:1].isdigit() and len(said.alternatives) == 2 and _week_or_more(said):
            del draft.fields["expected_date"]


_DELIVERED = re.compile("[送发拉配运]了")


def _was_today(said: Said, draft: Draft, scan: Scan, now: datetime) -> bool:
    """早上送5箱, told at noon, or 今天送了8箱: nothing is still expected of today."""
    if said.value != now.date().isoformat():
        return False
    over = any(said.words.startswith(part) and now.hour >= hour for part, hour in _PART_ENDS.items())
    return over or _DELIVERED.search(scan.masked, draft.left, draft.right) is not None


def _week_or_more(said: Said) -> bool:
    """下周, 这个月: no day that could be expected, and none worth a question."""
    first, last = (date.fromisoformat(str(a)[:10]) for a in said.alternatives)
    return (last - first).days >= 4


def take_times(draft: Draft, scan: Scan, now: datetime) -> None:
    """The first time is when it happened or will; a day to come of something done is when it is expected."""
    form = draft.form
    happened, expected = form.field("happened_at"), form.field("expected_date")
    for span in sorted(draft.of("date"), key=lambda s: _far(s, draft, scan)):
        when: When = span.value
        if when.kind in ("recurring", "vague"):
            continue
        if _PUTS_OFF.match(scan.masked, span.at + 1):
            continue
        if when.kind == "impossible" and draft.plannable and not draft.done:
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
        if target is happened and not draft.planned and _long_before(when, ahead, now):
            continue
        if draft.done and not ahead and when.value and when.past is None and _later(when.value, now):
            # 写成68了，他们说明天改: what is done was not done tomorrow.
            continue
        if target is happened and target is not None and _told_closer(draft, target, span, ahead):
            continue
        if (
            target is None
            or target.id in draft.fields
            or (ahead and target is happened and not draft.plannable)
        ):
            continue
        if ahead and draft.plannable and target is happened:
            draft.planned = True
        said = said_value(span, target, done=not ahead)
        if said is None:
            continue
        draft.fields[target.id] = said
        draft.used.add(span.at)
        if ahead and draft.plannable:
            draft.planned = True


_REMEMBERED = 60
"""Days: a festival that is longer ago is not when something happened that is reported now."""


def _long_before(when: When, ahead: bool, now: datetime) -> bool:
    """双十一想多备一点, told the day before it: not last year's."""
    return not ahead and when.past is not None and (now.date() - _day(when.past)).days > _REMEMBERED


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


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


def _impossible(draft: Draft) -> bool:
    """Whether a day was said that no calendar has: then nothing tells that it is over."""
    return any(s.kind == "date" and s.value.kind == "impossible" for s in draft.spans)


def long_gone(draft: Draft, now: datetime) -> bool:
    """昨天付清了 is no promise: every time that was said lies behind."""
    times = [s.value for s in draft.spans if s.kind == "date" and s.value.value is not None]
    if not times or _impossible(draft):
        return False
    return all(w.past is None and w.until is None and not _later(w.value, now) for w in times) and any(
        w.value < now if isinstance(w.value, datetime) else w.value < now.date() for w in times
    )


def is_over(draft: Draft, scan: Scan, now: datetime) -> bool:
    """今天回款一万二，已经到账了: told of today, and done."""
    whens = [s.value for s in draft.spans if s.kind == "date" and s.value.value is not None]
    if not whens or _impossible(draft) or any(_later(w.value, now) for w in whens):
        return False
    words = scan.masked[draft.left : draft.right]
    clause = scan.masked[slice(*scan.soft_clause(draft.start))]
    if all(isinstance(w.value, datetime) for w in whens):
        return True
    if re.search("已经|到账|到帐|收到|[付打转结给清]了", words):
        return True
    if draft.form.key == "payment":
        # 今天下午把三千六打过来, with nobody who promises it: told of today, it is done.
        return not (_WILL.search(clause) or _PROMISED.search(words))
    if draft.form.key != "visit" or _WILL.search(clause):
        return False
    whole_day = all(not w.part and not isinstance(w.value, datetime) for w in whens)
    if whole_day and now.hour >= 12:
        return True
    return any(_part_over(w, now) for w in whens) or bool(re.search("[了过完说]|反映", words))


_WILL = re.compile("要|准备|打算|计划|想去|还得|约|再去|抽空|先去|待会|等下")
_PROMISED = re.compile(
    "答应|承诺|保证|[说讲]|会|再|前|才|就|肯定|一定|争取|[欠没差剩]|余款|尾款|拖|催|能|得|等"
)
_PART_ENDS = {"早": 10, "上午": 12, "中午": 14, "下午": 18, "傍晚": 19, "晚": 22}


def _part_over(when: When, now: datetime) -> bool:
    """今天上午 is over in the afternoon."""
    if isinstance(when.value, datetime):
        return when.value < now
    return any(when.part.startswith(p) and now.hour >= hour for p, hour in _PART_ENDS.items())


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
