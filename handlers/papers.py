"""The papers behind expenses: entered into the company's register, checked against it, claimed, told on cards.

Nothing is refused for what does not fit: the rep is told before he confirms, and whoever approves sees the same.
Only a paper that somebody has claimed already cannot be claimed again.
"""

from collections.abc import Iterator, Sequence

from domain.cards import Attachment
from domain.intents.records import Proof
from domain.invoice_numbers import key_of
from domain.papers import Paper, company_checks, duplicate_number
from handlers.turn import Turn
from storage.tables import EvidenceRow, RecordRow

SUFFIXES = {"xml": "xml", "ofd": "ofd", "text": "pdf"}
"""What kind of file a value came from; a scanned PDF is sent as if it were a picture."""
SIGN = "⚠"
ROOM = 80
"""Characters of a card's note that are shown everywhere: WeCom cuts after 160, and long values go before it."""


def examine(row: RecordRow, proof: Proof, turn: Turn) -> None:
    """Enter the paper that proves the record, keep what does not fit with the record, and note where to look."""
    if proof.paper is None:
        turn.work.records.prove(row.id or 0, proof.kind, proof.words, proof.sha256)
        return
    paper, sha256 = proof.paper, proof.sha256 or ""
    key = paper.key(sha256)
    earlier = turn.work.invoices.show(paper, key, row.id or 0, sha256)
    neighbours = turn.work.invoices.neighbours(paper)
    company = company_checks(paper, key, turn.policy, turn.local_now, earlier, neighbours)
    checks = (*company, *paper.checks)
    row.checks = [check.model_dump(mode="json") for check in checks]
    words = "；".join(check.words for check in checks)
    turn.work.records.prove(
        row.id or 0,
        proof.kind,
        words,
        sha256,
        key=key,
        paper=paper.model_dump(mode="json", exclude={"checks"}),
        reuse_of=list(proof.reuse_of),
    )


def claim(row: RecordRow, turn: Turn) -> str:
    """Take the record's papers for it; empty, or why one of them cannot be had, in words."""
    for key, paper, sha256 in _papers_of(row, turn):
        holder = turn.work.invoices.claim(key, row.id or 0)
        if holder is None or (key.startswith("paid:") and holder.sha256 != sha256):
            # Two may have paid the same at one till in one minute: both are told, whoever approves decides.
            continue
        check = duplicate_number(paper, holder, turn.local_now)
        return check.words if check else "这张票已经报过。"
    return ""


def _papers_of(row: RecordRow, turn: Turn) -> list[tuple[str, Paper, str]]:
    """Key, paper and file: of the papers that prove the record, and of the one whose number the rep typed."""
    found = [
        (str(evidence.details["key"]), Paper.model_validate(evidence.details["paper"]), evidence.sha256 or "")
        for evidence in turn.work.records.evidence(row.id or 0)
        if "key" in evidence.details
    ]
    number = str(row.data.get("invoice_number", ""))
    typed = key_of(number)
    if typed and typed not in [key for key, *_ in found]:
        found.append((typed, Paper(number=number), ""))
        turn.work.invoices.show(found[-1][1], typed, row.id or 0, "")
    return found


def attachments(row: RecordRow, turn: Turn) -> Iterator[Attachment]:
    """For whoever approves: each paper as it was sent, then the places on it where something does not fit."""
    for evidence in turn.work.records.evidence(row.id or 0):
        if evidence.kind != "receipt" or not evidence.sha256:
            continue
        paper = Paper.model_validate(evidence.details.get("paper", {}))
        suffix = SUFFIXES.get(paper.places.get("total", "").partition(" ")[0], "jpg")
        yield Attachment(sha256=evidence.sha256, name=f"票据{row.id}.{suffix}", image=suffix == "jpg")
        if places := doubtful_places(evidence, row):
            yield Attachment(sha256=evidence.sha256, name=f"疑点{row.id}.jpg", image=True, places=places)


def doubtful_places(evidence: EvidenceRow, row: RecordRow) -> tuple[str, ...]:
    """Where on its picture something does not fit with the record."""
    paper = Paper.model_validate(evidence.details.get("paper", {}))
    fields = [str(check["field"]) for check in row.checks if check["severity"] != "info" and "field" in check]
    return tuple(dict.fromkeys(place for field in fields if (place := _on_picture(paper, field))))


def _on_picture(paper: Paper, field: str) -> str:
    """Where the field stands on a picture or PDF; empty where there is nothing to be cut out."""
    place = paper.places.get(field, "")
    return place if " box " in place and place.startswith(("ocr", "text")) else ""


def doubts(rows: Sequence[RecordRow]) -> list[str]:
    """What does not fit on the papers of a card's records or with the rules, a line each; numbered where there are
    several records."""
    return [
        f"{SIGN} 第 {number} 条：{check['words']}" if len(rows) > 1 else f"{SIGN} {check['words']}"
        for number, row in enumerate(rows, start=1)
        for check in row.checks
        if check["severity"] != "info"
    ]


def hints(row: RecordRow) -> list[str]:
    """What could not be checked: nothing against the record, but whoever approves should know."""
    return [str(check["words"]) for check in row.checks if check["severity"] == "info"]


def note_of(rows: Sequence[RecordRow]) -> str:
    """The doubts for a card; where it has no room for them, that there are some."""
    found = doubts(rows)
    whole = "\n".join(found)
    return whole if len(whole) <= ROOM else f"{SIGN} 有 {len(found)} 处对不上，详见单独的一条消息。"


def beside(rows: Sequence[RecordRow]) -> str:
    """The doubts that a card has no room for, as a message of their own; empty where it has."""
    whole = "\n".join(doubts(rows))
    return whole if len(whole) > ROOM else ""
