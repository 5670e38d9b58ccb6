import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from bot.playground.dingtalk import FakeDingTalk
from tests.playground.peers import Calls, DingBot

pytestmark = pytest.mark.anyio

CREATE = "/v1.0/card/instances/createAndDeliver"
UPDATE = "/v1.0/card/instances"


@pytest.fixture
def calls(dingtalk: FakeDingTalk) -> Calls:
    return Calls(dingtalk.app, "http://ding.test")


def card(track: str = "exp-1.1", space: str = "dtv1.card//IM_ROBOT.zhao", **change: Any) -> dict[str, Any]:
    params = {"title": "报销审批", "status": "待审批", "ref": "exp-1", "revision": "1"}
    return {
        "cardTemplateId": "tpl.schema",
        "outTrackId": track,
        "openSpaceId": space,
        "callbackType": "HTTP",
        "callbackRouteKey": "xiaofang",
        "cardData": {"cardParamMap": params},
        "imRobotOpenSpaceModel": {"supportForward": False},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "dingapp"},
        "imGroupOpenDeliverModel": {"robotCode": "dingapp"},
        **change,
    }


async def test_a_card_is_created_and_shown_with_private_data_for_its_reader(
    calls: Calls, dingtalk: FakeDingTalk
) -> None:
    private = {"zhao": {"cardParamMap": {"status": "等您审批"}}}
    answer = (await calls.ding("POST", CREATE, card(privateData=private))).json()
    assert answer["success"] and answer["result"]["deliverResults"][0]["success"]
    bubble = dingtalk.shown("zhao")[0]
    assert (bubble.kind, bubble.ref) == ("card", "exp-1.1")
    assert (bubble.body["params"]["title"], bubble.body["params"]["status"]) == ("报销审批", "等您审批")


async def test_creating_again_with_the_same_id_changes_nothing(calls: Calls, dingtalk: FakeDingTalk) -> None:
    await calls.ding("POST", CREATE, card())
    other = card(cardData={"cardParamMap": {"title": "另一张"}})
    assert (await calls.ding("POST", CREATE, other)).json()["success"]
    assert [bubble.body["params"]["title"] for bubble in dingtalk.shown("zhao")] == ["报销审批"]
    assert dingtalk.cards["exp-1.1"].creations == 2


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"amount": 120}, "param.stringOnly"),
        ({"done": True}, "param.stringOnly"),
        ({"k" * 101: "v"}, "param.keyTooLong"),
        ({"note": "长" * 342}, "param.valueTooLong"),
        (None, "param.cardParamMap"),
    ],
)
async def test_card_variables_are_short_strings(calls: Calls, params: Any, code: str) -> None:
    answer = await calls.ding("POST", CREATE, card(cardData={"cardParamMap": params}))
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    "change",
    [
        {"openSpaceId": "dtv1.card//IM_ROBOT.ghost"},
        {"openSpaceId": "dtv1.card//ONE_BOX.zhao"},
        {"imRobotOpenDeliverModel": {}},
    ],
)
async def test_success_at_the_top_can_hide_a_failed_delivery(
    calls: Calls, dingtalk: FakeDingTalk, change: dict[str, Any]
) -> None:
    answer = (await calls.ding("POST", CREATE, card(**change))).json()
    result = answer["result"]["deliverResults"][0]
    assert answer["success"] and not result["success"] and result["errorMsg"]
    assert dingtalk.shown("zhao") == []


async def test_the_switch_for_an_undeliverable_member(calls: Calls, dingtalk: FakeDingTalk) -> None:
    dingtalk.undeliverable.add("zhao")
    assert not (await calls.ding("POST", CREATE, card())).json()["result"]["deliverResults"][0]["success"]


async def test_several_spaces_are_judged_one_by_one(calls: Calls, dingtalk: FakeDingTalk) -> None:
    space = "dtv1.card//IM_ROBOT.ghost;dtv1.card//IM_GROUP.cidNorth"
    results = (await calls.ding("POST", CREATE, card(space=space))).json()["result"]["deliverResults"]
    assert [one["success"] for one in results] == [False, True]
    assert len(dingtalk.shown("qian")) == 1


