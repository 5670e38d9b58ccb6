"""What the WeCom fake remembers: tokens, media, accepted messages, cards and their one-time codes."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.playground.chat import Chats, Clock
from bot.playground.faults import Faults
from bot.playground.wecom_crypto import Keys

TOKEN_LIFE = timedelta(seconds=7200)
MEDIA_LIFE = timedelta(days=3)
CODE_LIFE = timedelta(hours=72)
LOGIN_LIFE = timedelta(minutes=5)
RECALL_WINDOW = timedelta(hours=24)
PER_MINUTE, PER_HOUR = 30, 1000


@dataclass(frozen=True)
class Token:
    value: str
    until: datetime


@dataclass(frozen=True)
class StoredMedia:
    kind: str
    name: str
    content: bytes
    until: datetime


@dataclass(frozen=True)
class WeComSent:
    """One accepted message/send."""

    raw: dict[str, Any]
    """The request as it came."""
    shown: dict[str, Any]
    """The part under `msgtype` after silent cuts."""
    msgid: str
    at: datetime
    delivered: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    """Members who got nothing because of 30 a minute or 1,000 an hour; the caller was told errcode 0."""
    invalid: tuple[str, ...] = ()
    repeated: bool = False
    """The same JSON came inside the duplicate-check interval: nobody saw it again."""
    cut: tuple[str, ...] = ()
    """Fields cut at their byte limit, or longer than a phone shows."""
    response_code: str = ""


@dataclass
class ResponseCode:
    value: str
    msgid: str
    until: datetime
    used: bool = False


@dataclass
class SentCard:
    msgid: str
    task_id: str
    card: dict[str, Any]
    members: tuple[str, ...]


@dataclass
class WeComState:
    corp_id: str
    agent_id: int
    secret: str
    keys: Keys
    callback_url: str
    clock: Clock
    members: dict[str, str]
    chats: Chats
    faults: Faults
    chance: Random
    base_url: str = ""
    token: Token | None = None
    dead_tokens: dict[str, int] = field(default_factory=dict)
    """Tokens that no longer work, with the errcode they are answered with."""
    tickets: dict[str, Token] = field(default_factory=dict)
    media: dict[str, StoredMedia] = field(default_factory=dict)
    sent: list[WeComSent] = field(default_factory=list)
    codes: dict[str, ResponseCode] = field(default_factory=dict)
    cards: dict[str, SentCard] = field(default_factory=dict)
    """By task_id."""
    logins: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    arrivals: dict[str, list[datetime]] = field(default_factory=dict)
    """By member: when messages were delivered, for the frequency limits."""
    seen_bodies: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """For enable_duplicate_check: until when the same JSON is dropped, and its msgid."""
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(7_000_000_000_000_001))

    def secret_word(self, prefix: str) -> str:
        return prefix + "".join(
            self.chance.choices("ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789", k=40)
        )

    def member(self, userid: str) -> str | None:
        """The id as the company spells it; WeCom folds case."""
        return next((one for one in self.members if one.casefold() == userid.casefold()), None)

    def keep_media(self, kind: str, name: str, content: bytes) -> str:
        media_id = self.secret_word("MEDIA_")
        self.media[media_id] = StoredMedia(kind, name, content, self.clock() + MEDIA_LIFE)
        return media_id

    def fresh_media(self, media_id: str) -> StoredMedia | None:
        found = self.media.get(media_id)
        return found if found and found.until > self.clock() else None

    def new_code(self, msgid: str) -> str:
        code = ResponseCode(self.secret_word("RC_"), msgid, self.clock() + CODE_LIFE)
        self.codes[code.value] = code
        return code.value

    def take_room(self, userid: str) -> bool:
        """Counts one message to this member; False where it is over the limit and nobody will see it."""
        now = self.clock()
        row = [at for at in self.arrivals.get(userid, []) if now - at < timedelta(hours=1)]
        last_minute = sum(now - at < timedelta(minutes=1) for at in row)
        fits = last_minute < PER_MINUTE and len(row) < PER_HOUR
        self.arrivals[userid] = [*row, now] if fits else row
        return fits

    def repeated_msgid(self, request: dict[str, Any]) -> str | None:
        """The earlier msgid where this very JSON was accepted inside its duplicate-check interval."""
        if not request.get("enable_duplicate_check"):
            return None
        known = self.seen_bodies.get(_canonical(request))
        return known[1] if known and known[0] > self.clock() else None

    def remember_body(self, request: dict[str, Any], msgid: str) -> None:
        if request.get("enable_duplicate_check"):
            seconds = min(int(request.get("duplicate_check_interval") or 1800), 14400)
            self.seen_bodies[_canonical(request)] = (self.clock() + timedelta(seconds=seconds), msgid)


def _canonical(request: dict[str, Any]) -> str:
    return json.dumps(request, sort_keys=True, ensure_ascii=False)
