import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom import texts

ANY = st.text(st.characters() | st.sampled_from("，。\n <a👩\u200d🔧é\u0301"), max_size=300)


def squeezed(text: str) -> str:
    return "".join(texts.clean(text).split())


@given(ANY, st.integers(4, 200))
def test_text_is_cut_at_whole_characters_with_an_ellipsis(text: str, limit: int) -> None:
    cut = texts.clip_bytes(text, limit)
    assert len(cut.encode()) <= limit
    assert cut == texts.clean(text) or (cut.endswith("…") and texts.clean(text).startswith(cut[:-1]))


@given(ANY, st.integers(2, 60))
def test_a_label_is_cut_with_an_ellipsis(text: str, limit: int) -> None:
    cut = texts.clip(text, limit)
    assert len(cut) <= limit
    assert cut == texts.clean(text).strip() or cut.endswith("…")


@given(ANY, st.integers(4, 200))
def test_parts_say_everything_in_order_and_fit(text: str, limit: int) -> None:
    parts = texts.split(text, limit)
    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert squeezed("".join(parts)) == squeezed(text)
    assert texts.split(text, limit) == parts


def test_parts_are_cut_at_line_ends() -> None:
    lines = [f"{number:03} 惠民超市朝阳店 原味酸奶 3 箱" for number in range(120)]
    parts = texts.split("\n".join(lines))
    assert len(parts) == 3
    assert [line for part in parts for line in part.split("\n")] == lines


def test_an_emoji_of_several_characters_is_not_torn_apart() -> None:
    assert texts.clip("甲乙👩‍🔧丙丁戊", 5) == "甲乙…"
    assert texts.split("👍🏽" * 3, 20) == ["👍🏽👍🏽", "👍🏽"]


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ('<a href="https://evil.example">点我</a>', '＜a href="https://evil.example">点我＜/a>'),
        ('<font color="warning">x</font>', '＜font color="warning">x＜/font>'),
        ("<!--x", "＜!--x"),
        ("库存 <3 箱，1 < 2 > 0", "库存 <3 箱，1 < 2 > 0"),
        ("a\x00b\x07c\ud800d\te\nf", "abcd\te\nf"),
    ],
)
def test_no_tag_from_outside_reaches_the_client(said: str, sent: str) -> None:
    assert texts.defuse(said) == sent
