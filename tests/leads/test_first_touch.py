"""From a lead's arrival to the first touch, through the real inbox, turns, clock and courier."""

from datetime import datetime, time, timedelta

import pytest

from bot.benchmarks.lead_office import ZONE, LeadOffice, person
from config.rulebook import load
from domain.cards import Card
from domain.leads.lead import Lead
from handlers import lead_endings, lead_touch
from handlers.known_companies import KnownCompanies
from handlers.lead_intake import take_in
from storage.lead_loads import loads
from storage.leads import Leads
from storage.tables import PersonRow
from storage.work import work_of
from tests.conftest import TestClock
from tests.leads.some import a_lead


def come(office: LeadOffice, clock: TestClock, number: str = "L1", **given: object) -> Lead:
    told = {
        "company": "喜乐汇超市",
        "contact": "钱店长",
        "phone": "13900000001",
        "city": "北京",
        "district": "朝阳",
    }
    office.arrive(a_lead(number, **{**told, "created_at": clock(), **given}))
    office.settle()
    return office.lead(number)


def forward(office: LeadOffice, clock: TestClock, **how_far: float) -> None:
    """Let time pass as it does: everything is done when it is due."""
    until = clock() + timedelta(**how_far)
    office.settle()
    while (due := office.next_due()) is not None and due <= until:
        clock.at = max(clock.at, due)
        office.settle()
    clock.at = until
    office.settle()


def kinds(office: LeadOffice, number: str = "L1") -> list[str]:
    with office.store.read() as session:
        return [event.kind for event in Leads(session, who="", now=office.now()).events(number)]


def others(owner: str | None) -> list[str]:
    return [rep for rep in ("R1", "R2", "R3") if rep != owner]


def test_a_lead_reaches_somebody_of_its_district_at_once_and_says_why(
    office: LeadOffice, clock: TestClock
) -> None:
    lead = come(office, clock)
    assert (lead.state, lead.round, lead.owner_id in ("R1", "R2")) == ("offered", 1, True)
    card = office.last_card(lead.owner_id or "")
    assert [b.text for b in card.buttons] == ["接手", "打电话", "转出"]
    for words in ("就在你的片区（朝阳）", "手上 0 条", "成交记录", "线索没写产品"):
        assert words in card.note
    assert "139****0001" in str(card.lines) and "13900000001" not in card.model_dump_json()
    with office.store.read() as session:
        offered = Leads(session, who="", now=clock()).events("L1")[-1]
    assert set(offered.details["parts"]) == {"region", "past", "product", "load"}


def test_the_call_is_the_first_touch_and_shows_the_number(office: LeadOffice, clock: TestClock) -> None:
    owner = come(office, clock).owner_id or ""
    clock.forward(minutes=3)
    office.tap(owner, office.last_card(owner), "call")
    office.settle()
    lead = office.lead("L1")
    assert (lead.state, lead.touch, lead.touched_by, lead.touched_at) == ("following", "call", owner, clock())
    assert "钱店长 13900000001" in office.texts(owner)[-1]
    assert "已联系" in office.last_card(owner).status
    before = len(office.phones.got)
    forward(office, clock, hours=3)
    assert len(office.phones.got) == before


def test_accepting_is_no_touch_but_words_about_it_are(office: LeadOffice, clock: TestClock) -> None:
    owner = come(office, clock).owner_id or ""
    office.tap(owner, office.last_card(owner), "take")
    office.settle()
    assert (office.lead("L1").state, office.lead("L1").touched_at) == ("accepted", None)
    assert "13900000001" in office.last_card(owner).model_dump_json()
    office.say(owner, "喜乐汇超市还没联系上")
    office.settle()
    assert office.lead("L1").touched_at is None
    office.say(owner, "喜乐汇超市联系上了，客户挺有兴趣")
    office.settle()
    assert (office.lead("L1").touch, office.lead("L1").touched_by) == ("reply", owner)


