from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.clock import PlaygroundClock
from bot.playground.wecom import FakeWeCom
from bot.playground.wecom_limits import Refused, check_card, cut_bytes
from tests.playground.peers import Calls, approval_card, text_to

pytestmark = pytest.mark.anyio


@pytest.fixture
def calls(wecom: FakeWeCom) -> Calls:
    return Calls(wecom.app, "http://wecom.test")


async def test_unknown_members_come_back_in_lower_case_and_the_others_get_it(
    calls: Calls, wecom: FakeWeCom
) -> None:
    answer = await calls.wecom("message/send", text_to("WANGFANG|NoBody|Ghost", "早"))
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody|ghost")
    assert wecom.sent[0].delivered == ("WangFang",)
    assert wecom.sent[0].msgid == answer["msgid"]


async def test_only_unknown_receivers_are_81013(calls: Calls, wecom: FakeWeCom) -> None:
    assert (await calls.wecom("message/send", text_to("nobody", "早")))["errcode"] == 81013
    assert wecom.sent == []


async def test_everybody_and_the_root_department(calls: Calls, wecom: FakeWeCom) -> None:
    await calls.wecom("message/send", text_to("@all", "一"))
    answer = await calls.wecom("message/send", text_to("", "二", toparty="1|99"))
    assert [sent.delivered for sent in wecom.sent] == [("WangFang", "LiLei")] * 2
    assert answer["invalidparty"] == "99"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"agentid": 7}, 40056),
        ({"agentid": "1000002"}, 40056),
        ({"touser": ""}, 40035),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 40058),
        ({"msgtype": "carrier_pigeon"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "image", "image": {"media_id": "made-up"}}, 40007),
        ({"msgtype": "markdown", "markdown": {"content": "好" * 700}}, 45002),
        ({"msgtype": "textcard", "textcard": {"title": "a", "description": "b"}}, 40058),
        ({"msgtype": "news", "news": {"articles": [{"title": "a", "url": "u"}] * 9}}, 40058),
    ],
)
async def test_what_message_send_refuses(calls: Calls, change: dict[str, Any], code: int) -> None:
    assert (await calls.wecom("message/send", text_to("WangFang", "早") | change))["errcode"] == code


async def test_long_text_is_cut_silently_at_2048_bytes(calls: Calls, wecom: FakeWeCom) -> None:
    answer = await calls.wecom("message/send", text_to("WangFang", "好" * 700))
    assert answer["errcode"] == 0
    assert wecom.shown("WangFang")[0].body["content"] == "好" * 682
    assert wecom.sent[0].cut == ("content",)


@given(st.text(max_size=80), st.integers(0, 90))
def test_a_cut_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    cut = cut_bytes(text, limit)
    assert len(cut.encode()) <= limit and text.startswith(cut)


async def test_the_31st_message_in_60_seconds_vanishes_with_errcode_0(
    calls: Calls, wecom: FakeWeCom, clock: PlaygroundClock
) -> None:
    for number in range(31):
        answer = await calls.wecom("message/send", text_to("WangFang|LiLei", str(number)))
        assert answer["errcode"] == 0
    assert wecom.sent[-1].dropped == ("WangFang", "LiLei")
    assert len(wecom.shown("WangFang")) == 30
    clock.advance(timedelta(seconds=60))
    await calls.wecom("message/send", text_to("WangFang", "later"))
    assert wecom.shown("WangFang")[-1].body["content"] == "later"


async def test_the_1001st_message_in_an_hour_vanishes(
    calls: Calls, wecom: FakeWeCom, clock: PlaygroundClock
) -> None:
    for number in range(1001):
        clock.advance(timedelta(seconds=3))
        await calls.wecom("message/send", text_to("WangFang", str(number)))
    assert [sent.msgid for sent in wecom.sent if sent.dropped] == [wecom.sent[-1].msgid]


async def test_the_same_json_inside_the_interval_is_dropped(
    calls: Calls, wecom: FakeWeCom, clock: PlaygroundClock
) -> None:
    body = text_to("WangFang", "早", enable_duplicate_check=1, duplicate_check_interval=60)
    first = await calls.wecom("message/send", body)
    again = await calls.wecom("message/send", body)
    assert again["errcode"] == 0 and again["msgid"] == first["msgid"]
    assert [sent.repeated for sent in wecom.sent] == [False, True]
    clock.advance(timedelta(seconds=60))
    await calls.wecom("message/send", body)
    assert len(wecom.shown("WangFang")) == 2


async def test_without_the_check_the_same_json_arrives_twice(calls: Calls, wecom: FakeWeCom) -> None:
    for _ in range(2):
        await calls.wecom("message/send", text_to("WangFang", "早"))
    assert len(wecom.shown("WangFang")) == 2


