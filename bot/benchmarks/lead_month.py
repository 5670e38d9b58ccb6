"""`xiaofang bench lead_month [LEADS] [REPS]`: a month of leads on a clock of its own, beside the goals.

Nights, the spring festival with its shifted working days, people on leave and people who left, messages that get lost
and a platform that refuses some. Everything goes through the real inbox, turns, clock, rounds, outbox and courier on
SQLite; people do what their seed says: most react in minutes, some to the reminder alone, some not at all.
"""

import heapq
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import select

from bot.benchmarks.lead_office import ZONE, LeadOffice, Shown, a_company, opened
from domain.cards import Card
from domain.flows.working_time import OfficeHours, WorkingTime
from domain.leads.first_touch import Figures, figures, waited
from domain.leads.lead import EventKind, Lead
from handlers.lead_cards import OFFERED, PER_ROUND, REMINDED, TOLD
from nlu.language.holidays import is_workday
from storage.flow_tables import LeaveRow
from storage.lead_tables import LeadEventRow
from storage.leads import Leads
from storage.tables import PersonRow

START = datetime(2026, 2, 9, tzinfo=ZONE)
DAYS = 30
PER_TEAM = 15
GOALS = {"p50": 5.0, "p95": 30.0, "longest": 60.0, "gini": 0.15}
REACTS, REMINDED_ONLY, PASSES = 0.88, 0.09, 0.03
"""Shares of the cards: reacted to at once, to the reminder alone (the rest not at all), and passed on."""
LOST, REFUSED = 0.01, 0.02
"""Shares of the messages that nobody sees, and that the platform takes only at the second attempt."""


class Now:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Month:
    office: LeadOffice
    now: Now
    chance: random.Random
    working: WorkingTime
    until: datetime
    events: list[tuple[datetime, int, str, tuple[str, ...]]] = field(default_factory=list)
    seen: int = 0
    ignored: set[str] = field(default_factory=set)
    """Leads of which somebody saw, or should have seen, a card and did nothing in time."""
    cards: dict[tuple[str, str], Card] = field(default_factory=dict)

    def later(self, at: datetime, what: str, *about: str) -> None:
        heapq.heappush(self.events, (at, len(self.events) + self.seen * 1_000_000, what, about))

    def run(self) -> None:
        """From event to event, and to whatever falls due between them."""
        office = self.office
        while self.now.at < self.until:
            due, planned = office.next_due(), self.events[0][0] if self.events else self.until
            self.now.at = max(self.now.at, min(filter(None, (due, planned))))
            while self.events and self.events[0][0] <= self.now.at:
                _, _, what, about = heapq.heappop(self.events)
                getattr(self, f"_{what}")(*about)
            house = office.house
            steps = (house.worker, house.lead_rounds, house.clock, house.courier)
            if not sum(step.run_once() for step in steps):  # once: what that leaves is due now, and done next
                self.now.at += timedelta(seconds=1)  # what waits behind a message that is sent again later
            self._look()

    def _look(self) -> None:
        """Everybody looks at what came."""
        new, self.seen = self.office.phones.got[self.seen :], len(self.office.phones.got)
        for shown in new:
            if isinstance(shown.content, Card) and shown.content.buttons and not shown.update:
                self._came(shown.to, shown.content)

    def _came(self, who: str, card: Card) -> None:
        lead, purpose = card.ref.partition(":")[2], card.revision % PER_ROUND
        self.cards[who, card.ref] = card
        if who.startswith("M"):
            if purpose == TOLD and any(button.id == "take" for button in card.buttons):
                self._in(3, "call", who, card.ref)
            return
        kind, lost = self.chance.random(), self.chance.random() < LOST
        if purpose == OFFERED and not lost and kind < REACTS:
            what = "pass" if self.chance.random() < PASSES else "call"
            self._in(self.chance.lognormvariate(0.9, 0.6), what, who, card.ref)
        elif purpose == REMINDED and not lost and kind < REACTS + REMINDED_ONLY:
            self._in(self.chance.uniform(0.5, 6), "call", who, card.ref)
        elif purpose == REMINDED:
            self.ignored.add(lead)

    def _in(self, minutes: float, what: str, *about: str) -> None:
        self.later(self.working.after(self.now.at, timedelta(minutes=minutes)), what, *about)

    # what happens -------------------------------------------------------------------------------------------

    def _arrive(self, *lead: str) -> None:
        self.office.arrive(Lead.model_validate_json(lead[0]).model_copy(update={"created_at": self.now.at}))

    def _call(self, who: str, ref: str) -> None:
        self.office.tap(who, self.cards[who, ref], "call")
        self.later(self.now.at + timedelta(days=self.chance.uniform(1, 5)), "close", ref.partition(":")[2])

    def _pass(self, who: str, ref: str) -> None:
        self.office.tap(who, self.cards[who, ref], "pass")
        self.office.settle()
        self.office.say(who, "手上太满")

    def _close(self, lead_id: str) -> None:
        """It ends, so that there is room again."""
        with self.office.store.write() as session:
            leads = Leads(session, who="sim", now=self.now.at)
            lead = leads.get(lead_id)
            if lead and lead.state == "following":
                kind: EventKind = "won" if self.chance.random() < 0.5 else "lost"
                leads.change(lead, kind, {"state": kind}, person_id=lead.owner_id)

    def _leave(self, who: str, days: str) -> None:
        with self.office.store.write() as session:
            until = self.now.at + timedelta(days=int(days))
            session.add(LeaveRow(person_id=who, start=self.now.at, until=until, created_at=self.now.at))

    def _quit(self, who: str) -> None:
        with self.office.store.write() as session:
            row = session.get(PersonRow, who)
            assert row is not None
            row.active = False

    def _tick(self) -> None:
        """Nothing but time."""


