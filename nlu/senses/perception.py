"""What the senses return. The JSON of `xiaofang hear` and `xiaofang read` is these values, dumped as they are."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_serializer, model_validator

from domain.checks import Check
from domain.values import Value

HearProblem = Literal[
    "no_speech",
    "truncated",
    "empty",
    "not_audio",
    "no_sound",
    "damaged",
    "silk",
    "too_long",
    "too_large",
    "too_slow",
    "too_heavy",
    "worker_lost",
    "engine_failed",
    "model_missing",
    "model_broken",
]

TRANSIENT: frozenset[str] = frozenset({"worker_lost", "engine_failed", "model_missing", "model_broken"})
"""Problems of ours, not of the file: the same bytes may well succeed later."""


class Heard(Value):
    """One voice note. `text` is simplified Chinese, empty where nothing was understood.

    `confidence` is the engine's own figure between 0 and 1, comparable only within one engine and model; 0.5
    where the engine gives none (`speech.UNKNOWN_CONFIDENCE`).
    With `problem == "truncated"` the text is what was said up to the cut: show it, never act on it alone.
    """

    text: str = ""
    seconds: float = 0.0
    confidence: float = 0.0
    engine: str = ""
    problem: HearProblem | None = None
    words: str
    """What the rep is told."""


Kind = Literal[
    "invoice_digital",
    "invoice_vat",
    "receipt_till",
    "receipt_taxi",
    "receipt_toll",
    "itinerary",
    "hotel_folio",
    "watermark_photo",
    "shelf_photo",
    "business_card",
    "other",
]

Origin = Literal["xml", "ofd", "qr", "text", "ocr"]
"""In the order of trust: an XML or OFD original, a code, the text of a PDF, recognised pixels."""

_SOURCE = re.compile(r"^(xml|ofd|qr|text|ocr)(?: page (\d+))?(?: box (\d+),(\d+),(\d+),(\d+))?$")


class Source(Value):
    """Where a value was read. In JSON a short string: `qr`, `text page 2 box …`, `ocr box 40,310,220,352`.

    The box is left, top, right, bottom in pixels of the picture as it was sent, turned by its EXIF (PDF pages: as
    rendered by `documents.pages`), so that the picture can be cropped to it for the person who checks.
    """

    origin: Origin
    page: int = 1
    box: tuple[int, int, int, int] | None = None

    @model_validator(mode="before")
    @classmethod
    def from_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        match = _SOURCE.match(given)
        if match is None:
            raise ValueError(f"not a source: {given!r}; expected e.g. 'ocr box 40,310,220,352'")
        origin, page, *box = match.groups()
        edges = tuple(int(edge) for edge in box) if box[0] is not None else None
        return {"origin": origin, "page": int(page or 1), "box": edges}

    @model_serializer
    def in_words(self) -> str:
        page = f" page {self.page}" if self.page != 1 else ""
        box = f" box {','.join(map(str, self.box))}" if self.box else ""
        return f"{self.origin}{page}{box}"


class Item(Value):
    """One line of a bill. Money in yuan as decimal strings; what is not certain is left out."""

    name: str
    quantity: str | None = None
    price: str | None = None
    amount: str | None = None
    """Of an invoice without its tax."""
    rate: str | None = Field(default=None, exclude_if=lambda rate: rate is None)
    """As printed: `6%`, `免税`; only on invoices, like the tax."""
    tax: str | None = Field(default=None, exclude_if=lambda tax: tax is None)


class FieldValue(Value):
    """Dates `2026-03-20`, times `20:11`, money in yuan with two decimals (`46.50`), lists for items and names."""

    value: str | tuple[Item, ...] | tuple[str, ...]
    source: Source
    confidence: float = Field(ge=0, le=1)

    @property
    def text(self) -> str:
        """The value where it is a single one, else nothing."""
        return self.value if isinstance(self.value, str) else ""


class Document(Value):
    kind: Kind
    fields: Mapping[str, FieldValue] = Field(default_factory=dict)
    checks: tuple[Check, ...] = ()


class Read(Value):
    """One picture or file. Where it cannot be read, `ask` says why and what to do, and nothing is filled in."""

    kind: Kind
    readable: bool
    ask: str | None = None
    documents: tuple[Document, ...] = ()
    reuse_of: tuple[str, ...] = ()
    problem: str | None = Field(default=None, exclude=True)
    """Why it could not be read, as a code (`empty`, `heic`, `blurred`, `worker_lost` …); not part of the JSON."""
    fingerprint: str | None = Field(default=None, exclude=True)
    """What the picture is known again by, see `photos.fingerprints`; not part of the JSON."""
