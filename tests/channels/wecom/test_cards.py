"""Cards against the playground's own reading of the platform's limits."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom import keys, templates
from bot.channels.wecom.cards import card_name, render
from bot.channels.wecom.templates import CardButton, Head, Option, Row, Selection
from bot.playground.wecom_limits import check_card, over_advice
from domain.cards import Button, Card, Line

URL = "https://xiaofang.example"


def shown(card: Card) -> dict[str, Any]:
    return render(card, "wang", URL)


def expense(**changes: Any) -> Card:
    card = Card(
        ref="expense:7",
        revision=2,
        title="费用报销",
        subtitle="王芳 11月24日",
        lines=(Line(label="金额", value="86.00 元", source="八十六块"), Line(label="科目", value="餐饮")),
        note="发票已验真",
        status="待审批",
        tone="warning",
        buttons=(
            Button(id="approve", text="同意", style="primary"),
            Button(id="reject", text="驳回", style="danger"),
        ),
    )
    return card.model_copy(update=changes)


def test_an_expense_becomes_a_button_card() -> None:
    assert shown(expense()) == {
        "card_type": "button_interaction",
        "source": {"desc": "待审批", "desc_color": 1},
        "main_title": {"title": "费用报销", "desc": "王芳 11月24日"},
        "sub_title_text": "发票已验真",
        "horizontal_content_list": [
            {"keyname": "金额", "value": "86.00 元（八十六块）"},
            {"keyname": "科目", "value": "餐饮"},
        ],
        "task_id": card_name("expense:7", 2, "wang"),
        "button_list": [
            {"type": 0, "text": "同意", "style": 1, "key": "approve|expense:7|2|"},
            {"type": 0, "text": "驳回", "style": 3, "key": "reject|expense:7|2|"},
        ],
    }


def test_a_decided_expense_becomes_a_notice_that_leads_to_the_public_address() -> None:
    card = shown(expense(buttons=(), status="已同意", tone="success"))
    assert card["card_type"] == "text_notice"
    assert card["card_action"] == {"type": 1, "url": URL}
    assert card["source"] == {"desc": "已同意", "desc_color": 3}
    assert "button_list" not in card


def test_lines_without_room_for_a_row_move_below_and_lose_nothing() -> None:
    lines = [Line(label=f"第{number}行", value=str(number)) for number in range(1, 9)]
    lines.insert(0, Line(label="下次拜访日期", value="12月1日"))
    card = shown(expense(lines=tuple(lines)))
    assert [row["keyname"] for row in card["horizontal_content_list"]] == [f"第{n}行" for n in range(1, 7)]
    assert card["sub_title_text"] == "下次拜访日期：12月1日\n第7行：7\n第8行：8\n发票已验真"


def test_words_without_room_beside_their_value_are_quoted() -> None:
    said = "老板说下个月开学以后再看看要不要进我们的酸奶现在冰柜放不下"
    card = shown(expense(lines=(Line(label="结果", value="暂不进货", source=said),)))
    assert card["horizontal_content_list"] == [{"keyname": "结果", "value": "暂不进货"}]
    assert card["quote_area"] == {"type": 0, "title": "原话", "quote_text": f"结果：{said}"}


def test_more_than_six_choices_become_a_menu_and_come_back_as_buttons() -> None:
    shops = tuple(Button(id="choose", text=f"门店{number}", value=f"C{number:03}") for number in range(8))
    card = shown(expense(buttons=(*shops, Button(id="cancel", text="放弃"))))
    menu = card["button_selection"]
    assert [option["text"] for option in menu["option_list"]] == [shop.text for shop in shops]
    assert [button["text"] for button in card["button_list"]] == ["放弃", "选好了"]
    selected = {menu["question_key"]: (menu["option_list"][3]["id"],)}
    action = keys.read_tap(card["button_list"][1]["key"], selected, "", "")
    assert (action.button, action.value, action.ref, action.revision) == ("choose", "C003", "expense:7", 2)


def test_names_too_long_for_a_button_are_numbered_and_written_out() -> None:
    names = ["惠民超市朝阳北路青年路口店", "惠民超市朝阳北路十里堡店", "好邻居"]
    card = shown(expense(note="", buttons=tuple(Button(id="c", text=name, value=name) for name in names)))
    assert [button["text"] for button in card["button_list"]] == [
        "1 惠民超市朝阳北…",
        "2 惠民超市朝阳北…",
        "3 好邻居",
    ]
    assert card["sub_title_text"] == "1 惠民超市朝阳北路青年路口店\n2 惠民超市朝阳北路十里堡店"


def test_more_choices_than_a_card_can_hold_are_refused_in_words() -> None:
    many = tuple(Button(id="choose", text=str(number), value=str(number)) for number in range(11))
    with pytest.raises(ValueError, match="offer fewer choices"):
        shown(expense(buttons=many))


def test_the_name_of_a_card_is_stable_and_different_for_any_two() -> None:
    assert card_name("proposal:12", 0, "Wang") == card_name("proposal:12", 0, "wang")
    names = [
        card_name(ref, revision, who)
        for ref in ("proposal:12", "proposal-12", "提案" * 200)
        for revision in (0, 1)
        for who in ("wang", "li")
    ]
    assert len(set(names)) == len(names)
    assert all(templates.TASK_ID.fullmatch(name) for name in names)


WORDS = st.text(max_size=80)
IDS = st.sampled_from(["approve", "reject", "edit", "choose"])
BUTTONS = st.builds(
    lambda name, text, style, number: Button(id=name, text=text, style=style, value=str(number)),
    IDS,
    WORDS,
    st.sampled_from(["primary", "danger", "default"]),
    st.integers(0, 10_000),
)
CARDS = st.builds(
    Card,
    ref=st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="|"), min_size=1, max_size=40
    ),
    revision=st.integers(0, 10_000),
    title=WORDS.map(lambda text: f"题{text}"),
    subtitle=WORDS,
    lines=st.lists(st.builds(Line, label=WORDS, value=WORDS, source=WORDS), max_size=9).map(tuple),
    note=st.text(max_size=300),
    status=WORDS,
    tone=st.sampled_from(["info", "success", "warning", "danger"]),
    buttons=st.lists(BUTTONS, max_size=6, unique_by=lambda button: (button.id, button.value)).map(tuple),
)


@given(CARDS)
def test_whatever_a_card_says_the_platform_takes_it_whole(card: Card) -> None:
    rendered = json.loads(json.dumps(shown(card), ensure_ascii=False).encode())
    check_card(rendered)
    assert over_advice(rendered) == []
    for row in rendered.get("horizontal_content_list", []):
        assert len(row["keyname"]) <= 5
        assert len(row["value"]) <= 30
    assert len(rendered.get("button_list", [])) == len(card.buttons)


HEADS = st.builds(
    Head,
    title=WORDS.map(lambda text: f"题{text}"),
    desc=WORDS,
    source=WORDS,
    quote_title=WORDS,
    quote=WORDS,
    menu_desc=WORDS,
    menu=st.lists(st.tuples(WORDS, st.integers().map(str)), max_size=3, unique_by=lambda entry: entry[1]).map(
        tuple
    ),
)
ROWS = st.lists(st.builds(Row, WORDS, WORDS), max_size=6)
PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=3)
OPTION_LISTS = st.lists(
    st.builds(Option, st.integers().map(str), WORDS, st.booleans()),
    min_size=1,
    max_size=10,
    unique_by=lambda o: o.id,
)
MENUS = st.builds(Selection, st.integers().map(str), WORDS, OPTION_LISTS.map(tuple))
SUBMIT = CardButton("提交" * 10, "submit")


@given(
    HEADS,
    ROWS,
    PAIRS,
    OPTION_LISTS,
    st.lists(MENUS, min_size=1, max_size=3, unique_by=lambda m: m.question_key),
)
def test_all_five_kinds_keep_their_limits(
    head: Head, rows: list[Row], pairs: list[tuple[str, str]], options: list[Option], menus: list[Selection]
) -> None:
    buttons = [CardButton(text, f"k{number}") for number, (text, _) in enumerate(pairs)] or [SUBMIT]
    for card in (
        templates.text_notice(head, URL, task_id="t", emphasis=("9" * 40, "x" * 40), rows=rows, jumps=pairs),
        templates.news_notice(head, URL, URL, task_id="t", vertical=pairs, rows=rows, jumps=pairs),
        templates.button_interaction(head, "t", buttons, rows=rows, selection=menus[0], url=URL),
        templates.vote_interaction(head, "t", "q", options, submit=SUBMIT, several=True),
        templates.multiple_interaction(head, "t", menus, submit=SUBMIT),
    ):
        check_card(json.loads(json.dumps(card, ensure_ascii=False).encode()))
        assert over_advice(card) == []


def test_too_many_of_anything_is_told_and_never_left_out() -> None:
    head, submit = Head("题"), CardButton("提交", "s")
    seven = [CardButton(str(number), str(number)) for number in range(7)]
    with pytest.raises(ValueError, match="7 buttons on a card, WeCom takes 0 to 6"):
        templates.button_interaction(head, "t", seven)
    with pytest.raises(ValueError, match="7 rows"):
        templates.text_notice(head, URL, rows=[Row("a", "b")] * 7)
    with pytest.raises(ValueError, match="21 options"):
        templates.vote_interaction(head, "t", "q", [Option(str(n), "x") for n in range(21)], submit=submit)
    with pytest.raises(ValueError, match="0 menus"):
        templates.multiple_interaction(head, "t", [], submit=submit)
    with pytest.raises(ValueError, match="differ"):
        templates.button_interaction(head, "t", [submit, submit])
    with pytest.raises(ValueError, match="task id"):
        templates.button_interaction(head, "中文", [submit])
    with pytest.raises(ValueError, match="task id"):
        templates.text_notice(Head("题", menu=(("撤销", "undo"),)), URL)
