"""What was rejected is handed in again: the same record as a new proposal, with its papers, to be put right first."""

from datetime import timedelta
from typing import get_args

from domain.checks import Check, CheckCode
from domain.errors import Refusal
from domain.intents.approvals import Resubmit
from domain.intents.records import Proof, Propose, RecordIntent, Said
from domain.papers import Paper
from handlers import proposals
from handlers.turn import Reply, Turn, say
from storage.quotations import FORM as QUOTATION
from storage.records import GIVEN_UP
from storage.tables import EvidenceRow, RecordRow

WITHIN = timedelta(days=30)
RESUBMITTED = "resubmitted"
"""What is audited about the rejected record: the id of the one that stands for it."""
COMPANY_CODES = frozenset(
    {"duplicate_number", "buyer_title_other", "buyer_tax_id_mismatch", "stale_date", "split_bill"}
)
"""Checks that are made anew."""
PAPER_CODES = frozenset(get_args(CheckCode)) - COMPANY_CODES
"""Checks that are read off the paper itself."""


def resubmit(intent: Resubmit, turn: Turn) -> Reply:
    """Propose the person's last rejected record once more; once he confirms, it is decided from the start."""
    rejected = turn.work.records.with_status(turn.person.id, "rejected", turn.now - WITHIN)
    row = next((one for one in rejected if one.form != QUOTATION and not _handed_in_again(one, turn)), None)
    if row is None:
        raise Refusal("最近 30 天没有被驳回的单子可以重新提交。")
    if row.form not in turn.rulebook.forms:
        raise Refusal("这种单据已经停用，不能重新提交，请联系运营。")
    fields = {name: Said(value=value, words=row.sources.get(name, "")) for name, value in row.data.items()}
    evidence = tuple(_proof(one, row) for one in turn.work.records.evidence(row.id or 0))
    reason = turn.work.records.last_change(f"record:{row.id}", "status")
    again = Propose(records=(RecordIntent(form=row.form, fields=fields),), evidence=_of_one_record(evidence))
    told = f"上次{reason.why}。" if reason else ""
    proposed = proposals.propose(again, turn)
    top = turn.dialogue.top
    for new in turn.work.records.of_proposal(top.id) if top else ():
        turn.work.records.audit(f"record:{row.id}", RESUBMITTED, None, new.id, "本人改好重新提交")
    return say(turn, f"{told}先核对，要改直接说，没问题就确认。") + proposed


def _handed_in_again(row: RecordRow, turn: Turn) -> bool:
    """Whether another record stands for it by now; one that was rejected too is handed in again by itself."""
    turn.work.records.write()
    change = turn.work.records.last_change(f"record:{row.id}", RESUBMITTED)
    new = turn.work.records.get(change.new) if change else None
    return new is not None and (new.status == "rejected" or new.status not in GIVEN_UP)


def _of_one_record(evidence: tuple[Proof, ...]) -> tuple[Proof, ...]:
    """A receipt proves its record alone; of the words beside it nothing more is needed."""
    receipts = tuple(p for p in evidence if p.kind == "receipt")
    return receipts[:1] or evidence


def _proof(one: EvidenceRow, row: RecordRow) -> Proof:
    if "paper" not in one.details:
        return Proof.model_validate({"kind": one.kind, "words": one.words, "sha256": one.sha256})
    own = tuple(Check.model_validate(check) for check in row.checks if check["code"] in PAPER_CODES)
    paper = Paper.model_validate({**one.details["paper"], "checks": own})
    reuse = tuple(one.details.get("reuse_of", ()))
    return Proof(kind="receipt", words=one.words, sha256=one.sha256, paper=paper, reuse_of=reuse)
