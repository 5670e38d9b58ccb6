import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.playground.clock import PlaygroundClock
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.dingtalk_push import Damage
from tests.playground.peers import Calls, DingBot

pytestmark = pytest.mark.anyio

BATCH = "/v1.0/robot/oToMessages/batchSend"


@pytest.fixture
def calls(dingtalk: FakeDingTalk) -> Calls:
    dingtalk.set_base_url("http://ding.test")
    return Calls(dingtalk.app, "http://ding.test")


def text_batch(*users: str, **change: Any) -> dict[str, Any]:
    body = {"robotCode": "dingapp", "userIds": list(users), "msgKey": "sampleText"}
    return body | {"msgParam": json.dumps({"content": "早"})} | change


async def _old_token(calls: Calls) -> str:
    query = {"appkey": "dingapp", "appsecret": "ding-secret"}
    return str((await calls.http.get("/gettoken", params=query)).json()["access_token"])


async def test_each_host_has_its_own_token_that_repeats(calls: Calls, clock: PlaygroundClock) -> None:
    keys = {"appKey": "dingapp", "appSecret": "ding-secret"}
    first = (await calls.http.post("/v1.0/oauth2/accessToken", json=keys)).json()
    assert first["expireIn"] == 7200
    assert (await calls.http.post("/v1.0/oauth2/accessToken", json=keys)).json()["accessToken"] == first[
        "accessToken"
    ]
    assert await _old_token(calls) == await _old_token(calls) != first["accessToken"]
    clock.advance(timedelta(hours=2))
    assert (await calls.http.post("/v1.0/oauth2/accessToken", json=keys)).json()["accessToken"] != first[
        "accessToken"
    ]


async def test_wrong_secrets_are_refused_in_each_hosts_own_way(calls: Calls) -> None:
    new = await calls.http.post("/v1.0/oauth2/accessToken", json={"appKey": "dingapp", "appSecret": "no"})
    assert (new.status_code, new.json()["code"]) == (400, "invalidClientIdOrSecret")
    old = await calls.http.get("/gettoken", params={"appkey": "dingapp", "appsecret": "no"})
    assert (old.status_code, old.json()["errcode"]) == (200, 40089)


async def test_a_dead_token_is_401_on_the_new_host_and_an_errcode_on_the_old(
    calls: Calls, dingtalk: FakeDingTalk, clock: PlaygroundClock
) -> None:
    old = await _old_token(calls)
    await calls.ding("POST", BATCH, text_batch("zhao"))
    clock.advance(timedelta(hours=2))
    gone = await calls.ding("POST", BATCH, text_batch("zhao"))
    assert (gone.status_code, gone.json()["code"]) == (401, "InvalidAuthentication")
    path = "/topapi/v2/user/get"
    late = await calls.http.post(path, params={"access_token": old}, json={"userid": "zhao"})
    assert late.json()["errcode"] == 42001
    cross = await calls.http.post(path, params={"access_token": calls.token}, json={"userid": "zhao"})
    assert cross.json()["errcode"] == 40014


async def test_a_batch_reports_who_did_not_get_it(calls: Calls, dingtalk: FakeDingTalk) -> None:
    dingtalk.flow_controlled.add("qian")
    answer = (await calls.ding("POST", BATCH, text_batch("zhao", "qian", "ghost"))).json()
    assert answer["invalidStaffIdList"] == ["ghost"]
    assert answer["flowControlledStaffIdList"] == ["qian"]
    assert answer["filteredStaffIdList"] == []
    assert dingtalk.sent[0].delivered == ("zhao",)
    assert dingtalk.shown("zhao")[0].ref == answer["processQueryKey"]


@pytest.mark.parametrize(
    "change",
    [
        {"robotCode": "other"},
        {"userIds": []},
        {"userIds": [f"u{n}" for n in range(21)]},
        {"msgKey": "sampleUnheardOf"},
        {"msgParam": {"content": "not a string"}},
        {"msgParam": "not json"},
        {"msgParam": "{}"},
        {"msgKey": "sampleMarkdown"},
    ],
)
async def test_a_faulty_batch_is_400(calls: Calls, change: dict[str, Any]) -> None:
    answer = await calls.ding("POST", BATCH, text_batch("zhao", **change))
    assert answer.status_code == 400 and answer.json()["code"].startswith("invalidParameter")


