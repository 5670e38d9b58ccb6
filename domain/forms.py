"""A form: the fields of a record, and the words by which people speak of them. Data, written as YAML."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from types import EllipsisType
from typing import Any, Literal

from pydantic import Field

from domain.alerts import Alert
from domain.authenticity import Authenticity
from domain.expenses.rules import ExpenseRules
from domain.expressions import Expression, ExpressionError, compile
from domain.facts import facts_of, names_of
from domain.flows.definition import Flow
from domain.flows.working_time import OfficeHours
from domain.health import HealthRules
from domain.leads.rules import LeadRules
from domain.leads.stages import LeadStages
from domain.people import Role
from domain.policies import Policies
from domain.pricing.rules import PriceRules
from domain.schedules.definition import Schedule
from domain.stock import StockRules
from domain.values import Value

FieldType = Literal[
    "text",
    "number",
    "quantity",
    "unit",
    "money",
    "date",
    "datetime",
    "choice",
    "flag",
    "customer",
    "contact",
    "product",
    "competitor",
    "person",
    "objections",
    "photo",
    "voice",
    "position",
    "lines",
]


class Choice(Value):
    key: str
    label: str
    cues: tuple[str, ...] = ()


class FormField(Value):
    id: str
    """Stable for ever: what data is stored under. Labels may change."""
    label: str
    type: FieldType
    required: bool = False
    """A record without this field cannot be saved; it is asked for."""
    ask: str = ""
    """The question, in Chinese."""
    cues: tuple[str, ...] = ()
    """Cue patterns that announce this field (see `Form.cues`).

    For a typed field the pattern holds the placeholder whose value is taken (`{date}…送到`); for a text field the
    value is the words from the match to the end of its clause.
    """
    whole: bool = False
    """Of a text field: the whole of each clause that a cue matches, not only from the match on."""
    or_clause: bool = False
    """Of such a field: where none of its cues matches, the clause that the record itself was recognised by."""
    choices: tuple[Choice, ...] = ()
    default: Any = None
    """Taken where nothing was said; `today` for a day."""
    hidden: bool = False
    """Kept and exported, but neither asked for nor shown: what becomes of a field that is deleted."""
    required_unless: tuple[str, ...] = ()
    """Asked for like a required field as long as the fields named here are all empty too."""
    required_when: str = ""
    """Asked for like a required field where this condition over the record's fields holds."""
    seen_by: tuple[Role, ...] = ()
    """The roles that may see it beside the reporter himself; everybody, where there are none."""

    @property
    def may_be_required(self) -> bool:
        return bool(self.required or self.required_unless or self.required_when)

    def open_to(self, role: str) -> bool:
        """Whether somebody of this role may see it in records of others."""
        return not self.seen_by or role in self.seen_by


class FormCheck(Value):
    """What must hold before a record may be saved, and what its reporter is told where it does not."""

    must: str
    """A condition over the fields; one that looks at an empty field is left alone."""
    words: str


