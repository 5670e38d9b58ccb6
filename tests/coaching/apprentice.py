"""A new hire with his bot, on a clock that the test moves: his words go through understanding and the handlers."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coaching.coach import Coach
from config.rulebook import load
from domain.cards import Card
from domain.dialogue import Dialogue
from domain.messages import Action, Inbound
from domain.people import Customer
from handlers import conversation, practice_plan, reminder_contents
from handlers.turn import Arrival, Turn, View
from nlu.language.lexicon import Lexicon
from storage.store import Store
from storage.tables import PersonRow, RecordRow
from storage.work import work_of

ZONE = ZoneInfo("Asia/Shanghai")
RULES = load()
SHOP = Customer(code="C1", name="惠民超市朝阳店")


class Apprentice:
    def __init__(self, store: Store, coach: Coach, hired_on: date | None, role: str = "rep") -> None:
        self.store, self.coach = store, coach
        start = hired_on or date(2026, 3, 10)
        self.now = datetime(start.year, start.month, start.day, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
        self.dialogue = Dialogue()
        self.messages = 0
        self.lexicon = Lexicon.build(customers=[SHOP], contacts=[], products=[], competitors=[], people=[])
        with store.write() as session:
            session.add(PersonRow(id="new", name="小林", role=role, hired_on=hired_on))

    def say(self, text: str) -> str:
        """What he is answered."""
        return self._send("new", kind="text", text=text)

    def tap(self, button: str, ref: str, value: str = "", who: str = "new") -> str:
        """What is answered to a tap, his or somebody else's."""
        return self._send(who, kind="action", action=Action(button=button, ref=ref, value=value))

    def _send(self, who: str, **message: Any) -> str:
        self.messages += 1
        dialogue = self.dialogue if who == "new" else Dialogue()
        with self.store.write() as session:
            turn = self._turn(session, who, dialogue)
            came = Inbound(
                channel="terminal",
                tenant="",
                key=str(self.messages),
                sender=who,
                sent_at=self.now,
                **message,
            )
            top = dialogue.top
            row = turn.work.practices.mine(top.id) if top and top.kind == "practice" else None
            view = View(
                turn.local_now,
                turn.person,
                dialogue,
                0,
                self.lexicon,
                RULES,
                frozenset(["C1"]),
                practised_at=row.updated_at if row else None,
            )
            reply = conversation.decide(conversation.understand(Arrival(self.messages, came), view), turn)
            if who == "new":
                self.dialogue = turn.dialogue
        contents = [out.content for out in reply.outgoing]
        return "\n".join(c.title if isinstance(c, Card) else getattr(c, "text", "") for c in contents)

    def pushed(self) -> str:
        """What the morning's reminder says."""
        with self.store.write() as session:
            return reminder_contents.practice(self._turn(session), ())

    def subjects(self) -> list[str]:
        """What is left for today."""
        with self.store.write() as session:
            return [item.subject for item in practice_plan.items_today(self._turn(session))]

    def loses_a_deal(self, words: str, kind: str) -> None:
        with self.store.write() as session:
            turn = self._turn(session)
            turn.work.records.add(
                [
                    RecordRow(
                        form="visit", reporter_id="new", customer_code="C1", happened_at=self.now, status="confirmed",
                        data={"objections": [kind], "result": "没谈拢", "customer": "C1"},
                        sources={"objections": words},
                    )
                ]
            )  # fmt: skip

    def next_day(self, days: int = 1) -> None:
        self.now += timedelta(days=days)

    def _turn(self, session: Any, who: str = "new", dialogue: Dialogue | None = None) -> Turn:
        work = work_of(session, who=who, now=self.now, inbox_id=None)
        person = work.people.get(who)
        assert person is not None
        return Turn(
            self.now,
            ZONE,
            person,
            "terminal",
            self.messages,
            dialogue or self.dialogue,
            RULES,
            self.lexicon,
            work,
            coach=lambda: self.coach,
        )