def test_nobody_touches_it_reminder_manager_next_person_manager_pool(
    office: LeadOffice, clock: TestClock
) -> None:
    first = come(office, clock).owner_id or ""
    forward(office, clock, minutes=6)
    assert office.last_card(first).title == "请马上联系：喜乐汇超市"
    forward(office, clock, minutes=10)
    told = office.last_card("M1")
    assert told.title == "线索没人联系：喜乐汇超市" and {b.value for b in told.buttons} == set(others(first))
    forward(office, clock, minutes=15)
    lead = office.lead("L1")
    assert (lead.round, lead.state, lead.owner_id in others(first)) == (2, "offered", True)
    assert "已改派" in office.last_card(first).status
    forward(office, clock, minutes=31)
    assert (office.lead("L1").owner_id, office.lead("L1").round) == ("M1", 3)
    assert office.last_card("M1").title == "没有人接的线索：喜乐汇超市"
    forward(office, clock, minutes=90)
    assert (office.lead("L1").state, office.lead("L1").owner_id) == ("pool", None)
    assert "公海" in office.texts("O1")[-1]
    round_ = ["offered", "reminded", "manager_told", "moved"]
    assert kinds(office) == ["received", *round_, *round_, "offered", "reminded", "manager_told", "returned"]
    forward(office, clock, hours=30)
    assert len(kinds(office)) == 13


def test_the_clock_rests_at_noon_at_night_and_over_holidays(office: LeadOffice, clock: TestClock) -> None:
    clock.at = datetime(
        2026, 2, 13, 17, 50, tzinfo=ZONE
    )  # the last Friday before the new year; Saturday is worked
    come(office, clock)
    forward(office, clock, minutes=20)
    assert kinds(office) == ["received", "offered", "reminded"]
    forward(office, clock, hours=15)  # Saturday 9:10, a shifted working day
    assert "manager_told" in kinds(office)
    clock.at = datetime(2026, 2, 14, 17, 59, tzinfo=ZONE)
    lead = come(office, clock, "L2")
    assert lead.due_at is not None
    assert lead.due_at.astimezone(ZONE) == datetime(2026, 2, 24, 9, 29, tzinfo=ZONE)


def test_leads_of_the_night_wait_and_are_shared_out_when_work_begins(
    office: LeadOffice, clock: TestClock
) -> None:
    clock.at = datetime(2026, 3, 10, 22, 40, tzinfo=ZONE)
    for number in range(6):
        assert come(office, clock, f"N{number}").state == "new"
    clock.at = datetime(2026, 3, 11, 9, 0, tzinfo=ZONE)
    office.settle()
    owners = [office.lead(f"N{number}").owner_id for number in range(6)]
    assert sorted(owners.count(rep) for rep in ("R1", "R2")) == [3, 3]
    cards = [s for s in office.phones.got if isinstance(s.content, Card)]
    assert len(cards) == 6, "in the crowded minute as well: they are urgent"


def test_a_lead_is_passed_on_with_a_reason_and_late_taps_are_told_so(
    office: LeadOffice, clock: TestClock
) -> None:
    owner = come(office, clock).owner_id or ""
    card = office.last_card(owner)
    office.tap(owner, card, "pass")
    office.settle()
    office.say(owner, "客户点名要张敏")
    office.settle()
    lead = office.lead("L1")
    assert lead.owner_id in others(owner) and lead.state == "offered"
    assert "转出：客户点名要张敏" in office.last_card(owner).status
    office.tap(owner, card, "take")
    office.settle()
    assert "已经不等你处理了" in office.texts(owner)[-1]
    assert office.lead("L1") == lead


def test_words_are_no_reason_any_more_once_the_lead_has_moved_on(
    office: LeadOffice, clock: TestClock
) -> None:
    owner = come(office, clock).owner_id or ""
    office.tap(owner, office.last_card(owner), "pass")
    forward(office, clock, minutes=31)
    assert office.lead("L1").owner_id in others(owner)
    now = office.lead("L1")
    office.say(owner, "帮助")
    office.settle()
    assert office.lead("L1") == now
    assert "已经不等你处理" not in "".join(office.texts(owner))


