"""Probes: somebody asks for something in one of the ways that the house has, and the oracle says what he may get.

A probe returns what was wrong with the answer, in words; nothing where it was right.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import exists, func, literal_column, select, text, union
from sqlalchemy.orm import Bundle, aliased
from sqlmodel import col

from bot import exports
from bot.knowledge import Knowledge
from bot.suggesting import Suggesting
from config import rulebook
from domain.dialogue import Dialogue
from domain.errors import Refusal
from domain.flows.definition import Approve, Who
from domain.forms import Rulebook
from domain.intents.records import Command, Said
from domain.people import Person
from domain.policies import Viewer
from handlers.approval_cards import approval_card
from handlers.customer_card import about_customer
from handlers.turn import Turn
from nlu.language.lexicon import Lexicon
from nlu.suggesting.request import Request
from storage.claims import table_of
from storage.guarding import Forbidden, GuardedSession, read_as
from storage.people import all_names
from storage.policies import Guard
from storage.seeing import Seen, Wanted
from storage.store import Store
from storage.tables import (
    ApprovalRow,
    AuditRow,
    CheckInRow,
    CustomerRow,
    DealerRow,
    EvidenceRow,
    InboxRow,
    OutboxRow,
    ProductRow,
    RecordRow,
)
from storage.work import work_of
from tests.permissions.company import FORMS, NOW, Company, PlainRecord
from tests.permissions.oracle import DISCOUNT_SEEN_BY, ZONE, Oracle, shown

TOKEN = re.compile(r"(?:OP|EV)\d{6}Z|(?<!\d)7\d{6}(?!\d)|(?<!\d)31\.\d{6}(?!\d)|(?<!\d)139\d{8}(?!\d)")
PURPOSES = ("review", "approval", "training", "export", "language_model")
BIG_PAGE = 10_000


def tokens_in(answer: Any) -> set[str]:
    return set(
        TOKEN.findall(
            answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, default=str)
        )
    )


def plain(row: Any) -> dict[str, Any]:
    """Everything that a loaded row says; coordinates with all their digits."""
    values = {key: value for key, value in vars(row).items() if not key.startswith("_")}
    return {key: f"{value:.6f}" if isinstance(value, float) else value for key, value in values.items()}


class Listening:
    """A model that only remembers what it was shown."""

    def __init__(self, asked: list[Request]) -> None:
        self.asked = asked

    def ask(self, request: Request) -> None:
        self.asked.append(request)


class Knowing(Knowledge):
    def __init__(self, rules: Rulebook, lexicon: Lexicon) -> None:
        super().__init__()
        self.rulebook, self._lexicon, self._looked = rules, lexicon, float("inf")


STEP = Approve(do="approve", id="manager", label="上级审批", who=Who(superior=1))


class Probes:
    def __init__(self, company: Company, store: Store, draw: random.Random) -> None:
        self.company, self.store, self.draw = company, store, draw
        self.oracle = Oracle(company)
        shipped = rulebook.load()
        self.rulebook = shipped.model_copy(update={"forms": _with_declared_field(shipped.forms)})
        self.people = [p for p, known in company.people.items() if known["active"]]

    @cached_property
    def lexicon(self) -> Lexicon:
        with self.store.read() as session:
            return Lexicon.build(**all_names(session))

    @contextmanager
    def session(self, viewer: Viewer) -> Iterator[GuardedSession]:
        guard = Guard(self.rulebook.policies, viewer, self.rulebook.forms)
        with read_as(self.store, guard, NOW.astimezone(ZONE)) as session:
            yield session

    def viewer(self, person: str, purpose: str = "review") -> Viewer:
        known = self.company.people[person]
        return Viewer.model_validate(
            {"id": person, "role": known["role"], "region": known["region"], "purpose": purpose}
        )

    def run(self) -> str:
        """One random probe."""
        probe, person = self.draw.choice(PROBES), self.draw.choice(self.people)
        if wrong := probe(self, person):
            return f"{probe.__name__} as {person} ({self.oracle.role(person)}): {wrong}"
        return ""

    # ways to ask --------------------------------------------------------------------------------------------

    def query(self, person: str) -> str:
        """The list, with random filters."""
        wanted, meant = self._wanted(person)
        with self.session(self.viewer(person)) as session:
            rows = Seen(session).records(wanted, limit=BIG_PAGE)
            return self._same(rows, person, "review", meant)

    def search(self, person: str) -> str:
        """Words that stand in somebody's records, hidden ones among them."""
        record = self.draw.choice(self.company.records)
        words = self.draw.choice([record.open, *record.money.values(), *(t for _, t in record.evidence)])
        with self.session(self.viewer(person)) as session:
            seen = Seen(session)
            found = {row.id for row in seen.records(Wanted(words=words), limit=BIG_PAGE)}
            if seen.count(Wanted(words=words)) != len(found):
                return f"searching {words} counts more than it finds"
        may = {
            r.id
            for r in self.oracle.records(person)
            if shown(r.status)
            and (
                words == r.open
                or any(v == words and self.oracle.sees_money(person, r, k) for k, v in r.money.items())
            )
        }
        return "" if found == may else f"searching {words} finds {found}, not {may}"

    def export(self, person: str) -> str:
        form = self.draw.choice(FORMS)
        with self.session(self.viewer(person, "export")) as session:
            wanted = Wanted(form=form, statuses=exports.COUNTS)
            found = list(exports.seen_records(Seen(session), wanted, ZONE))
        may = {r.id: r for r in self.oracle.records(person) if r.form == form and r.status in exports.COUNTS}
        if {f["id"] for f in found} != set(may):
            return f"exports {len(found)} of {form}, not {len(may)}"
        return "; ".join(
            wrong for f in found if (wrong := self._exactly(tokens_in(f), may[f["id"]], person, "export"))
        )

    def record(self, person: str) -> str:
        """One record with all that belongs to it, for some purpose."""
        plain_one, purpose = self.draw.choice(self.company.records), self.draw.choice(PURPOSES)
        with self.session(self.viewer(person, purpose)) as session:
            seen = Seen(session)
            row = seen.record(plain_one.id)
            if row is None:
                hidden = not self.oracle.sees(person, plain_one) or not shown(plain_one.status)
                return "" if hidden else f"does not see record {plain_one.id}"
            proofs = seen.evidence([row]).get(plain_one.id, [])
            told = [plain(one) for one in (row, *proofs, *seen.trail(row), *seen.approvals(row))]
        return self._exactly(tokens_in(told), plain_one, person, purpose)

    def card(self, person: str) -> str:
        """The card of an approval, as the one who is asked reads it."""
        asked = [r for r in self.company.records if person in r.approvers]
        if not asked:
            return ""
        one = self.draw.choice(asked)
        with self.store.read() as session:
            turn = self._turn(session, one.reporter)
            row, applicant = session.get(RecordRow, one.id), turn.person
            approval = session.scalars(
                select(ApprovalRow).where(
                    col(ApprovalRow.record_id) == one.id, col(ApprovalRow.approver_id) == person
                )
            ).one()
            assert row is not None
            card = approval_card(approval, STEP, row, applicant, turn)
        hidden = {v for k, v in one.money.items() if not self.oracle.sees_money(person, one, k)}
        told = tokens_in([line.model_dump() for line in card.lines])
        return f"the card tells {told & hidden}" if told & hidden else ""

    def chat(self, person: str) -> str:
        """X怎么样 in the chat."""
        code = self.draw.choice(list(self.company.customers))
        with self.store.read() as session:
            turn = self._turn(session, person)
            intent = Command(intent="query_customer", fields={"customer": Said(value=code, words=code)})
            try:
                reply = about_customer(intent, turn)
            except Refusal:
                return f"is refused {code}" if code in self.oracle.customers(person) else ""
        if code not in self.oracle.customers(person):
            return f"is told of {code}"
        told = tokens_in([out.content.model_dump() for out in reply.outgoing])
        return self._within(told, person, "review")

    def customers(self, person: str) -> str:
        code, purpose = self.draw.choice(list(self.company.customers)), self.draw.choice(PURPOSES)
        with self.session(self.viewer(person, purpose)) as session:
            seen = Seen(session)
            found = {customer.code for customer in seen.customers("店", limit=BIG_PAGE)}
            mobiles = tokens_in([plain(contact) for contact in seen.contacts(code)])
        may = {self.company.mobiles[code]} if self.oracle.sees_mobile(person, purpose, code) else set()
        if mobiles != may:
            return f"reads {mobiles} of {code}, not {may}"
        return "" if found == self.oracle.customers(person) else "finds other customers than his"

    def language_model(self, person: str) -> str:
        """What would be shown to a model."""
        asked: list[Request] = []
        known = Knowing(self.rulebook, self.lexicon)
        Suggesting(Listening(asked), self.store, known)("到这些店里去看看有什么要做的", self._person(person))
        named = set(re.findall(r"C\d{4}", asked[0].message))
        foreign = named - self.oracle.customers(person)
        return f"a model is shown {foreign}" if foreign else ""

    def statement(self, person: str) -> str:
        """Some other query, as a page of tomorrow may write it."""
        purpose = self.draw.choice(PURPOSES)
        mine = {r.id for r in self.oracle.records(person)}
        proofs = sum(len(r.evidence) for r in self.oracle.records(person))
        A = aliased(RecordRow)
        counted = select(func.count(RecordRow.id)).scalar_subquery()
        ways: list[tuple[Any, Any]] = [
            (select(RecordRow.id), mine),
            (select(A.id), mine),
            (select(A.id).join(RecordRow, col(RecordRow.id) == A.id), mine),
            (select(func.count()).select_from(RecordRow), {len(mine)}),
            (select(counted), {len(mine)}),
            (select(func.count()).select_from(select(RecordRow.id).subquery()), {len(mine)}),
            (
                select(func.count()).select_from(union(select(RecordRow.id), select(A.id)).subquery()),
                {len(mine)},
            ),
            (select(func.count(EvidenceRow.id)), {proofs}),
            (
                select(func.count(EvidenceRow.id)).where(
                    exists().where(col(RecordRow.id) == col(EvidenceRow.record_id))
                ),
                {proofs},
            ),
            (select(CustomerRow.code), self.oracle.customers(person)),
            (select(DealerRow.code), set(self.company.dealers) if self._deals(person) else set()),
        ]
        query, expected = self.draw.choice(ways)
        with self.session(self.viewer(person, purpose)) as session:
            found = set(session.scalars(query))
        return "" if found == expected else f"{query} gives {len(found)} rows, not {len(expected)}"

    def whole_rows(self, person: str) -> str:
        """Whole tables, row by row: nothing in them that is not his."""
        purpose = self.draw.choice(PURPOSES)
        row = self.draw.choice((RecordRow, EvidenceRow, AuditRow, CheckInRow, ProductRow, ApprovalRow))
        with self.session(self.viewer(person, purpose)) as session:
            told = tokens_in([plain(one) for one in session.scalars(select(row))])
        return self._within(told, person, purpose)

    def around(self, person: str) -> str:
        """Whatever would pass the policies by is refused."""
        table = table_of(RecordRow)
        ways = [
            select(table),
            select(table.c.id),
            select(func.count()).select_from(table),
            select(EvidenceRow).where(col(EvidenceRow.record_id).in_(select(table.c.id))),
            select(EvidenceRow).join(table, table.c.id == col(EvidenceRow.record_id)),
            text("SELECT * FROM record"),
            select(RecordRow).from_statement(text("SELECT * FROM record")),
            select(literal_column("(SELECT count(*) FROM record)")).select_from(RecordRow),
            select(literal_column("*")).select_from(RecordRow),
            select(RecordRow).where(text("1 = 1 OR 1 = 1")),
            select(RecordRow.data),
            select(RecordRow.data["result"].as_string()),  # type: ignore[index]
            select(RecordRow.id).where(RecordRow.data["floor_price"].as_string() == "7"),  # type: ignore[index]
            select(RecordRow.id).order_by(text("data")),
            select(EvidenceRow.id).where(col(EvidenceRow.words).contains("7")),
            select(func.max(CheckInRow.latitude)),
            select(AuditRow.id).where(col(AuditRow.new).is_not(None)),
            select(select(RecordRow).subquery().c.data),
            select(select(ProductRow).cte().c.code).where(select(ProductRow).cte().c.floor_price > 7),
            select(union(select(RecordRow), select(RecordRow)).subquery().c.data),
            select(aliased(RecordRow, select(RecordRow).subquery()).sources),
            select(Bundle("all", RecordRow.id, RecordRow.data)),
            select(func.json_extract(RecordRow.data, "$.cost")),
            select(RecordRow.id).where(col(RecordRow.data).op("->>")("cost") == "7"),
            select(EvidenceRow.sha256),
            select(RecordRow.id).group_by(RecordRow.data),
            select(RecordRow.id).order_by(RecordRow.data["cost"].as_integer()),  # type: ignore[index]
            select(RecordRow.data["lines"].as_string()),  # type: ignore[index]
            select(func.max(RecordRow.data["discount"].as_integer())),  # type: ignore[index]
            select(RecordRow.id).where(RecordRow.data["result"].as_string().contains("7")),  # type: ignore[index]
            select(func.max(RecordRow.data["result"].as_string())),  # type: ignore[index]
            select(InboxRow.payload),
            select(OutboxRow),
            table.update().values(status="approved"),
        ]
        if self.oracle.sees_column(person, "floor_price"):
            ways = [way for way in ways if "floor_price >" not in str(way)]
        if self.oracle.role(person) in DISCOUNT_SEEN_BY:
            ways = [way for way in ways if "max(record.data[:data_1]) AS max_1" not in str(way)]
        with self.session(self.viewer(person)) as session:
            for way in self.draw.sample(ways, k=8):
                try:
                    session.execute(way).all()
                except Forbidden:
                    continue
                return f"{way} was answered"
        return ""

    def dealer(self, _person: str) -> str:
        """Somebody of a dealer: his own dealers, and nothing of the house."""
        own = tuple(self.draw.sample(self.company.dealers, k=self.draw.choice((0, 1, 2))))
        row = self.draw.choice((RecordRow, CustomerRow, EvidenceRow, ProductRow, CheckInRow, AuditRow))
        with self.session(Viewer(id="dealer:1", role="dealer", dealers=own)) as session:
            house = list(session.scalars(select(row)))
            dealers = set(session.scalars(select(DealerRow.code)))
        return (
            ""
            if not house and dealers == set(own)
            else f"a dealer reads {len(house)} {row.__name__}, {dealers}"
        )

    # how it is judged -----------------------------------------------------------------------------------------

    def _wanted(self, person: str) -> tuple[Wanted, Callable[[PlainRecord], bool]]:
        form = self.draw.choice(("", *FORMS))
        reporter = self.draw.choice(("", "", *self.people[:6]))
        customer = self.draw.choice(("", "", *list(self.company.customers)[:4]))
        since = self.draw.choice((None, NOW.replace(month=1)))
        return (
            Wanted(form=form, person=reporter, customer=customer, since=since),
            lambda r: (
                shown(r.status)
                and form in ("", r.form)
                and reporter in ("", r.reporter)
                and customer in ("", r.customer)
                and (since is None or r.at >= since)
            ),
        )

    def _same(
        self, rows: list[RecordRow], person: str, purpose: str, meant: Callable[[PlainRecord], bool]
    ) -> str:
        may = {r.id: r for r in self.oracle.records(person) if meant(r)}
        if [row.id for row in rows] != sorted(may, reverse=True):
            return f"sees {len(rows)} records, not {len(may)}"
        return self._within(tokens_in([plain(row) for row in rows]), person, purpose)

    def _exactly(self, told: set[str], record: PlainRecord, person: str, purpose: str) -> str:
        may = self.oracle.tokens(person, purpose, record)
        return "" if told == may else f"record {record.id}: leaks {told - may}, lacks {may - told}"

    def _within(self, told: set[str], person: str, purpose: str) -> str:
        leaks = told - self.oracle.all_tokens(person, purpose)
        return f"leaks {leaks}" if leaks else ""

    def _deals(self, person: str) -> bool:
        return self.oracle.role(person) in self.oracle.rules["dealers"]["staff"]

    def _person(self, person: str) -> Person:
        known = self.company.people[person]
        return Person(id=person, name=person, role=known["role"], region=known["region"])

    def _turn(self, session: Any, person: str) -> Turn:
        work = work_of(session, who=person, now=NOW, inbox_id=None)
        return Turn(NOW, ZONE, self._person(person), "", None, Dialogue(), self.rulebook, self.lexicon, work)


def _with_declared_field(forms: dict[str, Any]) -> dict[str, Any]:
    """The forms with a discount of quotes that only some roles see."""
    fields = tuple(
        f.model_copy(update={"seen_by": DISCOUNT_SEEN_BY}) if f.id == "discount" else f
        for f in forms["quote"].fields
    )
    return {**forms, "quote": forms["quote"].model_copy(update={"fields": fields})}


PROBES: tuple[Callable[[Probes, str], str], ...] = (
    Probes.query,
    Probes.search,
    Probes.export,
    Probes.record,
    Probes.card,
    Probes.chat,
    Probes.customers,
    Probes.language_model,
    Probes.statement,
    Probes.whole_rows,
    Probes.around,
    Probes.dealer,
)
