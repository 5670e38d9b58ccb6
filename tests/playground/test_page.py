"""The page's HTTP interface, without a browser."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground import dingtalk_office
from bot.playground.clock import PlaygroundClock, until_morning
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.page import Person, Place, playground_app
from bot.playground.samples import SHIPPED, load_samples
from bot.playground.wecom import FakeWeCom
from tests.playground.peers import DingBot, WeComBot

pytestmark = pytest.mark.anyio

PEOPLE = [
    Person("p1", "王芳", "业务员", wecom_userid="WangFang"),
    Person("p2", "赵敏", "大区经理", dingtalk_userid="zhao"),
]


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def page(
    wecom: FakeWeCom, dingtalk: FakeDingTalk, clock: PlaygroundClock, rows: list[dict[str, Any]]
) -> httpx.AsyncClient:
    shops = [Place("惠民超市朝阳店", 39.9219, 116.4436)]
    app = playground_app(
        wecom, dingtalk, people=PEOPLE, clock=clock, trail=lambda: list(rows), customers=shops
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page.test")


WHO = {"wecom": "WangFang", "dingtalk": "zhao"}


async def test_the_page_carries_people_customers_and_samples_and_no_foreign_address(
    page: httpx.AsyncClient,
) -> None:
    html = (await page.get("/")).text
    assert "王芳" not in html or "\\u" not in html
    assert "惠民超市朝阳店".encode("unicode_escape").decode() in html or "惠民超市朝阳店" in html
    assert "receipt_restaurant.jpg" in html
    static = Path(load_samples.__code__.co_filename).parent / "static"
    for name in ["app.js", "dom.js", "base.css", "phone.css", "cards.css", "panel.css"]:
        assert (await page.get(f"/static/{name}")).status_code == 200
    foreign = [one.name for one in static.iterdir() if "https://" in one.read_text(encoding="utf-8")]
    assert foreign == []


async def test_what_is_written_reaches_the_bot_and_the_state(page: httpx.AsyncClient, bot: WeComBot) -> None:
    assert (await page.post("/api/wecom/WangFang/text", json={"text": " 早 "})).json() == {
        "ok": True,
        "trouble": "",
    }
    assert bot.got[0]["Content"] == "早"
    state = (await page.get("/api/state", params=WHO)).json()
    assert [one["body"]["content"] for one in state["wecom"]["messages"]] == ["早"]
    assert (state["now_words"], state["wecom"]["messages"][0]["time"]) == ("11月23日 周一 10:07", "10:07")


async def test_an_unchanged_state_is_only_the_clock(
    page: httpx.AsyncClient, rows: list[dict[str, Any]]
) -> None:
    state = (await page.get("/api/state", params=WHO)).json()
    again = (await page.get("/api/state", params={**WHO, "seen": state["version"]})).json()
    assert sorted(again) == ["now", "now_words", "version"]
    rows.append(
        {"message_id": 1, "at": "", "who": "王芳", "heard": "早", "records": [], "evidence": [], "audit": []}
    )
    changed = (await page.get("/api/state", params={**WHO, "seen": state["version"]})).json()
    assert changed["trail"][0]["heard"] == "早"


async def test_files_places_and_samples_of_both_sides(
    page: httpx.AsyncClient, bot: WeComBot, ding_bot: DingBot
) -> None:
    await page.post("/api/wecom/WangFang/image", files={"file": ("a.jpg", b"\xff\xd8x")})
    await page.post("/api/wecom/WangFang/voice", files={"file": ("v.webm", b"webm..")})
    await page.post("/api/wecom/WangFang/file", files={"file": ("a.pdf", b"%PDF")})
    await page.post("/api/wecom/WangFang/location", json={"lat": 39.9, "lng": 116.4, "label": "店"})
    await page.post("/api/wecom/WangFang/sample", json={"file": "note01.amr"})
    await page.post("/api/wecom/WangFang/enter")
    assert [(one["MsgType"], one.get("Format")) for one in bot.got] == [
        ("image", None),
        ("voice", "webm"),
        ("file", None),
        ("location", None),
        ("voice", "amr"),
        ("event", None),
    ]
    for what in ("image", "voice", "file"):
        await page.post(f"/api/dingtalk/zhao/{what}", files={"file": ("a.bin", b"123456")})
    await page.post("/api/dingtalk/zhao/sample", json={"file": "receipt_taxi.jpg"})
    assert [one["msgtype"] for one in ding_bot.got] == ["picture", "audio", "file", "picture"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/wecom/nobody/text", {"text": "早"}, 400),
        ("/api/wecom/WangFang/text", {"text": "  "}, 400),
        ("/api/wecom/WangFang/text", [], 400),
        ("/api/wecom/WangFang/location", {"lat": "x"}, 400),
        ("/api/wecom/WangFang/sample", {"file": "../page.py"}, 404),
        ("/api/wecom/WangFang/click", {"task_id": "no", "key": "x"}, 404),
        ("/api/wecom/WangFang/image", {}, 400),
        ("/api/wecom/WangFang/dance", {}, 404),
        ("/api/clock", {"minutes": -5}, 400),
        ("/api/clock", {"minutes": "5"}, 400),
        ("/api/clock", [], 400),
    ],
)
async def test_unusable_requests_are_told_in_words(
    page: httpx.AsyncClient, path: str, body: Any, status: int
) -> None:
    answer = await page.post(path, json=body)
    assert answer.status_code == status and answer.json()["trouble"]


async def test_the_clock_moves_by_minutes_and_to_the_morning(
    page: httpx.AsyncClient, clock: PlaygroundClock
) -> None:
    await page.post("/api/clock", json={"minutes": 60})
    assert (await page.get("/api/state", params=WHO)).json()["now_words"] == "11月23日 周一 11:07"
    await page.post("/api/clock", json={"until": "morning"})
    assert (await page.get("/api/state", params=WHO)).json()["now_words"] == "11月24日 周二 08:00"
    clock.advance(timedelta(hours=18))
    assert until_morning(clock(), clock.zone) == timedelta(hours=6)


async def test_unread_counts_go_away_when_read(page: httpx.AsyncClient, wecom: FakeWeCom) -> None:
    wecom.chats.add("WangFang", "text", {"content": "提醒"})
    unread = (await page.get("/api/state", params=WHO)).json()["wecom"]["unread"]
    assert unread == {"WangFang": 1, "LiLei": 0}
    await page.post("/api/wecom/WangFang/read")
    assert (await page.get("/api/state", params=WHO)).json()["wecom"]["unread"]["WangFang"] == 0


async def test_media_are_shown_sandboxed(page: httpx.AsyncClient, wecom: FakeWeCom) -> None:
    media_id = wecom.upload("image", b"\xff\xd8x", "a.jpg")
    answer = await page.get(f"/api/media/{media_id}")
    assert (answer.content, answer.headers["content-security-policy"]) == (b"\xff\xd8x", "sandbox")
    assert (await page.get("/api/media/none")).status_code == 404


async def test_a_trail_may_be_asynchronous(
    wecom: FakeWeCom, dingtalk: FakeDingTalk, clock: PlaygroundClock
) -> None:
    async def trail() -> list[dict[str, Any]]:
        return [{"message_id": 9}]

    app = playground_app(wecom, dingtalk, people=PEOPLE, clock=clock, trail=trail)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page.test")
    assert (await http.get("/api/state", params=WHO)).json()["trail"] == [{"message_id": 9}]


def test_samples_without_an_index_are_listed_by_their_names(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.amr", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    rows = load_samples(tmp_path).rows
    assert [(row.kind, row.label) for row in rows] == [("voice", "a"), ("image", "b")]


def test_every_shipped_sample_file_is_there() -> None:
    shelf = load_samples(SHIPPED)
    assert {row.kind for row in shelf.rows} >= {"text", "image", "voice"}
    assert all(shelf.content(row.file) for row in shelf.rows if row.file)


async def test_the_page_shows_somebodys_calendar_and_a_tick_goes_to_the_platform(
    page: httpx.AsyncClient, dingtalk: FakeDingTalk
) -> None:
    union = dingtalk.union_id("zhao")
    link = {"appUrl": "https://x.test", "pcUrl": "https://x.test"}
    due = 1795428000000
    task = {"subject": "补货", "sourceId": "t1", "executorIds": [union], "detailUrl": link, "dueTime": due}
    todo = dingtalk_office.create_todo(dingtalk.state, union, task)
    days = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    event = dingtalk_office.create_event(dingtalk.state, union, "e1", {"summary": "补货", **days})
    query = WHO | {"wecom_calendar": "zhao"}
    agenda = (await page.get("/api/state", params=query)).json()["wecom"]["agenda"]
    assert (agenda["events"][0]["day"], agenda["todos"][0]["day"]) == ("11月23日 周一", "11月23日 周一")
    ticked = await page.post("/api/dingtalk/zhao/tick", json={"id": todo["id"], "done": True})
    assert ticked.json()["ok"] and dingtalk.todos[todo["id"]]["done"] is True
    moved = await page.post("/api/dingtalk/zhao/move", json={"id": event["id"], "day": "2026-11-25"})
    assert moved.json()["ok"] and dingtalk.events[event["id"]]["start"] == {"date": "2026-11-25"}
    wrong = await page.post("/api/dingtalk/zhao/move", json={"id": event["id"], "day": "明天"})
    assert wrong.status_code == 400
    assert (await page.post("/api/dingtalk/zhao/remove", json={"id": event["id"]})).json()["ok"]
    assert (await page.post("/api/dingtalk/zhao/remove", json={"id": event["id"]})).status_code == 404