def test_a_manager_names_who_is_to_have_it(office: LeadOffice, clock: TestClock) -> None:
    come(office, clock)
    forward(office, clock, minutes=16)
    office.say("M1", "给陈晨")
    office.settle()
    assert (office.lead("L1").owner_id, office.lead("L1").state) == ("R3", "offered")
    assert "周经理 指派给你" in office.last_card("R3").subtitle
    office.say("M1", "给李伟")
    office.settle()
    assert office.texts("M1")[-1] == "现在没有等你指派的线索。"


def test_people_outside_are_not_heard(office: LeadOffice, clock: TestClock) -> None:
    owner = come(office, clock).owner_id or ""
    card = office.last_card(owner)
    stranger = others(owner)[0]
    for button in ("take", "call", "pass", "give"):
        office.tap(stranger, card, button, value=stranger)
    office.settle()
    assert office.lead("L1").owner_id == owner and office.lead("L1").state == "offered"
    assert "13900000001" not in "".join(office.texts(stranger))


@pytest.mark.parametrize("how", ["leave", "left"])
def test_leads_of_people_who_are_away_move_on(office: LeadOffice, clock: TestClock, how: str) -> None:
    owner = come(office, clock).owner_id or ""
    clock.forward(minutes=2)
    if how == "leave":
        office.say(owner, "今天到后天休假，审批转给周经理")
    else:
        with office.store.write() as session:
            row = session.get(PersonRow, owner)
            assert row is not None
            row.active = False
    office.settle()
    lead = office.lead("L1")
    assert (lead.state, lead.owner_id in others(owner)) == ("offered", True)
    assert come(office, clock, "L2").owner_id != owner


def test_what_nobody_may_have_is_told_to_operations_once(office: LeadOffice, clock: TestClock) -> None:
    with office.store.write() as session:
        for number in ("R1", "R2", "R3"):
            row = session.get(PersonRow, number)
            assert row is not None
            row.active = False
    assert come(office, clock).state == "new"
    for _ in range(4):
        clock.forward(minutes=10)
        office.settle()
    assert sum("没有人能接" in words for words in office.texts("O1")) == 1
    with office.store.write() as session:
        row = session.get(PersonRow, "R1")
        assert row is not None
        row.active = True
    clock.forward(minutes=1)
    office.settle()
    assert office.lead("L1").owner_id == "R1"


@pytest.mark.parametrize(
    ("words", "state", "told"),
    [
        ("喜乐汇超市的线索成交了", "won", "记为成交"),
        ("线索喜乐汇超市丢了，嫌价格贵", "lost", "记为丢单"),
        ("把喜乐汇超市的线索退回公海，不是我的片区", "pool", "记为退回公海"),
        ("喜乐汇超市的线索丢了", "following", "要说一下原因"),
        ("王府井的线索成交了", "following", "没有叫“王府井”的"),
    ],
)
def test_a_lead_ends_by_a_word_and_makes_room(
    office: LeadOffice, clock: TestClock, words: str, state: str, told: str
) -> None:
    owner = come(office, clock).owner_id or ""
    office.tap(owner, office.last_card(owner), "call")
    office.settle()
    office.say(owner, words)
    office.settle()
    assert told in office.texts(owner)[-1]
    lead = office.lead("L1")
    assert lead.state == state
    assert lead.lost_reason == ("嫌价格贵" if state == "lost" else "")
    with office.store.read() as session:
        held, _ = loads(session, clock(), [owner]).get(owner, (0, 0))
    assert held == (1 if state == "following" else 0)


