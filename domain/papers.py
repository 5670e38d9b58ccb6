"""Receipts and invoices as the books know them, and the rules that need the company or its history.

A paper is claimed once in the whole company. Its key says which paper it is.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import Field

from domain.checks import Check, Severity
from domain.invoice_numbers import are_near, key_of
from domain.tax_ids import tidy
from domain.values import Value


class InvoicePolicy(Value):
    """What the company demands of the papers that it pays for."""

    titles: tuple[str, ...] = ()
    """Names that invoices may be made out to; empty: not checked."""
    tax_ids: tuple[str, ...] = ()
    oldest_days: int = 180
    """How old a paper may be; 0: not checked."""
    last_year_until: str = "05-31"
    """The day (MM-DD) until which papers of last year are taken, when the tax year is closed; empty: always."""


class Paper(Value):
    """What identifies a receipt or invoice. Days and amounts as on it: `2026-03-20`, `46.50`; empty where unknown."""

    number: str = ""
    code: str = ""
    seller: str = ""
    buyer: str = ""
    buyer_tax_id: str = ""
    day: str = ""
    time: str = ""
    total: str = ""
    index: int = 0
    """Which of several on one picture."""
    places: dict[str, str] = Field(default_factory=dict)
    """Where each field was read, e.g. `ocr box 40,310,220,352`; see `nlu.senses.perception.Source`."""
    checks: tuple[Check, ...] = ()
    """What the paper breaks by itself."""

    def key(self, sha256: str) -> str:
        """Which paper it is: by its number, else by what nobody pays twice in a minute, else as a file."""
        if numbered := key_of(self.number, self.code):
            return numbered
        what = f"{self.day}|{self.total}"
        if self.number and self.day and self.total:
            return f"number:{self.number}|{what}"
        if self.seller and self.day and self.time and self.total:
            return f"paid:{plain_name(self.seller)}|{self.time}|{what}"
        return f"file:{sha256}#{self.index}"

    def severity(self, field: str) -> Severity:
        """What recognition read may be off by a character."""
        return "warning" if self.places.get(field, "").startswith("ocr") else "error"


class Seen(Value):
    """A paper that was shown before: by whom, when, and what became of it."""

    key: str
    who: str
    """In words: 李伟."""
    own: bool
    """By the same person as now."""
    at: datetime | None = None
    """When; None for a file beside this one."""
    sha256: str = ""
    """The file that it was shown in."""
    state: Literal["claimed", "open", "ended", "beside"]
    """Submitted or paid; on a card that waits; given up, rejected or taken back; in another file read just now."""


def plain_name(name: str) -> str:
    """The same for all ways of typing a name: width, brackets, spaces and case do not count."""
    folded = unicodedata.normalize("NFKC", name).translate(str.maketrans("〔【[〕】]", "((()))"))
    return "".join(folded.split()).upper()


def company_checks(
    paper: Paper,
    key: str,
    policy: InvoicePolicy,
    now: datetime,
    earlier: Seen | None,
    neighbours: Iterable[Seen],
) -> tuple[Check, ...]:
    """The rules of the company. `now` is in its zone; `earlier` is the same paper as it was shown before,
    `neighbours` are the papers of the same seller and day."""
    found = (
        duplicate_number(paper, earlier, now),
        buyer_title_other(paper, policy),
        buyer_tax_id_mismatch(paper, policy),
        stale_date(paper, policy, now.date()),
        split_bill(neighbours, key, now),
    )
    return tuple(check for check in found if check is not None)


def duplicate_number(paper: Paper, earlier: Seen | None, now: datetime) -> Check | None:
    """One paper is claimed once. What the same person gave up may be sent again; what others gave up is told."""
    if earlier is None or (earlier.own and earlier.state == "ended"):
        return None
    name = f"（号码 {paper.number}）" if paper.number else ""
    severity: Severity = "warning" if earlier.state == "ended" else "error"
    words = f"这张票{name}{_when(earlier, now)}{ENDINGS[earlier.state]}"
    field = "invoice_number" if paper.number else "total"
    return Check(code="duplicate_number", severity=severity, words=words, field=field)


ENDINGS = {
    "claimed": "已经报过，同一张票只能报一次。",
    "open": "也发过，还在等确认。同一张票只能报一次，请确认由谁来报。",
    "beside": "里已经有一张，同一张票只能报一次。",
    "ended": "也发过，后来没有报。请确认这张票该由你来报。",
}


def _when(seen: Seen, now: datetime) -> str:
    """Who showed it and when: 李伟 3月10日."""
    who = "你" if seen.own else f"{seen.who} "
    if seen.at is None:
        return who
    at = seen.at.astimezone(now.tzinfo)
    return f"{who}{at.month}月{at.day}日"


def buyer_title_other(paper: Paper, policy: InvoicePolicy) -> Check | None:
    """The invoice is made out to one of the company's names, character by character."""
    if not paper.buyer or not policy.titles:
        return None
    if plain_name(paper.buyer) in map(plain_name, policy.titles):
        return None
    words = f"抬头是“{paper.buyer}”，不是公司的抬头（{'、'.join(policy.titles)}）。请让商家换开。"
    severity = paper.severity("buyer_name")
    return Check(code="buyer_title_other", severity=severity, words=words, field="buyer_name")


def buyer_tax_id_mismatch(paper: Paper, policy: InvoicePolicy) -> Check | None:
    if not paper.buyer_tax_id or not policy.tax_ids:
        return None
    if tidy(paper.buyer_tax_id) in map(tidy, policy.tax_ids):
        return None
    words = f"购买方税号 {paper.buyer_tax_id} 不是公司的税号。请让商家换开。"
    severity = paper.severity("buyer_tax_id")
    return Check(code="buyer_tax_id_mismatch", severity=severity, words=words, field="buyer_tax_id")


def stale_date(paper: Paper, policy: InvoicePolicy, today: date) -> Check | None:
    """Too old, or of a year whose books are closed."""
    if not paper.day:
        return None
    day = date.fromisoformat(paper.day)
    if policy.last_year_until and f"{today:%m-%d}" > policy.last_year_until and day.year < today.year:
        words = f"这是 {day.year} 年的票（{day}），公司只收到次年 {policy.last_year_until} 为止。请说明原因。"
    elif policy.oldest_days and today - day > timedelta(days=policy.oldest_days):
        words = f"票面日期 {day} 是 {(today - day).days} 天前，超过 {policy.oldest_days} 天。请说明原因。"
    else:
        return None
    return Check(code="stale_date", severity="warning", words=words, field="date")


def split_bill(neighbours: Iterable[Seen], key: str, now: datetime) -> Check | None:
    """Several invoices of one seller and day with numbers close together: one meal, perhaps, in parts."""
    near = [other for other in neighbours if other.state != "ended" and are_near(key, other.key)]
    if not near:
        return None
    told = "、".join(f"{other.key.rpartition('-')[2]}（{_when(other, now)}）" for other in near[:3])
    words = f"同一商家同一天还有号码相邻的发票：{told}，可能是一笔消费拆开开票。请说明原因。"
    return Check(code="split_bill", severity="warning", words=words, field="invoice_number")