async def test_a_group_message_is_seen_by_the_group_and_can_be_recalled(
    calls: Calls, dingtalk: FakeDingTalk
) -> None:
    body = text_batch("x") | {"openConversationId": "cidNorth"}
    key = (await calls.ding("POST", "/v1.0/robot/groupMessages/send", body)).json()["processQueryKey"]
    assert [dingtalk.shown(who)[0].ref for who in ("zhao", "qian")] == [key, key]
    recall = {"robotCode": "dingapp", "openConversationId": "cidNorth", "processQueryKeys": [key]}
    await calls.ding("POST", "/v1.0/robot/groupMessages/recall", recall)
    assert dingtalk.shown("qian")[0].recalled


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"status": 401, "code": "InvalidAuthentication"}, 401, "InvalidAuthentication"),
        (
            {"status": 403, "code": "Forbidden.AccessDenied.QpsLimitForApi"},
            403,
            "Forbidden.AccessDenied.QpsLimitForApi",
        ),
        ({"status": 429}, 429, "http429"),
        ({"status": 503, "code": "ServiceUnavailable"}, 503, "ServiceUnavailable"),
    ],
)
async def test_switches_of_the_new_host(
    calls: Calls, dingtalk: FakeDingTalk, how: dict[str, Any], status: int, code: str
) -> None:
    dingtalk.fail_next(BATCH, **how)
    answer = await calls.ding("POST", BATCH, text_batch("zhao"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await calls.ding("POST", BATCH, text_batch("zhao"))).status_code == 200


async def test_the_quota_of_the_old_host_is_90020(calls: Calls, dingtalk: FakeDingTalk) -> None:
    dingtalk.fail_next("/topapi/v2/user/get", errcode=90020)
    query = {"access_token": await _old_token(calls)}
    answer = await calls.http.post("/topapi/v2/user/get", params=query, json={"userid": "zhao"})
    assert answer.json()["errcode"] == 90020


async def test_a_send_that_timed_out_after_success_was_seen(calls: Calls, dingtalk: FakeDingTalk) -> None:
    dingtalk.fail_next(BATCH, drop=True)
    with pytest.raises(httpx.RemoteProtocolError):
        await calls.ding("POST", BATCH, text_batch("zhao"))
    assert len(dingtalk.shown("zhao")) == 1


async def test_user_and_union_ids_lead_to_each_other(calls: Calls, dingtalk: FakeDingTalk) -> None:
    query = {"access_token": await _old_token(calls)}
    user = (await calls.http.post("/topapi/v2/user/get", params=query, json={"userid": "zhao"})).json()
    assert user["result"]["unionid"] == dingtalk.union_id("zhao")
    body = {"unionid": user["result"]["unionid"]}
    back = (await calls.http.post("/topapi/user/getbyunionid", params=query, data=body)).json()
    assert back["result"]["userid"] == "zhao"
    gone = await calls.http.post("/topapi/user/getbyunionid", params=query, json={"unionid": "u0"})
    assert gone.json()["errcode"] == 60121


async def test_an_uploaded_file_gets_a_media_id(calls: Calls) -> None:
    query = {"access_token": await _old_token(calls), "type": "file"}
    answer = (
        await calls.http.post("/media/upload", params=query, files={"media": ("a.pdf", b"%PDF")})
    ).json()
    assert answer["media_id"].startswith("@") and isinstance(answer["created_at"], int)


async def test_a_robot_message_is_signed_and_carries_the_documented_fields(
    dingtalk: FakeDingTalk, ding_bot: DingBot, calls: Calls
) -> None:
    assert (await dingtalk.say("zhao", "今天谁没拜访")).ok
    got = ding_bot.got[0]
    assert (got["msgtype"], got["text"], got["conversationType"]) == (
        "text",
        {"content": "今天谁没拜访"},
        "1",
    )
    assert (got["senderStaffId"], got["robotCode"], got["chatbotCorpId"]) == ("zhao", "dingapp", "dingcorp")
    assert got["sessionWebhook"].startswith("http://ding.test/robot/sendBySession?session=")
    assert dingtalk.shown("zhao")[0].progress == "delivered"


async def test_in_a_group_the_text_follows_the_mention(dingtalk: FakeDingTalk, ding_bot: DingBot) -> None:
    await dingtalk.say("qian", "日报", group="cidNorth")
    got = ding_bot.got[0]
    assert (got["conversationType"], got["conversationId"]) == ("2", "cidNorth")
    assert (got["text"]["content"], got["isInAtList"]) == (" 日报", True)


async def test_pictures_and_voices_are_downloaded_by_code_and_short_lived_link(
    dingtalk: FakeDingTalk, ding_bot: DingBot, calls: Calls, clock: PlaygroundClock
) -> None:
    await dingtalk.send_picture("zhao", b"\xff\xd8jpeg")
    await dingtalk.send_audio("zhao", b"#!AMR\n", recognition="同意")
    await dingtalk.send_file("zhao", b"%PDF", "单.pdf")
    await dingtalk.send_rich("zhao", ["看这张", b"\xff\xd8"])
    assert ding_bot.got[1]["content"]["recognition"] == "同意"
    assert ding_bot.got[2]["content"]["fileName"] == "单.pdf"
    assert [sorted(part) for part in ding_bot.got[3]["content"]["richText"]] == [
        ["text"],
        ["downloadCode", "type"],
    ]
    body = {"downloadCode": ding_bot.got[0]["content"]["downloadCode"], "robotCode": "dingapp"}
    url = (await calls.ding("POST", "/v1.0/robot/messageFiles/download", body)).json()["downloadUrl"]
    assert (await calls.http.get(url)).content == b"\xff\xd8jpeg"
    clock.advance(timedelta(minutes=10))
    assert (await calls.http.get(url)).status_code == 403


async def test_a_voice_may_come_without_a_transcript(dingtalk: FakeDingTalk, ding_bot: DingBot) -> None:
    await dingtalk.send_audio("zhao", b"#!AMR\n")
    assert "recognition" not in ding_bot.got[0]["content"]


@pytest.mark.parametrize(
    ("damage", "status"), [("sign", 403), ("stale", 200), ("other_robot", 200), ("other_corp", 200)]
)
async def test_only_the_signature_is_visible_to_a_bot_that_checks_nothing_else(
    dingtalk: FakeDingTalk, damage: Damage, status: int
) -> None:
    assert (await dingtalk.push_bad("zhao", "早", damage)).status == status


async def test_a_redelivery_has_the_same_msgid(dingtalk: FakeDingTalk, ding_bot: DingBot) -> None:
    first = await dingtalk.say("zhao", "早")
    await dingtalk.redeliver(first)
    assert ding_bot.got[0] == ding_bot.got[1]
    assert len(dingtalk.shown("zhao")) == 1


async def test_a_reply_to_the_session_is_shown_for_ninety_minutes(
    dingtalk: FakeDingTalk, ding_bot: DingBot, calls: Calls, clock: PlaygroundClock
) -> None:
    await dingtalk.say("zhao", "早")
    url, body = ding_bot.got[0]["sessionWebhook"], {"msgtype": "text", "text": {"content": "早上好"}}
    assert (await calls.http.post(url, json=body)).json()["errcode"] == 0
    assert dingtalk.shown("zhao")[-1].body == {"content": "早上好"}
    clock.advance(timedelta(minutes=90))
    assert (await calls.http.post(url, json=body)).json()["errcode"] == 300001


async def test_events_are_sealed_for_the_app_key_and_start_with_check_url(
    dingtalk: FakeDingTalk, ding_bot: DingBot
) -> None:
    assert (await dingtalk.check_url()).ok
    delivery = await dingtalk.push_event("user_leave_org", {"UserId": ["qian"]})
    assert delivery.ok and delivery.reply == {"word": "success"}
    assert [one["EventType"] for one in ding_bot.events] == ["check_url", "user_leave_org"]
    assert ding_bot.events[1]["UserId"] == ["qian"]


async def test_the_same_client_token_gives_the_same_calendar_event(
    calls: Calls, dingtalk: FakeDingTalk
) -> None:
    path = f"/v1.0/calendar/users/{dingtalk.union_id('zhao')}/calendars/primary/events"
    moment = {"dateTime": "2026-11-24T10:00:00+08:00", "timeZone": "Asia/Shanghai"}
    body = {
        "summary": "复盘",
        "start": moment,
        "end": moment,
        "attendees": [{"id": dingtalk.union_id("qian")}],
    }
    first = (await calls.ding("POST", path, body, **{"x-client-token": "todo-1"})).json()
    again = (await calls.ding("POST", path, body, **{"x-client-token": "todo-1"})).json()
    assert first["id"] == again["id"] and len(dingtalk.events) == 1
    assert first["attendees"][0]["displayName"] == "钱多多"
    assert (await calls.ding("PUT", f"{path}/{first['id']}", {"summary": "x"})).status_code == 400
    assert (await calls.ding("DELETE", f"{path}/{first['id']}")).status_code == 200
    wrong = await calls.ding("POST", path.replace(dingtalk.union_id("zhao"), "zhao"), body)
    assert wrong.status_code == 400


async def test_a_todo_needs_its_link_and_is_one_for_each_source(calls: Calls, dingtalk: FakeDingTalk) -> None:
    path = f"/v1.0/todo/users/{dingtalk.union_id('zhao')}/tasks"
    body: dict[str, Any] = {
        "subject": "补货",
        "sourceId": "todo-1",
        "executorIds": [dingtalk.union_id("qian")],
    }
    assert (await calls.ding("POST", path, body)).json()["code"] == "invalid.detailUrl"
    body["detailUrl"] = {"appUrl": "https://x.test", "pcUrl": "https://x.test"}
    first, again = [(await calls.ding("POST", path, body)).json() for _ in range(2)]
    assert (again["code"], again["message"]) == ("todo.taskCreate.paramError", "task exist")
    ids = {first["id"], (await calls.ding("GET", f"{path}/sources/todo-1")).json()["id"]}
    assert set(dingtalk.todos) == ids and len(ids) == 1
    (task,) = ids
    await calls.ding("PUT", f"{path}/{task}", {"done": True})
    assert (await calls.ding("GET", f"{path}/sources/todo-1")).json()["done"] is True
