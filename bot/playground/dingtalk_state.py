"""What the DingTalk fake remembers, and how it refuses."""

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.playground.chat import Chats, Clock
from bot.playground.delivery import Attempt
from bot.playground.faults import Faults
from bot.playground.wecom_crypto import Keys

TOKEN_LIFE = timedelta(seconds=7200)
FILE_LIFE = timedelta(minutes=10)
SESSION_LIFE = timedelta(minutes=90)
KEY_BYTES, VALUE_BYTES = 100, 1024

Params = dict[str, str]


class Refused(Exception):
    """A call to the new host that is refused: HTTP status and a string code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message


class OldRefused(Exception):
    """A call to the old host that is refused: HTTP 200 with an errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


def require(met: object, message: str, code: str = "invalidParameter") -> None:
    if not met:
        raise Refused(400, code, message)


@dataclass(frozen=True)
class Token:
    value: str
    until: datetime


@dataclass(frozen=True)
class StoredFile:
    name: str
    content: bytes


@dataclass(frozen=True)
class DingSent:
    """One accepted robot send (batchSend, groupMessages, or a session reply)."""

    raw: dict[str, Any]
    kind: str
    """The msgKey, or the msgtype of a session reply."""
    params: dict[str, Any]
    """msgParam, decoded."""
    key: str
    """processQueryKey."""
    at: datetime
    delivered: tuple[str, ...]
    invalid: tuple[str, ...] = ()
    flow_controlled: tuple[str, ...] = ()
    filtered: tuple[str, ...] = ()


@dataclass
class DingCard:
    out_track_id: str
    template_id: str
    public: Params
    private: dict[str, Params]
    """By userId."""
    callback_type: str
    route_key: str
    raw: dict[str, Any]
    spaces: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    creations: int = 1
    """How often createAndDeliver was called with this outTrackId; only the first counts."""
    updates: int = 0

    def seen_by(self, userid: str) -> Params:
        return {**self.public, **self.private.get(userid, {})}


@dataclass(frozen=True)
class Click:
    """One tap on a card, and what came of it."""

    userid: str
    out_track_id: str
    action_id: str
    attempt: Attempt
    in_time: bool
    answer: dict[str, Any]
    """The answer's JSON, applied to the card only when it came in time."""

    @property
    def ok(self) -> bool:
        return self.attempt.ok

    @property
    def trouble(self) -> str:
        return self.attempt.trouble


@dataclass
class DingState:
    client_id: str
    client_secret: str
    robot_code: str
    corp_id: str
    clock: Clock
    members: dict[str, str]
    groups: dict[str, tuple[str, tuple[str, ...]]]
    event_keys: Keys
    chats: Chats
    faults: Faults
    chance: Random
    base_url: str = ""
    new_token: Token | None = None
    old_token: Token | None = None
    codes: dict[str, str] = field(default_factory=dict)
    """Download code -> file id."""
    links: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """Short-lived download address -> file id."""
    files: dict[str, StoredFile] = field(default_factory=dict)
    sessions: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    sent: list[DingSent] = field(default_factory=list)
    cards: dict[str, DingCard] = field(default_factory=dict)
    clicks: list[Click] = field(default_factory=list)
    card_routes: dict[str, dict[str, str]] = field(default_factory=dict)
    """callbackRouteKey -> callbackUrl and apiSecret."""
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    event_keys_used: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """x-client-token -> event id, and until when it means that."""
    todos: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[tuple[str, dict[str, Any], datetime]] = field(default_factory=list)
    """Changes of calendars and to-dos that subscribers are still to be told: name, data, since when."""
    denied: set[str] = field(default_factory=set)
    """Rights that the app has not applied for: `Calendar.Event`, `Todo.Todo`."""
    flow_controlled: set[str] = field(default_factory=set)
    filtered: set[str] = field(default_factory=set)
    undeliverable: set[str] = field(default_factory=set)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def secret_word(self, prefix: str) -> str:
        return prefix + "".join(self.chance.choices("abcdef0123456789", k=32))

    def union_id(self, userid: str) -> str:
        return "u" + hashlib.sha256(f"{self.corp_id}/{userid}".encode()).hexdigest()[:22] + "iE"

    def user_of_union(self, union_id: str) -> str | None:
        return next((one for one in self.members if self.union_id(one) == union_id), None)

    def keep_file(self, name: str, content: bytes) -> str:
        """Returns the file's id (the old host's media_id)."""
        file_id = self.secret_word("@")
        self.files[file_id] = StoredFile(name, content)
        return file_id

    def download_code(self, file_id: str) -> str:
        code = self.secret_word("dc_")
        self.codes[code] = file_id
        return code

    def live_token(self, old: bool) -> Token:
        """The token of one host: the same until it expires; the two hosts' tokens differ."""
        now = self.clock()
        known = self.old_token if old else self.new_token
        if known is None or known.until <= now:
            known = Token(self.secret_word("old_" if old else "new_"), now + TOKEN_LIFE)
            if old:
                self.old_token = known
            else:
                self.new_token = known
        return known

    def show_card(self, card: DingCard) -> None:
        """Brings every bubble of this card up to its present variables."""
        for who in card.members:
            bubble = self.chats.find(who, card.out_track_id)
            if bubble:
                self.chats.change(who, bubble.id, body=card_body(card, who))


def card_body(card: DingCard, who: str) -> dict[str, Any]:
    known = {"out_track_id": card.out_track_id, "template": card.template_id}
    return known | {"params": card.seen_by(who), "private": dict(card.private.get(who, {}))}


def string_params(given: object, where: str) -> Params:
    """cardParamMap as it must be: strings only, keys up to 100 bytes, values up to 1 KB."""
    require(isinstance(given, Mapping), f"{where}.cardParamMap is required", "param.cardParamMap")
    assert isinstance(given, Mapping)
    for key, value in given.items():
        require(isinstance(value, str), f"{where}.{key}: values must be strings", "param.stringOnly")
        require(len(str(key).encode()) <= KEY_BYTES, f"{where}.{key}: key over 100 bytes", "param.keyTooLong")
        require(
            len(value.encode()) <= VALUE_BYTES, f"{where}.{key}: value over 1024 bytes", "param.valueTooLong"
        )
    return dict(given)


def loads(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError as broken:
        raise Refused(400, "invalidParameter.json", "the body is not JSON") from broken
    require(isinstance(found, dict), "the body is not a JSON object", "invalidParameter.json")
    return dict(found)
