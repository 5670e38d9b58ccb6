"""A lead that came before is one lead; one that is a customer goes to whoever has him."""

from datetime import UTC, datetime

from sqlmodel import Session, select

from domain.leads.lead import Lead
from handlers.lead_intake import DISPATCH, DOUBTFUL, KnownCompanies, Taken, take_in
from storage.store import Store
from storage.tables import ContactRow, CustomerRow, DueRow, PersonRow
from storage.work import work_of

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)


def told(key: str, session: Session, known: KnownCompanies, **values: object) -> Taken:
    lead = Lead.model_validate({"id": key, "received_at": NOW, "created_at": NOW, "city": "北京", **values})
    return take_in(lead, work_of(session, who="webhook", now=NOW, inbox_id=None), known, NOW, way="webhook")


def test_one_lead_is_added_merged_repeated_and_handed_on_once(sqlite_store: Store) -> None:
    known = KnownCompanies()
    with sqlite_store.write() as session:
        session.add(PersonRow(id="O1", name="运营", role="operations"))
        first = told("A", session, known, company="喜乐汇超市", phone="+86 139 0000 0001")
        assert (first.outcome, first.lead.phone) == ("new", "13900000001")
        again = told("A", session, known, company="喜乐汇超市", phone="13900000001")
        assert again.outcome == "repeated"
        other = told(
            "B", session, known, company="北京喜乐汇商贸有限公司", phone="13900000001", contact="钱店长"
        )
        assert (other.outcome, other.lead.id, other.lead.contact) == ("merged", "A", "钱店长")
        assert other.lead.details["others"] == {"company": ["北京喜乐汇商贸有限公司"]}
        assert told("B", session, known, phone="13900000001").outcome == "repeated"
        due = session.scalars(select(DueRow)).all()  # type: ignore[call-overload]
        assert [(row.name, row.subject, row.person_id) for row in due] == [(DISPATCH, "lead:A", "O1")]


def test_a_lead_that_is_a_customer_goes_to_his_owner(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        session.add(CustomerRow(code="C1", name="永旺超市望京店", city="北京", owner_id="P101"))
        session.add(ContactRow(customer_code="C1", name="王经理", mobile="139 0000 0009"))
        session.flush()
        taken = told("A", session, KnownCompanies(), company="永旺望京店", phone="13900000009")
        assert (taken.outcome, taken.lead.customer_code, taken.lead.owner_id) == ("customer", "C1", "P101")


def test_branches_of_one_chain_are_two_and_doubt_is_kept(sqlite_store: Store) -> None:
    known = KnownCompanies()
    with sqlite_store.write() as session:
        told("A", session, known, company="永旺超市望京店", district="朝阳")
        assert told("B", session, known, company="永旺超市国贸店", district="朝阳").outcome == "new"
        doubtful = told("C", session, known, company="好邻居便利店", district="朝阳")
        unsure = told("D", session, known, company="好邻居便利店", district="海淀")
        assert (doubtful.outcome, unsure.outcome) == ("new", "new")
        assert unsure.lead.details[DOUBTFUL] == ["lead:C"]
