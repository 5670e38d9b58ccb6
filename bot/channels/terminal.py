"""The command line as a messenger: what a person would be shown is printed, cards with their buttons."""

import hashlib
import sys
from typing import TYPE_CHECKING, TextIO

from bot.channels.base import Download, Envelope, Probe, Receipt, ShownCard
from domain.cards import Attachment, Card, Content, Markdown
from domain.errors import DeliveryError
from domain.messages import Media

if TYPE_CHECKING:
    from rich.console import Console
    from rich.panel import Panel

COLOURS = {"info": "blue", "success": "green", "warning": "yellow", "danger": "red"}
PLAIN_WIDTH = 78


class TerminalChannel:
    """Implements `bot.channels.base.Channel`. Nothing limits it, and what was printed was delivered."""

    name = "terminal"
    per_member_minute = 0
    per_member_hour = 0
    per_app_second = 0

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    def card_name(self, ref: str, revision: int, recipient: str) -> str:
        return hashlib.sha256(f"{ref}|{revision}|{recipient}".encode()).hexdigest()[:32]

    def repeatable(self, content: Content) -> bool:
        return True

    def messages(self, content: Content) -> int:
        return 1

    def send(self, envelope: Envelope) -> Receipt:
        show(envelope.content, self._console())
        return Receipt(ref=envelope.key)

    def update(self, shown: ShownCard, card: Card) -> Receipt:
        show(card, self._console())
        return Receipt(ref=shown.card)

    def fetch(self, media: Media) -> Download:
        raise DeliveryError("the command line sends no files by reference", permanent=True, code="terminal")

    def probe(self) -> list[Probe]:
        return []

    def line(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        return None

    def _console(self) -> "Console":
        """Made anew for each message, so that it writes to wherever standard output goes now."""
        from rich.console import Console

        out = self._out or sys.stdout
        width = None if out.isatty() else PLAIN_WIDTH
        return Console(file=out, width=width, highlight=False, emoji=False, soft_wrap=False)


def show(content: Content, console: "Console") -> None:
    """Print what somebody is shown; markup and control characters in it stay text."""
    from rich.markdown import Markdown as Rendered
    from rich.text import Text as Words

    if isinstance(content, Card):
        console.print(_panel(content))
    elif isinstance(content, Markdown):
        console.print(Rendered(_clean(content.text)))
    elif isinstance(content, Attachment):
        console.print(Words(f"[{'图片' if content.image else '文件'}] {_clean(content.name)}"))
    else:
        console.print(Words(_clean(content.text)))


def _panel(card: Card) -> "Panel":
    from rich.console import Group, RenderableType
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text as Words

    parts: list[RenderableType] = []
    if card.subtitle:
        parts.append(Words(_clean(card.subtitle), style="dim"))
    if card.lines:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for line in card.lines:
            value = Words(_clean(line.value))
            if line.source and line.source != line.value:
                value.append(f"  （{_clean(line.source)}）", style="dim")
            table.add_row(Words(_clean(line.label)), value)
        parts.append(table)
    if card.note:
        parts.append(Words(_clean(card.note)))
    if card.status:
        parts.append(Words(_clean(card.status), style="bold"))
    if card.buttons:
        parts.append(Words("  ".join(f"〔{_clean(button.text)}〕" for button in card.buttons), style="bold"))
    title = Words(_clean(card.title), style="bold")
    return Panel(Group(*parts), title=title, title_align="left", border_style=COLOURS[card.tone])


def _clean(text: str) -> str:
    """Without the control characters by which a text could take over the terminal."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or c == "\u3000"))
