"""Learning where a customer is from visits."""

import random
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from config.rulebook import load
from domain.check_ins import metres_to
from domain.places import Lesson, Sample, learn
from domain.positions import Position

LIMITS = load().authenticity.learning
SHOP = Position(latitude=39.9219, longitude=116.4435)
DEGREE = 111_195


def sample(day: int, metres: float, *, person: str = "P1", east: float | None = None) -> Sample:
    position = SHOP.model_copy(
        update={
            "latitude": SHOP.latitude + metres / DEGREE,
            "longitude": SHOP.longitude + (metres if east is None else east) / DEGREE,
        }
    )
    return Sample(
        ref=f"check_in:{person}{day}",
        person=person,
        day=date(2026, 3, 1) + timedelta(days=day),
        position=position,
    )


def taught(samples: list[Sample]) -> Lesson:
    lesson = learn(samples, LIMITS)
    assert lesson is not None
    return lesson


def test_three_visits_that_agree_teach_the_place() -> None:
    lesson = taught([sample(1, 10), sample(2, -30), sample(3, 25)])
    assert metres_to(lesson.place.position, SHOP) < 20
    assert lesson.place.words == "按最近 3 次拜访学到的位置"
    assert lesson.taught_by == ("check_in:P11", "check_in:P12", "check_in:P13")
    assert 30 < lesson.place.spread < 80


def test_two_visits_teach_nothing() -> None:
    assert learn([sample(1, 10), sample(2, -30)], LIMITS) is None


def test_many_positions_of_one_day_and_person_count_once() -> None:
    assert learn([sample(1, m) for m in (1, 2, 3, 4)], LIMITS) is None


def test_colleagues_of_one_day_do_not_make_two_days() -> None:
    assert learn([sample(1, m, person=f"P{m}") for m in (1, 2, 3)], LIMITS) is None


def test_a_faked_point_sent_every_day_counts_once() -> None:
    assert learn([sample(day, 500) for day in range(10)], LIMITS) is None


def test_visits_scattered_over_the_town_teach_nothing() -> None:
    assert learn([sample(day, 900 * day) for day in range(6)], LIMITS) is None


def test_another_datum_is_understood() -> None:
    from domain.datums import converted

    samples = [sample(1, 10), sample(2, -30), sample(3, 25)]
    other = [s.model_copy(update={"position": converted(s.position, "WGS-84")}) for s in samples]
    assert metres_to(taught(samples).place.position, taught(other).place.position) < 0.01


@given(st.integers(0, 10_000), st.floats(1_000, 2_000_000))
def test_a_far_outlier_does_not_drag_the_place(seed: int, far: float) -> None:
    rng = random.Random(seed)
    near = [sample(day, rng.gauss(0, 25), east=rng.gauss(0, 25)) for day in range(6)]
    before, after = taught(near), taught([*near, sample(9, min(far, 4_000_000))])
    assert metres_to(before.place.position, after.place.position) < 60
    assert "check_in:P19" not in after.taught_by
