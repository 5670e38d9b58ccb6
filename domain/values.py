"""The base of every value in the domain: frozen, strict about unknown names, comparable by content."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value. Unknown names are refused, so that a misspelt key never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")