@pytest.mark.parametrize(
    ("words", "tells"),
    [
        ("喜乐汇超市联系上了，晚点发报价", True),
        ("打了，客户让晚点再打", True),
        ("联系上了客户准备下周去看", True),
        ("聊了，他打算换牛奶", True),
        ("打了三次都没打通", True),
        ("打了没人接晚点再打", True),
        ("电话打不通，关机", True),
        ("喜乐汇超市还没联系上", False),
        ("没联系上", False),
        ("晚点联系，联系上了告诉你吗", False),
        ("我打了再告诉你", False),
        ("准备联系了", False),
        ("你联系上了吗？", False),
    ],
)
def test_what_is_still_to_be_done_beside_a_contact_does_not_undo_it(words: str, tells: bool) -> None:
    assert lead_touch.tells_of_contact(words, load().leads.first_touch) is tells


def test_who_was_in_touch_after_all_does_not_pass_the_lead_on(office: LeadOffice, clock: TestClock) -> None:
    owner = come(office, clock).owner_id or ""
    office.tap(owner, office.last_card(owner), "pass")
    office.settle()
    office.say(owner, "联系上了，明天去看")
    office.settle()
    lead = office.lead("L1")
    assert (lead.state, lead.owner_id, lead.touch) == ("following", owner, "reply")
    assert "没有转出" in office.texts(owner)[-1]


def test_a_sentence_that_begins_like_an_assignment_is_none(office: LeadOffice, clock: TestClock) -> None:
    for words in ("给李经理打电话", "给永旺送50箱酸奶"):
        office.say("M1", words)
        office.settle()
        assert "没有认出" not in office.texts("M1")[-1]


def test_a_tap_on_the_card_of_an_earlier_round_assigns_nothing(office: LeadOffice, clock: TestClock) -> None:
    come(office, clock)
    forward(office, clock, minutes=16)
    late = office.last_card("M1")
    forward(office, clock, minutes=15)
    before = office.lead("L1")
    other = next(b.value for b in late.buttons if b.value != before.owner_id)
    office.tap("M1", late, "give", value=other)
    office.settle()
    assert office.lead("L1") == before
    assert "已经不等你处理了" in office.texts("M1")[-1]


def test_a_manager_takes_a_lead_that_is_followed_up_to_somebody_else(
    office: LeadOffice, clock: TestClock
) -> None:
    owner = come(office, clock).owner_id or ""
    office.tap(owner, office.last_card(owner), "call")
    office.settle()
    office.say("M1", "喜乐汇超市的线索给陈晨")
    office.settle()
    assert (office.lead("L1").owner_id, office.lead("L1").state) == ("R3", "offered")
    assert office.texts(owner)[-1] == "周经理 把线索「喜乐汇超市」交给了 陈晨，你不用再跟进了。"


def test_nobody_is_given_a_lead_who_is_on_leave(office: LeadOffice, clock: TestClock) -> None:
    come(office, clock)
    office.say("R3", "今天到后天休假，审批转给周经理")
    forward(office, clock, minutes=16)
    office.say("M1", "喜乐汇超市的线索给陈晨")
    office.settle()
    assert office.lead("L1").owner_id != "R3" and office.texts("M1")[-1].startswith("陈晨 请假了")


def test_whoever_stands_in_for_the_manager_is_told_and_may_assign(
    office: LeadOffice, clock: TestClock
) -> None:
    office.hire([person("M2", "吴经理", "manager", team="二队", manager_id="D1")])
    office.say("M1", "今天到后天休假，审批转给吴经理")
    office.settle()
    first = come(office, clock).owner_id
    forward(office, clock, minutes=16)
    card = office.last_card("M2")
    assert card.title == "线索没人联系：喜乐汇超市"
    office.tap("M2", card, "give", value=card.buttons[0].value)
    office.settle()
    assert office.lead("L1").owner_id == card.buttons[0].value != first


def test_who_cannot_be_reached_now_is_given_nothing(office: LeadOffice, clock: TestClock) -> None:
    with office.store.write() as session:
        for number, given in (
            ("R1", {"prefers": ""}),
            ("R2", {"quiet_from": time(10), "quiet_until": time(14)}),
        ):
            row = session.get(PersonRow, number)
            assert row is not None
            row.sqlmodel_update(given)
    assert come(office, clock).owner_id == "R3"


