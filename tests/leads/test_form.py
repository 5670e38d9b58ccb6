"""The public form: one lead for one wish, none from machines, and no door where it is not set up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot import lead_form
from bot.wiring import House, build
from config.settings import Settings
from domain.leads.lead import Lead
from storage.leads import Leads
from tests.conftest import TestClock
from tests.databases import new_file

WISH = {
    "contact": "钱店长",
    "mobile": "139 0000 0001",
    "name": "喜乐汇超市",
    "city": "北京",
    "note": "想要进货价",
}


@pytest.fixture
def house(tmp_path: Path, clock: TestClock) -> Iterator[House]:
    given = {"database_url": new_file(tmp_path / "x.db"), "media_dir": str(tmp_path / "m")}
    house = build(Settings.model_validate({**given, "leads": {"form_source": "官网表单"}}), now=clock)
    yield house
    house.close()


@pytest.fixture
def browser(house: House) -> TestClient:
    return TestClient(Starlette(routes=lead_form.routes(house)), follow_redirects=False)


def leave(browser: TestClient, **changes: Any) -> int:
    return browser.post("/leads/form", data=WISH | changes).status_code


def leads(house: House) -> list[Lead]:
    with house.store.read() as session:
        return Leads(session, who="x", now=house.now()).in_state("new")


def test_a_wish_is_one_lead_however_often_it_is_sent(house: House, browser: TestClient) -> None:
    page = browser.get("/leads/form")
    assert "怎么称呼您" in page.text and 'name="viewport"' in page.text
    assert "script" not in page.text and "frame-ancestors" in page.headers["content-security-policy"]
    assert leave(browser) == leave(browser) == leave(browser, mobile="13900000001") == 303
    (lead,) = leads(house)
    assert (lead.company, lead.contact, lead.phone, lead.need) == (
        "喜乐汇超市",
        "钱店长",
        "13900000001",
        "想要进货价",
    )
    assert lead.source == "官网表单" and lead.id.startswith("form-")
    assert "谢谢" in browser.get("/leads/form/done").text


def test_what_is_missing_is_said_beside_its_field_and_what_was_written_stays(
    house: House, browser: TestClient
) -> None:
    answer = browser.post("/leads/form", data=WISH | {"mobile": "12", "note": "<b>价格"})
    assert answer.status_code == 422
    assert "能打通的电话" in answer.text and "&lt;b&gt;价格" in answer.text
    assert leave(browser, contact="") == 422 and leave(browser, note="长" * 501) == 422
    assert leave(browser, contact="a\x00b") == 422
    assert browser.post("/leads/form", content=b"\xff" * 30_000).status_code == 422
    assert leads(house) == []


def test_machines_are_thanked_and_nothing_is_kept(house: House, browser: TestClient) -> None:
    assert leave(browser, website="http://spam") == 303
    assert leads(house) == []


def test_nobody_fills_it_in_without_end(house: House, browser: TestClient, clock: TestClock) -> None:
    for number in range(lead_form.MOST_OF_ONE):
        assert leave(browser, mobile=f"1390000{number:04}", name=f"第{number}家小店") == 303
    assert leave(browser, mobile="13911111111") == 429
    clock.forward(minutes=11)
    assert leave(browser, mobile="13911111111", name="别的店") == 303


def fill_up(house: House, *, peer: str, others: str = "") -> tuple[TestClient, int]:
    """Somebody sends as many forms as he may and one more, each time naming another address before `others`."""
    app = Starlette(routes=lead_form.routes(house))
    browser = TestClient(app, follow_redirects=False, client=(peer, 50_000))
    for number in range(lead_form.MOST_OF_ONE + 1):
        told = ", ".join(filter(None, (f"9.9.9.{number}", others)))
        data = WISH | {"mobile": f"1390000{number:04}", "name": f"第{number}家小店"}
        status = browser.post("/leads/form", data=data, headers={"x-forwarded-for": told}).status_code
    return browser, status


def test_behind_our_own_proxy_everybody_has_a_limit_of_his_own(house: House) -> None:
    browser, status = fill_up(house, peer="127.0.0.1", others="1.2.3.4")
    assert status == 429
    headers = {"x-forwarded-for": "1.2.3.5"}
    assert browser.post("/leads/form", data=WISH, headers=headers).status_code == 303


def test_nobody_gets_past_his_limit_by_naming_other_addresses(house: House) -> None:
    assert fill_up(house, peer="8.8.8.8")[1] == 429


def test_the_same_wish_on_another_day_is_told_again(
    house: House, browser: TestClient, clock: TestClock
) -> None:
    leave(browser)
    (lead,) = leads(house)
    with house.store.write() as session:
        assert Leads(session, who="x", now=clock()).change(lead, "lost", {"state": "lost"})
    clock.forward(hours=24)
    leave(browser)
    assert len(leads(house)) == 1


def test_without_a_name_as_a_source_there_is_no_form(tmp_path: Path, clock: TestClock) -> None:
    house = build(Settings.model_validate({"database_url": new_file(tmp_path / "y.db")}), now=clock)
    assert lead_form.routes(house) == []
    house.close()
