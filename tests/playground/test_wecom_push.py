import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.playground.clock import PlaygroundClock
from bot.playground.wecom import FakeWeCom
from bot.playground.wecom_push import Damage
from tests.playground.peers import Calls, WeComBot, approval_card

pytestmark = pytest.mark.anyio


async def test_the_url_is_verified_by_the_exact_plain_text(wecom: FakeWeCom) -> None:
    assert (await wecom.verify_url()).ok


@pytest.mark.parametrize(
    "spoil", [lambda plain: JSONResponse(plain), lambda plain: PlainTextResponse(plain + "\n")]
)
async def test_quotes_or_a_newline_around_the_echo_fail_verification(
    wecom: FakeWeCom, bot: WeComBot, spoil: Any
) -> None:
    bot.echo = spoil
    assert "引号" in (await wecom.verify_url()).trouble


async def test_a_text_arrives_with_the_documented_fields(wecom: FakeWeCom, bot: WeComBot) -> None:
    assert (await wecom.say("wangfang", "拜访了惠民超市")).ok
    assert bot.got == [
        {
            "ToUserName": "wx5823bf96d3bd56c7",
            "FromUserName": "WangFang",
            "CreateTime": "1795399620",
            "MsgType": "text",
            "Content": "拜访了惠民超市",
            "MsgId": "7000000000000001",
            "AgentID": "1000002",
        }
    ]
    bubble = wecom.shown("WangFang")[0]
    assert (bubble.mine, bubble.ref, bubble.progress) == (True, "7000000000000001", "delivered")


async def test_a_refused_message_is_sent_four_times_in_fresh_envelopes(
    wecom: FakeWeCom, bot: WeComBot
) -> None:
    bot.answer = lambda _: PlainTextResponse("", 503)
    delivery = await wecom.say("WangFang", "早")
    assert [attempt.status for attempt in delivery.attempts] == [503] * 4
    assert len(set(bot.nonces)) == 4 and len({one["MsgId"] for one in bot.got}) == 1
    bubble = wecom.shown("WangFang")[0]
    assert (bubble.progress, bubble.trouble) == ("failed", "小访拒收了这条消息（HTTP 503）")


async def test_the_second_attempt_can_succeed(wecom: FakeWeCom, bot: WeComBot) -> None:
    answers = [500, 200]
    bot.answer = lambda _: PlainTextResponse("", answers.pop(0))
    delivery = await wecom.say("WangFang", "早")
    assert delivery.ok and len(delivery.attempts) == 2


async def test_a_bot_that_is_silent_is_given_up_after_the_patience(clock: PlaygroundClock) -> None:
    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    wecom = _lonely(clock, httpx.ASGITransport(never), answer_seconds=0.01)
    delivery = await wecom.say("WangFang", "早")
    assert len(delivery.attempts) == 4
    assert delivery.trouble == "小访超过 0.01 秒没有应答"


async def test_a_bot_that_is_not_there_is_told_in_words(clock: PlaygroundClock) -> None:
    wecom = _lonely(clock, None, answer_seconds=5)
    delivery = await wecom.say("WangFang", "早")
    assert delivery.trouble == "连不上小访（127.0.0.1:9），请确认服务已启动"


def _lonely(clock: PlaygroundClock, transport: Any, answer_seconds: float) -> FakeWeCom:
    return FakeWeCom(
        corp_id="ww1",
        agent_id=1,
        secret="s",
        token="t",
        aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        callback_url="http://127.0.0.1:9/wecom/callback",
        clock=clock,
        members={"WangFang": "王芳"},
        transport=transport,
        answer_seconds=answer_seconds,
    )


@pytest.mark.parametrize("damage", ["signature", "receiver", "padding", "length", "base64", "xml"])
async def test_broken_envelopes_are_refused_by_an_independent_peer(
    wecom: FakeWeCom, bot: WeComBot, damage: Damage
) -> None:
    attempt = await wecom.push_bad(wecom.text("WangFang", "早"), damage)
    # The peer does not check the padding itself: the cut that 0x63 makes leaves no valid receiver.
    assert attempt.status in (400, 403)
    assert bot.got == []


