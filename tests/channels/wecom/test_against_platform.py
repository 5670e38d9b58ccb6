"""The channel and the callback against the playground's WeCom, over real sockets."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.base import Channel, Envelope, ShownCard
from bot.channels.wecom import contacts
from bot.channels.wecom.callback import routes
from bot.channels.wecom.channel import WeComChannel
from bot.channels.wecom.client import WeComClient
from bot.channels.wecom.config import WeComConfig
from bot.playground.server import run_platforms
from bot.playground.wecom import FakeWeCom
from domain.cards import Attachment, Button, Card, Content, Markdown, Text
from domain.errors import DeliveryError
from domain.messages import Inbound, Media

T = TypeVar("T")

CONFIG = WeComConfig(
    corp_id="wx5823bf96d3bd56c7",
    agent_id=218,
    secret="the-app-secret",
    token="QDG6eK",
    aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    public_url="https://xiaofang.example",
)
PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 100


class World:
    """One platform, one bot, one clock."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 24, 9, 0, 30, tzinfo=UTC)
        self.inbox: list[Inbound] = []
        app = Starlette(routes=routes(CONFIG, self._accept, lambda: self.now))
        self.platform = FakeWeCom(
            corp_id=CONFIG.corp_id,
            agent_id=CONFIG.agent_id,
            secret=CONFIG.secret,
            token=CONFIG.token,
            aes_key=CONFIG.aes_key,
            callback_url="http://bot/wecom/callback",
            clock=lambda: self.now,
            members={"WangFang": "王芳", "zhao": "赵敏"},
            transport=httpx.ASGITransport(app=app),
        )

    def connect(self, base: str) -> None:
        self.config = replace(CONFIG, api_base=base)
        self.channel = WeComChannel(self.config, self.client())

    def client(self, **changes: Any) -> WeComClient:
        timeout = httpx.Timeout(changes.pop("timeout", 10.0))
        config = replace(self.config, **changes)
        return WeComClient(config, timeout=timeout, clock=lambda: self.now.timestamp(), now=lambda: self.now)

    async def _accept(self, message: Inbound) -> bool:
        self.inbox.append(message)
        return True

    def send(
        self, content: Content, key: str = "k1", to: str = "WangFang", attachment: bytes | None = None
    ) -> Any:
        return self.channel.send(Envelope(key, to, content, attachment))

    def seen(self, who: str = "WangFang") -> list[tuple[str, Any]]:
        return [(bubble.kind, bubble.body) for bubble in self.platform.shown(who) if not bubble.mine]

    def calls(self, path: str) -> int:
        return sum(call.path.endswith(path) for call in self.platform.calls)


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with run_platforms({"wecom": world.platform}) as hosts:
        world.connect(hosts["wecom"])
        yield world
        world.channel.close()