async def test_a_message_is_recalled_within_a_day(
    calls: Calls, wecom: FakeWeCom, clock: PlaygroundClock
) -> None:
    first = await calls.wecom("message/send", text_to("WangFang", "错"))
    assert (await calls.wecom("message/recall", {"msgid": first["msgid"]}))["errcode"] == 0
    assert wecom.shown("WangFang")[0].recalled
    late = await calls.wecom("message/send", text_to("WangFang", "迟"))
    clock.advance(timedelta(hours=25))
    await calls.wecom_token()
    assert (await calls.wecom("message/recall", {"msgid": late["msgid"]}))["errcode"] == 40058


async def test_an_interactive_card_gives_one_code_that_changes_it_once(
    calls: Calls, wecom: FakeWeCom
) -> None:
    sent = await calls.wecom("message/send", approval_card("exp-1", "WangFang|LiLei"))
    update = {"userids": ["wangfang", "ghost"], "agentid": 1000002, "button": {"replace_name": "已同意"}}
    update["response_code"] = sent["response_code"]
    first = await calls.wecom("message/update_template_card", update)
    assert (first["errcode"], first["invaliduser"]) == (0, ["ghost"])
    assert wecom.shown("WangFang")[0].body["replace_text"] == "已同意"
    assert "replace_text" not in wecom.shown("LiLei")[0].body
    assert (await calls.wecom("message/update_template_card", update))["errcode"] == 40058


async def test_a_code_older_than_72_hours_is_refused(calls: Calls, clock: PlaygroundClock) -> None:
    sent = await calls.wecom("message/send", approval_card("exp-1"))
    clock.advance(timedelta(hours=72))
    await calls.wecom_token()
    update = {"userids": ["WangFang"], "agentid": 1000002, "response_code": sent["response_code"]}
    answer = await calls.wecom("message/update_template_card", update | {"button": {"replace_name": "x"}})
    assert answer["errcode"] == 40058


async def test_an_update_can_put_a_whole_card_in_place(calls: Calls, wecom: FakeWeCom) -> None:
    sent = await calls.wecom("message/send", approval_card("exp-1"))
    notice = {
        "card_type": "text_notice",
        "main_title": {"title": "已同意"},
        "card_action": {"type": 1, "url": "https://x.test"},
    }
    update = {"atall": 1, "agentid": 1000002, "response_code": sent["response_code"], "template_card": notice}
    assert (await calls.wecom("message/update_template_card", update))["errcode"] == 0
    assert wecom.shown("WangFang")[0].body["main_title"] == {"title": "已同意"}


async def test_a_plain_notice_gives_no_code(calls: Calls) -> None:
    card = {
        "card_type": "text_notice",
        "main_title": {"title": "提醒"},
        "card_action": {"type": 1, "url": "u"},
    }
    body = {"touser": "WangFang", "msgtype": "template_card", "agentid": 1000002, "template_card": card}
    assert "response_code" not in await calls.wecom("message/send", body)


async def test_a_task_id_is_used_once(calls: Calls) -> None:
    await calls.wecom("message/send", approval_card("exp-1"))
    assert (await calls.wecom("message/send", approval_card("exp-1")))["errcode"] == 40058


GOOD = approval_card("t-1")["template_card"]
VOTE = {
    "card_type": "vote_interaction",
    "task_id": "v",
    "main_title": {"title": "选"},
    "checkbox": {"question_key": "q", "option_list": [{"id": "a", "text": "甲"}], "mode": 1},
    "submit_button": {"text": "提交", "key": "go"},
}


@pytest.mark.parametrize(
    "change",
    [
        {"task_id": ""},
        {"task_id": "报销"},
        {"task_id": "a" * 129},
        {"main_title": {}},
        {"button_list": []},
        {"button_list": [{"text": "同意", "key": "a"}] * 2},
        {"button_list": [{"text": f"{n}", "key": f"{n}"} for n in range(7)]},
        {"button_list": [{"text": "同意", "key": "a" * 1025}]},
        {"button_list": [{"text": "去", "type": 1}]},
        {"horizontal_content_list": [{"keyname": "a", "value": "b"}] * 7},
        {"jump_list": [{"title": "a"}] * 4},
        {"card_type": "unheard_of"},
        {"card_type": "vote_interaction"},
        {"card_type": "multiple_interaction", "select_list": []},
        {"card_type": "text_notice"},
        {"action_menu": {"desc": "更多", "action_list": []}},
        {"button_selection": {"question_key": "q", "option_list": []}},
    ],
)
def test_a_card_with_a_fault_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        check_card(GOOD | change)


@pytest.mark.parametrize("card", [GOOD, VOTE])
def test_a_whole_card_is_taken(card: dict[str, Any]) -> None:
    check_card(card)


async def test_a_title_longer_than_a_phone_shows_is_noted(calls: Calls, wecom: FakeWeCom) -> None:
    await calls.wecom("message/send", approval_card("t", main_title={"title": "长" * 37}))
    assert wecom.sent[0].cut == ("main_title.title",)