def test_many_that_nobody_may_have_are_told_in_one_message(office: LeadOffice, clock: TestClock) -> None:
    with office.store.write() as session:
        for number in ("R1", "R2", "R3"):
            row = session.get(PersonRow, number)
            assert row is not None
            row.active = False
    office.arrive(*(a_lead(f"L{n}", company=f"公司{n}", created_at=clock()) for n in range(20)))
    for _ in range(3):
        clock.forward(minutes=10)
        office.settle()
    (told,) = office.texts("O1")
    assert "「公司0」、「公司1」" in told and "等 20 条" in told


def test_a_lead_that_was_lost_by_mistake_goes_on(office: LeadOffice, clock: TestClock) -> None:
    owner = come(office, clock).owner_id or ""
    office.say(owner, "这条线索丢了，嫌价格贵")
    office.settle()
    lost = office.lead("L1")
    assert (lost.state, lost.touch, lost.touched_by) == ("lost", "note", owner), "who knows it was in touch"
    office.say(owner, "喜乐汇超市的线索重新跟进")
    office.settle()
    lead = office.lead("L1")
    assert (lead.state, lead.owner_id, lead.lost_reason) == ("following", owner, "")


def test_the_list_shows_the_number_of_what_was_taken_alone(office: LeadOffice, clock: TestClock) -> None:
    owner = come(office, clock).owner_id or ""
    office.say(owner, "我的线索")
    office.settle()
    assert "139****0001" in office.texts(owner)[-1]
    office.tap(owner, office.last_card(owner), "take")
    office.settle()
    office.say(owner, "我的线索")
    office.settle()
    assert "13900000001" in office.texts(owner)[-1]


def test_whoever_has_the_lead_hears_that_the_customer_turned_to_us_again(
    office: LeadOffice, clock: TestClock
) -> None:
    owner = come(office, clock).owner_id or ""
    with office.store.write() as session:
        work = work_of(session, who="webhook", now=clock(), inbox_id=None)
        again = a_lead(
            "L2", company="喜乐汇超市", phone="13900000001", city="北京", need="要酸奶报价", value=950000
        )
        take_in(again, work, KnownCompanies(), clock(), way="webhook")
    office.settle()
    assert (
        office.texts(owner)[-1]
        == "「喜乐汇超市」又来咨询了：需求：要酸奶报价；预计金额：¥9,500.00。请尽快联系。"
    )


def test_operations_give_what_lies_in_the_pool_to_somebody(office: LeadOffice, clock: TestClock) -> None:
    owner = come(office, clock).owner_id or ""
    office.say(owner, "喜乐汇超市的线索退回公海，太远")
    office.settle()
    assert office.lead("L1").state == "pool"
    next_one = others(owner)[0]
    office.say("O1", f"喜乐汇超市的线索给{next_one}")
    office.settle()
    lead = office.lead("L1")
    assert (lead.state, lead.owner_id) == ("offered", next_one)


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("线索喜乐汇超市没成，嫌远", "lost"),
        ("喜乐汇超市的线索已经签约了", "won"),
        ("线索喜乐汇超市还没成交", None),
        ("喜乐汇超市的线索快成了", None),
        ("喜乐汇超市的线索成交了吗", None),
        ("喜乐汇超市订了50箱，成交了", None),
        ("如果喜乐汇超市的线索丢了，怎么办", None),
        ("万一喜乐汇超市的线索丢了，要扣奖金", None),
        ("我担心喜乐汇超市的线索丢了，最近没人理我", None),
        ("线索喜乐汇超市差点丢了，后来又谈上了", None),
        ("线索喜乐汇超市可能黄了，他们在比价", None),
        ("喜乐汇超市的线索丢了，是因为价格吗", None),
        ("喜乐汇超市的线索重新跟进", "following"),
        ("这条线索成交了", "won"),
    ],
)
def test_only_what_is_over_ends_a_lead(words: str, how: str | None) -> None:
    assert next((end.how for end in lead_endings.heard(words)), None) == how
