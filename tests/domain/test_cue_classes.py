"""Cues name classes of words, so that one synonym more serves every cue of its kind."""

import pytest

from domain.cues import CueError, check_cue, expand

CLASSES = {"订货": ("订", "补"), "动作": ("<订货>", "退")}


def test_a_class_stands_for_any_of_its_words() -> None:
    assert expand("<订货>了{goods}", CLASSES) == "(订|补)了{goods}"


def test_a_class_may_hold_another() -> None:
    assert expand("<动作>了", CLASSES) == "((订|补)|退)了"


def test_an_unknown_class_is_told_with_the_place_where_classes_are_written() -> None:
    with pytest.raises(CueError, match=r"words\.yaml"):
        check_cue("<不存在>了", CLASSES)


def test_classes_that_hold_one_another_end() -> None:
    with pytest.raises(CueError, match="太深"):
        check_cue("<甲>了", {"甲": ("<乙>",), "乙": ("<甲>",)})