async def test_a_stale_envelope_is_valid_but_an_hour_old(wecom: FakeWeCom, bot: WeComBot) -> None:
    assert (await wecom.push_bad(wecom.text("WangFang", "早"), "stale")).status == 200
    assert bot.got[0]["Content"] == "早"


async def test_replay_repeats_everything_in_another_order(wecom: FakeWeCom, bot: WeComBot) -> None:
    for number in range(5):
        await wecom.say("WangFang", str(number))
    await wecom.enter("WangFang")
    await wecom.replay(times=2)
    again = [one.get("Content", "") for one in bot.got[6:]]
    assert sorted(again) == sorted(["0", "1", "2", "3", "4", ""] * 2)
    assert again != sorted(again)
    assert len(wecom.shown("WangFang")) == 5


async def test_media_of_members_can_be_downloaded_by_the_bot(wecom: FakeWeCom, bot: WeComBot) -> None:
    await wecom.send_image("WangFang", b"\xff\xd8jpeg", "小票.jpg")
    await wecom.send_voice("WangFang", b"#!AMR\nvoice")
    await wecom.send_file("WangFang", b"%PDF-", "单.pdf")
    assert [(one["MsgType"], one.get("Format")) for one in bot.got] == [
        ("image", None),
        ("voice", "amr"),
        ("file", None),
    ]
    calls = Calls(wecom.app, "http://wecom.test")
    await calls.wecom_token()
    query = {"access_token": calls.token, "media_id": bot.got[1]["MediaId"]}
    assert (await calls.http.get("/cgi-bin/media/get", params=query)).content == b"#!AMR\nvoice"


async def test_a_place_has_its_latitude_in_location_x(wecom: FakeWeCom, bot: WeComBot) -> None:
    await wecom.send_location("WangFang", 39.9219, 116.4436, "惠民超市朝阳店")
    assert (bot.got[0]["Location_X"], bot.got[0]["Location_Y"]) == ("39.921900", "116.443600")
    assert (bot.got[0]["Label"], bot.got[0]["AppType"]) == ("惠民超市朝阳店", "wxwork")


async def test_events_have_no_msgid(wecom: FakeWeCom, bot: WeComBot) -> None:
    await wecom.enter("WangFang")
    await wecom.subscribe("WangFang")
    await wecom.menu("WangFang", "my_day")
    await wecom.report_location("WangFang", 39.9, 116.4)
    assert [one["Event"] for one in bot.got] == ["enter_agent", "subscribe", "click", "LOCATION"]
    assert all("MsgId" not in one for one in bot.got)


async def test_a_click_carries_what_was_chosen_and_a_fresh_code(wecom: FakeWeCom, bot: WeComBot) -> None:
    calls = Calls(wecom.app, "http://wecom.test")
    sent = await calls.wecom("message/send", approval_card("exp-1"))
    await wecom.click("WangFang", "exp-1", "approve", {"reason": ["a", "b"]})
    await wecom.click("WangFang", "exp-1", "approve", {"x": ["1"], "y": ["2"]}, spelling="OpitonIds")
    first, second = bot.got
    assert (first["Event"], first["EventKey"], first["TaskId"]) == ("template_card_event", "approve", "exp-1")
    chosen = {"QuestionKey": "reason", "OptionIds": {"OptionId": ["a", "b"]}}
    assert first["SelectedItems"] == {"SelectedItem": chosen}
    assert second["SelectedItems"]["SelectedItem"][1] == {"QuestionKey": "y", "OpitonIds": {"OpitonId": "2"}}
    codes = {sent["response_code"], first["ResponseCode"], second["ResponseCode"]}
    assert len(codes) == 3
    update = {"userids": ["WangFang"], "agentid": 1000002, "button": {"replace_name": "已办"}}
    answer = await calls.wecom(
        "message/update_template_card", update | {"response_code": first["ResponseCode"]}
    )
    assert answer["errcode"] == 0


