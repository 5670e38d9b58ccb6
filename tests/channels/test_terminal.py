"""The command line as a messenger."""

import io

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Channel, Envelope, ShownCard
from bot.channels.terminal import TerminalChannel
from domain.cards import Attachment, Button, Card, Content, Line, Markdown, Text

CARD = Card(
    ref="proposal:12",
    revision=1,
    title="拜访 · 惠民超市朝阳店",
    subtitle="请核对",
    lines=(
        Line(label="数量", value="3 箱", source="三箱"),
        Line(label="金额", value="¥46.50", source="¥46.50"),
    ),
    note="要改就直接说",
    buttons=(Button(id="confirm", text="确认"), Button(id="drop", text="放弃")),
)


def printed(content: Content) -> str:
    out = io.StringIO()
    channel: Channel = TerminalChannel(out)
    receipt = channel.send(Envelope("in1:0", "P101", content))
    assert receipt.ref == "in1:0"
    return out.getvalue()


def test_a_text_is_printed_as_it_is() -> None:
    assert printed(Text(text="已记下 [确认] :smile: 好的")) == "已记下 [确认] :smile: 好的\n"


def test_a_card_shows_title_lines_sources_and_buttons() -> None:
    found = printed(CARD)
    for part in (
        "拜访 · 惠民超市朝阳店",
        "请核对",
        "数量",
        "3 箱",
        "（三箱）",
        "要改就直接说",
        "〔确认〕  〔放弃〕",
    ):
        assert part in found
    assert "（¥46.50）" not in found


def test_an_outcome_is_the_card_again() -> None:
    out = io.StringIO()
    done = CARD.model_copy(update={"status": "已保存", "buttons": (), "tone": "success"})
    TerminalChannel(out).update(ShownCard("P101", "card"), done)
    assert "已保存" in out.getvalue()
    assert "〔" not in out.getvalue()


def test_markdown_and_files_are_readable() -> None:
    assert "今天" in printed(Markdown(title="我的一天", text="**今天** 去了两家"))
    assert printed(Attachment(sha256="ab", name="账单.pdf")) == "[文件] 账单.pdf\n"


def test_a_card_has_the_same_name_whenever_it_is_asked_for() -> None:
    channel = TerminalChannel()
    assert channel.card_name("proposal:1", 1, "a") == TerminalChannel().card_name("proposal:1", 1, "a")
    names = {channel.card_name(*key) for key in (("p", 1, "a"), ("p", 2, "a"), ("p", 1, "b"), ("q", 1, "a"))}
    assert len(names) == 4


@given(st.text())
def test_nothing_that_is_said_takes_over_the_terminal(text: str) -> None:
    for content in (
        Text(text=text),
        Markdown(title=text, text=text),
        CARD.model_copy(
            update={"title": text, "note": text, "lines": (Line(label=text, value=text, source=text),)}
        ),
    ):
        assert not any((ord(c) < 32 and c not in "\n\t") or c == "\x9b" for c in printed(content))
