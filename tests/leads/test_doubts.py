"""Whether two leads are one is asked of those who may decide, one question at a time; nobody waits for the answer."""

from datetime import UTC, datetime

import pytest

from domain.cards import Card
from domain.errors import Refusal
from domain.intents.events import Due
from domain.messages import Action
from handlers import lead_doubts
from handlers.known_companies import KnownCompanies
from handlers.lead_intake import take_in
from handlers.turn import Reply
from storage.leads import Leads
from storage.store import Store
from storage.tables import CustomerRow, DueRow
from storage.work import work_of
from tests.handlers.office import NOW, Office, told
from tests.leads.some import a_lead

ASK = Due(name="lead_same", subject="leads")


@pytest.fixture
def office(sqlite_store: Store) -> Office:
    return Office(sqlite_store)


def come(office: Office, number: str, **values: object) -> str:
    known = KnownCompanies()
    given = {"company": "好邻居便利店", "city": "北京", "source": "官网", "created_at": office.now, **values}
    with office.store.write() as session:
        work = work_of(session, who="webhook", now=office.now, inbox_id=None)
        return take_in(a_lead(number, **given), work, known, office.now, way="webhook").outcome


def asked(office: Office) -> Card:
    reply = office.play("ops", lambda turn: lead_doubts.ask_next(ASK, turn))
    (card,) = (out.content for out in reply.outgoing if isinstance(out.content, Card))
    return card


def answer(office: Office, button: str, number: str, value: str = "", who: str = "ops") -> Reply:
    tap = Action(button=button, ref=f"leadsame:{number}", value=value)
    doing = lead_doubts.same if button == "same" else lead_doubts.apart
    return office.play(who, lambda turn: doing(tap, 0, turn))


def lead(office: Office, number: str) -> object:
    with office.store.read() as session:
        return Leads(session, who="x", now=NOW).get(number)


def kinds(office: Office, number: str) -> list[str]:
    with office.store.read() as session:
        return [e.kind for e in Leads(session, who="x", now=NOW).events(number)]


def two(office: Office) -> None:
    assert come(office, "A", district="朝阳", phone="13900000001") == "new"
    assert come(office, "B", district="海淀", phone="13900000002", contact="钱店长") == "new"


def test_a_doubtful_lead_is_asked_about_once_and_shows_what_tells_the_two_apart(office: Office) -> None:
    two(office)
    assert [row.person_id for row in office.due("lead_same")] == ["ops"]
    card = asked(office)
    assert [(b.text, b.value) for b in card.buttons] == [("是同一家", "lead:A"), ("不是同一家", "")]
    shown = card.model_dump_json()
    assert "海淀" in shown and "朝阳" in shown and "电话不同" in shown and "1390000" not in shown
    assert not office.play("ops", lambda turn: lead_doubts.ask_next(ASK, turn)).outgoing, "one at a time"


def test_one_company_becomes_one_lead_and_whoever_had_the_other_is_told(office: Office) -> None:
    two(office)
    with office.store.write() as session:
        leads = Leads(session, who="x", now=NOW)
        for number, owner in (("A", "rep"), ("B", "boss")):
            there = leads.get(number)
            assert there is not None
            given = {"state": "offered", "owner_id": owner, "round": 1, "offered_at": NOW}
            leads.change(there, "offered", given, person_id=owner)
    asked(office)
    reply = answer(office, "same", "B", "lead:A")
    assert "由 李伟 继续跟进" in told(reply, "boss")
    kept, gone = lead(office, "A"), lead(office, "B")
    assert (kept.state, kept.contact, gone.state, gone.merged_into) == ("offered", "钱店长", "merged", "A")  # type: ignore[attr-defined]
    assert kinds(office, "A")[-1] == kinds(office, "B")[-1] == "merged"
    (row,) = office.due("lead_again")
    assert (row.person_id, row.payload) == ("rep", {"anew": ["contact", "phone", "district"]})
    with pytest.raises(Refusal, match="马超 10:07 定过了：是同一家"):
        answer(office, "apart", "B")


def test_two_companies_stay_two_and_both_say_so(office: Office) -> None:
    two(office)
    come(office, "C", district="丰台", phone="13900000003")
    asked(office)
    reply = answer(office, "apart", "B")
    assert "不是同一家" in told(reply) and "leadsame:C" in told(reply), "and the next question follows"
    assert kinds(office, "A") == ["received", "apart"] and kinds(office, "B")[-1] == "apart"
    assert lead(office, "B").state == "new"  # type: ignore[attr-defined]


def test_a_lead_that_is_a_customer_after_all_goes_to_his_owner(office: Office) -> None:
    with office.store.write() as session:
        session.add(CustomerRow(code="C1", name="好邻居便利店", city="北京", district="朝阳", owner_id="rep"))
    come(office, "A", district="海淀")
    with office.store.write() as session:
        leads = Leads(session, who="x", now=NOW)
        there = leads.get("A")
        assert there is not None
        leads.change(
            there, "offered", {"state": "offered", "owner_id": "boss", "round": 1, "offered_at": NOW}
        )
    asked(office)
    assert "新线索：好邻居便利店" in told(answer(office, "same", "A", "customer:C1"), "rep")
    there = lead(office, "A")
    assert (there.customer_code, there.owner_id, there.state) == ("C1", "rep", "offered")  # type: ignore[attr-defined]


def test_only_those_who_look_after_leads_decide(office: Office) -> None:
    two(office)
    with pytest.raises(Refusal, match="运营或管理员"):
        answer(office, "same", "B", "lead:A", who="boss")
    with pytest.raises(Refusal, match="卡片过期"):
        answer(office, "same", "B", "lead:B")


def test_what_is_over_meanwhile_is_not_asked(office: Office) -> None:
    two(office)
    with office.store.write() as session:
        leads = Leads(session, who="x", now=NOW)
        there = leads.get("A")
        assert there is not None
        leads.change(there, "lost", {"state": "lost"})
    assert not office.play("ops", lambda turn: lead_doubts.ask_next(ASK, turn)).outgoing


def test_a_question_without_an_answer_is_asked_again_the_next_day(office: Office) -> None:
    two(office)
    first = asked(office)
    office.now = datetime(2026, 3, 11, 2, 8, tzinfo=UTC)
    assert asked(office).revision == first.revision + 1
    with office.store.read() as session:
        assert session.get(DueRow, 1) is not None
