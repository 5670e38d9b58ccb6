"""What each member sees on the phone: an ordered list of bubbles, changed in place when a card changes."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Body = dict[str, Any]
Clock = Callable[[], datetime]
Progress = Literal["", "sending", "delivered", "failed"]


@dataclass(frozen=True)
class Bubble:
    """One message as one member sees it now."""

    id: str
    at: datetime
    mine: bool
    """True for what the member sent."""
    kind: str
    """The platform's own name: text, image, voice, location, markdown, template_card, card, sampleActionCard…"""
    body: Body
    ref: str = ""
    """The platform's id: MsgId or msgid (WeCom), msgId, processQueryKey or outTrackId (DingTalk)."""
    progress: Progress = ""
    trouble: str = ""
    """In Chinese, why the bot did not get it."""
    recalled: bool = False
    read: bool = False


@dataclass
class Chats:
    """All chats of one platform with the bot. Safe to use from several threads."""

    clock: Clock
    version: int = 0
    """Grows with every visible change."""
    _bubbles: dict[str, list[Bubble]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add(self, member: str, kind: str, body: Body, *, mine: bool = False, ref: str = "") -> Bubble:
        with self._lock:
            self.version += 1
            progress: Progress = "sending" if mine else ""
            bubble = Bubble(f"m{next(self._ids)}", self.clock(), mine, kind, body, ref, progress, read=mine)
            self._bubbles.setdefault(member.casefold(), []).append(bubble)
            return bubble

    def shown(self, member: str) -> list[Bubble]:
        with self._lock:
            return list(self._bubbles.get(member.casefold(), ()))

    def find(self, member: str, ref: str) -> Bubble | None:
        """The newest bubble of this member with this platform id."""
        return next((bubble for bubble in reversed(self.shown(member)) if bubble.ref == ref), None)

    def change(self, member: str, bubble_id: str, **changes: Any) -> None:
        with self._lock:
            self.version += 1
            row = self._bubbles[member.casefold()]
            place = next(place for place, bubble in enumerate(row) if bubble.id == bubble_id)
            row[place] = replace(row[place], **changes)

    def change_ref(self, ref: str, **changes: Any) -> list[str]:
        """Changes every bubble with this platform id; returns the members who see it."""
        with self._lock:
            found = [(who, one.id) for who, row in self._bubbles.items() for one in row if one.ref == ref]
            for who, bubble_id in found:
                self.change(who, bubble_id, **changes)
            return [who for who, _ in found]

    def mark_read(self, member: str) -> None:
        with self._lock:
            row = self._bubbles.get(member.casefold(), [])
            if any(not bubble.read for bubble in row):
                self.version += 1
                row[:] = [replace(bubble, read=True) for bubble in row]

    def unread(self, member: str) -> int:
        return sum(not bubble.read for bubble in self.shown(member))
