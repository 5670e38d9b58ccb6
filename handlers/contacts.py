"""A business card becomes a contact of a customer, once the rep has confirmed it."""

from collections.abc import Sequence
from typing import Any

from domain.errors import Refusal
from domain.intents.records import Proof, Propose, Question, RecordIntent, Said
from domain.people import Contact
from handlers.turn import Turn, View
from storage.tables import RecordRow

FORM, STATUS = "customer_update", "contact_new"
FIELDS = {"person_name": "contact", "title": "title", "mobile": "mobile", "company": "result"}
"""Field of the card → field of the form. The company is kept as the note: it is what the card says, not who the
customer is."""

ON_THE_CARD = "名片"


def contact_in(read: dict[str, Any], view: View) -> RecordIntent | None:
    """The contact on a read business card; None where the picture is none."""
    card = next((d for d in read.get("documents", ()) if d["kind"] == "business_card"), None)
    if card is None or view.person is None:
        return None
    fields = {
        ours: Said(value=card["fields"][theirs]["value"], words=ON_THE_CARD)
        for theirs, ours in FIELDS.items()
        if theirs in card["fields"]
    }
    company = fields["result"].value if "result" in fields else ""
    return RecordIntent(
        form=FORM,
        fields={
            "customer": _customer(company, view),
            "status": Said(value=STATUS, words=ON_THE_CARD),
            **fields,
        },
        words=ON_THE_CARD,
    )


def proposal_of(record: RecordIntent, sha256: str) -> Propose:
    """Without a customer it asks for one."""
    customer = record.fields["customer"]
    evidence = (Proof(kind="photo", words=ON_THE_CARD, sha256=sha256),)
    if customer.value is not None:
        return Propose(records=(record,), evidence=evidence)
    known = {key: said for key, said in record.fields.items() if key != "customer"}
    who = record.fields["contact"].value
    ask = f"{who}是哪家客户的联系人？说一下店名就行；还不是客户，就说“记为线索”。"
    question = Question(field="customer", ask=ask, choices=customer.alternatives, form=FORM)
    return Propose(
        records=(record.model_copy(update={"fields": known}),), question=question, evidence=evidence
    )


def is_off_a_card(rows: Sequence[RecordRow]) -> bool:
    """Whether this is a contact that was read off a business card, and nothing else."""
    return len(rows) == 1 and rows[0].form == FORM and rows[0].sources.get("status") == ON_THE_CARD


def adopt(row: RecordRow, turn: Turn) -> None:
    """What a confirmed record says of a contact is written to the customer. Raises Refusal."""
    contact = _contact_of(row)
    if contact is None:
        return
    customer = turn.work.customers.get(contact.customer)
    if customer is None or customer.owner_id != turn.person.id:
        name = customer.name if customer else contact.customer
        raise Refusal(f"「{name}」不在你名下，联系人要由它的负责人来加。客户不对的话，直接说是哪家。")
    old = turn.work.customers.contact(contact.customer, contact.name)
    if old:  # what the card does not say stays as it is
        contact = contact.model_copy(
            update={"title": contact.title or old.title, "mobile": contact.mobile or old.mobile}
        )
    turn.work.customers.keep_contact(contact)
    turn.work.records.audit(*_audited(contact), _said(old), _said(contact), "名片，本人确认")


def take_back(row: RecordRow, turn: Turn) -> None:
    """Undo `adopt`: the contact is as it was before, unless somebody changed it since."""
    contact = _contact_of(row)
    change = turn.work.records.last_change(*_audited(contact)) if contact else None
    if contact is None or change is None:
        return
    now = turn.work.customers.contact(contact.customer, contact.name)
    if _said(now) != change.new:
        return
    if change.old:
        turn.work.customers.keep_contact(contact.model_copy(update=change.old))
    else:
        turn.work.customers.drop_contact(contact.customer, contact.name)
    turn.work.records.audit(*_audited(contact), change.new, change.old, "本人撤销")


def _customer(company: str, view: View) -> Said:
    """The rep's own customer that the card's company names, else the one whose visit is under way, else a question."""
    link = view.lexicon.link(company, view.own) if company else None
    if link and link.code in view.own:
        return Said(value=link.code, words=f"名片上的“{company}”")
    here = view.dialogue.current_customer(view.now)
    if here:
        return Said(value=here, words="正在拜访的客户")
    own = [code for code in (link.candidates if link else ()) if code in view.own]
    return Said(value=None, alternatives=tuple((code, view.lexicon.customers[code].name) for code in own))


def _contact_of(row: RecordRow) -> Contact | None:
    data = row.data
    if row.form != FORM or data.get("status") != STATUS or not (data.get("contact") and row.customer_code):
        return None
    return Contact(
        customer=row.customer_code,
        name=data["contact"],
        title=data.get("title", ""),
        mobile=data.get("mobile", ""),
    )


def _audited(contact: Contact) -> tuple[str, str]:
    return f"customer:{contact.customer}", f"contact:{contact.name}"


def _said(contact: Contact | None) -> dict[str, str] | None:
    return {"title": contact.title, "mobile": contact.mobile} if contact else None
