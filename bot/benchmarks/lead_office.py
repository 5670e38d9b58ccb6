"""A company whose reps get leads: the real house on SQLite, and phones that only remember what came.

Everything goes the real way: inbox, turn, outbox, courier. Only the messengers are left out. Time moves when told.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from bot.channels.base import Download, Envelope, Probe, Receipt, ShownCard
from bot.wiring import build
from config.settings import Settings
from domain.cards import Card, Content, Text
from domain.errors import DeliveryError
from domain.leads.lead import Lead
from domain.messages import Action, Inbound, Media
from storage import migrate
from storage.leads import Leads
from storage.store import Store
from storage.tables import DueRow, InboxRow, OutboxRow, PersonRow

ZONE = ZoneInfo("Asia/Shanghai")
CHANNEL = "terminal"


@dataclass(frozen=True)
class Shown:
    to: str
    content: Content
    key: str
    update: bool = False


@dataclass
class Phones:
    """Implements `bot.channels.base.Channel`: everybody's chat, in the order in which it came."""

    name: str = CHANNEL
    per_member_minute: int = 0
    per_member_hour: int = 0
    per_app_second: int = 0
    refuses: Callable[[], bool] = lambda: False
    """Whether the platform refuses the next message, to be sent again later."""
    got: list[Shown] = field(default_factory=list)

    def card_name(self, ref: str, revision: int, recipient: str) -> str:
        return hashlib.sha256(f"{ref}|{revision}|{recipient}".encode()).hexdigest()[:32]

    def repeatable(self, content: Content) -> bool:
        return True

    def messages(self, content: Content) -> int:
        return 1

    def send(self, envelope: Envelope) -> Receipt:
        if self.refuses():
            raise DeliveryError("the platform is busy", retry_after=2)
        self.got.append(Shown(envelope.recipient, envelope.content, envelope.key))
        return Receipt(ref=envelope.key)

    def update(self, shown: ShownCard, card: Card) -> Receipt:
        self.got.append(Shown(shown.recipient, card, shown.card, update=True))
        return Receipt(ref=shown.card)

    def fetch(self, media: Media) -> Download:
        raise DeliveryError("nothing is sent by reference here", permanent=True)

    def probe(self) -> list[Probe]:
        return []

    def line(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        return None


class LeadOffice:
    def __init__(self, url: str, now: Callable[[], datetime], rulebook: Path | None = None) -> None:
        self.now = now
        self.phones = Phones()
        given: dict[str, Any] = {"database_url": url, "rulebook_dir": rulebook}
        self.house = build(Settings.model_validate(given), now=now, channels={CHANNEL: self.phones})
        self._keys = 0

    @property
    def store(self) -> Store:
        return self.house.store

    def close(self) -> None:
        self.house.close()

    # what there is ------------------------------------------------------------------------------------------

    def hire(self, people: Iterable[PersonRow]) -> None:
        with self.store.write() as session:
            session.add_all(people)

    def arrive(self, *leads: Lead) -> None:
        with self.store.write() as session:
            known = Leads(session, who="office", now=self.now())
            for lead in leads:
                known.add(lead)

    def lead(self, lead_id: str) -> Lead:
        with self.store.read() as session:
            found = Leads(session, who="office", now=self.now()).get(lead_id)
        assert found is not None, lead_id
        return found

    # what people do -----------------------------------------------------------------------------------------

    def tap(self, person: str, card: Card, button: str, value: str = "") -> None:
        action = Action(button=button, ref=card.ref, revision=card.revision, value=value)
        self._comes(person, kind="action", action=action)

    def say(self, person: str, words: str) -> None:
        self._comes(person, kind="text", text=words)

    def _comes(self, person: str, **given: Any) -> None:
        self._keys += 1
        message = Inbound.model_validate(
            {
                "channel": CHANNEL,
                "tenant": "office",
                "key": str(self._keys),
                "sender": person,
                "sent_at": self.now(),
                **given,
            }
        )

        async def accept() -> None:
            await self.house.inbox.accept(message)

        asyncio.run(accept())

    # what happens -------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Do all that can be done now."""
        house = self.house
        steps = (house.worker, house.lead_rounds, house.clock, house.courier)
        while sum(step.run_once() for step in steps):
            pass

    def next_due(self) -> datetime | None:
        """When something is to be done that is known already."""
        found = []
        with self.store.read() as session:
            for row in (DueRow, OutboxRow, InboxRow):
                query = select(func.min(col(row.available_at))).where(col(row.state) == "pending")
                found.append(session.exec(query).one())
        return min((at for at in found if at is not None), default=None)

    def last_card(self, person: str, ref: str = "") -> Card:
        cards = (s.content for s in reversed(self.phones.got) if s.to == person)
        return next(c for c in cards if isinstance(c, Card) and c.ref.startswith(ref or "lead:"))

    def texts(self, person: str) -> list[str]:
        return [s.content.text for s in self.phones.got if s.to == person and isinstance(s.content, Text)]


def a_company(reps: int, teams: int) -> list[PersonRow]:
    """Reps in teams of equal size, each with a manager; a director above, one of operations beside."""
    people = [
        person("D1", "总监", "director"),
        person("O1", "运营", "operations", manager_id="D1"),
        *(
            person(f"M{team}", f"经理{team}", "manager", team=f"{team}队", manager_id="D1")
            for team in range(teams)
        ),
    ]
    for number in range(reps):
        team = number % teams
        region = f"第{team}区"
        people.append(
            person(
                f"R{number:04}",
                f"业务{number}",
                "rep",
                team=f"{team}队",
                region=region,
                manager_id=f"M{team}",
            )
        )
    return people


def person(number: str, name: str, role: str, **given: Any) -> PersonRow:
    return PersonRow(id=number, name=name, role=role, prefers=CHANNEL, **given)


def opened(directory: Path, now: Callable[[], datetime], rulebook: Path | None = None) -> LeadOffice:
    """In a new database of its own."""
    store = Store(f"sqlite:///{directory / 'leads.db'}")
    migrate.upgrade(store)
    store.close()
    return LeadOffice(f"sqlite:///{directory / 'leads.db'}", now, rulebook)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
