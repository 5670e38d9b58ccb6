"""The channel against the simulated platform, over real sockets. The simulator shares no code with it."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.base import Channel, Envelope, ShownCard
from bot.channels.dingtalk.callback import routes
from bot.channels.dingtalk.channel import DingTalkChannel
from bot.channels.dingtalk.client import DingTalkClient
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.inbound import event
from bot.channels.dingtalk.stream import StreamSupervisor
from bot.playground.clock import PlaygroundClock
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.dingtalk_push import Damage
from bot.playground.server import run_platforms
from domain.cards import Attachment, Button, Card, Line, Markdown, Text
from domain.errors import DeliveryError
from domain.messages import Media
from tests.channels.dingtalk.company import CONFIG, NOW, Inbox

BATCH = "/v1.0/robot/oToMessages/batchSend"
CREATE = "/v1.0/card/instances/createAndDeliver"

EXPENSE = Card(
    ref="approval:12",
    revision=1,
    title="费用审批",
    lines=(Line(label="金额", value="¥86.00", source="小票合计"),),
    status="待审批",
    buttons=(
        Button(id="approve", text="同意", style="primary"),
        Button(id="reject", text="驳回", style="danger"),
    ),
)


@pytest.fixture
def clock() -> PlaygroundClock:
    return PlaygroundClock(NOW)


@pytest.fixture
def platform(clock: PlaygroundClock) -> FakeDingTalk:
    return FakeDingTalk(
        client_id=CONFIG.client_id,
        client_secret=CONFIG.client_secret,
        robot_code=CONFIG.robot_code,
        corp_id=CONFIG.corp_id,
        clock=clock,
        members={"zhao": "赵敏", "lili": "李丽"},
    )


@pytest.fixture
def config(platform: FakeDingTalk) -> Iterator[DingTalkConfig]:
    with run_platforms({"dingtalk": platform}) as hosts:
        yield replace(CONFIG, api_base=hosts["dingtalk"], oapi_base=hosts["dingtalk"])


@pytest.fixture
def channel(config: DingTalkConfig) -> Iterator[DingTalkChannel]:
    channel = DingTalkChannel(config)
    yield channel
    channel.close()


def envelope(content: Any, recipient: str = "zhao", attachment: bytes | None = None) -> Envelope:
    return Envelope(key="out:1", recipient=recipient, content=content, attachment=attachment)


def calls(platform: FakeDingTalk, path: str) -> int:
    return sum(call.path == path for call in platform.calls)


def test_the_channel_is_what_the_house_expects(channel: DingTalkChannel) -> None:
    house: Channel = channel
    assert (house.name, house.per_app_second) == ("dingtalk", 20)
    assert (house.repeatable(EXPENSE), house.repeatable(Text(text="x"))) == (True, False)
    assert house.card_name("a:1", 1, "Zhao") == house.card_name("a:1", 1, "zhao")
    assert house.card_name("a:1", 1, "zhao") != house.card_name("a:1", 2, "zhao")


def test_a_text_arrives(channel: DingTalkChannel, platform: FakeDingTalk) -> None:
    receipt = channel.send(envelope(Text(text="已记录 ✅")))
    (sent,) = platform.sent
    assert (sent.kind, sent.params, sent.delivered) == ("sampleText", {"content": "已记录 ✅"}, ("zhao",))
    assert (receipt.ref, receipt.undelivered) == (sent.key, ())


def test_markdown_arrives(channel: DingTalkChannel, platform: FakeDingTalk) -> None:
    channel.send(envelope(Markdown(title="日报", text="# 日报\n> 3 家")))
    assert (platform.sent[0].kind, platform.sent[0].params) == (
        "sampleMarkdown",
        {"title": "日报", "text": "# 日报\n> 3 家"},
    )


def test_people_who_were_not_reached_are_named(channel: DingTalkChannel, platform: FakeDingTalk) -> None:
    platform.filtered.add("lili")
    assert channel.send(envelope(Text(text="在吗"), "lili")).undelivered == ("lili",)
    assert channel.send(envelope(Text(text="在吗"), "nobody")).undelivered == ("nobody",)


def test_somebody_who_is_held_back_is_tried_again_later(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    platform.flow_controlled.add("zhao")
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope(Text(text="在吗")))
    assert (caught.value.retry_after, caught.value.permanent, caught.value.maybe_delivered) == (
        60.0,
        False,
        False,
    )


def test_a_file_and_a_picture_arrive(channel: DingTalkChannel, platform: FakeDingTalk) -> None:
    channel.send(envelope(Attachment(sha256="0" * 64, name="周报.xlsx"), attachment=b"sheet"))
    channel.send(envelope(Attachment(sha256="1" * 64, name="货架.jpg", image=True), attachment=b"jpeg"))
    file, image = platform.sent
    assert (file.kind, file.params["fileName"], file.params["fileType"]) == (
        "sampleFile",
        "周报.xlsx",
        "xlsx",
    )
    assert platform.state.files[file.params["mediaId"]].content == b"sheet"
    assert (image.kind, platform.state.files[image.params["photoURL"]].content) == ("sampleImageMsg", b"jpeg")


def test_a_card_is_delivered_and_sending_it_again_does_not_double_it(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    first, second = channel.send(envelope(EXPENSE)), channel.send(envelope(EXPENSE))
    (card,) = platform.cards.values()
    assert first.ref == second.ref == card.out_track_id == channel.card_name("approval:12", 1, "zhao")
    assert (card.creations, len(platform.shown("zhao")), card.callback_type) == (2, 1, "STREAM")
    assert card.raw["imRobotOpenSpaceModel"]["supportForward"] is False
    assert (card.public["ref"], card.public["revision"], card.public["status"]) == (
        "approval:12",
        "1",
        "待审批",
    )


def test_an_update_changes_what_the_tapper_was_shown_meanwhile(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    name = channel.send(envelope(EXPENSE)).ref
    platform.cards[name].private["zhao"] = {"status": "已收到，正在处理…", "buttons": "[]"}
    decided = EXPENSE.model_copy(update={"revision": 2, "status": "已同意", "buttons": ()})
    channel.update(ShownCard(recipient="zhao", card=name), decided)
    seen = platform.cards[name].seen_by("zhao")
    assert (seen["status"], seen["buttons"], seen["revision"], seen["title"]) == (
        "已同意",
        "[]",
        "2",
        "费用审批",
    )


def test_a_card_that_is_not_there_cannot_be_updated(channel: DingTalkChannel) -> None:
    with pytest.raises(DeliveryError) as caught:
        channel.update(ShownCard(recipient="zhao", card="xf-none"), EXPENSE)
    assert caught.value.permanent


def test_a_failed_delivery_inside_a_successful_call_becomes_markdown(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    platform.undeliverable.add("zhao")
    channel.send(envelope(EXPENSE))
    (sent,) = platform.sent
    assert sent.kind == "sampleMarkdown"
    assert "请直接回复：**同意** / **驳回**" in sent.params["text"]


@pytest.mark.parametrize(("status", "code"), [(400, "param.error"), (404, "templateNotExist")])
def test_a_refused_card_becomes_markdown(
    channel: DingTalkChannel, platform: FakeDingTalk, status: int, code: str
) -> None:
    platform.fail_next(CREATE, status=status, code=code)
    channel.send(envelope(EXPENSE))
    assert [sent.kind for sent in platform.sent] == ["sampleMarkdown"]


def test_a_replacement_with_unknown_outcome_is_never_repeated(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    platform.fail_next(CREATE, status=400, code="param.error")
    platform.fail_next(BATCH, drop=True)
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope(EXPENSE))
    assert (caught.value.permanent, caught.value.maybe_delivered) == (True, True)


def test_without_a_template_cards_are_markdown_and_not_repeatable(
    config: DingTalkConfig, platform: FakeDingTalk
) -> None:
    channel = DingTalkChannel(replace(config, card_template_id=""))
    channel.send(envelope(EXPENSE))
    assert ([sent.kind for sent in platform.sent], channel.repeatable(EXPENSE)) == (["sampleMarkdown"], False)
    with pytest.raises(DeliveryError) as caught:
        channel.update(ShownCard(recipient="zhao", card="pqk_1"), EXPENSE)
    assert caught.value.permanent
    channel.close()


def test_a_message_with_unknown_outcome_is_not_sent_again(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    platform.fail_next(BATCH, drop=True)
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope(Text(text="一次")))
    assert (caught.value.maybe_delivered, caught.value.permanent) == (True, False)
    assert (len(platform.sent), calls(platform, BATCH)) == (1, 1)


def test_a_message_without_an_answer_in_time_is_not_sent_again(
    config: DingTalkConfig, platform: FakeDingTalk
) -> None:
    client = DingTalkClient(config, timeout=httpx.Timeout(0.2))
    client.calls.check_tokens()
    platform.fail_next(BATCH, delay=0.5)
    with pytest.raises(DeliveryError) as caught:
        client.send_robot(["zhao"], "sampleText", '{"content":"一次"}')
    assert caught.value.maybe_delivered
    client.close()


def test_a_card_with_unknown_outcome_may_be_sent_again(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    platform.fail_next(CREATE, drop=True)
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope(EXPENSE))
    assert not caught.value.maybe_delivered
    channel.send(envelope(EXPENSE))
    assert len(platform.shown("zhao")) == 1


def test_a_platform_that_is_not_there_certainly_got_nothing(config: DingTalkConfig) -> None:
    channel = DingTalkChannel(replace(config, api_base="http://127.0.0.1:9"))
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope(Text(text="x")))
    assert (caught.value.code, caught.value.maybe_delivered) == ("unreachable", False)
    channel.close()


def test_dead_tokens_are_renewed_once_on_either_host(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    sheet = Attachment(sha256="0" * 64, name="a.pdf")
    channel.send(envelope(sheet, attachment=b"1"))
    platform.expire_tokens()
    channel.send(envelope(sheet, attachment=b"2"))
    assert (
        len(platform.sent),
        calls(platform, "/gettoken"),
        calls(platform, "/v1.0/oauth2/accessToken"),
    ) == (2, 2, 2)


@pytest.mark.parametrize("how", [{"status": 401, "code": "InvalidAuthentication"}, {"errcode": 40014}])
def test_a_platform_that_takes_no_token_is_asked_twice_and_no_more(
    channel: DingTalkChannel, platform: FakeDingTalk, how: dict[str, Any]
) -> None:
    platform.fail_next(BATCH, times=50, **how)
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope(Text(text="x")))
    assert caught.value.pause_channel
    assert calls(platform, BATCH) == 2


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"status": 403, "code": "Forbidden.AccessDenied.QpsLimitForApi"}, (False, 5.0, False)),
        ({"status": 403, "code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, (False, 3600.0, True)),
        ({"status": 503, "code": "ServiceUnavailable"}, (False, None, False)),
        ({"status": 400, "code": "staffId.notExisted"}, (True, None, False)),
    ],
)
def test_refusals_are_classed_by_code(
    channel: DingTalkChannel, platform: FakeDingTalk, how: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    platform.fail_next(BATCH, **how)
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope(Text(text="x")))
    error = caught.value
    assert (error.permanent, error.retry_after, error.pause_channel) == expected
    assert not error.maybe_delivered


def test_neither_secret_nor_token_reaches_a_log_or_an_error(
    config: DingTalkConfig, platform: FakeDingTalk, caplog: pytest.LogCaptureFixture
) -> None:
    channel = DingTalkChannel(config)
    with caplog.at_level(logging.DEBUG):
        channel.send(envelope(Attachment(sha256="0" * 64, name="a.pdf"), attachment=b"1"))
        platform.fail_next(
            BATCH, status=400, code="invalidParameter", errmsg=f"secret {config.client_secret}"
        )
        with pytest.raises(DeliveryError) as caught:
            channel.send(envelope(Text(text="x")))
    assert platform.state.new_token
    assert platform.state.old_token
    told = caplog.text + str(caught.value) + repr(config)
    for secret in (config.client_secret, platform.state.new_token.value, platform.state.old_token.value):
        assert secret not in told
    channel.close()


def test_what_somebody_sent_can_be_fetched_until_it_is_gone(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    code = platform.state.download_code(platform.state.keep_file("滴滴发票.pdf", b"%PDF-1.7"))
    found = channel.fetch(Media(handle=code, name="滴滴发票.pdf"))
    assert (found.content, found.name) == (b"%PDF-1.7", "滴滴发票.pdf")
    with pytest.raises(DeliveryError) as caught:
        channel.fetch(Media(handle="dc_unknown"))
    assert caught.value.permanent


def test_a_file_over_25_megabytes_is_not_taken(channel: DingTalkChannel, platform: FakeDingTalk) -> None:
    code = platform.state.download_code(platform.state.keep_file("big.bin", b"x" * (25 * 1024 * 1024 + 1)))
    with pytest.raises(DeliveryError) as caught:
        channel.fetch(Media(handle=code))
    assert (caught.value.permanent, caught.value.code) == (True, "too_large")


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/x", "file:///etc/passwd", "ftp://a/b", "nonsense", "http://[", ""]
)
def test_a_file_is_fetched_by_https_alone(
    config: DingTalkConfig, platform: FakeDingTalk, address: str
) -> None:
    platform.set_base_url(address)
    code = platform.state.download_code(platform.state.keep_file("a.pdf", b"1"))
    client = DingTalkClient(config)
    with pytest.raises(DeliveryError) as caught:
        client.download(code)
    assert caught.value.permanent
    client.close()


def test_person_ids_are_looked_up_once_and_forgotten_when_somebody_leaves(
    channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    union = platform.union_id("lili")
    assert [channel.client.union_id("lili"), channel.client.union_id("lili")] == [union, union]
    assert channel.client.user_id(union) == "lili"
    assert (calls(platform, "/topapi/v2/user/get"), calls(platform, "/topapi/user/getbyunionid")) == (1, 0)
    left = {"EventType": "user_leave_org", "CorpId": CONFIG.corp_id, "UserId": ["lili"]}
    channel.notice(event(left, CONFIG, NOW))
    channel.client.union_id("lili")
    assert calls(platform, "/topapi/v2/user/get") == 2
    with pytest.raises(DeliveryError) as caught:
        channel.client.union_id("nobody")
    assert caught.value.permanent


def test_in_http_mode_the_address_for_taps_is_registered_and_forced(
    config: DingTalkConfig, platform: FakeDingTalk
) -> None:
    stale = {"callbackUrl": "https://old.example.com/card", "apiSecret": "old"}
    platform.state.card_routes[config.card_route_key] = stale
    channel = DingTalkChannel(replace(config, mode="http"))
    channel.send(envelope(EXPENSE))
    channel.send(envelope(EXPENSE.model_copy(update={"revision": 2})))
    assert platform.state.card_routes[config.card_route_key] == {
        "callbackUrl": "https://bot.example.com/dingtalk/card",
        "apiSecret": CONFIG.card_secret,
    }
    assert calls(platform, "/v1.0/card/callbacks/register") == 2
    assert {card.route_key for card in platform.cards.values()} == {config.card_route_key}
    channel.close()


def test_the_probe_finds_a_sound_setup_sound(channel: DingTalkChannel) -> None:
    found = {probe.name: probe.ok for probe in channel.probe()}
    found.pop("dingtalk.clock")  # the platform's Date header is the real time, ours stands still here
    assert found == {
        "dingtalk.token.api": True,
        "dingtalk.token.oapi": True,
        "dingtalk.robot": True,
        "dingtalk.card_template": True,
        "dingtalk.calendar": True,
        "dingtalk.todo": True,
    }


def test_the_probe_names_a_wrong_secret_without_telling_it(config: DingTalkConfig) -> None:
    channel = DingTalkChannel(replace(config, client_secret="guess-me", card_template_id=""))
    found = {probe.name: probe for probe in channel.probe()}
    assert not found["dingtalk.token.api"].ok
    assert not found["dingtalk.token.oapi"].ok
    assert "client_secret" in found["dingtalk.token.api"].remedy
    assert "dingtalk-card-template.json" in found["dingtalk.card_template"].remedy
    assert "guess-me" not in repr(found)
    channel.close()


async def until(met: Callable[[], object]) -> None:
    """The simulator lives in a thread of its own and has no event to wait for."""
    while not met():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def with_stream(
    config: DingTalkConfig,
    platform: FakeDingTalk,
    story: Callable[[Inbox, StreamSupervisor], Awaitable[None]],
) -> None:
    async def play() -> None:
        inbox, stop = Inbox(), asyncio.Event()
        supervisor = StreamSupervisor(config, inbox.accept)
        running = asyncio.create_task(supervisor.run(stop))
        await until(lambda: platform.connections)
        try:
            await story(inbox, supervisor)
        finally:
            stop.set()
            await running

    asyncio.run(play())


def test_messages_taps_and_events_come_by_stream(
    config: DingTalkConfig, channel: DingTalkChannel, platform: FakeDingTalk
) -> None:
    name = channel.send(envelope(EXPENSE)).ref

    async def story(inbox: Inbox, supervisor: StreamSupervisor) -> None:
        assert (await platform.say("zhao", "今天谁没交日报")).ok
        assert (await platform.send_audio("zhao", b"#!AMR", recognition="同意")).ok
        assert (await platform.send_rich("zhao", ["发票", b"jpeg"])).ok
        assert (await platform.push_event("user_leave_org", {"UserId": ["lili"]})).ok
        click = await platform.click("zhao", name, "approve")
        assert (click.ok, click.in_time) == (True, True)
        assert [message.kind for message in inbox.messages] == ["text", "voice", "image", "event", "action"]
        action = inbox.messages[-1].action
        assert action
        assert (action.button, action.ref, action.revision) == ("approve", "approval:12", 1)
        assert platform.cards[name].seen_by("zhao")["buttons"] == "[]"
        assert supervisor.state().status == "connected"

    with_stream(config, platform, story)
    assert platform.connections == []


def test_a_platform_that_asks_to_reconnect_and_repeats_loses_and_doubles_nothing(
    config: DingTalkConfig, platform: FakeDingTalk
) -> None:
    async def story(inbox: Inbox, supervisor: StreamSupervisor) -> None:
        first = await platform.say("zhao", "一")
        await platform.disconnect()
        await until(lambda: any(one.leaving_since is None for one in platform.connections))
        assert (await platform.say("zhao", "二")).ok
        assert (await platform.redeliver(first)).ok
        assert [message.text for message in inbox.messages] == ["一", "二"]

    with_stream(config, platform, story)


def test_a_wrong_secret_shows_as_refused_and_reaches_no_log(
    config: DingTalkConfig, platform: FakeDingTalk, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        stop = asyncio.Event()
        wrong = replace(config, client_secret="guess-me")
        supervisor = StreamSupervisor(wrong, Inbox().accept)
        running = asyncio.create_task(supervisor.run(stop))
        await until(lambda: supervisor.state().status == "refused")
        assert "client_secret" in supervisor.state().last_error
        stop.set()
        await running

    with caplog.at_level(logging.DEBUG):
        asyncio.run(play())
    assert "guess-me" not in caplog.text
    assert calls(platform, "/v1.0/gateway/connections/open") == 1


def test_neither_ticket_nor_message_reaches_a_log(
    config: DingTalkConfig, platform: FakeDingTalk, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(inbox: Inbox, supervisor: StreamSupervisor) -> None:
        await platform.say("zhao", "客户底价是九十八")

    with caplog.at_level(logging.DEBUG, "bot"), caplog.at_level(logging.DEBUG, "httpx"):
        with_stream(config, platform, story)
    assert "ticket_" not in caplog.text
    assert "九十八" not in json.dumps([record.getMessage() for record in caplog.records], ensure_ascii=False)


class HttpSide:
    """The bot's three addresses, called by the platform in HTTP mode."""

    def __init__(self, clock: PlaygroundClock) -> None:
        self.inbox = Inbox()
        app = Starlette(routes=routes(CONFIG, self.inbox.accept, clock.now))
        self.platform = FakeDingTalk(
            client_id=CONFIG.client_id,
            client_secret=CONFIG.client_secret,
            robot_code=CONFIG.robot_code,
            corp_id=CONFIG.corp_id,
            clock=clock,
            members={"zhao": "赵敏"},
            mode="http",
            robot_url="https://bot.example.com/dingtalk/robot",
            event_url="https://bot.example.com/dingtalk/events",
            event_token=CONFIG.event_token,
            event_aes_key=CONFIG.event_aes_key,
            transport=httpx.ASGITransport(app),
        )


