"""Red, yellow and green: what makes a reason, and what never does; and a day in order."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from config import rulebook
from domain.day_plan import Stop, ordered
from domain.health import Evidence, Paid, Promised, Seen, judged, known_of
from domain.health.facts import Change, Owed
from domain.positions import Position

TODAY = date(2026, 3, 10)
RULES = rulebook.load().health
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TAKES = timedelta(minutes=45)


def found(**seen: object) -> tuple[str, list[str]]:
    health = judged(known_of(Seen(**seen), TODAY), RULES)  # type: ignore[arg-type]
    return health.colour, [reason.rule.key for reason in health.reasons]


def ago(days: int, record: int = 1) -> Evidence:
    return Evidence(TODAY - timedelta(days=days), record)


def test_what_nobody_recorded_is_said_and_never_counts() -> None:
    known = known_of(Seen(), TODAY)
    assert judged(known, RULES).colour == "green"
    assert known.unknown == ("近两年没有订货记录", "没有货款记录", "没有拜访记录")


def test_the_imported_status_holds_until_a_record_says_normal() -> None:
    assert found(status="closed") == ("red", ["closed"])
    assert found(status="closed", changes=[Change("normal", ago(1))]) == ("green", [])


def test_a_new_contact_takes_the_place_of_the_one_who_left() -> None:
    left = Change("contact_left", ago(5), contact="王经理")
    assert found(changes=[left]) == ("yellow", ["contact_left"])
    assert found(changes=[left, Change("contact_new", ago(1))]) == ("green", [])


def test_what_is_paid_in_the_same_breath_is_no_part_of_the_promise() -> None:
    """收了五千，剩下一万周五给."""
    at = datetime.combine(TODAY - timedelta(days=10), datetime.min.time(), UTC)
    promise = Promised(ago(10), TODAY - timedelta(days=3), Decimal(10000), at)
    paid = Paid(TODAY - timedelta(days=10), Decimal(5000), at)
    known = known_of(Seen(promises=[promise], payments=[paid]), TODAY)
    assert known.facts["overdue_amount"] == 10000
    later = Paid(paid.on, Decimal(10000), at + timedelta(hours=3))
    assert found(promises=[promise], payments=[paid, later]) == ("green", [])


def test_the_books_say_what_is_overdue_less_what_was_paid_since() -> None:
    owed = [
        Owed("INV2", TODAY - timedelta(days=5), Decimal(500)),
        Owed("INV1", TODAY - timedelta(days=70), Decimal(800)),
    ]
    books = TODAY - timedelta(days=2)
    known = known_of(Seen(owed=owed, books=books, owner="P1"), TODAY)
    assert (known.facts["receivable_days"], known.facts["receivable_amount"]) == (70, 1300)
    proof = known.evidence["receivable_days"]
    assert (proof.on, proof.source) == (TODAY - timedelta(days=70), "应收账款 INV1，截至3月8日")
    assert found(owed=owed, books=books) == ("red", ["books_stop"])
    paid = [Paid(TODAY - timedelta(days=30), Decimal(9999)), Paid(TODAY, Decimal(900))]
    assert found(owed=owed, books=books, payments=paid) == ("yellow", ["books_overdue"])
    assert known_of(Seen(owed=owed, books=books, payments=paid), TODAY).facts["receivable_amount"] == 400


def test_books_closed_after_a_promised_day_without_a_debt_settle_the_promise() -> None:
    promise = Promised(ago(10), TODAY - timedelta(days=3), Decimal(3000))
    assert found(promises=[promise], books=TODAY - timedelta(days=1)) == ("green", [])
    assert found(promises=[promise], books=TODAY - timedelta(days=5)) == ("yellow", ["overdue"])


def test_a_customer_is_measured_by_its_own_rhythm() -> None:
    weekly = [(TODAY - timedelta(days=20 + 7 * n), n) for n in reversed(range(5))]
    assert found(orders=weekly) == ("yellow", ["no_order"])
    monthly = [(TODAY - timedelta(days=20 + 30 * n), n) for n in reversed(range(5))]
    assert found(orders=monthly) == ("green", [])
    assert found(orders=weekly[-3:]) == ("green", []), "three days with orders show no rhythm"


def test_a_promise_that_passed_counts_until_it_is_paid() -> None:
    promise = Promised(ago(10), TODAY - timedelta(days=3), Decimal(3000))
    assert found(promises=[promise]) == ("yellow", ["overdue"])
    part = known_of(Seen(promises=[promise], payments=[Paid(TODAY, Decimal(1000))]), TODAY)
    assert part.facts["overdue_amount"] == 2000
    assert found(promises=[promise], payments=[Paid(TODAY, Decimal(3000))]) == ("green", [])
    assert found(promises=[promise], payments=[Paid(TODAY, None)]) == ("green", [])
    again = Promised(ago(1), TODAY + timedelta(days=3), Decimal(3000))
    assert found(promises=[promise, again]) == ("green", []), "a new promise takes the place of the old one"


def test_long_overdue_is_red() -> None:
    assert found(promises=[Promised(ago(90), TODAY - timedelta(days=61), None)]) == ("red", ["credit_stop"])


def test_red_reasons_come_first_and_there_are_three_at_most() -> None:
    weekly = [(TODAY - timedelta(days=100 + 7 * n), n) for n in reversed(range(5))]
    changes = [Change("contact_left", ago(120)), Change("closed", ago(99))]
    colour, keys = found(changes=changes, orders=weekly, complaints=[ago(3)], visited=ago(130))
    assert (colour, keys) == ("red", ["closed", "contact_left", "no_order"])


def test_a_rule_with_a_name_that_there_is_not_is_pointed_at() -> None:
    files = dict(rulebook.files())
    text = files["health.yaml"].decode().replace("when: closed\n", "when: clsoed\n")
    try:
        rulebook.read({**files, "health.yaml": text.encode()})
    except rulebook.RulebookError as error:
        (problem,) = error.problems
        assert problem.file == "health.yaml" and "clsoed" in problem.words
        assert text.splitlines()[problem.line - 1].strip() == "when: clsoed"
    else:
        raise AssertionError("a mistake in a condition was not found")


SPOT = st.builds(
    Position, latitude=st.floats(39.8, 40.1), longitude=st.floats(116.2, 116.6), datum=st.just("GCJ-02")
)
STOP = st.builds(
    Stop,
    customer=st.just(""),
    at=st.none() | st.integers(0, 9).map(lambda h: NOW + timedelta(hours=h)),
    position=st.none() | SPOT,
    overdue=st.booleans(),
)


@given(st.lists(STOP, max_size=9), st.none() | SPOT)
def test_every_stop_comes_once_and_fixed_times_in_their_order(
    drawn: list[Stop], start: Position | None
) -> None:
    stops = [stop.model_copy(update={"customer": str(n)}) for n, stop in enumerate(drawn)]
    legs = [leg.stop for leg in ordered(stops, NOW, TAKES, start)]
    assert sorted(s.customer for s in legs) == sorted(s.customer for s in stops)
    times = [s.at for s in legs if s.at]
    assert times == sorted(times)
    unplaced = [s for s in legs if s.at is None and s.position is None]
    assert legs[len(legs) - len(unplaced) :] == unplaced


def test_no_more_is_put_before_a_fixed_time_than_there_is_time_for() -> None:
    here = Position(latitude=39.9, longitude=116.4)
    loose = [Stop(customer=str(n), position=here) for n in range(3)]
    fixed = Stop(customer="F", at=NOW + timedelta(minutes=100), position=here)
    assert [leg.stop.customer for leg in ordered([*loose, fixed], NOW, TAKES, here)].index("F") == 2
