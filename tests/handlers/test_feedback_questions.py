"""What the rep asks back is not what his customer said."""

import pytest

from handlers.sample_feedback import asks_back


@pytest.mark.parametrize("words", ["什么意思", "谁要的？", "哪家 ?", "怎么回答", "为什么问我"])
def test_a_question_is_no_feedback(words: str) -> None:
    assert asks_back(words)


@pytest.mark.parametrize("words", ["客户说口感不错", "偏甜", "没什么问题"])
def test_an_opinion_is_no_question(words: str) -> None:
    assert not asks_back(words)