def test_messages_taps_and_events_come_by_http(clock: PlaygroundClock) -> None:
    side = HttpSide(clock)
    with run_platforms({"dingtalk": side.platform}) as hosts:
        host = hosts["dingtalk"]
        channel = DingTalkChannel(replace(CONFIG, mode="http", api_base=host, oapi_base=host))
        name = channel.send(envelope(EXPENSE)).ref
        channel.close()

    async def story() -> None:
        platform = side.platform
        assert (await platform.check_url()).ok
        first = await platform.say("zhao", "今天谁没交日报")
        assert first.ok
        assert (await platform.redeliver(first)).ok
        assert (await platform.push_event("bpms_task_change", {"taskId": 7})).ok
        click = await platform.click("zhao", name, "approve")
        assert (click.ok, click.in_time) == (True, True)
        assert platform.cards[name].seen_by("zhao")["status"] == "已收到，正在处理…"

    asyncio.run(story())
    assert [message.kind for message in side.inbox.messages] == ["text", "event", "action"]


@pytest.mark.parametrize(
    ("damage", "status"),
    [
        ("sign", 403),
        ("stale", 403),
        ("garbage", 400),
        ("huge", 413),
        ("other_robot", 403),
        ("other_corp", 403),
    ],
)
def test_damaged_pushes_are_refused(clock: PlaygroundClock, damage: Damage, status: int) -> None:
    side = HttpSide(clock)
    attempt = asyncio.run(side.platform.push_bad("zhao", "在吗", damage))
    assert (attempt.status, attempt.text, side.inbox.messages) == (status, "", [])
