"""The pages of leads, and the answer to 我的线索: what each has, and nothing else."""

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
    assert "喜乐汇超市 钱店长 13900000001：待接收" in there.last("liwei")
    own = signed_in(there, "liwei")
    page = own.get("/manage/leads").text
    assert "喜乐汇超市" in page and "小豆丁" not in page
    assert "13900000001" in own.get("/manage/leads/L001").text
    assert own.get("/manage/leads/L002").status_code == 404
