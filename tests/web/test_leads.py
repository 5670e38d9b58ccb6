"""The pages of leads, and the answer to 我的线索: what each has, and nothing else."""

from datetime import timedelta

from sqlalchemy import update

from bot import imports
from storage.lead_tables import LeadRow
from tests.web.conftest import signed_in
from tests.world import DEMO, World


def test_leads_are_shown_to_whoever_has_them_and_those_above(there: World) -> None:
    store = there.house.store
    there.clock.forward(hours=10)  # nobody is given leads in the evening
    content = (DEMO / "leads.csv").read_bytes()
    report = imports.load("leads", content, store, now=there.clock())
    assert (report.added, report.refused) == (5, [])
    assert imports.load("leads", content, store, now=there.clock()).unchanged == 5
    there.say("liwei", "我的线索")
    assert "现在没有线索在等你" in there.last("liwei")
    with store.write() as session:
        session.execute(update(LeadRow).where(LeadRow.id == "L001").values(owner_id="P101", state="offered"))
    there.say("liwei", "我的线索")
    assert "喜乐汇超市 钱店长 139****0001：待接收" in there.last("liwei")
    own = signed_in(there, "liwei")
    page = own.get("/manage/leads").text
    assert "喜乐汇超市" in page and "小豆丁" not in page
    assert "139****0001" in own.get("/manage/leads/L001").text
    with store.write() as session:
        session.execute(update(LeadRow).where(LeadRow.id == "L001").values(state="accepted"))
    assert "13900000001" in own.get("/manage/leads/L001").text
    assert own.get("/manage/leads/L002").status_code == 404


def test_figures_are_of_what_one_sees(there: World) -> None:
    store, now = there.house.store, there.clock()
    there.clock.forward(hours=10)
    imports.load("leads", (DEMO / "leads.csv").read_bytes(), store, now=now)
    reached = {"state": "following", "touched_by": "P101", "touched_at": now + timedelta(minutes=12)}
    with store.write() as session:
        for key, owner, values in (("L001", "P101", reached), ("L002", "P105", {"state": "offered"})):
            changed = update(LeadRow).where(LeadRow.id == key)
            session.execute(changed.values(owner_id=owner, value=5_000_000, **values))
    assert signed_in(there, "liwei").get("/manage/leads/figures").status_code == 403
    page = signed_in(there, "machao").get("/manage/leads/figures").text
    assert "20.0%" in page and "李伟" in page and "跟进中 1" in page
    assert ">小豆丁" in page.partition("没及时联系上的高价值线索")[2], (
        "L002 is of high value and was not reached"
    )
    own = signed_in(there, "zhoujianguo").get("/manage/leads/figures").text
    assert "李伟" in own and "100.0%" in own and "小豆丁" not in own
