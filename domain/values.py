"""The base of every value in the domain: frozen, strict about unknown names, comparable by content."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value. Unknown names are refused, so that a misspelt key never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """pydantic's copy would take along what was worked out of the old fields (`cached_property`)."""
        copied = super().model_copy(update=update, deep=deep)
        for worked_out in copied.__dict__.keys() - type(copied).model_fields.keys():
            del copied.__dict__[worked_out]
        return copied
