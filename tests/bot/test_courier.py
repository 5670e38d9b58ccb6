"""The courier against the local platforms: every outcome that a send can have."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from domain.cards import Button, Card, Text
from storage.claims import claim
from storage.delivery import enqueue
from storage.tables import ChannelRow, OutboxRow
from tests.conftest import TestClock
from tests.world import World, world

CARD = Card(ref="proposal:1", revision=1, title="拜访", buttons=(Button(id="confirm", text="确认"),))
CLOSED = CARD.model_copy(update={"buttons": (), "status": "已保存"})


@pytest.fixture
def there(tmp_path: Path, clock: TestClock) -> Iterator[World]:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        yield there


def put(there: World, content: Text | Card, recipient: str = "liwei", **more: object) -> str:
    channel = "dingtalk" if recipient.startswith("d-") else "wecom"
    key = f"test{len(rows(there))}"
    with there.house.store.write() as session:
        enqueue(
            session,
            content,
            key=key,
            person_id="P101",
            channel=channel,
            recipient=recipient,
            now=there.clock(),
            **more,  # type: ignore[arg-type]
        )
    return key


def rows(there: World) -> list[OutboxRow]:
    with there.house.store.read() as session:
        return list(session.exec(select(OutboxRow).order_by(col(OutboxRow.id))))


def states(there: World) -> list[str]:
    return [row.state for row in rows(there)]


def test_a_text_is_sent_once(there: World) -> None:
    put(there, Text(text="你好"))
    there.settle()
    assert states(there) == ["sent"]
    assert there.texts("liwei") == ['{"content": "你好"}']


def test_the_same_words_twice_are_two_messages(there: World) -> None:
    put(there, Text(text="好的"))
    put(there, Text(text="好的"))
    there.settle()
    assert there.texts("liwei") == ['{"content": "好的"}'] * 2


def test_a_send_whose_answer_was_lost_is_repeated_and_shown_once(there: World) -> None:
    there.wecom.fail_next("message/send", drop=True)
    put(there, Text(text="你好"))
    there.settle()
    assert states(there) == ["sent"]
    assert there.texts("liwei") == ['{"content": "你好"}']
    assert sum(call.path.endswith("message/send") for call in there.wecom.calls) == 2


def test_a_robot_message_whose_answer_was_lost_is_never_sent_again(there: World) -> None:
    there.dingtalk.fail_next("/v1.0/robot/oToMessages/batchSend", drop=True)
    put(there, Text(text="你好"), "d-liwei")
    there.settle()
    there.forward(hours=2)
    assert states(there) == ["unknown"]
    assert len(there.texts("d-liwei")) == 1


def test_a_card_whose_answer_was_lost_is_created_once(there: World) -> None:
    there.dingtalk.fail_next("/v1.0/card/instances/createAndDeliver", drop=True)
    put(there, CARD, "d-liwei")
    there.settle()
    assert states(there) == ["sent"]
    assert [card.creations for card in there.dingtalk.cards.values()] == [2]
    assert len(there.cards("d-liwei")) == 1


def test_a_refused_address_pauses_the_channel_quietly_and_loses_nothing(
    there: World, caplog: pytest.LogCaptureFixture
) -> None:
    there.wecom.fail_next("message/send", errcode=60020, times=3)
    for text in ("一", "二", "三"):
        put(there, Text(text=text))
    there.settle()
    assert states(there) == ["pending"] * 3
    with there.house.store.read() as session:
        channel = session.get_one(ChannelRow, "wecom")
    assert channel.paused_until is not None
    assert channel.paused_until > there.clock()
    assert "60020" in channel.pause_reason
    paused = [r for r in caplog.records if "paused until" in r.getMessage()]
    assert len(paused) == 1
    for _ in range(6):
        there.forward(minutes=11)
    assert states(there) == ["sent"] * 3
    assert there.texts("liwei") == [f'{{"content": "{text}"}}' for text in "一二三"]


def test_a_dead_token_is_refreshed_once_and_nobody_notices(there: World) -> None:
    put(there, Text(text="一"))
    there.settle()
    there.wecom.expire_token(40014)
    put(there, Text(text="二"))
    there.settle()
    assert states(there) == ["sent", "sent"]
    assert sum(call.path.endswith("gettoken") for call in there.wecom.calls) == 2


def test_a_busy_platform_is_tried_again_later(there: World) -> None:
    there.wecom.fail_next("message/send", errcode=-1, times=2)
    put(there, Text(text="你好"))
    there.settle()
    assert states(there) == ["sent"]
    assert rows(there)[0].attempts == 3


def test_somebody_who_is_not_on_the_platform_is_given_up(there: World) -> None:
    put(there, Text(text="你好"), "nobody-here")
    there.settle()
    assert states(there) == ["failed"]


def test_forty_messages_in_a_row_all_arrive_none_dropped_by_the_platform(there: World) -> None:
    for number in range(40):
        put(there, Text(text=str(number)))
    for _ in range(8):
        there.forward(seconds=20)
    assert states(there) == ["sent"] * 40
    assert not any(sent.dropped for sent in there.wecom.sent)
    assert len(there.texts("liwei")) == 40


def test_a_card_that_cannot_be_changed_tells_whoever_tapped_in_words(there: World) -> None:
    put(there, CARD)
    there.settle()
    put(there, CLOSED, closes=True)
    put(there, CLOSED, closes=True, fallback="拜访：已保存")
    there.settle()
    assert states(there) == ["sent", "sent", "failed", "sent"]
    assert there.last("liwei") == '{"content": "拜访：已保存"}'


def test_a_courier_that_died_while_sending_a_robot_message_leaves_it_unknown(there: World) -> None:
    put(there, Text(text="你好"), "d-liwei")
    put(there, Text(text="你好"), "liwei")
    with there.house.store.write() as session:
        lease = timedelta(seconds=90)
        claim(session, OutboxRow, worker="dead", now=there.clock(), lease=lease, limit=5)
    there.forward(minutes=2)
    assert states(there) == ["unknown", "sent"], "only WeCom recognises a repetition"


def test_after_a_day_a_delivery_is_given_up(there: World) -> None:
    there.wecom.fail_next("message/send", errcode=-1, times=1000)
    put(there, Text(text="你好"))
    for _ in range(30):
        there.forward(hours=1)
    assert states(there) == ["failed"]