async def test_a_menu_entry_of_a_card_is_its_own_event(wecom: FakeWeCom, bot: WeComBot) -> None:
    calls = Calls(wecom.app, "http://wecom.test")
    menu = {"desc": "更多", "action_list": [{"text": "退订", "key": "stop"}]}
    await calls.wecom("message/send", approval_card("exp-1", action_menu=menu))
    await wecom.click("WangFang", "exp-1", "stop")
    assert bot.got[0]["Event"] == "template_card_menu_event"


async def test_a_passive_text_is_shown(wecom: FakeWeCom, bot: WeComBot) -> None:
    bot.answer = lambda _: bot.passive(
        "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[收到]]></Content></xml>"
    )
    delivery = await wecom.say("WangFang", "早")
    assert delivery.ok and delivery.reply == {"MsgType": "text", "Content": "收到"}
    assert [bubble.body["content"] for bubble in wecom.shown("WangFang")] == ["早", "收到"]


async def test_a_passive_button_update_greys_it_for_the_clicker_only(wecom: FakeWeCom, bot: WeComBot) -> None:
    calls = Calls(wecom.app, "http://wecom.test")
    await calls.wecom("message/send", approval_card("exp-1", "WangFang|LiLei"))
    bot.answer = lambda _: bot.passive(
        "<xml><MsgType>update_button</MsgType><Button><ReplaceName>已同意</ReplaceName></Button></xml>"
    )
    await wecom.click("WangFang", "exp-1", "approve")
    assert wecom.shown("WangFang")[0].body["replace_text"] == "已同意"
    assert "replace_text" not in wecom.shown("LiLei")[0].body


async def test_a_passive_card_takes_the_place_of_the_card(wecom: FakeWeCom, bot: WeComBot) -> None:
    calls = Calls(wecom.app, "http://wecom.test")
    await calls.wecom("message/send", approval_card("exp-1"))
    bot.answer = lambda _: bot.passive(
        "<xml><MsgType>update_template_card</MsgType><TemplateCard><CardType>button_interaction</CardType>"
        "<MainTitle><Title>已同意</Title></MainTitle>"
        "<HorizontalContentList><KeyName>金额</KeyName><Value>120 元</Value></HorizontalContentList>"
        "<ButtonList><Text>撤销</Text><Key>undo</Key><Style>3</Style></ButtonList></TemplateCard></xml>"
    )
    await wecom.click("WangFang", "exp-1", "approve")
    assert wecom.shown("WangFang")[0].body == {
        "card_type": "button_interaction",
        "main_title": {"title": "已同意"},
        "horizontal_content_list": [{"keyname": "金额", "value": "120 元"}],
        "button_list": [{"text": "撤销", "key": "undo", "style": 3}],
        "task_id": "exp-1",
    }


@pytest.mark.parametrize("body", ["ok", "<xml></xml>", "<xml><Encrypt>AAAA</Encrypt></xml>"])
async def test_an_answer_that_is_neither_success_nor_sealed_is_tried_again(
    wecom: FakeWeCom, bot: WeComBot, body: str
) -> None:
    bot.answer = lambda _: Response(body)
    delivery = await wecom.say("WangFang", "早")
    assert not delivery.ok and len(delivery.attempts) == 4


async def test_unread_is_what_the_bot_sent_since_the_member_looked(
    wecom: FakeWeCom, clock: PlaygroundClock
) -> None:
    calls = Calls(wecom.app, "http://wecom.test")
    await wecom.say("WangFang", "早")
    await calls.wecom("message/send", approval_card("exp-1"))
    assert wecom.chats.unread("WangFang") == 1
    wecom.chats.mark_read("WangFang")
    clock.advance(timedelta(minutes=1))
    assert wecom.chats.unread("WangFang") == 0
