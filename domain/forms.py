"""A form: the fields of a record, and the words by which people speak of them. Data, written as YAML."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from domain.authenticity import Authenticity
from domain.expenses.rules import ExpenseRules
from domain.flows.definition import Flow
from domain.flows.working_time import OfficeHours
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
    hidden: bool = False
    required_unless: tuple[str, ...] = ()
    """Asked for like a required field as long as the fields named here are all empty too."""


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
    fields: tuple[FormField, ...] = Field(default_factory=tuple)

    def field(self, field_id: str) -> FormField | None:
        return next((f for f in self.fields if f.id == field_id), None)

    def missing(self, data: Mapping[str, Any]) -> FormField | None:
        """The first field without which a record with this data cannot be saved, None when nothing is missing."""
        for wanted in self.fields:
            if data.get(wanted.id) is not None or wanted.default is not None:
                continue
            others = wanted.required_unless
            if wanted.required or (others and all(data.get(other) is None for other in others)):
                return wanted
        return None


Wordlists = dict[str, tuple[str, ...]]


class Rulebook(Value):
    """Everything that sales operations may change: forms, flows, lexicon, how visits are judged; checked as a whole."""

    version: str
    """Changes with any change of content; the same content has the same version."""
    forms: dict[str, Form]
    lexicon: dict[str, Wordlists]
    """File → section → words."""
    authenticity: Authenticity
    flows: dict[str, Flow] = Field(default_factory=dict)
    office: OfficeHours = OfficeHours()
    expenses: ExpenseRules = ExpenseRules()

    def flows_of(self, form: str) -> tuple[Flow, ...]:
        """The flows that records of this form may begin."""
        return self._flows_by_form.get(form, ())

    @cached_property
    def _flows_by_form(self) -> dict[str, tuple[Flow, ...]]:
        forms = {flow.begins.form for flow in self.flows.values() if flow.begins.form}
        return {form: tuple(f for f in self.flows.values() if f.begins.form == form) for form in forms}

    def words(self, file: str, section: str) -> tuple[str, ...]:
        """One list of words, empty where the lexicon has none."""
        return self.lexicon.get(file, {}).get(section, ())