async def test_an_update_overwrites_unless_it_is_by_key(calls: Calls, dingtalk: FakeDingTalk) -> None:
    await calls.ding("POST", CREATE, card())
    by_key = {"outTrackId": "exp-1.1", "cardData": {"cardParamMap": {"status": "已同意"}}}
    await calls.ding("PUT", UPDATE, by_key | {"cardUpdateOptions": {"updateCardDataByKey": True}})
    assert dingtalk.shown("zhao")[0].body["params"]["title"] == "报销审批"
    await calls.ding("PUT", UPDATE, by_key)
    assert dingtalk.shown("zhao")[0].body["params"] == {"status": "已同意"}


async def test_private_data_may_be_keyed_by_union_id(calls: Calls, dingtalk: FakeDingTalk) -> None:
    await calls.ding("POST", CREATE, card())
    union = dingtalk.union_id("zhao")
    body = {
        "outTrackId": "exp-1.1",
        "userIdType": 2,
        "privateData": {union: {"cardParamMap": {"status": "x"}}},
    }
    await calls.ding("PUT", UPDATE, body)
    assert dingtalk.cards["exp-1.1"].seen_by("zhao")["status"] == "x"


async def test_an_update_of_an_unknown_card_is_refused(calls: Calls) -> None:
    assert (await calls.ding("PUT", UPDATE, {"outTrackId": "no"})).status_code == 400


async def _register(calls: Calls, **change: Any) -> dict[str, Any]:
    body = {"callbackRouteKey": "xiaofang", "callbackUrl": "http://bot.test/dingtalk/card", "apiSecret": "cs"}
    answer = await calls.ding("POST", "/v1.0/card/callbacks/register", body | change)
    found: dict[str, Any] = answer.json()["result"]
    return found


async def test_a_known_route_keeps_its_old_address_unless_forced(calls: Calls) -> None:
    await _register(calls)
    assert (await _register(calls, callbackUrl="http://new.test"))[
        "callbackUrl"
    ] == "http://bot.test/dingtalk/card"
    assert (await _register(calls, callbackUrl="http://new.test", forceUpdate=True))[
        "callbackUrl"
    ] == "http://new.test"


async def test_a_click_by_http_is_signed_and_its_answer_changes_the_card(
    calls: Calls, dingtalk: FakeDingTalk, ding_bot: DingBot
) -> None:
    await _register(calls)
    await calls.ding("POST", CREATE, card())
    ding_bot.card_answer = {
        "cardData": {"cardParamMap": {"status": "已同意"}},
        "userPrivateData": {"cardParamMap": {"note": "您同意了"}},
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
    }
    click = await dingtalk.click("zhao", "exp-1.1", "approve")
    assert click.ok and click.in_time
    got, headers = ding_bot.clicks[0], ding_bot.card_headers[0]
    content = {"cardPrivateData": {"actionIds": ["approve"], "params": {"ref": "exp-1", "revision": "1"}}}
    assert (got["outTrackId"], got["userId"], json.loads(got["content"])) == ("exp-1.1", "zhao", content)
    signed = hmac.new(b"cs", headers["x-ddpaas-signature-timestamp"].encode(), hashlib.sha256).digest()
    assert headers["x-ddpaas-signature"] == base64.b64encode(signed).decode()
    shown = dingtalk.shown("zhao")[0].body["params"]
    assert (shown["title"], shown["status"], shown["note"]) == ("报销审批", "已同意", "您同意了")
    assert "note" not in dingtalk.cards["exp-1.1"].seen_by("qian")


async def test_a_click_without_a_registered_route_is_told(calls: Calls, dingtalk: FakeDingTalk) -> None:
    await calls.ding("POST", CREATE, card())
    assert "没有登记回调地址" in (await dingtalk.click("zhao", "exp-1.1", "approve")).trouble


async def test_an_answer_with_numbers_in_it_changes_nothing(
    calls: Calls, dingtalk: FakeDingTalk, ding_bot: DingBot
) -> None:
    await _register(calls)
    await calls.ding("POST", CREATE, card())
    ding_bot.card_answer = {"cardData": {"cardParamMap": {"amount": 120}}}
    click = await dingtalk.click("zhao", "exp-1.1", "approve")
    assert "不合规定" in click.trouble
    assert dingtalk.shown("zhao")[0].body["params"]["title"] == "报销审批"
