from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.envelope import EnvelopeCrypto
from bot.channels.wecom import passive
from bot.channels.wecom.cards import render
from bot.channels.wecom.templates import Json
from bot.playground.wecom_send import card_from_passive
from bot.playground.wecom_xml import from_xml
from domain.cards import Button, Card, Line

CRYPTO = EnvelopeCrypto("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")


def sealed_and_opened(answer: Json) -> dict[str, object]:
    body = passive.seal(
        answer, to="wang", corp_id="wx5823bf96d3bd56c7", crypto=CRYPTO, timestamp=1, nonce="n"
    )
    outer = from_xml(body.decode())
    signed = (outer["Encrypt"], outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
    return from_xml(CRYPTO.open(*signed).decode())


def test_a_text_reply_goes_back_to_its_sender() -> None:
    assert sealed_and_opened(passive.text("收到")) == {
        "ToUserName": "wang",
        "FromUserName": "wx5823bf96d3bd56c7",
        "CreateTime": "1",
        "MsgType": "text",
        "Content": "收到",
    }


def test_text_cannot_break_out_of_its_element() -> None:
    reply = passive.element("xml", passive.text("a]]></Content><MsgType>news</MsgType><x>]]>"))
    assert [child.tag for child in ElementTree.fromstring(reply)] == ["MsgType", "Content"]
    assert sealed_and_opened(passive.update_button("]]><b/>"))["Button"] == {"ReplaceName": "]]><b/>"}


def test_a_card_reads_the_same_in_both_spellings() -> None:
    card = Card(
        ref="expense:7",
        revision=1,
        title="费用报销",
        lines=(Line(label="金额", value="86.00 元"), Line(label="科目", value="餐饮")),
        buttons=(Button(id="approve", text="同意"), Button(id="reject", text="驳回")),
    )
    rendered = render(card, "wang", "https://xiaofang.example")
    opened = sealed_and_opened(passive.update_template_card(rendered))
    assert card_from_passive(opened["TemplateCard"]) == rendered


@given(st.text(st.characters() | st.sampled_from("]>[<!&"), max_size=3000))
def test_no_text_adds_an_element_and_none_is_over_the_limit(text: str) -> None:
    root = ElementTree.fromstring(passive.element("xml", passive.text(text)))
    assert [child.tag for child in root] == ["MsgType", "Content"]
    assert len((root.findtext("Content") or "").encode()) <= 2048
