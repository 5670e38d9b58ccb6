"""The trainer's page: whom one may see, what trainers decided, and the field in figures alone."""

from datetime import date, timedelta

from sqlalchemy import update

from storage.practice_tables import AppealRow, PracticeRow
from storage.tables import PersonRow, RecordRow
from tests.web.conftest import signed_in
from tests.world import World


def test_the_team_is_shown_to_trainers_and_those_above(there: World) -> None:
    store, now = there.house.store, there.clock()
    with store.write() as session:
        for who, points in (("P101", 81), ("P104", 64)):
            session.add(
                PracticeRow(
                    person_id=who,
                    scene_id="price_corner_shop",
                    type="price",
                    mode="train",
                    level=1,
                    seed=1,
                    state="won",
                    overall=points,
                    started_at=now,
                    updated_at=now,
                    ended_at=now,
                )
            )
        said = {"person_id": "P101", "quote": "我晓得您的苦处", "created_at": now}
        session.add(AppealRow(practice_id=1, check_id="ack_first", state="granted", **said))
        session.add(
            RecordRow(
                form="visit",
                reporter_id="P101",
                happened_at=now - timedelta(days=2),
                created_at=now,
                updated_at=now,
                status="confirmed",
                data={"objections": ["price"]},
                sources={"objections": "没啥赚头"},
            )
        )
        session.execute(update(PersonRow).where(PersonRow.id == "P101").values(hired_on=date(2026, 2, 1)))
    page = signed_in(there, "huangrong").get("/manage/training").text
    assert "李伟" in page and "81" in page and "陈晨" in page and "64" in page
    assert "先接住客户的话" in page and "没利润" in page
    assert "1 名业务员，0 名已有第一张订单，1 名还没有" in page and "29" not in page
    manager = signed_in(there, "zhoujianguo").get("/manage/training").text
    assert "李伟" in manager and "陈晨" not in manager
    assert "只有培训" in signed_in(there, "liwei").get("/manage/training").text