def done(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def refused(work: Any, *arguments: Any, **named: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        work(*arguments, **named)
    return error.value


def card(revision: int = 0, status: str = "待审批", buttons: bool = True) -> Card:
    pair = (Button(id="approve", text="同意", style="primary"), Button(id="reject", text="驳回"))
    return Card(
        ref="expense:7", revision=revision, title="报销", status=status, buttons=pair if buttons else ()
    )


# ── what comes in ────────────────────────────────────────────────────────────────────────────────────────


def test_the_platform_accepts_our_address(world: World) -> None:
    assert done(world.platform.verify_url()).trouble == ""


def test_every_way_of_writing_to_the_bot_arrives(world: World) -> None:
    platform = world.platform

    async def write() -> None:
        await platform.say("WangFang", "今天去了惠民超市 <b> ]]> 朝阳店")
        await platform.send_voice("WangFang", b"#!AMR\nxxxx")
        await platform.send_image("WangFang", PNG, "小票.png")
        await platform.send_file("WangFang", b"%PDF-1.7 x", "发票.pdf")
        await platform.send_location("WangFang", 39.9215, 116.4432, "朝阳北路 101 号")
        await platform.enter("WangFang")
        await platform.menu("WangFang", "my_day")
        await platform.report_location("WangFang", 39.9, 116.4, 30)

    done(write())
    assert [delivery.trouble for delivery in platform.pushed] == [""] * 8
    assert [(one.kind, one.text, one.sender) for one in world.inbox] == [
        ("text", "今天去了惠民超市 <b> ]]> 朝阳店", "wangfang"),
        *((kind, "", "wangfang") for kind in ("voice", "image", "file", "location")),
        *(("event", name, "wangfang") for name in ("enter_agent", "click", "LOCATION")),
    ]
    assert len({one.key for one in world.inbox}) == 8


def test_what_the_platform_repeats_carries_the_same_key(world: World) -> None:
    done(world.platform.say("WangFang", "一"))
    done(world.platform.enter("zhao"))
    keys = {one.key for one in world.inbox}
    done(world.platform.replay(3))
    assert len(world.inbox) == 8
    assert {one.key for one in world.inbox} == keys


@pytest.mark.parametrize(
    ("damage", "status"),
    [
        *(("signature", 401), ("stale", 401), ("receiver", 403), ("huge", 413)),
        *((damage, 400) for damage in ("padding", "length", "base64", "xml")),
    ],
)
def test_a_damaged_envelope_is_refused(world: World, damage: Any, status: int) -> None:
    attempt = done(world.platform.push_bad(world.platform.text("WangFang", "hi"), damage))
    assert attempt.status == status
    assert world.inbox == []


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────


def test_text_and_markdown_arrive_without_the_markup_of_others(world: World) -> None:
    receipt = world.send(Text(text='来自 <a href="https://evil.example">客户</a>'))
    world.send(Markdown(title="日报", text="# 日报\n**3** 家"), key="k2")
    assert world.seen() == [
        ("text", {"content": '来自 ＜a href="https://evil.example">客户＜/a>'}),
        ("markdown", {"content": "# 日报\n**3** 家"}),
    ]
    assert (receipt.ref, receipt.handle, receipt.undelivered) == (world.platform.sent[0].msgid, "", ())


def test_long_text_arrives_whole_in_several_messages(world: World) -> None:
    lines = [f"{number:03} 惠民超市朝阳店 原味酸奶 3 箱" for number in range(120)]
    receipt = world.send(Text(text="\n".join(lines)))
    assert "\n".join(body["content"] for _, body in world.seen()).split("\n") == lines
    assert len(world.seen()) == len(receipt.ref.split("|")) == 3
    assert all(sent.cut == () for sent in world.platform.sent)


def test_the_same_envelope_again_is_shown_once_and_the_same_words_twice(world: World) -> None:
    for key in ("k1", "k1", "k2"):
        world.send(Text(text="好的"), key=key)
    assert world.seen() == [("text", {"content": "好的"})] * 2
    assert [sent.raw["duplicate_check_interval"] for sent in world.platform.sent] == [14400] * 3


def test_a_long_text_cut_off_in_the_middle_is_completed_by_the_next_attempt(world: World) -> None:
    text = Text(text="惠民超市" * 300)
    world.channel.client.token.get()
    world.send(Text(text="first"), key="k0")
    world.platform.fail_next("message/send", drop=True)
    error = refused(world.send, text)
    assert (error.permanent, error.maybe_delivered) == (False, True)
    world.send(text)
    assert "".join(body["content"] for _, body in world.seen()[1:]) == text.text


def test_a_platform_that_answers_late_may_have_delivered(world: World) -> None:
    slow = WeComChannel(world.config, world.client(timeout=0.2))
    slow.client.token.get()
    world.platform.fail_next("message/send", delay=0.6)
    error = refused(slow.send, Envelope("k", "zhao", Text(text="hi")))
    assert (error.code, error.maybe_delivered, error.permanent) == ("timeout", True, False)
    assert [slow.repeatable(one) for one in (Text(text=""), card(), Attachment(sha256="", name=""))] == [
        True,
        True,
        False,
    ]
    slow.close()


def test_a_platform_that_cannot_be_reached_has_delivered_nothing(world: World) -> None:
    gone = WeComChannel(world.config, world.client(api_base="http://127.0.0.1:9"))
    error = refused(gone.send, Envelope("k", "zhao", Text(text="hi")))
    assert (error.code, error.maybe_delivered, error.permanent, error.pause_channel) == (
        "network",
        *[False] * 3,
    )
    gone.close()


@pytest.mark.parametrize("recipient", ["@all", "a|b", "", "王芳", "a b", "x" * 65])
def test_nobody_but_one_member_is_ever_addressed(world: World, recipient: str) -> None:
    assert refused(world.send, Text(text="hi"), to=recipient).permanent
    assert refused(world.channel.update, ShownCard(recipient, "c", ("h",)), card()).permanent
    assert world.platform.calls == []


def test_a_member_whom_the_platform_does_not_know_is_final(world: World) -> None:
    error = refused(world.send, Text(text="hi"), to="nobody")
    assert (error.permanent, error.code) == (True, "81013")


def test_a_text_with_nothing_in_it_is_not_sent(world: World) -> None:
    assert refused(world.send, Text(text=" \n\x00")).permanent
    assert world.calls("message/send") == 0


def test_what_was_sent_can_be_taken_back(world: World) -> None:
    world.channel.recall(world.send(Text(text="x\n" * 1500)).ref)
    assert [bubble.recalled for bubble in world.platform.shown("WangFang")] == [True, True]


# ── tokens and errors ────────────────────────────────────────────────────────────────────────────────────


def test_eight_threads_share_one_token(world: World) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: world.send(Text(text=str(n)), key=str(n)), range(16)))
    assert world.calls("gettoken") == 1
    assert len(world.seen()) == 16


