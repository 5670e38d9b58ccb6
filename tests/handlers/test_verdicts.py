"""Verdicts on visits through the whole house: what comes later, what is compared with the past, who may decide."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from bot.post import Cause, Sender, post
from domain.dialogue import Dialogue
from domain.errors import Refusal
from domain.intents.visits import Ruling
from domain.messages import Action
from handlers import rulings, verdicts
from handlers.turn import Reply, Turn
from nlu.senses.workers import SensePool
from storage.tables import AuditRow, EvidenceRow, LearnedPlaceRow, RecordRow, VisitVerdictRow
from storage.work import work_of
from tests.conftest import TestClock
from tests.world import SPEECH, World, world

NEWS = "拜访了惠民超市朝阳店王经理，聊了新品"
SHOP = (39.923700, 116.503500, "惠民超市")


@pytest.fixture
def there(tmp_path: Path, clock: TestClock, pool: SensePool) -> Iterator[World]:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        yield there


def handle(there: World, person_id: str, do: Callable[[Turn], Reply]) -> None:
    """One turn of this person, as a handler of another piece of work would take it."""
    house, now = there.house, there.clock()
    with house.store.write() as session:
        rulebook, lexicon = house.knowledge.current(session)
        work = work_of(session, who=person_id, now=now, inbox_id=None)
        person = work.people.get(person_id)
        assert person is not None
        turn = Turn(now, house.zone, person, "", None, Dialogue(), rulebook, lexicon, work)
        with work.attempt():
            reply = do(turn)
        post(session, reply, Sender(person_id), Cause(f"test{now}{do!r}", now, house.zone))
    there.settle()


def visit(there: World, words: str = NEWS, at: tuple[float, float, str] = SHOP) -> None:
    there.act(there.wecom.send_location("liwei", *at))
    there.say("liwei", words)
    there.tap("liwei", "确认")


def add_photo(there: World, **facts: object) -> None:
    def do(turn: Turn) -> Reply:
        (row,) = [r for r in turn.work.session.exec(select(RecordRow)) if r.form == "visit"]
        turn.work.records.prove(row.id or 0, "photo", "现场照片", "f" * 64, **facts)
        return verdicts.evidence_arrived(row, turn)

    handle(there, "P101", do)


def held(there: World) -> list[tuple[int, str, str]]:
    """(score, level, state) of every verdict that holds, by record."""
    with there.house.store.read() as session:
        rows = session.exec(select(VisitVerdictRow).order_by(VisitVerdictRow.record_id))  # type: ignore[arg-type]
        return [(r.score, r.level, r.state) for r in rows if r.state not in ("replaced", "withdrawn")]


def test_a_photo_that_comes_later_raises_the_score(there: World) -> None:
    visit(there)
    assert held(there) == [(90, "trusted", "told")]
    add_photo(there, minutes_off=4, place_match=True, reuse_of=None)
    assert held(there) == [(100, "trusted", "told")]
    assert "从 90 分变为：可信度 100 分" in there.last("liwei")
    with there.house.store.read() as session:
        versions = session.exec(select(VisitVerdictRow).order_by(VisitVerdictRow.version)).all()  # type: ignore[arg-type]
        assert [(v.version, v.state) for v in versions] == [(1, "replaced"), (2, "told")]


def test_a_reused_photo_goes_to_the_manager_who_refuses_and_later_evidence_changes_nothing(
    there: World,
) -> None:
    visit(there)
    add_photo(there, reuse_of=["0" * 64], told="3月2日 拜访#7")
    assert held(there) == [(40, "suspicious", "waiting")]
    assert "照片和以前的一张相同（3月2日 拜访#7）" in "".join(there.texts("d-zhoujianguo"))
    there.tap("d-zhoujianguo", "不认可")
    there.tap("d-zhoujianguo", "照片或语音不实")
    assert held(there) == [(40, "suspicious", "refused")]
    add_photo(there, minutes_off=1, place_match=True)
    assert held(there) == [(40, "suspicious", "refused")]
    with there.house.store.read() as session:
        audit = session.exec(select(AuditRow).where(AuditRow.field == "verdict_state")).all()
        assert [(a.who, a.old, a.new, a.why) for a in audit] == [
            ("P002", "waiting", "refused", "照片或语音不实")
        ]


def test_only_the_reps_manager_decides_and_only_once(there: World) -> None:
    visit(there)
    add_photo(there, reuse_of="旧照片")
    (record,) = _waiting(there)
    tap = Action(button="accept", ref=f"verdict:{record}")
    for person, words in (("P101", "不归你认定"), ("P003", "不归你认定")):
        with pytest.raises(Refusal, match=words):
            handle(there, person, lambda turn: rulings.ask_reason(tap, record, turn))
    stale = tap.model_copy(update={"revision": 2})
    with pytest.raises(Refusal, match="有了新的情况"):
        handle(there, "P002", lambda turn: rulings.ask_reason(stale, record, turn))
    decision = Ruling(record=record, accepts=True, words="已电话核实")
    handle(there, "P002", lambda turn: rulings.rule(decision, turn))
    with pytest.raises(Refusal, match="已由周建国认可：已电话核实"):
        handle(there, "P002", lambda turn: rulings.rule(decision, turn))


def _waiting(there: World) -> list[int]:
    with there.house.store.read() as session:
        rows = session.exec(select(VisitVerdictRow).where(VisitVerdictRow.state == "waiting"))
        return [row.record_id for row in rows]


def test_a_rep_explains_by_voice(there: World) -> None:
    visit(there)
    add_photo(there, reuse_of="旧照片")
    there.tap("liwei", "解释")
    there.act(there.wecom.send_voice("liwei", (SPEECH / "clips" / "note06.amr").read_bytes()))
    assert "已经给上级看" in there.last("liwei")
    assert "佳美便利店" in "".join(there.texts("d-zhoujianguo"))
    with there.house.store.read() as session:
        (answer,) = session.exec(select(EvidenceRow).where(EvidenceRow.kind == "answer"))
        assert answer.sha256 and "佳美便利店" in answer.words
        assert len(session.exec(select(RecordRow)).all()) == 1, "an explanation is no record"


def test_a_voice_note_of_an_earlier_visit_sent_again_is_found(there: World) -> None:
    clip = (SPEECH / "clips" / "note01.amr").read_bytes()
    for _ in range(2):
        there.act(there.wecom.send_voice("liwei", clip))
        there.tap("liwei", "确认")
        there.forward(hours=24)
    assert [level for _, level, _ in held(there)] == ["unsure", "suspicious"]
    assert "的是同一个文件" in "".join(there.texts("d-zhoujianguo"))


def test_one_message_about_several_visits_is_no_copy(there: World) -> None:
    there.say(
        "liwei", "上午拜访了惠民超市朝阳店王经理聊了新品，下午拜访了好邻居便利店，老板要看样品再定下周的量"
    )
    there.tap("liwei", "确认")
    assert [level for _, level, _ in held(there)] == ["unsure", "unsure"]


def test_a_point_picked_day_after_day_is_asked_about_once_and_then_known(there: World) -> None:
    picked = (39.923614, 116.503482, "路口")
    for number in range(4):
        visit(there, f"拜访了惠民超市朝阳店王经理，聊了新品第{number}款", picked)
        there.forward(hours=24)
    assert [state for _, _, state in held(there)] == ["waiting"] * 4, (
        "the earlier days are seen in a new light"
    )
    there.tap("d-zhoujianguo", "认可")
    there.tap("d-zhoujianguo", "定位漂移，情况属实")
    assert sorted(state for _, _, state in held(there)) == ["accepted", "told", "told", "told"]
    visit(there, "拜访了惠民超市朝阳店王经理，签了陈列协议", picked)
    assert held(there)[-1][1:] == ("trusted", "told")


def test_visits_that_the_manager_refused_teach_no_place(there: World) -> None:
    for day, north in enumerate((0.0, 0.0002, -0.0001)):
        there.act(there.wecom.send_location("liwei", 39.931 + north, 116.52, "胡同口"))
        there.tap("liwei", "阿芳奶吧")
        there.say("liwei", f"拜访了阿芳奶吧，聊了第{day}款新品")
        there.tap("liwei", "确认")
        there.forward(hours=24)
    with there.house.store.read() as session:
        place = session.exec(select(LearnedPlaceRow)).one()
        assert (place.customer_code, place.visits, len(place.taught_by)) == ("C0031", 3, 3)

    def doubt(turn: Turn) -> Reply:
        row = turn.work.session.exec(select(RecordRow).where(RecordRow.form == "visit")).first()
        assert row is not None
        turn.work.records.prove(row.id or 0, "photo", "现场照片", reuse_of="旧照片")
        return verdicts.evidence_arrived(row, turn)

    handle(there, "P101", doubt)
    (record,) = _waiting(there)
    refusal = Ruling(record=record, accepts=False, words="没有到店")
    handle(there, "P002", lambda turn: rulings.rule(refusal, turn))
    with there.house.store.read() as session:
        assert session.exec(select(LearnedPlaceRow)).all() == []
