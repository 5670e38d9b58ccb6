"""Twenty-nine days of a new hire on a simulated clock: what is due each day, and what a lost deal changes."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.choosing import Past, level_for
from coaching.coach import Coach
from coaching.memory import reviewed
from coaching.path import Dated, Lost, Standing, kind_of, passed, skill, todays
from domain.ramp import Hire, ramp
from domain.training import Gate, Item
from storage.store import Store
from tests.coaching.apprentice import Apprentice
from tests.coaching.strategies import GOOD

HIRED = date(2026, 3, 2)
GOOD_ANSWER = "您担心这个很正常，您主要顾虑哪一块呢？先上两箱试两周，走得慢我来调。"


def practise(new: Apprentice) -> list[str]:
    """Everything that is planned for today, played as well as a good learner can."""
    done = []
    while left := new.subjects():
        done.append(left[0])
        new.say("下一项" if len(done) > 1 else "开始今天的练习")
        if left[0].startswith("card:"):
            new.say(GOOD_ANSWER)
            continue
        for line in GOOD.get(left[0].partition(":")[2], [GOOD_ANSWER] * 3):
            if new.dialogue.top:
                new.say(line)
        if new.dialogue.top:
            new.say("不练了")
        assert len(done) < 12
    return done


def test_twenty_nine_days(sqlite_store: Store, coach: Coach) -> None:
    new = Apprentice(sqlite_store, coach, HIRED)
    path = coach.library.path
    days: dict[int, list[str]] = {}
    for day in range(1, path.days + 1):
        words = new.pushed()
        stage = path.stage_of(day)
        assert stage and f"第 {day} 天 · {stage.label}" in words
        days[day] = practise(new)
        assert "今天的练完了" in new.say("今天练什么")
        minutes = sum(path.talk_minutes if s.startswith("scene:") else path.drill_minutes for s in days[day])
        assert 0 < minutes <= path.minutes
        new.next_day()
    assert all(any(s.startswith("scene:") for s in days[day]) for day in range(4, 11))  # a talk a day
    first_three = {coach.scenes[s[6:]].type for d in (1, 2, 3) for s in days[d] if s.startswith("scene:")}
    assert first_three == {"price", "trust", "timing"}  # where he stands is found out in each type
    assert len({s for done in days.values() for s in done}) > len(days)  # always something new as well
    assert new.pushed() == "" or "入职第" not in new.pushed()  # the path is over; what is due still comes
    assert "局" in new.say("我练得怎么样")


def test_a_deal_lost_yesterday_puts_its_card_in_front_until_it_is_practised(
    sqlite_store: Store, coach: Coach
) -> None:
    new = Apprentice(sqlite_store, coach, HIRED)
    new.next_day(6)
    before = new.subjects()
    new.loses_a_deal("老板说一箱才赚几块，没啥赚头", "price")
    assert new.subjects() == before  # today's plan stays as it was told
    new.next_day()
    words, after = new.pushed(), new.subjects()
    assert after[0] == "card:price_margin" and "昨天「惠民超市朝阳店」没谈成" in words
    new.say("开始今天的练习")
    assert "参考" in new.say(GOOD_ANSWER)
    assert "card:price_margin" not in new.subjects()
    new.next_day()
    assert "没谈成" not in new.pushed()


def test_a_veteran_gets_nothing_but_what_he_lost(sqlite_store: Store, coach: Coach) -> None:
    old = Apprentice(sqlite_store, coach, None)
    assert old.pushed() == ""
    old.loses_a_deal("他说牌子没听过，不敢进", "trust")
    old.next_day()
    assert old.pushed().count("\n") == 1 and old.subjects()[0].startswith("card:trust_")
    old.next_day(5)
    assert old.pushed() == ""


def test_voice_answers_count_like_typed_ones(sqlite_store: Store, coach: Coach) -> None:
    """A voice note arrives as words; the same handler takes them."""
    new = Apprentice(sqlite_store, coach, HIRED)
    new.say("陪我练一下价格异议，便利店嫌贵的")
    assert "三箱出头" in new.say("嗯那个陈姐您店里酸奶平时一周大概走几箱")


def test_a_poor_review_comes_back_sooner() -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("UTC"))
    memory, first = reviewed({}, 80, now)
    _, good = reviewed(memory, 80, first)
    _, poor = reviewed(memory, 30, first)
    assert now + timedelta(days=1) <= poor < good
    assert reviewed({}, 80, now) == (memory, first)


@given(
    day=st.one_of(st.none(), st.integers(1, 60)),
    due=st.lists(st.sampled_from(["scene:a", "scene:b", "card:x", "card:y"]), unique=True),
    talks=st.integers(0, 2),
    drills=st.integers(0, 5),
    lost=st.booleans(),
)
def test_a_day_never_has_more_than_its_minutes(
    coach: Coach, day: int | None, due: list[str], talks: int, drills: int, lost: bool
) -> None:
    path = coach.library.path
    now = Standing(
        lost=(Lost(subject="card:l", because="昨天没谈成"),) if lost else (),
        due=tuple(due),
        new_talks=(Item(subject="scene:n", kind="talk"),),
        new_drills=("card:n1", "card:n2", "card:n3"),
        talks_today=talks,
        drills_today=drills,
    )
    items = todays(path, day, now)
    minutes = {"talk": path.talk_minutes, "drill": path.drill_minutes}
    spent = talks * path.talk_minutes + drills * path.drill_minutes
    assert sum(minutes[i.kind] for i in items) <= max(0, path.minutes - spent) or (
        not spent and len(items) == 1
    )
    assert len({i.subject for i in items}) == len(items) and all(kind_of(i.subject) == i.kind for i in items)
    if lost and spent + path.drill_minutes <= path.minutes:
        assert items[0].because


def _talk(scene: str, points: int, day: int, *, breach: bool = False) -> Dated:
    past = Past(scene=scene, type="price", mode="exam", level=1, won=True, overall=points, breach=breach)
    return Dated(past=past, day=HIRED + timedelta(days=day))


@pytest.mark.parametrize(
    ("talks", "done"),
    [
        ([_talk("c", 80, 5), _talk("b", 80, 4), _talk("a", 80, 3)], True),
        ([_talk("c", 80, 3), _talk("b", 80, 3), _talk("a", 80, 3)], False),  # all on one day
        ([_talk("a", 90, 9), _talk("b", 80, 4), _talk("a", 80, 3)], False),  # two scenes only
        ([_talk("c", 80, 5, breach=True), _talk("b", 80, 4), _talk("a", 80, 3)], False),
        ([_talk("c", 74, 5), _talk("b", 80, 4), _talk("a", 80, 3)], False),
    ],
)
def test_a_gate_wants_different_scenes_on_different_days(talks: list[Dated], done: bool) -> None:
    assert passed(Gate(), "price", talks).done is done


def test_skill_follows_the_latest_talks() -> None:
    assert skill("price", []) is None
    assert skill("price", [_talk("a", 60, 1)]) == 60
    rising = [_talk("a", p, 1) for p in (90, 70, 50)]
    assert 50 < (skill("price", rising) or 0) < 90 and skill("trust", rising) is None


def test_the_level_follows_the_last_talk_of_the_type() -> None:
    won = Past(scene="a", type="price", mode="train", level=1, won=True, overall=80)
    assert level_for("price", [won], 3) == 2
    assert level_for("price", [won.model_copy(update={"breach": True})], 3) == 1
    assert level_for("price", [won.model_copy(update={"overall": 40, "won": False})], 3) == 0
    assert level_for("trust", [won], 3) == 0


def test_the_median_counts_those_who_have_no_order_yet() -> None:
    start, today = date(2026, 1, 1), date(2026, 4, 11)  # a hundred days later
    quick = [Hire(hired_on=start, first_order=start + timedelta(days=d)) for d in (20, 30)]
    waiting = [Hire(hired_on=start) for _ in range(3)]
    assert ramp(quick, today).median_days == 20
    told = ramp([*quick, *waiting], today)
    assert (told.n, told.ordered, told.censored, told.median_days) == (5, 2, 3, None)
    new = [Hire(hired_on=today - timedelta(days=5)) for _ in range(10)]
    assert ramp([*quick, *new], today).median_days == 20  # nobody is held against those who just came
    assert ramp([], today).median_days is None
