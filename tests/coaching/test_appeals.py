"""A score is appealed against; a trainer decides, once, and what he decided is kept."""

from datetime import date

from sqlmodel import select

from coaching.coach import Coach
from coaching.scoring import Score, Talk, regraded
from domain.coaching import Spoken
from storage.practice_tables import AppealRow, PracticeRow
from storage.store import Store
from storage.tables import PersonRow
from tests.coaching.apprentice import Apprentice

TALK = [
    "陈姐，您店里酸奶平时一周大概走几箱？",
    "到店价42元一箱，您看看。",
    "我晓得您的苦处，咱慢慢聊。",
    "不练了",
]


def played(store: Store, coach: Coach) -> Apprentice:
    new = Apprentice(store, coach, date(2026, 3, 2))
    with store.write() as session:
        session.add(PersonRow(id="coach", name="黄蓉", role="trainer"))
    for line in ("陪我练便利店嫌贵的", *TALK):
        new.say(line)
    return new


def only(store: Store, table: type) -> list:  # type: ignore[type-arg]
    with store.read() as session:
        return list(session.exec(select(table)))


def test_a_granted_appeal_changes_the_points_and_is_decided_once(sqlite_store: Store, coach: Coach) -> None:
    new = played(sqlite_store, coach)
    before = only(sqlite_store, PracticeRow)[0].overall
    assert "哪一条" in new.say("申诉")
    assert "哪一句" in new.tap("choose", "appealing:1", "ack_first")
    assert "没找到这句" in new.say("我说了好多好话")  # only what was said can be meant
    assert "黄蓉" in new.say("我晓得您的苦处")
    assert "培训老师" in new.tap("grant", "appeal:1")  # nobody decides on what he asked for himself
    new.tap("grant", "appeal:1", who="coach")
    row = only(sqlite_store, PracticeRow)[0]
    assert row.overall == before + 10
    check = next(c for c in Score.model_validate(row.score).checks if c.id == "ack_first")
    assert check.met and check.quote == TALK[2]
    assert "已经定过" in new.tap("refuse", "appeal:1", who="coach")
    kept = only(sqlite_store, AppealRow)[0]
    assert (kept.check_id, kept.quote, kept.state, kept.decided_by) == (
        "ack_first",
        TALK[2],
        "granted",
        "coach",
    )
    assert "已经申诉过" in new.tap("choose", "appealing:1", "ack_first")


def test_a_refused_appeal_leaves_the_points(sqlite_store: Store, coach: Coach) -> None:
    new = played(sqlite_store, coach)
    before = only(sqlite_store, PracticeRow)[0].overall
    new.tap("choose", "appealing:1", "proof")
    new.say(TALK[2])
    assert "不改" in new.tap("refuse", "appeal:1", who="coach")
    assert only(sqlite_store, PracticeRow)[0].overall == before


def test_only_somebody_else_than_the_learner_decides(sqlite_store: Store, coach: Coach) -> None:
    trainer = Apprentice(sqlite_store, coach, None, role="trainer")
    with sqlite_store.write() as session:
        session.add(PersonRow(id="coach", name="黄蓉", role="trainer"))
    for line in ("陪我练便利店嫌贵的", *TALK):
        trainer.say(line)
    trainer.tap("choose", "appealing:1", "ack_first")
    trainer.say(TALK[2])
    assert "不归你定" in trainer.tap("grant", "appeal:1")


def test_a_breach_stays_capped_unless_it_is_what_was_meant(coach: Coach) -> None:
    turns = tuple(Spoken(who="rep", text=text) for text in (TALK[0], "保证您能赚，先上三箱，您看行吗？"))
    score = coach.score(Talk(type="price", turns=turns))
    rubric = coach.library.rubric
    assert score.compliance_breach and regraded(score, rubric, "ack_first", "x").compliance_breach
    assert not regraded(score, rubric, "compliance", "x").compliance_breach