@dataclass(frozen=True)
class Result:
    figures: Figures
    slow: tuple[str, ...]
    """Leads over an hour that were not ignored by the people who had them."""
    gini: float
    wrong: tuple[str, ...]
    """Pushes that came twice, or not at all."""
    rounds: dict[int, int]
    pushes: int


def main(arguments: list[str]) -> int:
    leads, reps = (*map(int, arguments), *(20_000, 300)[len(arguments) :])
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        began = time.perf_counter()
        found = play(Path(folder), leads, reps)
        seconds = time.perf_counter() - began
    told, high = found.figures, GOALS
    print(f"month      {leads} leads, {reps} people, {DAYS} days from {START:%Y-%m-%d}, in {seconds:.0f} s")
    print(
        f"first      n={told.touched} of {told.leads}: p50 {told.p50:.1f} min (goal {high['p50']:.0f}), "
        f"p95 {told.p95:.1f} (goal {high['p95']:.0f}), longest {told.longest:.1f}; "
        f"within 30 minutes {told.in_time:.1%}"
    )
    print(
        f"           over {high['longest']:.0f} working minutes although somebody behaved: {len(found.slow)} (goal 0); "
        f"given to 1, 2, 3… people: {', '.join(str(found.rounds[n]) for n in sorted(found.rounds))}"
    )
    print(f"load       Gini of the leads of people always there: {found.gini:.3f} (goal {high['gini']})")
    print(f"pushes     {found.pushes} messages, {len(found.wrong)} doubled or missing (goal 0)")
    for line in (*found.slow, *found.wrong)[:10]:
        print(f"           {line}")
    return 0 if reached(found) else 1


def reached(found: Result) -> bool:
    told = found.figures
    in_time = (told.p50 or 0) <= GOALS["p50"] and (told.p95 or 0) <= GOALS["p95"]
    return in_time and not found.slow and not found.wrong and found.gini <= GOALS["gini"]


