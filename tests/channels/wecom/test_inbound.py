"""Payload in, exact `Inbound` out. tests/payloads/wecom/NAME.xml must become NAME.json."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom import inbound, xml
from bot.channels.wecom.config import WeComConfig
from domain.messages import Inbound

CONFIG = WeComConfig(corp_id="wx5823bf96d3bd56c7", agent_id=218, secret="s", token="t", aes_key="k")
RECEIVED = datetime(2025, 11, 25, tzinfo=UTC)
PAYLOADS = sorted((Path(__file__).parents[2] / "payloads" / "wecom").glob("*.xml"))

# messaging.md 1.4 and 1.5 as the platform documents them
TYPES = {"text", "image", "voice", "video", "location", "link", "file", "event"}
EVENTS = {
    *("subscribe", "unsubscribe", "enter_agent", "LOCATION", "location_select"),
    *("click", "view", "view_miniprogram", "scancode_push", "scancode_waitmsg"),
    *("pic_sysphoto", "pic_photo_or_album", "pic_weixin"),
    *("template_card_event", "template_card_menu_event", "taskcard_click"),
    *("sys_approval_change", "open_approval_change", "change_contact", "batch_job_result"),
    *("add_schedule", "modify_schedule", "delete_schedule", "modify_calendar", "delete_calendar"),
    *("inactive_alert", "close_inactive_agent", "reopen_inactive_agent", "low_active_alert"),
}


def read(message: str | bytes) -> Inbound:
    return inbound.read(message.encode() if isinstance(message, str) else message, CONFIG, RECEIVED)


def tap(**fields: str) -> Inbound:
    known = {
        "FromUserName": "a",
        "CreateTime": "1764000000",
        "MsgType": "event",
        "Event": "template_card_event",
    }
    return read("<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in {**known, **fields}.items()) + "</xml>")


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_becomes_exactly_this(payload: Path) -> None:
    expected = Inbound.model_validate(json.loads(payload.with_suffix(".json").read_text()))
    assert read(payload.read_bytes()) == expected


def test_every_documented_type_and_event_has_a_payload() -> None:
    read_all = [read(path.read_bytes()).raw for path in PAYLOADS]
    assert {raw["MsgType"] for raw in read_all} >= TYPES
    assert {raw["Event"] for raw in read_all if "Event" in raw} >= EVENTS


def test_two_clicks_within_one_second_are_two_messages() -> None:
    clicks = [
        tap(EventKey="approve|expense:1|0|", TaskId="t1", ResponseCode="r1"),
        tap(EventKey="reject|expense:1|0|", TaskId="t1", ResponseCode="r1"),
        tap(EventKey="approve|expense:1|0|", TaskId="t2", ResponseCode="r1"),
        tap(EventKey="approve|expense:1|0|", TaskId="t1", ResponseCode="r2"),
        tap(EventKey="approve|expense:1|0|", TaskId="t1", ResponseCode="r1", FromUserName="b"),
    ]
    assert len({click.key for click in clicks}) == len(clicks)
    assert tap(EventKey="approve|expense:1|0|", TaskId="t1", ResponseCode="r1").key == clicks[0].key


def test_two_directory_events_of_one_second_are_two_messages() -> None:
    one, other = (
        read(f"<xml><FromUserName>sys</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>"
             f"<Event>change_contact</Event><UserID>{userid}</UserID></xml>")
        for userid in ("a", "b")
    )  # fmt: skip
    assert one.key != other.key
    assert one.sender == other.sender == ""


def test_a_message_number_of_zero_is_no_number() -> None:
    assert tap(MsgId="0").key.startswith("event:")


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("", ""), ("north", "1"), ("91", "1"), ("nan", "1"), ("1", "inf"), ("1", "-181")],
)
def test_a_place_that_is_nowhere_is_kept_as_unknown(latitude: str, longitude: str) -> None:
    message = read(
        f"<xml><MsgType>location</MsgType><MsgId>7</MsgId><Location_X>{latitude}</Location_X>"
        f"<Location_Y>{longitude}</Location_Y></xml>"
    )
    assert (message.kind, message.position, message.raw["Location_X"]) == ("unknown", None, latitude)


@pytest.mark.parametrize("created", ["", "soon", "99999999999999999999", "-1e400"])
def test_a_message_without_a_usable_time_was_sent_when_it_was_received(created: str) -> None:
    assert read(f"<xml><MsgType>text</MsgType><CreateTime>{created}</CreateTime></xml>").sent_at == RECEIVED


def test_characters_that_xml_forbids_do_not_cost_the_message() -> None:
    assert read("<xml><MsgType>text</MsgType><Content><![CDATA[a\x0bb\x00c]]></Content></xml>").text == "abc"


def test_what_is_no_xml_is_kept_and_recognised_when_it_comes_again() -> None:
    first, again = read(b"\xff<xml>\x00"), read(b"\xff<xml>\x00")
    assert (first.kind, first.raw, first.sent_at) == ("unknown", {"xml": "\ufffd<xml>\ufffd"}, RECEIVED)
    assert first.key == again.key != read(b"\xff<xml>").key


@pytest.mark.parametrize(
    "trick",
    [
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        '<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml><MsgType>text</MsgType></xml>',
        '<!DOCTYPE xml [<!ENTITY % p SYSTEM "http://127.0.0.1/x">%p;]><xml/>',
        "<xml>&undefined;</xml>",
        '<?xml version="1.0" encoding="utf-16"?><xml',
        "<a>" * 100 + "</a>" * 100,
    ],
)
def test_entities_and_document_types_are_never_followed(trick: str) -> None:
    with pytest.raises(xml.XmlRefused):
        xml.read(trick.encode())
    assert read(trick).kind == "unknown"


TAGS = st.sampled_from(
    (
        *("MsgType", "Event", "EventKey", "MsgId", "CreateTime", "FromUserName", "MediaId"),
        *("SelectedItems", "SelectedItem", "QuestionKey", "OptionIds", "OptionId", "OpitonIds", "OpitonId"),
        *("Location_X", "SendLocationInfo"),
    )
)
LEAVES = st.sampled_from(
    ["text", "event", "location", "template_card_event", "location_select", "0", "9" * 400, ""]
)
TREES = st.recursive(
    LEAVES,
    lambda inside: st.lists(st.tuples(TAGS, inside), max_size=5).map(
        lambda parts: "".join(f"<{tag}>{body}</{tag}>" for tag, body in parts)
    ),
    max_leaves=30,
)


@given(TREES)
def test_no_shape_of_a_message_raises(body: str) -> None:
    message = read(f"<xml>{body}</xml>")
    assert message.raw
    assert message == Inbound.model_validate_json(message.model_dump_json())


@given(
    st.binary(max_size=300)
    | st.text(st.sampled_from("<>/![]&;CDATxml-?\"' \x00é"), max_size=80).map(str.encode)
)
def test_no_bytes_raise(message: bytes) -> None:
    assert "\\u0000" not in read(message).model_dump_json()