@pytest.mark.parametrize("errcode", [40014, 42001])
def test_a_token_that_died_early_is_renewed_once(world: World, errcode: int) -> None:
    world.send(Text(text="1"), key="1")
    world.platform.expire_token(errcode)
    world.send(Text(text="2"), key="2")
    assert len(world.seen()) == 2
    assert world.calls("gettoken") == 2


def test_a_platform_that_never_accepts_a_token_is_asked_twice(world: World) -> None:
    world.platform.fail_next("message/send", errcode=40014, times=50)
    error = refused(world.send, Text(text="hi"))
    assert (error.pause_channel, error.permanent) == (True, False)
    assert world.calls("message/send") == 2


def test_a_wrong_secret_pauses_the_channel_and_is_not_tried_again_and_again(world: World) -> None:
    wrong = WeComChannel(world.config, world.client(secret="guess"))
    errors = [refused(wrong.send, Envelope(str(n), "zhao", Text(text="hi"))) for n in range(5)]
    assert {(error.code, error.pause_channel, error.permanent) for error in errors} == {
        ("40001", True, False)
    }
    assert world.calls("gettoken") == 1
    wrong.close()


def test_a_spent_quota_waits_for_the_next_minute(world: World) -> None:
    world.platform.fail_next("message/send", errcode=45009)
    error = refused(world.send, Text(text="hi"))
    assert (error.retry_after, error.pause_channel) == (31, True)
    world.send(Text(text="hi"))
    assert len(world.seen()) == 1


@pytest.mark.parametrize(("status", "maybe"), [(500, False), (503, False), (502, True), (504, True)])
def test_a_gateway_in_trouble_is_tried_again(world: World, status: int, maybe: bool) -> None:
    world.channel.client.token.get()
    world.platform.fail_next("message/send", status=status)
    error = refused(world.send, Text(text="hi"))
    assert (error.permanent, error.maybe_delivered) == (False, maybe)


def test_no_secret_and_no_token_reaches_a_log_or_an_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.send(Text(text="hi"))
    token = world.platform.state.token
    assert token is not None
    world.platform.fail_next("message/send", drop=True)
    errors = [repr(refused(world.send, Text(text="hi"), key="2"))]
    wrong = WeComChannel(world.config, world.client(secret="a-wrong-secret"))
    errors.append(repr(refused(wrong.send, Envelope("3", "zhao", Text(text="hi")))))
    wrong.close()
    logged = "\n".join([record.getMessage() for record in caplog.records] + errors)
    assert "gettoken" in logged, "the calls themselves are in the log"
    for secret in (CONFIG.secret, "a-wrong-secret", token.value):
        assert secret not in logged


# ── cards ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tap_comes_back_and_its_code_changes_the_card(world: World) -> None:
    receipt = world.send(card())
    name = world.channel.card_name("expense:7", 0, "WangFang")
    assert receipt.handle == world.platform.sent[0].response_code
    done(world.platform.click("WangFang", name, "approve|expense:7|0|"))
    action = world.inbox[-1].action
    assert action is not None
    assert (action.button, action.ref, action.revision, action.card) == ("approve", "expense:7", 0, name)
    shown = ShownCard("WangFang", name, (action.handle,))
    assert world.channel.update(shown, card(1, "已同意", buttons=False)).undelivered == ()
    assert [(kind, body["source"]["desc"]) for kind, body in world.seen()] == [("template_card", "已同意")]
    again = refused(world.channel.update, shown, card(2, "已同意", buttons=False))
    assert again.permanent


def test_a_changed_card_keeps_its_name_and_can_be_tapped_again(world: World) -> None:
    handle = world.send(card()).handle
    name = world.channel.card_name("expense:7", 0, "WangFang")
    world.channel.update(ShownCard("WangFang", name, (handle,)), card(1))
    shown = world.seen()[0][1]
    assert (shown["task_id"], shown["button_list"][0]["key"]) == (name, "approve|expense:7|1|")
    done(world.platform.click("WangFang", name, shown["button_list"][0]["key"]))
    action = world.inbox[-1].action
    assert action is not None
    assert (action.card, action.revision) == (name, 1)
    world.channel.update(ShownCard("WangFang", name, (action.handle,)), card(2, "已同意", buttons=False))
    assert world.seen()[0][1]["source"]["desc"] == "已同意"