def play(folder: Path, leads: int, reps: int, *, days: int = DAYS, seed: int = 1) -> Result:
    chance, now = random.Random(seed), Now(START)
    office = opened(folder, now)
    office.phones.refuses = lambda: chance.random() < REFUSED
    try:
        teams = max(1, reps // PER_TEAM)
        office.hire(a_company(reps, teams))
        working = WorkingTime(OfficeHours(), ZONE, is_workday)
        month = Month(office, now, chance, working, START + timedelta(days=days))
        away = _planned(month, leads, reps, teams, days)
        month.run()
        return _result(month, {f"R{n:04}" for n in range(reps)} - away)
    finally:
        office.close()


def _planned(month: Month, leads: int, reps: int, teams: int, days: int) -> set[str]:
    """What will happen by itself; the people who are away for some of the time."""
    chance, away = month.chance, set[str]()
    for number in range(leads):
        day = START + timedelta(days=chance.randrange(days - 1))
        hour = chance.uniform(8, 20) if chance.random() < 0.8 else chance.uniform(0, 24)
        lead = Lead(
            id=f"L{number:05}",
            company=f"公司{number}",
            contact="王经理",
            phone=f"139{number:08}",
            city=f"第{chance.randrange(teams)}区",
            source=chance.choice(("官网", "展会", "公众号")),
            level=chance.choice("ABC"),
            value=chance.choice((None, 500_000, 2_000_000)),
            received_at=day,
            created_at=day,
        )
        month.later(day + timedelta(hours=hour), "arrive", lead.model_dump_json())
    for day_number in range(days):
        for minute in (0, 1, 240, 241, 150, 400):
            at = START + timedelta(days=day_number, hours=9, minutes=minute)
            month.later(at, "tick")
    for who in chance.sample(range(reps), reps // 5):
        away.add(f"R{who:04}")
        at = START + timedelta(days=chance.randrange(days), hours=chance.uniform(8, 17))
        month.later(at, "leave", f"R{who:04}", str(chance.randint(1, 4)))
    for who in chance.sample(range(reps), reps // 60):
        away.add(f"R{who:04}")
        at = START + timedelta(days=chance.randrange(days), hours=chance.uniform(8, 17))
        month.later(at, "quit", f"R{who:04}")
    return away


def _result(month: Month, equal: set[str]) -> Result:
    with month.office.store.read() as session:
        leads = _all(Leads(session, who="sim", now=month.now.at))
        events = [event.model_dump() for event in session.exec(select(LeadEventRow)).all()]
    offered = Counter(event["person_id"] for event in events if event["kind"] == "offered")
    slow = [
        f"{lead.id} {waited(lead, month.working, month.now.at):.0f} min, round {lead.round}, {lead.state}"
        for lead in leads
        if lead.id not in month.ignored and waited(lead, month.working, month.now.at) > GOALS["longest"]
    ]
    return Result(
        figures(leads, 1_000_000, month.working, month.now.at),
        tuple(slow),
        gini([offered[person] for person in sorted(equal)]),
        tuple(wrong_pushes(events, month.office.phones.got)),
        dict(Counter(lead.round for lead in leads)),
        len(month.office.phones.got),
    )


def _all(leads: Leads) -> list[Lead]:
    states = ("new", "offered", "accepted", "following", "won", "lost", "pool")
    found: list[Lead] = []
    while part := leads.in_state(*states, after=found[-1].id if found else ""):
        found += part
    return found


def wrong_pushes(events: Sequence[dict[str, object]], got: Sequence[Shown]) -> list[str]:
    """Every giving, reminder and word to a manager is one card in one chat, and no message came twice."""
    sent = [shown for shown in got if not shown.update]
    cards = Counter(
        (shown.content.ref, shown.content.revision, shown.to)
        for shown in sent
        if isinstance(shown.content, Card) and shown.content.ref.startswith("lead:")
    )
    twice = [f"{key} came {count} times" for key, count in Counter(s.key for s in sent).items() if count > 1]
    twice += [f"card {card} came {count} times" for card, count in cards.items() if count > 1]
    given: Counter[object] = Counter()
    for event in events:
        lead, person = f"lead:{event['lead_id']}", str(event["person_id"])
        if event["kind"] == "offered":
            given[lead] += 1
            wanted = {OFFERED, TOLD}
        elif event["kind"] in ("reminded", "manager_told") and event["person_id"]:
            wanted = {REMINDED if event["kind"] == "reminded" else TOLD}
        else:
            continue
        if not any(cards[lead, given[lead] * PER_ROUND + purpose, person] for purpose in wanted):
            twice.append(f"{event['kind']} of {lead} to {person} never came")
    return twice


def gini(values: Sequence[float]) -> float:
    """0 where all have the same, towards 1 where one has everything."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    rank = sum((number + 1) * value for number, value in enumerate(ordered))
    return 2 * rank / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)
