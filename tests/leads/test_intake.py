"""A lead that came before is one lead; one that is a customer goes to whoever has him."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from domain.leads.lead import Lead
from handlers.known_companies import KnownCompanies
from handlers.lead_intake import EARLIER, Taken, take_in
from storage import lead_doubts
from storage.leads import Leads
from storage.people import bump_master_version
from storage.store import Store
from storage.tables import ContactRow, CustomerRow, DueRow, PersonRow
from storage.work import work_of

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)


def told(key: str, session: Session, known: KnownCompanies, **values: object) -> Taken:
    lead = Lead.model_validate({"id": key, "received_at": NOW, "created_at": NOW, "city": "北京", **values})
    return take_in(lead, work_of(session, who="webhook", now=NOW, inbox_id=None), known, NOW, way="webhook")


def test_one_lead_is_added_merged_repeated_and_waits_once(sqlite_store: Store) -> None:
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
        new = Leads(session, who="test", now=NOW).in_state("new")
        assert [lead.id for lead in new] == ["A"]


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
        assert unsure.maybe == ("lead:C",)
        doubt = lead_doubts.doubt(session, "D")
        assert doubt is not None and doubt.others == ["lead:C"]


def test_a_lead_in_the_pool_whose_customer_turns_to_us_again_is_given_out_again(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        leads, known = Leads(session, who="x", now=NOW), KnownCompanies()
        first = told("A", session, known, company="喜乐汇超市", phone="13900000001").lead
        assert leads.change(first, "returned", {"state": "pool"})
        again = told("B", session, known, company="喜乐汇超市", phone="13900000001", need="又来问价")
        assert (again.outcome, again.lead.state, again.lead.need) == ("merged", "new", "又来问价")
        assert leads.change(again.lead, "returned", {"state": "pool"})
        assert told("A", session, known, phone="13900000001", need="还在吗").lead.state == "new"


def test_whoever_has_the_lead_is_told_what_came_anew(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        leads, known = Leads(session, who="x", now=NOW), KnownCompanies()
        first = told("A", session, known, company="喜乐汇超市", phone="13900000001").lead
        given = {"state": "offered", "owner_id": "R1", "round": 1}
        assert leads.change(first, "offered", given)
        told("B", session, known, company="喜乐汇超市", phone="13900000001", contact="钱店长", need="要酸奶")
        (due,) = session.exec(select(DueRow)).all()
        assert (due.name, due.person_id, due.payload) == ("lead_again", "R1", {"anew": ["contact", "need"]})


def test_a_company_whose_lead_is_over_is_a_new_lead_for_whoever_won_it(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        leads, known = Leads(session, who="x", now=NOW), KnownCompanies()
        first = told("A", session, known, company="喜乐汇超市", phone="13900000001").lead
        assert leads.change(first, "won", {"state": "won", "owner_id": "R1"})
        again = told("B", session, known, company="喜乐汇超市", phone="13900000001")
        assert (again.outcome, again.lead.owner_id) == ("new", "R1")
        assert again.lead.details == {EARLIER: ["A"]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"company": "惠民超市", "phone": "13900000001"}, {"company": "惠民超市", "phone": "13900000002"}),
        (
            {"company": "张记包子铺", "phone": "13900000001"},
            {"company": "李记包子铺", "phone": "13900000001"},
        ),
        (
            {"company": "喜乐汇超市", "phone": "13900000001"},
            {"company": "喜乐汇超市", "phone": "13900000001", "city": "天津"},
        ),
    ],
)
def test_what_may_be_two_customers_is_asked_and_not_merged(
    sqlite_store: Store, one: dict[str, str], other: dict[str, str]
) -> None:
    known = KnownCompanies()
    with sqlite_store.write() as session:
        told("A", session, known, **one)
        taken = told("B", session, known, **other)
        assert (taken.outcome, taken.maybe) == ("new", ("lead:A",))


def test_a_lead_that_is_given_out_at_this_moment_is_merged_all_the_same(database_url: str) -> None:
    store = Store(database_url)
    known = KnownCompanies()
    with store.write() as session:
        told("A", session, known, company="喜乐汇超市", phone="13900000001")
    with ThreadPoolExecutor(1) as beside:
        with store.write() as giving:
            leads = Leads(giving, who="dispatch", now=NOW)
            lead = leads.get("A")
            assert lead is not None and leads.change(lead, "offered", {"state": "offered", "round": 1})

            def come() -> str:
                with store.write() as session:
                    return told("B", session, known, company="喜乐汇超市", phone="13900000001").outcome

            coming = beside.submit(come)
            with pytest.raises(TimeoutError):
                coming.result(timeout=0.3)
        assert coming.result(timeout=10) == "merged"
    with store.read() as session:
        assert [one.id for one in Leads(session, who="x", now=NOW).in_state("new", "offered")] == ["A"]
    store.close()


def test_what_a_transaction_that_failed_had_told_is_not_known(sqlite_store: Store) -> None:
    known = KnownCompanies()
    with sqlite_store.read() as session:
        known.refresh(session)
    with pytest.raises(RuntimeError), sqlite_store.write() as session:
        told("A", session, known, company="喜乐汇超市")
        raise RuntimeError
    for key, outcome in (("B", "new"), ("C", "merged")):
        with sqlite_store.read() as session:
            known.refresh(session)
        with sqlite_store.write() as session:
            assert told(key, session, known, company="喜乐汇超市").outcome == outcome


def test_the_index_follows_what_changes_without_being_built_anew(sqlite_store: Store) -> None:
    known = KnownCompanies()

    def outcome(key: str, name: str) -> str:
        with sqlite_store.read() as session:
            known.refresh(session)
        with sqlite_store.write() as session:
            return told(key, session, known, company=name).outcome

    assert outcome("A", "永旺超市") == "new"
    built = known._index
    with sqlite_store.write() as session:
        session.add(CustomerRow(code="C1", name="佳美鲜超市", city="北京"))
        bump_master_version(session)
    assert outcome("B", "佳美鲜超市") == "customer"
    with sqlite_store.write() as session:
        row = session.get(CustomerRow, "C1")
        assert row is not None
        row.name = "家多福超市"
        bump_master_version(session)
    assert (outcome("C", "家多福超市"), outcome("D", "佳美鲜超市")) == ("customer", "merged")
    assert known._index is built
