"""Figures for trainers: the team, how well the rubric agrees with them, what the field really objects, and the ramp.

The field is counted in the house's own name and told as numbers: no customer, no rep, no words of anybody.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from coaching.coach import Coach
from coaching.path import TYPES, Dated, day_of, passed, skill
from domain.people import Person
from domain.ramp import Ramp, ramp
from domain.values import Value
from handlers.practice_plan import past
from handlers.wording import OBJECTIONS
from storage import training
from storage.practice import Played
from storage.training import Calibrated

FIELD_DAYS = 30
MOST_OBJECTIONS = 12


class Learner(Value):
    name: str
    team: str
    day: int | None
    """Of the path; None for whom no first day is known."""
    talks: int
    skills: tuple[int | None, ...]
    """In the order of `TYPES`."""
    gates: tuple[bool, ...]
    last: datetime | None


class Agreement(Value):
    """How often learners appealed against a check, and how often they were right."""

    label: str
    open: int
    granted: int
    refused: int


class Heard(Value):
    type: str
    words: str
    """How customers put it, as the card says it; empty where no card fits."""
    n: int


def learner(person: Person, rows: Sequence[Played], coach: Coach, now: datetime, zone: ZoneInfo) -> Learner:
    """`rows` the newest first."""
    talks = [Dated(past=past(row), day=row.ended_at.astimezone(zone).date()) for row in rows]
    gate = coach.library.path.gate
    return Learner(
        name=person.name,
        team=person.team,
        day=day_of(person.hired_on, now.astimezone(zone).date()),
        talks=len(talks),
        skills=tuple(skill(kind, talks) for kind in TYPES),
        gates=tuple(passed(gate, kind, talks).done for kind in TYPES),
        last=rows[0].ended_at.astimezone(zone) if rows else None,
    )


def agreement(appeals: Sequence[Calibrated], coach: Coach) -> list[Agreement]:
    """The checks that learners were most often right about first: those need other cues."""
    labels = {check.id: check.label for check in coach.library.rubric.checks} | {"compliance": "没踩红线"}
    counts = Counter((one.check_id, one.state) for one in appeals)
    found = [
        Agreement(
            label=labels.get(check, check),
            open=counts[check, "open"],
            granted=counts[check, "granted"],
            refused=counts[check, "refused"],
        )
        for check in dict.fromkeys(one.check_id for one in appeals)
    ]
    return sorted(found, key=lambda one: (-one.granted, one.label))


def in_the_field(session: Session, coach: Coach, now: datetime) -> list[Heard]:
    """What customers objected in the last weeks, by the card that meets it, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for types, words in training.objections_told(session, now - timedelta(days=FIELD_DAYS)):
        found = coach.index.search(words, top=1, heard=types, surely=True) if words else []
        card = found[0].card if found and found[0].card.type in types else None
        counts[(card.type if card else str(types[0])), card.triggers[0] if card else ""] += 1
    return [
        Heard(type=OBJECTIONS.get(kind, kind), words=words, n=n)
        for (kind, words), n in counts.most_common(MOST_OBJECTIONS)
    ]


def first_orders(session: Session, now: datetime, zone: ZoneInfo) -> Ramp:
    return ramp(training.hires(session), now.astimezone(zone).date())


def ramp_in_words(found: Ramp) -> str:
    """Never without its n, nor without those who are still waited for."""
    if not found.n:
        return "通讯录里还没有人写了入职日期（hired_on），没法算。"
    told = (
        f"{found.n} 名业务员，{found.ordered} 名已有第一张订单，{found.censored} 名还没有（按在职天数计入）"
    )
    if found.median_days is None:
        return f"入职到第一张订单：还算不出中位数。{told}。"
    return f"入职到第一张订单：中位 {found.median_days} 天（Kaplan–Meier）。{told}。"
