"""The isolation policies as SQL: for each table, which of its rows somebody sees.

`ROWS` is the list of tables that can be read on somebody's behalf at all. A table that is not in it is refused
(`storage.guarding`), so that a new one is closed until somebody has thought about it. Inside a criterion tables are
named as such and not as entities, or the criteria would be put on them once more.

The tree of people is followed by a recursive query inside the statement: always true, and nothing to keep.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Table,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import with_loader_criteria
from sqlalchemy.sql.elements import True_
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import SQLModel

from domain.forms import Form, Rulebook
from domain.policies import Policies, Reach, Viewer, hidden_fields
from storage import lead_tables, practice_tables, stock_tables, tables
from storage.claims import table_of

PERSON, CUSTOMER, RECORD, APPROVAL = (
    table_of(row) for row in (tables.PersonRow, tables.CustomerRow, tables.RecordRow, tables.ApprovalRow)
)
LEAD = table_of(lead_tables.LeadRow)
DEALER_COLUMN = "dealer_code"
WORDS = frozenset(("text", "lines", "photo", "voice", "position"))
"""Types of fields whose values may hold what is hidden elsewhere."""
Criterion = ColumnElement[bool]
T = TypeVar("T")


class Forbidden(Exception):
    """A query that cannot be answered for this viewer. A bug of whoever wrote it, never a person's fault."""


class Below(ColumnElement[Any]):
    """The ids of somebody and of everybody below him, followed anew in each statement.

    An element of its own, since the criteria of entities are copied and renamed with their aliases, and a common table
    expression does not survive that.
    """

    inherit_cache = True
    _traverse_internals = [("top", InternalTraversal.dp_clauseelement)]  # noqa: RUF012

    def __init__(self, top: ColumnElement[Any]) -> None:
        self.top = top


@compiles(Below)
def _below(element: Below, compiler: Any, **how: Any) -> str:
    top = compiler.process(element.top, **how)
    return (
        f"(WITH RECURSIVE below(id) AS (SELECT {top} UNION SELECT p.id FROM person p"
        " JOIN below ON p.manager_id = below.id) SELECT id FROM below)"
    )


