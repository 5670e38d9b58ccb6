"""One spelling for every text, and the way back to the words as they were said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language.normalise import normalise
from tests.language.company import rulebook

FILLERS = rulebook().words("speech", "fillers")
STUTTERS = rulebook().words("speech", "stutters")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("訂５０箱純牛奶", "订50箱纯牛奶"),
        ("嗯，我我今天呃去了", "我今天去了"),
        ("货款12,000元,已付", "货款12,000元，已付"),
        ("原味酸奶原味酸奶两箱", "原味酸奶两箱"),
        ("今天 去了\u200b 惠民", "今天去了惠民"),
        ("二二箱", "二二箱"),
        ("", ""),
    ],
)
def test_texts_are_brought_to_one_spelling(source: str, text: str) -> None:
    assert normalise(source, FILLERS, STUTTERS).text == text


def test_every_value_finds_the_words_it_was_said_in() -> None:
    found = normalise("嗯訂了５０箱", FILLERS, STUTTERS)
    at = found.text.index("50箱")
    assert found.words(at, at + 3) == "５０箱"


@given(st.text(max_size=80))
def test_any_text_is_allowed_and_every_letter_has_its_place(source: str) -> None:
    found = normalise(source, FILLERS, STUTTERS)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(0 <= s < e <= len(source) for s, e in zip(found.starts, found.ends, strict=True))
    assert list(found.starts) == sorted(found.starts)
