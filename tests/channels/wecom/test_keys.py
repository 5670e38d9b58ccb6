import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom import keys
from domain.cards import Button, Card
from domain.messages import Action

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="|"), min_size=1, max_size=20
)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=100)


def card(ref: str = "expense:7", revision: int = 2) -> Card:
    return Card(ref=ref, revision=revision, title="报销")


@given(NAMES, NAMES, st.integers(0, 999_999_999), VALUES)
def test_a_button_comes_back_as_it_went_out(name: str, ref: str, revision: int, value: str) -> None:
    key = keys.button_key(card(ref, revision), Button(id=name, text="x", value=value))
    assert keys.read_tap(key, {}, "t", "r") == Action(
        button=name, ref=ref, revision=revision, value=value, card="t", handle="r"
    )


@given(NAMES, VALUES.filter(lambda value: len(value.encode()) < 60))
def test_a_choice_from_a_menu_comes_back_as_the_button_it_stands_for(name: str, value: str) -> None:
    option = keys.option_id(Button(id=name, text="x", value=value))
    selected = {keys.SELECT: (option,), "other": ("a",)}
    assert keys.read_tap(keys.select_key(card()), selected, "t", "r") == Action(
        button=name,
        ref="expense:7",
        revision=2,
        value=value,
        selected={"other": ("a",)},
        card="t",
        handle="r",
    )


@pytest.mark.parametrize("key", ["", "btn_approve", "a|b", "a|b|c|d", "|ref|1|", "a|b|9999999999|"])
def test_a_key_that_is_not_ours_is_the_button_itself(key: str) -> None:
    assert keys.read_tap(key, {}, "t", "") == Action(button=key, ref="", card="t")


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=8), st.tuples(st.text(max_size=8)), max_size=2))
def test_no_key_raises(key: str, selected: dict[str, tuple[str, ...]]) -> None:
    assert keys.read_tap(key, selected, "", "").card == ""


def test_a_key_that_would_not_come_back_is_not_sent() -> None:
    for broken in (
        Button(id="a|b", text="x"),
        Button(id="", text="x"),
        Button(id="a", text="x", value="值" * 342),
    ):
        with pytest.raises(ValueError, match="button"):
            keys.button_key(card(), broken)
    with pytest.raises(ValueError, match="reference"):
        keys.button_key(card(ref="a|b"), Button(id="a", text="x"))
    assert len(keys.button_key(card(), Button(id="a", text="x", value="v" * 1010)).encode()) == 1024
