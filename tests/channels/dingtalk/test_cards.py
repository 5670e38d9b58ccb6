import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.dingtalk.cards import (
    MARKDOWN_LIMIT,
    TITLE_LIMIT,
    VALUE_LIMIT,
    card_markdown,
    card_params,
    fit,
    private_params,
)
from domain.cards import Button, Card, Line

TEMPLATE = Path(__file__).parents[3] / "docs" / "dingtalk-card-template.json"

PROPOSAL = Card(
    ref="proposal:12",
    revision=3,
    title="拜访记录",
    subtitle="惠民超市朝阳店",
    lines=(
        Line(label="数量", value="20 箱", source="“要了二十箱”"),
        Line(label="下次拜访", value="11月30日 周一"),
    ),
    note="请核对后确认",
    status="待确认",
    tone="warning",
    buttons=(
        Button(id="confirm", text="确认", style="primary"),
        Button(id="edit", text="修改"),
        Button(id="discard", text="放弃", style="danger"),
    ),
)


def test_a_proposal_becomes_exactly_these_variables() -> None:
    params = card_params(PROPOSAL)
    fields, buttons = json.loads(params.pop("fields")), json.loads(params.pop("buttons"))
    assert params == {
        "title": "拜访记录",
        "subtitle": "惠民超市朝阳店",
        "status": "待确认",
        "tone": "warning",
        "note": "请核对后确认",
        "ref": "proposal:12",
        "revision": "3",
    }
    assert fields == [
        {"label": "数量", "value": "20 箱", "source": "“要了二十箱”"},
        {"label": "下次拜访", "value": "11月30日 周一", "source": ""},
    ]
    assert buttons == [
        {"id": "confirm", "text": "确认", "style": "primary", "value": ""},
        {"id": "edit", "text": "修改", "style": "default", "value": ""},
        {"id": "discard", "text": "放弃", "style": "danger", "value": ""},
    ]


def test_sources_give_way_first_so_that_every_value_stays() -> None:
    lines = tuple(Line(label=f"项目{n}", value=f"{n} 箱", source="原话" * 40) for n in range(8))
    fields = json.loads(card_params(PROPOSAL.model_copy(update={"lines": lines}))["fields"])
    assert [row["value"] for row in fields] == [f"{n} 箱" for n in range(8)]
    assert all(len(row["source"].encode()) <= 45 for row in fields)


def test_rows_that_do_not_fit_are_folded_and_counted() -> None:
    lines = tuple(Line(label=f"项目{n}", value="好" * 20) for n in range(40))
    fields = json.loads(card_params(PROPOSAL.model_copy(update={"lines": lines}))["fields"])
    shown = len(fields) - 1
    assert 0 < shown < 40
    assert fields[-1] == {"label": "其余", "value": f"另有 {40 - shown} 项未显示", "source": ""}


def test_buttons_that_do_not_fit_are_told_about_in_the_note() -> None:
    many = tuple(Button(id="choose", text=f"第{n}家便利店", value=f"C{n:03}") for n in range(60))
    params = card_params(PROPOSAL.model_copy(update={"buttons": many}))
    shown = json.loads(params["buttons"])
    assert 0 < len(shown) < 60
    assert [button["value"] for button in shown] == [f"C{n:03}" for n in range(len(shown))]
    assert params["note"] == "请核对后确认\n还有其他选项，请直接回复文字。"


def test_a_reference_is_never_cut() -> None:
    with pytest.raises(ValueError, match="reference"):
        card_params(PROPOSAL.model_copy(update={"ref": "x" * (VALUE_LIMIT + 1)}))


@pytest.mark.parametrize(
    ("words", "limit", "expected"),
    [
        ("拜访", 6, "拜访"),
        ("拜访记录", 11, "拜访…"),
        ("拜访记录", 10, "拜访…"),
        ("拜访记录", 8, "拜…"),
        ("👨\N{ZERO WIDTH JOINER}👩\N{ZERO WIDTH JOINER}👧在", 15, "…"),
        ("ae\N{COMBINING ACUTE ACCENT}bcdef", 6, "a…"),
        ("拜访", 2, ""),
    ],
)
def test_words_are_cut_between_characters(words: str, limit: int, expected: str) -> None:
    assert fit(words, limit) == expected


