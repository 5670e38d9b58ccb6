"""The library is taken as a whole, or refused with everything that is wrong with it."""

import shutil
from pathlib import Path

import pytest

from bot.lessons import FRESH_SECONDS, Lessons
from config import library
from config.rulebook import SHIPPED, RulebookError
from domain.coaching import filled
from domain.errors import Refusal


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(SHIPPED / "coaching", tmp_path / "coaching")
    return tmp_path


def change(copy: Path, file: str, old: str, new: str) -> None:
    path = copy / "coaching" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(directory: Path) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        library.load(directory)
    return list(map(str, caught.value.problems))


def test_the_shipped_library_has_what_is_promised() -> None:
    found = library.load()
    kinds = [case.type for case in found.cases]
    assert len(found.cases) == 21 and min(kinds.count(k) for k in ("price", "trust", "timing")) >= 7
    assert min(sum(c.type == k for c in found.cards) for k in ("price", "trust", "timing")) >= 12
    assert [s.label for s in found.scripts if s.label] and len(found.scripts) == 5


def test_all_mistakes_are_told_at_once_each_with_its_line(copy: Path) -> None:
    change(copy, "objections/price.yaml", "{product|这款}一箱您", "{price}一箱您")
    change(copy, "objections/trust.yaml", "id: trust_taste", "id: price_taste")
    change(copy, "cases/lost_08_unknown_brand.yaml", "turning_point: 3", "turning_point: 30")
    change(copy, "rubric.yaml", "points: 9", "points: 10")
    change(copy, "synonyms.yaml", "  - 续签了", "  - 续签了?")
    told = problems(copy)
    assert [words.partition(":")[0] for words in told] == [
        "cases/lost_08_unknown_brand.yaml",
        "coaching/rubric.yaml",
        "coaching/synonyms.yaml",
        "objections/price.yaml",
        "objections/trust.yaml",
    ]
    assert "30" in told[0] and "26" in told[1] and "{price}" in told[3] and "trust_" in told[4]
    lines = (copy / "coaching/objections/price.yaml").read_text(encoding="utf-8").splitlines()
    assert "{price}" in lines[int(told[3].split(":")[1]) - 1]


def test_one_trigger_on_two_cards_is_a_mistake(copy: Path) -> None:
    change(copy, "objections/timing.yaml", "triggers: [以后再说", "triggers: [太贵了, 以后再说")
    told = problems(copy)
    assert any("太贵了" in words and "price_expensive" in words for words in told)


def test_a_missing_part_is_a_mistake(copy: Path) -> None:
    shutil.rmtree(copy / "coaching" / "scripts")
    (copy / "coaching" / "rubric.yaml").unlink()
    assert [words.partition(":")[0] for words in problems(copy)] == [
        "coaching/rubric.yaml",
        "coaching/scripts/",
    ]


def test_a_rulebook_without_a_library_of_its_own_has_the_shipped_one(tmp_path: Path) -> None:
    assert library.load(tmp_path) == library.load()


def test_blanks_say_their_fallback_where_nothing_is_known() -> None:
    words = "{product|这款}一箱比{competitor|对方}多两瓶"
    assert filled(words, {}) == "这款一箱比对方多两瓶"
    assert filled(words, {"product": "原味酸奶", "competitor": ""}) == "原味酸奶一箱比对方多两瓶"


def test_a_trainers_change_is_taken_and_his_mistake_leaves_the_last_good_one(copy: Path) -> None:
    now = [0.0]
    lessons = Lessons(copy, lambda: now[0])
    before = lessons()
    assert lessons() is before
    change(copy, "objections/price.yaml", "您说的贵，是跟哪个货比", "您是跟谁比")
    now[0] += FRESH_SECONDS
    after = lessons()
    assert "您是跟谁比" in next(c for c in after.library.cards if c.id == "price_expensive").question
    change(copy, "objections/price.yaml", "type: price", "type: prize")
    now[0] += FRESH_SECONDS
    assert lessons() is after


def test_a_library_that_was_never_good_is_refused_kindly(copy: Path) -> None:
    change(copy, "objections/price.yaml", "type: price", "type: prize")
    with pytest.raises(Refusal, match="rulebook check"):
        Lessons(copy)()
