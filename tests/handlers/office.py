"""An office of a few people on rows: everybody has his turns at times that the test names, or the clock in his name."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from config.rulebook import load
from domain.cards import Card
from domain.dialogue import Dialogue
from domain.flows.definition import Flow
from domain.forms import Rulebook
from domain.people import Product
from handlers import flows
from handlers.turn import Reply, Turn
from nlu.language.lexicon import Lexicon
from storage.store import Store
from storage.tables import DueRow, PersonRow, RecordRow
from storage.work import work_of

RULES = load()
NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
"""Tuesday, 10:07 in Shanghai."""
ZONE = ZoneInfo("Asia/Shanghai")
PEOPLE = {
    "head": ("林晓雯", "director", None),
    "boss": ("周建国", "manager", "head"),
    "rep": ("李伟", "rep", "boss"),
    "money": ("孙丽", "finance", "head"),
    "ops": ("马超", "operations", "head"),
}
MILK = Product(code="SKU-CM", name="草莓酸奶", unit="箱", pack_size=12)


def flow(key: str, *steps: dict[str, Any], form: str = "complaint", **more: Any) -> Flow:
    begins = {"event": "submitted", "form": form}
    return Flow.model_validate({"key": key, "label": key, "begins": begins, "steps": steps, **more})


def rules(*made: Flow) -> Rulebook:
    return RULES.model_copy(update={"flows": {f.key: f for f in made}})


class Office:
    def __init__(self, store: Store, rulebook: Rulebook | None = None) -> None:
        self.store, self.now = store, NOW
        self.rulebook = rulebook or RULES
        self.products: list[Product] = [MILK]
        with store.write() as session:
            for key, (name, role, manager) in PEOPLE.items():
                session.add(
                    PersonRow(id=key, name=name, role=role, manager_id=manager, dingtalk_userid=f"d-{key}")
                )

    def lexicon(self) -> Lexicon:
        return Lexicon.build(customers=[], contacts=[], products=self.products, competitors=[], people=[])

    def play(self, who: str, doing: Callable[[Turn], Reply]) -> Reply:
        """One turn; a refused one leaves nothing."""
        with self.store.write() as session:
            work = work_of(session, who=who, now=self.now, inbox_id=None)
            person = work.people.get(who)
            assert person is not None
            turn = Turn(
                self.now, ZONE, person, "terminal", None, Dialogue(), self.rulebook, self.lexicon(), work
            )
            with work.attempt():
                return doing(turn)

    def submit(self, form: str = "complaint", **data: Any) -> int:
        """A record of the rep, confirmed by him; its id."""
        made: list[int] = []

        def confirm(turn: Turn) -> Reply:
            row = RecordRow(form=form, reporter_id="rep", happened_at=self.now, data=data)
            turn.work.records.add([row])
            turn.work.records.set_status(row, "submitted")
            made.append(row.id or 0)
            return flows.begin_all(flows.beginning("submitted", row, turn), row, turn)

        self.play("rep", confirm)
        return made[0]

    def rows(self, table: Any) -> list[Any]:
        with self.store.read() as session:
            return list(session.exec(select(table).order_by(table.id)))

    def statuses(self) -> list[str]:
        return [row.status for row in self.rows(RecordRow)]

    def leaves(self, who: str) -> None:
        with self.store.write() as session:
            row = session.get(PersonRow, who)
            assert row is not None
            row.active = False
            session.add(row)

    def due(self, name: str) -> list[DueRow]:
        return [row for row in self.rows(DueRow) if row.name == name and row.state == "pending"]


def told(reply: Reply, who: str = "") -> str:
    """What this person reads, or everybody."""
    return "\n".join(
        out.content.model_dump_json() if isinstance(out.content, Card) else str(out.content)
        for out in reply.outgoing
        if not who or out.to == who
    )