def test_a_card_without_a_code_cannot_be_changed_and_nothing_is_asked(world: World) -> None:
    error = refused(world.channel.update, ShownCard("zhao", "name"), card())
    assert (error.permanent, error.code) == (True, "response_code")
    assert world.platform.calls == []


def test_where_a_code_is_spent_already_the_next_one_changes_the_card(world: World) -> None:
    sent = world.send(card()).handle
    name = world.channel.card_name("expense:7", 0, "WangFang")
    assert world.channel.update(ShownCard("WangFang", name, (sent,)), card(1)).spent == (sent,)
    done(world.platform.click("WangFang", name, world.seen()[0][1]["button_list"][0]["key"]))
    action = world.inbox[-1].action
    assert action is not None
    left = (sent, action.handle, "one-more")
    assert world.channel.update(ShownCard("WangFang", name, left), card(2)).spent == left[:2]


def test_a_notice_without_buttons_stays_as_it_is(world: World) -> None:
    sent = world.send(card()).handle
    name = world.channel.card_name("expense:7", 0, "WangFang")
    done(world.platform.click("WangFang", name, "approve|expense:7|0|"))
    action = world.inbox[-1].action
    assert action is not None
    world.channel.update(ShownCard("WangFang", name, (sent,)), card(1, "已同意", buttons=False))
    error = refused(world.channel.update, ShownCard("WangFang", name, (action.handle,)), card(2, "已驳回"))
    assert error.permanent
    assert world.seen()[0][1]["source"]["desc"] == "已同意"


def test_a_changed_card_that_its_reader_never_had_is_told(world: World) -> None:
    handle = world.send(card()).handle
    assert world.channel.update(ShownCard("Zhao", "name", (handle,)), card(1)).undelivered == ("Zhao",)


@pytest.mark.parametrize("spelling", ["OptionIds", "OpitonIds"])
def test_a_choice_among_many_comes_back_as_one_button(world: World, spelling: Any) -> None:
    shops = tuple(Button(id="choose", text=f"门店{number}", value=f"C{number}") for number in range(9))
    world.send(Card(ref="checkin:3", revision=1, title="在哪家店？", buttons=shops))
    shown = world.seen()[0][1]
    option = shown["button_selection"]["option_list"][4]["id"]
    selected = {shown["button_selection"]["question_key"]: [option]}
    done(
        world.platform.click("WangFang", shown["task_id"], shown["button_list"][0]["key"], selected, spelling)
    )
    action = world.inbox[-1].action
    assert action is not None
    assert (action.button, action.value, action.ref, action.selected) == ("choose", "C4", "checkin:3", {})


def test_a_card_with_too_many_choices_is_final(world: World) -> None:
    buttons = tuple(Button(id="choose", text=str(number), value=str(number)) for number in range(11))
    error = refused(world.send, card().model_copy(update={"buttons": buttons}))
    assert (error.permanent, error.code) == (True, "card")


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_uploaded_once_under_its_own_name_for_all_its_readers(world: World) -> None:
    report = Attachment(sha256="a" * 64, name="拜访日报 “11月”.xlsx")
    for who in ("WangFang", "zhao"):
        world.send(report, key=who, to=who, attachment=b"PK\x03\x04 spreadsheet")
    (kind, body), *_ = world.seen("zhao")
    stored = world.platform.state.media[body["media_id"]]
    assert (kind, stored.name, stored.content) == ("file", "拜访日报 “11月”.xlsx", b"PK\x03\x04 spreadsheet")
    assert world.calls("media/upload") == 1


def test_a_picture_is_sent_as_one_where_the_platform_takes_it(world: World) -> None:
    world.send(Attachment(sha256="1", name="a.png", image=True), key="1", attachment=PNG)
    world.send(Attachment(sha256="2", name="a.webp", image=True), key="2", attachment=b"RIFF....WEBP")
    assert [kind for kind, _ in world.seen()] == ["image", "file"]


def test_a_file_that_the_platform_forgot_is_uploaded_again(world: World) -> None:
    note = Attachment(sha256="1", name="a.txt")
    world.send(note, key="1", attachment=b"a longer note")
    world.platform.state.media.clear()
    error = refused(world.send, note, key="2", attachment=b"a longer note")
    assert (error.permanent, error.code) == (False, "40007")
    world.send(note, key="2", attachment=b"a longer note")
    assert len(world.seen()) == 2