@dataclass(frozen=True)
class Guard:
    """What one viewer sees under the policies. `forms` tell which of their fields are for certain roles only."""

    policies: Policies
    viewer: Viewer
    forms: dict[str, Form] = field(default_factory=dict)
    shapes: dict[Any, frozenset[type[SQLModel]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Statements that were found to be in order for this viewer, by their shape, with the classes that they read."""
    _options: dict[type[SQLModel], Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _masked_in: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def masked(self) -> frozenset[str]:
        return self.policies.masked_for(self.viewer)

    def masked_in(self, form: str, *, mine: bool) -> frozenset[str]:
        """The fields of a record that this viewer does not see."""
        if mine:
            return self.masked
        if form not in self._masked_in:
            self._masked_in[form] = hidden_fields(self.policies, self.forms.get(form), self.viewer)
        return self._masked_in[form]

    def option(self, row: type[SQLModel]) -> Any:
        """The criterion of a table as it is put on a statement, None where all rows are seen.

        Made once, as making it costs more than running it.
        Raises Forbidden for a table that nobody has declared for people's eyes.
        """
        if row not in self._options:
            criterion = self.criterion(row)
            if criterion is None:
                raise Forbidden(f"{row.__tablename__} is not declared in storage.policies.ROWS")
            everything = isinstance(criterion, True_)
            self._options[row] = (
                None if everything else with_loader_criteria(row, criterion, include_aliases=True)
            )
        return self._options[row]

    @cached_property
    def open_texts(self) -> frozenset[str]:
        """Fields of records in which this viewer may look for words: open to him in every form."""
        return self._open_fields(lambda kind: kind == "text")

    @cached_property
    def open_values(self) -> frozenset[str]:
        """Fields that this viewer may compare and add up: open in every form, and no words that may hold others."""
        return self._open_fields(lambda kind: kind not in WORDS)

    def _open_fields(self, wanted: Callable[[str], bool]) -> frozenset[str]:
        fields = [f for form in self.forms.values() for f in form.fields]
        closed = {f.id for f in fields if not (wanted(f.type) and f.open_to(self.viewer.role))}
        return frozenset(f.id for f in fields) - closed - self.masked

    def criterion(self, row: type[SQLModel]) -> Criterion | None:
        """Which rows of a table are seen; None where nobody has declared it for people's eyes."""
        if row not in ROWS:
            return None
        if self.viewer.is_dealer:
            return self._own_of_dealer(table_of(row))
        return ROWS[row](self)

    def _own_of_dealer(self, table: Table) -> Criterion:
        """③ A dealer sees rows that carry his code, or the code of one below him, and none that carry no dealer."""
        column = table.c.get(DEALER_COLUMN)
        if table.name == tables.DealerRow.__tablename__:
            column = table.c.code
        return false() if column is None else column.in_(self.viewer.dealers)

    # ① people -------------------------------------------------------------------------------------------------

    def within(self, column: ColumnElement[Any], reach: Reach | None) -> Criterion:
        """Whether the person in this column is within reach; nobody is where a role has none."""
        me = self.viewer.id
        match reach:
            case "company":
                return true()
            case "region":
                same = and_(PERSON.c.region == self.viewer.region, PERSON.c.region != "")
                return or_(column == me, column.in_(select(PERSON.c.id).where(same)))
            case "team":
                return column.op("IN", is_comparison=True)(Below(literal(me)))
            case "own":
                return column == me
            case _:
                return false()

    def _of_role(self, by_role: Mapping[Any, T]) -> T | None:
        return by_role.get(self.viewer.role)

    @property
    def team_reach(self) -> Reach | None:
        return self._of_role(self.policies.team.reach)

    def practice(self, column: ColumnElement[Any]) -> Criterion:
        return self.within(column, self._of_role(self.policies.team.practice) or self.team_reach)

    # ② customers ----------------------------------------------------------------------------------------------

    def private_customers(self) -> Criterion:
        reach = self._of_role(self.policies.customers.reach)
        within = self.within(CUSTOMER.c.owner_id, reach)
        return within if reach != "company" else CUSTOMER.c.owner_id.is_not(None)

    def customers(self) -> Criterion:
        public = self.viewer.role in self.policies.customers.public_to
        return (
            or_(self.private_customers(), CUSTOMER.c.owner_id.is_(None))
            if public
            else self.private_customers()
        )

    # records --------------------------------------------------------------------------------------------------

    def records(self) -> Criterion:
        """What people within reach wrote, what is written of one's customers, and what one is to decide on."""
        only = self._of_role(self.policies.team.only_forms)
        if self.team_reach == "company" and only is None:
            return true()
        seen = [self.within(RECORD.c.reporter_id, self.team_reach)]
        history = self.policies.customers.history
        if history and self.viewer.role in self.policies.customers.reach and self.team_reach != "company":
            mine = select(CUSTOMER.c.code).where(self.private_customers())
            seen.append(and_(RECORD.c.form.in_(history), RECORD.c.customer_code.in_(mine)))
        within = or_(*seen)
        if only is not None:
            within = and_(within, RECORD.c.form.in_(only))
        asked = select(APPROVAL.c.record_id).where(
            APPROVAL.c.approver_id == self.viewer.id, APPROVAL.c.state != "cancelled"
        )
        return or_(within, RECORD.c.id.in_(asked))

    def of_record(self, column: ColumnElement[Any]) -> Criterion:
        return exists(
            select(RECORD.c.id).where(RECORD.c.id == column, self.records()).correlate_except(RECORD)
        )

    def of_customer(self, column: ColumnElement[Any]) -> Criterion:
        return exists(
            select(CUSTOMER.c.code)
            .where(CUSTOMER.c.code == column, self.private_customers())
            .correlate_except(CUSTOMER)
        )

    def leads(self) -> Criterion:
        """Those of people within reach; what nobody has yet is for whoever hands it out."""
        policy = self.policies.customers.leads
        within = self.within(LEAD.c.owner_id, self._of_role(policy.reach))
        nobodys = LEAD.c.owner_id.is_(None)
        return or_(within, nobodys) if self.viewer.role in policy.unassigned_to else and_(within, ~nobodys)

    def of_lead(self, column: ColumnElement[Any]) -> Criterion:
        return exists(select(LEAD.c.id).where(LEAD.c.id == column, self.leads()).correlate_except(LEAD))

    def audit(self) -> Criterion:
        """The trail of records that one sees; of everything else nothing."""
        subject = table_of(tables.AuditRow).c.subject
        number = case((subject.like("record:%"), cast(func.substr(subject, len("record:") + 1), BigInteger)))
        return self.of_record(number)


_GUARDS: dict[tuple[str, Viewer], Guard] = {}
MOST_GUARDS = 4096


def guard_of(rulebook: Rulebook, viewer: Viewer) -> Guard:
    """The guard of this viewer under these rules, kept for his next queries."""
    kept = _GUARDS.get((rulebook.version, viewer))
    if kept is None or kept.policies is not rulebook.policies or kept.forms is not rulebook.forms:
        if len(_GUARDS) >= MOST_GUARDS:
            _GUARDS.clear()
        kept = _GUARDS[rulebook.version, viewer] = Guard(rulebook.policies, viewer, rulebook.forms)
    return kept


def _staff(guard: Guard) -> Criterion:
    """Open to everybody of the house; what is hidden in it is masked."""
    return true()


def _dealers(guard: Guard) -> Criterion:
    return true() if guard.viewer.role in guard.policies.dealers.staff else false()


ROWS: dict[type[SQLModel], Callable[[Guard], Criterion]] = {
    tables.RecordRow: Guard.records,
    tables.EvidenceRow: lambda guard: guard.of_record(table_of(tables.EvidenceRow).c.record_id),
    tables.ApprovalRow: lambda guard: guard.of_record(table_of(tables.ApprovalRow).c.record_id),
    tables.VisitVerdictRow: lambda guard: guard.of_record(table_of(tables.VisitVerdictRow).c.record_id),
    tables.AuditRow: Guard.audit,
    tables.CheckInRow: lambda guard: guard.within(table_of(tables.CheckInRow).c.person_id, guard.team_reach),
    tables.CustomerRow: Guard.customers,
    tables.ContactRow: lambda guard: guard.of_customer(table_of(tables.ContactRow).c.customer_code),
    tables.LearnedPlaceRow: lambda guard: guard.of_customer(table_of(tables.LearnedPlaceRow).c.customer_code),
    lead_tables.LeadRow: Guard.leads,
    lead_tables.LeadEventRow: lambda guard: guard.of_lead(table_of(lead_tables.LeadEventRow).c.lead_id),
    practice_tables.PracticeRow: lambda guard: guard.practice(
        table_of(practice_tables.PracticeRow).c.person_id
    ),
    practice_tables.AppealRow: lambda guard: guard.practice(table_of(practice_tables.AppealRow).c.person_id),
    tables.PersonRow: _staff,
    tables.ProductRow: _staff,
    tables.CompetitorRow: _staff,
    stock_tables.StockBalanceRow: _staff,
    tables.DealerRow: _dealers,
}
"""Who sees which rows. What is kept for the house's own work (messages, deliveries, files, registers) is in no list."""
