import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.dingtalk.inbound import card_action, event, robot_message
from bot.channels.dingtalk.payload import DEPTH, Foreign, Malformed, parse
from domain.messages import Action, Inbound, Media
from tests.channels.dingtalk.company import CONFIG, NOW, payload

TENANT = "dingcorp01:dingrobot01"


def at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def from_lili(msg_id: str, sent: int, **expected: Any) -> Inbound:
    return Inbound(
        **{
            "channel": "dingtalk",
            "tenant": TENANT,
            "key": f"dingrobot01:{msg_id}",
            "sender": "lili",
            "sent_at": at(sent),
            **expected,
        }
    )


MESSAGES = {
    "text": from_lili(
        "msg0xE9hkmtzzqyYHkY==", 1795394400123, sender="manager7675", kind="text", text="今天谁没交日报？"
    ),
    "text_group": from_lili("msgGroup01", 1795394401000, kind="text", text="@张三 的拜访记录呢"),
    "text_reply": from_lili("msgReply01", 1795394402000, kind="text", text="同意"),
    "picture": from_lili(
        "msgPic01", 1795394403000, kind="image", media=(Media(handle="mIofN681YE3f/+m+NntqpSMAAA"),)
    ),
    "audio": from_lili(
        "msgAudio01",
        1795394404000,
        kind="voice",
        media=(Media(handle="audioCode01", seconds=4.32, recognition="去惠民超市看了原味酸奶。"),),
    ),
    "audio_content_as_text": from_lili(
        "msgAudio02", 1795394405000, kind="voice", media=(Media(handle="audioCode02", seconds=0.8),)
    ),
    "video": from_lili("msgVideo01", 1795394406000, kind="video", media=(Media(handle="videoCode01"),)),
    "file": from_lili(
        "msgFile01", 1795394407000, kind="file", media=(Media(handle="fileCode01", name="滴滴电子发票.pdf"),)
    ),
    "rich_text": from_lili(
        "msgRich01",
        1795394408000,
        kind="image",
        text="午餐两个人\n打车",
        media=(Media(handle="richCode01"), Media(handle="richCode02")),
    ),
    "rich_text_harmony": from_lili("msgRich02", 1795394409000, kind="text", text="我今天的安排"),
    "unknown": from_lili("msgUnknown01", 1795394410000, kind="unknown"),
    "outsider": from_lili("msgOut01", 1795394411000, sender="$:LWCP_v1:$Outsider", kind="text", text="在吗"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_captured_robot_message_becomes_exactly_this(name: str) -> None:
    given_payload = payload(name)
    kept = {
        k: v for k, v in given_payload.items() if k not in ("sessionWebhook", "sessionWebhookExpiredTime")
    }
    assert robot_message(given_payload, CONFIG, NOW) == MESSAGES[name].model_copy(update={"raw": kept})


def test_what_is_kept_holds_no_webhook_that_speaks_as_the_robot() -> None:
    assert "session=secret" not in robot_message(payload("text"), CONFIG, NOW).model_dump_json()


def test_two_robots_that_share_a_message_id_do_not_hide_each_others_message() -> None:
    ours = robot_message(payload("text"), CONFIG, NOW)
    other = robot_message(payload("text") | {"robotCode": CONFIG.client_id}, CONFIG, NOW)
    assert ours.key != other.key


@pytest.mark.parametrize("change", [{"robotCode": "dingrobot99"}, {"chatbotCorpId": "dingother99"}])
def test_a_message_for_another_robot_or_company_is_foreign(change: dict[str, str]) -> None:
    with pytest.raises(Foreign):
        robot_message(payload("text") | change, CONFIG, NOW)


@pytest.mark.parametrize("missing", ["msgId", "senderId"])
def test_a_message_without_id_or_sender_is_malformed(missing: str) -> None:
    given_payload = payload("text")
    del given_payload["senderStaffId"], given_payload[missing]
    with pytest.raises(Malformed):
        robot_message(given_payload, CONFIG, NOW)


def test_a_picture_without_a_code_is_kept_as_unknown() -> None:
    message = robot_message(payload("picture") | {"content": {}}, CONFIG, NOW)
    assert (message.kind, message.media) == ("unknown", ())


def test_an_absurd_time_gives_way_to_the_time_of_arrival() -> None:
    assert robot_message(payload("text") | {"createAt": 10**30}, CONFIG, NOW).sent_at == NOW


def test_a_tap_becomes_an_action_with_what_the_button_carried() -> None:
    message = card_action(payload("card_action"), CONFIG, NOW)
    assert message == Inbound(
        channel="dingtalk",
        tenant=TENANT,
        key=message.key,
        sender="manager7675",
        kind="action",
        sent_at=NOW,
        action=Action(button="approve", ref="approval:12", revision=3, card="xf-0011"),
        raw=payload("card_action"),
    )


def test_what_was_selected_beside_the_button_comes_along() -> None:
    assert card_action(payload("card_action_choice"), CONFIG, NOW).action == Action(
        button="choose",
        ref="proposal:7",
        revision=2,
        value="C001",
        selected={"reason": ("price", "trust"), "remark": ("老客户",)},
        card="xf-0012",
    )


CARRIED = {"ref": "approval:12", "revision": "3"}
PRIVATE = {"actionIds": ["approve"], "params": CARRIED}
SPELLINGS: dict[str, dict[str, Any]] = {
    "private data in a string": {"content": json.dumps({"cardPrivateData": PRIVATE})},
    "private data in an object": {"content": {"cardPrivateData": PRIVATE}},
    "only the value twin": {"value": json.dumps({"cardPrivateData": PRIVATE})},
    "straight in the content": {"content": json.dumps({"actionId": "approve", "params": CARRIED})},
    "on top": {"actionId": "approve", "content": json.dumps({"params": CARRIED})},
    "in actionData": {"actionData": {"actionId": "approve", "params": CARRIED}},
    "in actionData's private data": {"actionData": json.dumps({"cardPrivateData": PRIVATE})},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_tap_is_the_same_tap(spelling: str) -> None:
    bare = {"outTrackId": "xf-0011", "corpId": "dingcorp01", "userId": "Manager7675"}
    tapped = card_action(bare | SPELLINGS[spelling], CONFIG, NOW)
    usual = card_action(payload("card_action"), CONFIG, NOW)
    assert (tapped.key, tapped.action) == (usual.key, usual.action)


def tap(**carried: Any) -> str:
    body = {"cardPrivateData": {"actionIds": [carried.pop("button", "approve")], "params": CARRIED | carried}}
    user = carried.pop("user", "lili")
    return card_action({"outTrackId": "xf-1", "userId": user, "content": json.dumps(body)}, CONFIG, NOW).key


def test_a_double_tap_is_one_and_a_tap_on_a_newer_state_is_another() -> None:
    assert tap() == tap()
    assert len({tap(), tap(revision=4), tap(button="reject"), tap(value="C001"), tap(value="C002")}) == 5


@pytest.mark.parametrize("missing", ["outTrackId", "userId", "content"])
def test_a_tap_without_card_person_or_button_is_malformed(missing: str) -> None:
    given_payload = payload("card_action")
    del given_payload["value"], given_payload[missing]
    with pytest.raises(Malformed):
        card_action(given_payload, CONFIG, NOW)


def test_a_tap_in_another_company_is_foreign() -> None:
    with pytest.raises(Foreign):
        card_action(payload("card_action") | {"corpId": "dingother99"}, CONFIG, NOW)


EVENTS = {
    "event_user_leave_org": ("user_leave_org", "event:8f1a2b", at(1795394412000)),
    "event_calendar_change": ("calendar_event_change", "event:cal-77", at(1795394414000)),
    "event_todo_change": ("todo_task_change", "event:todo-5", at(1795394415000)),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_captured_event_becomes_exactly_this(name: str) -> None:
    text, key, sent_at = EVENTS[name]
    assert event(payload(name), CONFIG, NOW) == Inbound(
        channel="dingtalk",
        tenant=TENANT,
        key=key,
        sender="",
        kind="event",
        sent_at=sent_at,
        text=text,
        raw=payload(name),
    )


def test_an_event_without_an_id_is_known_by_its_content() -> None:
    first = event(payload("event_bpms_task_change"), CONFIG, NOW)
    again = event(payload("event_bpms_task_change"), CONFIG, NOW)
    other = event(payload("event_bpms_task_change") | {"taskId": 2}, CONFIG, NOW)
    assert first.key == again.key != other.key


def test_the_same_event_by_stream_and_by_http_has_one_key() -> None:
    headers = {"eventId": "8f1a2b", "eventType": "user_leave_org", "eventCorpId": "dingcorp01"}
    by_stream = event({"UserId": ["lili"]}, CONFIG, NOW, headers)
    assert by_stream.key == event(payload("event_user_leave_org"), CONFIG, NOW).key


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b'"text"', b"{", b'{"a":NaN}', b'{"a":' * 100_000, b'{"a":1' + b"0" * 5000 + b"}"],
)
def test_what_is_no_object_of_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)


def test_depth_is_bounded() -> None:
    inside = "1"
    for _ in range(DEPTH - 1):
        inside = f'{{"a":{inside}}}'
    parse(inside)
    with pytest.raises(Malformed):
        parse(f'{{"a":{inside}}}')


def test_what_no_database_takes_is_replaced() -> None:
    assert parse(rb'{"text":"a\u0000b\ud800c"}') == {"text": "a\N{REPLACEMENT CHARACTER}b?c"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = """msgId msgtype text content robotCode senderStaffId senderId createAt conversationType richText
    downloadCode duration outTrackId userId corpId value actionId actionIds actionData cardPrivateData params
    ref revision EventType eventId TimeStamp CorpId"""
NAMES = st.sampled_from(WORDS.split())
KINDS = st.sampled_from(["text", "picture", "audio", "video", "file", "richText", "unknownMsgType"])
SHAPED = st.dictionaries(NAMES, JSON | KINDS | st.dictionaries(NAMES, JSON, max_size=4), max_size=10)


@given(SHAPED)
def test_whatever_json_comes_it_is_read_or_refused_and_can_be_stored(body: dict[str, Any]) -> None:
    cleaned = parse(json.dumps(body))
    for read in (robot_message, card_action, event):
        try:
            message = read(cleaned, CONFIG, NOW)
        except (Malformed, Foreign):
            continue
        assert "\0" not in json.loads(message.model_dump_json())["text"]
        assert len(message.key) < 1200


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_bytes_come_they_are_an_object_or_malformed(body: bytes) -> None:
    try:
        assert isinstance(parse(body), dict)
    except Malformed:
        pass