def test_the_private_view_is_what_the_answer_to_a_tap_had_hidden() -> None:
    params = card_params(PROPOSAL)
    assert private_params(PROPOSAL) == {"status": "待确认", "buttons": params["buttons"]}


def test_without_a_template_the_card_is_markdown_that_names_the_words_to_reply_with() -> None:
    assert card_markdown(PROPOSAL) == (
        "拜访记录",
        "### 拜访记录\n\n惠民超市朝阳店\n\n**数量**：20 箱\n\n> 来源：“要了二十箱”\n\n**下次拜访**：11月30日 周一\n\n"
        "请核对后确认\n\n**待确认**\n\n请直接回复：**确认** / **修改** / **放弃**",
    )


def test_a_choice_in_markdown_lists_the_names() -> None:
    choice = Card(
        ref="c:1",
        revision=1,
        title="哪一家？",
        buttons=(
            Button(id="choose", text="惠民超市朝阳店", value="C001"),
            Button(id="choose", text="惠民超市望京店", value="C002"),
        ),
    )
    assert card_markdown(choice)[1].endswith("请直接回复名称：\n\n1. 惠民超市朝阳店\n2. 惠民超市望京店")


def test_words_from_outside_never_become_markdown() -> None:
    nasty = Card(
        ref="c:1", revision=1, title="# a", lines=(Line(label="店", value="[点我](https://x)\n# 大"),)
    )
    assert card_markdown(nasty)[1] == "### ＃ a\n\n**店**：［点我］(https://x) ＃ 大"


WORDS = st.text(max_size=400)
LINES = st.lists(st.builds(Line, label=WORDS, value=WORDS, source=WORDS), max_size=30).map(tuple)
BUTTONS = st.lists(
    st.builds(Button, id=st.text(max_size=20), text=WORDS, value=st.text(max_size=30)), max_size=30
).map(tuple)
CARDS = st.builds(
    Card,
    ref=st.text(max_size=200),
    revision=st.integers(0, 10**6),
    title=WORDS,
    subtitle=WORDS,
    lines=LINES,
    note=WORDS,
    status=WORDS,
    buttons=BUTTONS,
)


@given(CARDS)
def test_whatever_the_card_its_variables_keep_the_platforms_limits(card: Card) -> None:
    params = card_params(card)
    assert all(len(name.encode()) <= 100 for name in params)
    assert all(isinstance(value, str) and len(value.encode()) <= VALUE_LIMIT for value in params.values())
    assert (params["ref"], params["revision"]) == (card.ref, str(card.revision))
    shown = json.loads(params["buttons"])
    assert [(one["id"], one["value"]) for one in shown] == [
        (button.id, button.value) for button in card.buttons[: len(shown)]
    ]
    rows = json.loads(params["fields"])
    assert len(rows) <= len(card.lines)


@given(CARDS)
def test_whatever_the_card_its_markdown_keeps_the_limits(card: Card) -> None:
    title, text = card_markdown(card)
    assert 0 < len(title) <= TITLE_LIMIT
    assert len(text) <= MARKDOWN_LIMIT


@given(WORDS, st.integers(3, 60))
def test_cutting_keeps_a_beginning_and_says_so(words: str, limit: int) -> None:
    cut = fit(words, limit)
    assert len(cut.encode()) <= limit
    assert cut == fit(words, 10**6) or cut.endswith("…")


def test_the_shipped_template_declares_the_variables_that_are_sent() -> None:
    described: dict[str, Any] = json.loads(TEMPLATE.read_text("utf-8"))
    assert {one["name"] for one in described["variables"]} == set(card_params(PROPOSAL))
    for one in described["variables"]:
        if one["type"] == "objectArray":
            (row, *_) = json.loads(card_params(PROPOSAL)[one["name"]])
            assert {inner["name"] for inner in one["items"]} == set(row)
