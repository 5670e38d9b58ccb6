"""A form: the fields of a record, and the words by which people speak of them. Data, written as YAML."""

from typing import Any, Literal

from pydantic import Field

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
    """Words that announce this field."""
    choices: tuple[Choice, ...] = ()
    default: Any = None
    hidden: bool = False


class Form(Value):
    key: str
    label: str
    version: int = 1
    cues: tuple[str, ...] = ()
    """Words that make a clause mean this form."""
    negatives: tuple[str, ...] = ()
    """Words that make it mean something else after all."""
    fields: tuple[FormField, ...] = Field(default_factory=tuple)

    def field(self, field_id: str) -> FormField | None:
        return next((f for f in self.fields if f.id == field_id), None)
