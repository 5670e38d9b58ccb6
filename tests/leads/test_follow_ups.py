"""A lead on its way: what its owner does moves it, an order wins it, silence is told of."""

from bot.benchmarks.lead_office import LeadOffice
from domain.cards import Card
from tests.conftest import TestClock
from tests.leads.test_first_touch import come, forward, kinds
from tests.pricing.conftest import office, say

__all__ = ["office"]


def called(office: LeadOffice, clock: TestClock) -> str:
    """A lead whose owner was in touch with it."""
    owner = come(office, clock, products=("SKU-YW",), need="想了解进货价").owner_id or ""
    office.tap(owner, office.last_card(owner), "call")
    office.settle()
    return owner


def test_what_the_owner_does_moves_the_lead_and_an_order_wins_it(
    office: LeadOffice, clock: TestClock
) -> None:
    owner = called(office, clock)
    say(office, owner, "喜乐汇超市的线索下一步做什么")
    card = office.last_card(owner, "leadstep:")
    assert "摸需求：问清四件事" in card.subtitle
    assert (
        "钱店长您好" in card.note and "您说的“想了解进货价”" in card.note and "03月11日 10:07 前" in card.note
    )

    say(office, owner, "今天拜访了喜乐汇超市，见了钱店长，送了2箱原味酸奶样品")
    say(office, owner, "确认")
    lead = office.lead("L1")
    assert (lead.stage, lead.follow_ups, lead.last_follow_up_at) == ("quote", 1, clock())
    assert office.last_card(owner, "leadstep:").title == "进到「报价」：喜乐汇超市"

    told = say(office, owner, "给喜乐汇超市报个价，60箱")
    assert "原味酸奶 60箱 × 41.2元/箱" in told, "the product is the one that the lead asked for"
    assert (office.lead("L1").stage, office.lead("L1").follow_ups) == ("talk", 2)

    assert "谈判（跟进过 2 次）" in say(office, owner, "我的线索")
    assert "第 3 次跟进" in say(office, owner, "喜乐汇超市联系了，说再想想")
    say(office, owner, "喜乐汇超市订了60箱原味酸奶")
    assert "成交了，一共跟进 4 次" in say(office, owner, "确认")
    assert office.lead("L1").state == "won"
    forward(office, clock, days=9)
    assert kinds(office)[-1] == "won", "nobody is reminded of what is over"


def test_an_order_that_is_undone_gives_the_lead_back(office: LeadOffice, clock: TestClock) -> None:
    owner = called(office, clock)
    say(office, owner, "喜乐汇超市订了60箱原味酸奶")
    say(office, owner, "确认")
    assert office.lead("L1").state == "won"
    assert "恢复跟进" in say(office, owner, "撤销")
    assert (office.lead("L1").state, kinds(office)[-2:]) == ("following", ["won", "reopened"])


def test_a_silent_lead_is_raised_to_its_owner_then_to_his_manager_once(
    office: LeadOffice, clock: TestClock
) -> None:
    owner = called(office, clock)
    began = len(kinds(office))
    forward(office, clock, days=1, hours=23)  # 16 working hours are over on Thursday at 10:07
    assert len(kinds(office)) == began
    forward(office, clock, hours=2)
    assert kinds(office)[began:] == ["silent"]
    assert "16 个工作小时没有动静" in office.last_card(owner, "leadstep:").subtitle
    assert not any("没有跟进" in words for words in office.texts("M1"))
    forward(office, clock, days=10)
    assert kinds(office)[began:] == ["silent", "silent_told"]
    assert sum("没有跟进" in words for words in office.texts("M1")) == 1

    say(office, owner, "喜乐汇超市聊过了，说再看看")
    before = len(kinds(office))
    forward(office, clock, days=3)
    assert kinds(office)[before:] == ["silent"], "a new silence is told of anew"


def test_a_follow_up_in_time_begins_the_silence_anew(office: LeadOffice, clock: TestClock) -> None:
    owner = called(office, clock)
    forward(office, clock, days=1)
    say(office, owner, "喜乐汇超市聊过了，说再看看")
    forward(office, clock, days=1, hours=4)
    assert "silent" not in kinds(office)


def test_what_is_done_twice_in_one_night_is_watched_from_the_same_morning(
    office: LeadOffice, clock: TestClock
) -> None:
    owner = called(office, clock)
    clock.forward(hours=9)  # 19:07
    for _ in range(2):
        say(office, owner, "喜乐汇超市聊过了，说再看看")
        clock.forward(hours=1)
    began = len(kinds(office))
    forward(office, clock, days=2, hours=12)
    assert kinds(office)[began:] == ["silent"]


def test_why_leads_are_lost_is_counted_for_whoever_may_see_them(office: LeadOffice, clock: TestClock) -> None:
    owner = called(office, clock)
    assert "原因" in say(office, owner, "喜乐汇超市的线索丢了")
    say(office, owner, "喜乐汇超市的线索丢了，嫌我们比蒙牛贵")
    for who in (owner, "M1"):
        told = say(office, who, "最近为什么丢单")
        assert "丢了 1 条" in told and "价格 1 条" in told and "嫌我们比蒙牛贵" in told
    assert "没有丢单" in say(office, "R3", "最近为什么丢单")
    assert "重新跟进" in say(office, owner, "喜乐汇超市的线索重新跟进")
    assert "没有丢单" in say(office, "M1", "丢单原因")
    began = len(kinds(office))
    forward(office, clock, days=6)
    assert kinds(office)[began:] == ["silent", "silent_told"], "a lead that is open again is watched again"


def test_cards_of_the_next_step_offer_what_customers_object_to(office: LeadOffice, clock: TestClock) -> None:
    owner = called(office, clock)
    say(office, owner, "下一步做什么")
    card = office.last_card(owner, "leadstep:")
    assert [button.text for button in card.buttons] == ["他再想想"]
    office.tap(owner, card, "objection", "timing")
    office.settle()
    assert any(
        isinstance(s.content, Card) and s.content.ref.startswith("objection:") for s in office.phones.got
    )
