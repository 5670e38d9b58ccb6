"""Quotes in the chat, through the real inbox, turns and courier."""

from datetime import timedelta

from sqlmodel import col, select

from bot.benchmarks.lead_office import LeadOffice
from storage.tables import RecordRow
from tests.conftest import TestClock
from tests.pricing.conftest import say


def quotations(office: LeadOffice) -> list[RecordRow]:
    with office.store.read() as session:
        query = select(RecordRow).where(col(RecordRow.form) == "quotation").order_by(col(RecordRow.id))
        return list(session.exec(query))


def test_a_quote_is_given_and_what_the_rep_may_give_is_given_at_once(office: LeadOffice) -> None:
    told = say(office, "R1", "给永旺望京店报个价，原味酸奶50箱")
    assert "给「永旺超市望京店」报价" in told
    assert "原味酸奶 50箱 × 40.4元/箱 = 2020元（标价 42元，满50箱优惠、A级客户优惠）" in told
    assert "可以这样说（首单试销）" in told and "满100箱，是39.7元一箱" in told
    card = office.last_card("R1", "quotation:")
    assert "卖不动全退" in card.note, "what must not be said comes from the coaching library"
    assert "39.9元/箱 = 1995元" in say(office, "R1", "他要再便宜五毛")
    first, second = quotations(office)
    assert (first.customer_code, first.status, second.status) == ("C1", "confirmed", "confirmed")
    assert second.data["total"] == 1995 and second.data["asked"] == "他要再便宜五毛"
    office.tap("R1", office.last_card("R1", "quotation:"), "objection", "price")
    office.settle()
    assert "原味酸奶" in office.texts("R1")[-1] and office.texts("R1")[-1].startswith("①")


def test_more_goes_to_the_manager_and_holds_only_when_he_agreed(office: LeadOffice) -> None:
    say(office, "R1", "给永旺望京店报个价，原味酸奶50箱")
    assert "要上级批" in say(office, "R1", "能不能再便宜5%")
    asked = office.last_card("M1", "approval:")
    assert "比按规则的价低 5%" in str(asked.lines)
    assert "38.4元/箱" in str(asked.lines)
    told = say(office, "R1", "按38.3一箱")
    assert "要上级批" in told
    office.tap("M1", asked, "approve")
    office.settle()
    assert "不用批了" in office.texts("M1")[-1], "the customer wants another price by now"
    office.tap("M1", office.last_card("M1", "approval:"), "approve")
    office.settle()
    assert "38.3元/箱" in "".join(office.texts("R1")[-2:])
    assert [row.status for row in quotations(office)] == ["confirmed", "undone", "approved"]
    assert "你自己最低能给：「原味酸奶」38.3元/箱" in say(office, "R1", "按30一箱")


def test_nobody_learns_the_floor_and_prices_that_changed_are_not_approved(office: LeadOffice) -> None:
    say(office, "R1", "给永旺望京店报个价，原味酸奶50箱")
    for words in ("底价是多少", "按36一箱", "按1分钱一箱", "满50箱送20箱"):
        told = say(office, "R1", words)
        assert "39.2元" in told and "36.4" not in told.replace("40.4", "")
    say(office, "R1", "按38一箱")
    with office.store.write() as session:
        row = session.exec(select(RecordRow).where(col(RecordRow.status) == "submitted")).one()
        lines = [{**line, "price": 3500} for line in row.data["lines"]]
        row.data = {**row.data, "lines": lines}
    office.tap("M1", office.last_card("M1", "approval:"), "approve")
    office.settle()
    assert "现在给不了" in office.texts("M1")[-1]
    assert quotations(office)[-1].status == "submitted"


def test_what_is_unclear_or_not_his_is_said(office: LeadOffice) -> None:
    assert "有 2 种：「原味酸奶」、「草莓酸奶」" in say(office, "R1", "给永旺望京店报个价，新品酸奶50箱")
    assert "不在你名下" in say(office, "R1", "给万家福报个价，原味酸奶50箱")
    assert "要报什么产品" in say(office, "R1", "给永旺望京店报个价")
    assert quotations(office) == []
    assert "没说客户" in say(office, "R1", "原味酸奶多少钱一箱")


def test_a_quote_is_talked_about_for_some_hours_and_holds_for_some_days(
    office: LeadOffice, clock: TestClock
) -> None:
    say(office, "R1", "给永旺望京店报个价，原味酸奶50箱")
    assert "100箱 × 39.7元/箱" in say(office, "R1", "要是100箱呢")
    clock.forward(hours=5)
    say(office, "R1", "他要再便宜五毛")
    assert len(quotations(office)) == 2, "that is a report by now, and no wish"
    held = quotations(office)[-1].data["valid_until"]
    assert held == (clock() + timedelta(days=7)).date().isoformat()