@pytest.mark.parametrize("content", [None, b"", b"12345", b"x" * ((20 << 20) + 1)])
def test_a_file_that_the_platform_would_not_take_is_final(world: World, content: bytes | None) -> None:
    assert refused(world.send, Attachment(sha256="1", name="a.bin"), attachment=content).permanent
    assert world.calls("media/upload") == 0


def test_what_somebody_sent_is_fetched_with_its_name(world: World) -> None:
    done(world.platform.send_file("WangFang", b"%PDF-1.7 invoice", "发票 11月.pdf"))
    world.channel.client.token.get()
    world.platform.expire_token()
    found = world.channel.fetch(world.inbox[0].media[0])
    assert (found.content, found.name, found.content_type) == (
        b"%PDF-1.7 invoice",
        "发票 11月.pdf",
        "application/pdf",
    )


def test_a_refusal_that_looks_like_a_file_is_no_file(world: World) -> None:
    done(world.platform.send_image("WangFang", PNG))
    world.now += timedelta(days=3, seconds=1)
    error = refused(world.channel.fetch, world.inbox[0].media[0])
    assert (error.permanent, error.code) == (True, "40007")


def test_a_json_file_is_a_file(world: World) -> None:
    media_id = world.platform.upload("file", b'{"errcode": 1}', "a.json")
    assert world.channel.fetch(Media(handle=media_id)).content == b'{"errcode": 1}'


def test_a_file_over_25_megabytes_is_final(world: World) -> None:
    media_id = world.platform.upload("file", b"x" * ((25 << 20) + 1), "a.bin")
    error = refused(world.channel.fetch, Media(handle=media_id))
    assert (error.permanent, error.code) == (True, "size")


# ── setup and people ─────────────────────────────────────────────────────────────────────────────────────


def test_a_sound_setup_has_no_findings(world: World) -> None:
    world.now = datetime.now(UTC)
    found = {probe.name: probe.ok for probe in world.channel.probe()}
    assert found == {"wecom.token": True, "wecom.clock": True, "wecom.trusted_ip": True, "wecom.agent": True}


def test_a_caller_outside_the_trusted_addresses_is_told_what_to_do(world: World) -> None:
    world.platform.fail_next("get_jsapi_ticket", errcode=60020)
    found = {probe.name: probe for probe in world.channel.probe()}["wecom.trusted_ip"]
    assert not found.ok
    assert "企业可信IP" in found.words
    assert "企业可信IP" in found.remedy


def test_a_wrong_secret_is_the_only_finding_that_depends_on_it(world: World) -> None:
    wrong = WeComChannel(world.config, world.client(secret="guess"))
    found = {probe.name: probe for probe in wrong.probe()}
    assert set(found) == {"wecom.token", "wecom.clock"}
    assert (found["wecom.token"].ok, found["wecom.token"].details) == (False, {"code": "40001"})
    wrong.close()


def test_a_clock_an_hour_ahead_is_found(world: World) -> None:
    world.now = datetime.now(UTC) + timedelta(hours=1)
    found = {probe.name: probe for probe in world.channel.probe()}["wecom.clock"]
    assert not found.ok
    assert "快" in found.words


def test_an_unreachable_platform_is_a_finding_and_no_error(world: World) -> None:
    gone = WeComChannel(world.config, world.client(api_base="http://127.0.0.1:9"))
    assert [(probe.ok, bool(probe.remedy)) for probe in gone.probe()] == [(False, True)] * 2
    gone.close()


def test_a_login_code_holds_once(world: World) -> None:
    code = world.platform.issue_code("WangFang")
    assert contacts.getuserinfo(world.channel.client, code).userid == "wangfang"
    assert refused(contacts.getuserinfo, world.channel.client, code).code == "40029"


def test_tickets_of_the_corp_and_the_app_are_kept_apart(world: World) -> None:
    client = world.channel.client
    url = "https://xiaofang.example/upload/1#top"
    signed = [contacts.page_signature(client, url, 1, "n", kind) for kind in ("corp", "app", "corp")]
    assert signed[0] == signed[2] != signed[1]
    tickets = world.platform.state.tickets
    assert signed[0].signature == contacts.sign(
        tickets["corp"].value, "https://xiaofang.example/upload/1", 1, "n"
    )
    assert world.calls("get_jsapi_ticket") == 1


def test_the_published_page_signature_comes_out() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    signature = contacts.sign(ticket, "http://mp.weixin.qq.com?params=value", 1414587457, "Wm3WZYTPz0wzccnW")
    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_the_channel_keeps_the_contract_of_all_channels(world: World) -> None:
    channel: Channel = world.channel
    assert (channel.name, channel.per_member_minute, channel.per_member_hour) == ("wecom", 30, 1000)
