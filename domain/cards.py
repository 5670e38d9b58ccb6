"""What a person is shown, in the same words for every messenger."""

from typing import Literal

from domain.values import Value

Tone = Literal["info", "success", "warning", "danger"]
Style = Literal["primary", "danger", "default"]


class Line(Value):
    """One row of a card: a label, its value, and the words (or picture, or tap) that the value came from."""

    label: str
    value: str
    source: str = ""


class Button(Value):
    id: str
    text: str
    style: Style = "default"
    value: str = ""
    """Tells buttons of the same id apart, e.g. the customer's code on each button of a choice."""


class Card(Value):
    """A card. It is a view of a business thing, never the truth about it.

    `ref` names the thing (`proposal:12`), `revision` its state; a tap sends both back, so that a tap on an
    outdated card is recognised. The same (ref, revision, person) is one card on the platform: showing it
    again changes the card that is there.
    """

    ref: str
    revision: int
    title: str
    subtitle: str = ""
    lines: tuple[Line, ...] = ()
    note: str = ""
    status: str = ""
    tone: Tone = "info"
    buttons: tuple[Button, ...] = ()
    drawn: int = 0
    """How often the same card was drawn again with its buttons alive: each drawing may be tapped once more."""


class Text(Value):
    text: str


class Markdown(Value):
    """Markdown of the subset that WeCom and DingTalk share: headings, bold, links, quotes."""

    title: str
    text: str


class Attachment(Value):
    """A file from our own media store."""

    sha256: str
    name: str
    image: bool = False
    places: tuple[str, ...] = ()
    """Only these places of the picture (`ocr box 40,310,220,352`), one below the other."""


Content = Text | Markdown | Card | Attachment
