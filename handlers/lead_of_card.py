"""A business card that is no customer's yet: its contact becomes a lead by one tap, or by `记为线索`."""

from domain.errors import Refusal
from domain.intents.records import Proof, Propose, RecordIntent, Said
from domain.messages import Action
from handlers import contacts, proposals
from handlers.lead_told import FORM, NOT_ENOUGH
from handlers.turn import Reply, Turn
from nlu.language.new_leads import is_enough

OFF_A_CARD = {"result": "company", "contact": "person", "title": "title", "mobile": "mobile"}
"""Field of the contact → field of the lead."""


def of_card(action: Action, proposal_id: int, turn: Turn) -> Reply:
    """Whoever is on the business card is no contact of a customer but a lead, to be confirmed like one that is told."""
    proposal = proposals.open_proposal(proposal_id, turn, action)
    rows = turn.work.records.of_proposal(proposal_id)
    if not contacts.is_off_a_card(rows):
        raise Refusal("这张卡不是名片，记不成线索。要登记线索就说“新线索：店名，联系人，电话，区”。")
    (row,) = rows
    fields = {
        ours: Said(value=row.data[theirs], words=contacts.ON_THE_CARD)
        for theirs, ours in OFF_A_CARD.items()
        if row.data.get(theirs)
    }
    if not is_enough(fields):
        raise Refusal(f"名片上没看清手机号。{NOT_ENOUGH}")
    proofs = turn.work.records.evidence(row.id or 0)
    shown = tuple(Proof(kind="photo", words=contacts.ON_THE_CARD, sha256=proof.sha256) for proof in proofs)
    record = RecordIntent(form=FORM, fields=fields, words=contacts.ON_THE_CARD)
    given_up = proposals.abandon(proposal, rows, turn, "dropped", "改记为线索")
    return given_up + proposals.propose(Propose(records=(record,), evidence=shown), turn)
