"""Words of the trade that were written down by their sound only are put right; everything else stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.language.heard import mend
from nlu.language.normalise import normalise
from tests.language.company import rulebook


def _mended(text: str) -> str:
    return mend(normalise(text), rulebook()).text


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("万家福收到回宽两千五", "万家福收到回款两千五"),
        ("好邻居便利电老板", "好邻居便利店老板"),
        ("没见道人", "没见到人"),
        ("去超市谈堆投", "去超市谈堆头"),
        ("三十相原味", "三十箱原味"),
    ],
)
def test_a_misheard_word_of_the_trade_is_put_right(heard: str, meant: str) -> None:
    assert _mended(heard) == meant


@pytest.mark.parametrize(
    "text", ["店主任务重", "同意先试五箱", "这批货长期压着", "他经历丰富", "收到货款两千五"]
)
def test_what_is_a_word_already_stays(text: str) -> None:
    assert _mended(text) == text


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_places_and_quoted_words_stay(text: str) -> None:
    said = normalise(text)
    mended = mend(said, rulebook())
    assert len(mended.text) == len(said.text)
    assert mended.words(0, len(said.text)) == said.words(0, len(said.text))