class Form(Value):
    key: str
    label: str
    version: int = 1
    intent: str = "record"
    """`record`, or the command that these words give (an expense is claimed, not merely noted)."""
    cues: tuple[str, ...] = ()
    """Patterns that make a clause mean this form.

    Plain words, with `{quantity}`, `{product}`, `{customer}`, `{contact}`, `{competitor}`, `{person}`, `{money}`,
    `{price}`, `{date}` or `{number}` for a recognised value, `{goods}` for an amount with its product in either
    order, `{count}` for a number of places on a shelf, `…` for up to ten characters inside a clause, `[了]` for what
    may be missing, `(a|b)` for a choice and `<订货>` for any word of that class in `lexicon/words.yaml`.
    """
    negatives: tuple[str, ...] = ()
    """Patterns that make it mean something else after all: where one touches a cue's clause, the cue is void."""
    plans: tuple[str, ...] = ()
    """Patterns that make it a plan or promise rather than something done."""
    yields_to: tuple[str, ...] = ()
    """Forms that swallow this one where both are found in one clause."""
    doubtful: str = ""
    """The form that these words mean instead where one of `doubts` stands by them (可能要50箱 is no order)."""
    doubts: tuple[str, ...] = ()
    certainties: tuple[str, ...] = ()
    """Patterns against which no doubt counts (当场拍板)."""
    by_product: bool = False
    """One record for each product line."""
    photos: Literal["", "visit", "shelf"] = ""
    """Which photos of a visit prove its records: all of them, or those of shelves."""
    tells: Literal["", "visited", "sold", "counted"] = ""
    """What its records say of a customer to those who look for it: alerts, reports."""
    retired: bool = False
    """Deleted: nobody can make such a record any more, those that there are stay readable."""
    checks: tuple[FormCheck, ...] = ()
    fields: tuple[FormField, ...] = Field(default_factory=tuple)

    def field(self, field_id: str) -> FormField | None:
        return self._by_id.get(field_id)

    @cached_property
    def _by_id(self) -> dict[str, FormField]:
        return {f.id: f for f in reversed(self.fields)}

    def wants(self, wanted: FormField, data: Mapping[str, Any]) -> bool:
        """Whether a record with this data cannot be saved for want of this field."""
        if data.get(wanted.id) is not None or wanted.default is not None:
            return False
        others = wanted.required_unless
        if wanted.required or (others and all(data.get(other) is None for other in others)):
            return True
        when = wanted.required_when
        return bool(when) and holds(self._condition(when), facts_of(self, data))

    def missing(self, data: Mapping[str, Any]) -> FormField | None:
        """The first field without which a record with this data cannot be saved, None when nothing is missing."""
        return next((field for field in self.fields if self.wants(field, data)), None)

    def defaults(self, data: Mapping[str, Any], today: date) -> dict[str, Any]:
        """What the form gives for the fields that this data leaves empty."""
        empty = (f for f in self.fields if f.default is not None and f.id not in data)
        return {f.id: today.isoformat() if f.default == "today" else f.default for f in empty}

    def wrong(self, data: Mapping[str, Any]) -> Iterator[str]:
        """What keeps a record with this data from being saved, in the form's own words."""
        if not self.checks:
            return
        facts = facts_of(self, data)
        for check in self.checks:
            condition = self._condition(check.must)
            known = all(facts.get(name) is not None for name in condition.names)
            if known and not holds(condition, facts):
                yield check.words

    def _condition(self, text: str) -> Expression:
        return _compiled(text, tuple(names_of(self).items()))


@lru_cache(maxsize=1024)
def _compiled(text: str, names: tuple[tuple[str, type | EllipsisType], ...]) -> Expression:
    return compile(text, dict(names))


def holds(condition: Expression, facts: Mapping[str, object]) -> bool:
    """Whether a condition holds; one that cannot be worked out over these facts does not."""
    try:
        return bool(condition(facts))
    except ExpressionError:
        return False


Wordlists = dict[str, tuple[str, ...]]


class Rulebook(Value):
    """Everything that sales operations may change, checked as a whole."""

    version: str
    """Changes with any change of content; the same content has the same version."""
    forms: dict[str, Form]
    alerts: dict[str, Alert] = Field(default_factory=dict)
    lexicon: dict[str, Wordlists]
    """File → section → words."""
    authenticity: Authenticity
    flows: dict[str, Flow] = Field(default_factory=dict)
    schedules: dict[str, Schedule] = Field(default_factory=dict)
    office: OfficeHours = OfficeHours()
    policies: Policies
    expenses: ExpenseRules = ExpenseRules()
    stock: StockRules
    leads: LeadRules = LeadRules()
    health: HealthRules = HealthRules()
    prices: PriceRules = PriceRules()
    lead_stages: LeadStages = LeadStages()

    def form_of(self, key: str) -> Form:
        """The form of a record, to show it by; a retired one that says no more than its key where it is gone."""
        return self.forms.get(key) or Form(key=key, label=key, retired=True)

    def flows_of(self, form: str) -> tuple[Flow, ...]:
        """The flows that records of this form may begin."""
        return self._flows_by_form.get(form, ())

    def routine_of(self, words: str) -> str:
        """The flow that is begun by these words alone, empty where there is none."""
        return self._words_of_flows.get(words, "")

    @cached_property
    def _words_of_flows(self) -> dict[str, str]:
        said = [f for f in self.flows.values() if f.begins.event == "message"]
        return {word: flow.key for flow in said for word in flow.begins.words}

    @cached_property
    def _flows_by_form(self) -> dict[str, tuple[Flow, ...]]:
        forms = {flow.begins.form for flow in self.flows.values() if flow.begins.form}
        return {form: tuple(f for f in self.flows.values() if f.begins.form == form) for form in forms}

    def words(self, file: str, section: str) -> tuple[str, ...]:
        """One list of words, empty where the lexicon has none."""
        return self.lexicon.get(file, {}).get(section, ())
