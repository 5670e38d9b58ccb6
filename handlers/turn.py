"""What a handler gets (a turn) and what it gives (a reply). Handlers return; only the courier sends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coaching.coach import Coach
from config.rulebook import Rulebook
from domain.cards import Card, Content, Text
from domain.dialogue import Dialogue
from domain.errors import Refusal
from domain.intents.records import Question, RecordIntent
from domain.messages import Inbound
from domain.papers import InvoicePolicy
from domain.people import Person
from domain.photos import Before
from domain.policies import Purpose, viewer_of
from handlers.known_companies import KnownCompanies
from handlers.publishing import InForce
from nlu.alerting.reading import Asked
from nlu.language.lexicon import Lexicon
from storage.guarding import GuardedSession
from storage.policies import guard_of
from storage.seeing import Seen
from storage.work import Work


@dataclass(frozen=True)
class Perceived:
    """One file of a message and the JSON of what was heard or read in it."""

    sha256: str
    sense: str
    result: dict[str, Any]
    before: tuple[Before, ...] = ()
    """Earlier sendings of the same picture."""


@dataclass(frozen=True)
class Arrival:
    """A message together with everything that was perceived in it."""

    inbox_id: int
    message: Inbound
    perceived: tuple[Perceived, ...] = ()
    problem: str = ""
    """Why the media could not be had, in the words that the sender is told."""
    suggested: str = ""
    """JSON of what a language model pointed at in the words (`nlu.suggesting`), empty where there is none."""


@dataclass(frozen=True)
class OpenProposal:
    """One of the sender's proposals as understanding needs it: open, or (`View.confirmed`) confirmed lately."""

    id: int
    revision: int
    records: tuple[RecordIntent, ...]
    question: Question | None


@dataclass(frozen=True)
class View:
    """Everything that understanding a message may look at. Read before the turn's transaction."""

    now: datetime
    """In the company's zone."""
    person: Person | None
    dialogue: Dialogue
    version: int
    lexicon: Lexicon
    rulebook: Rulebook
    own: frozenset[str]
    """Codes of the sender's own customers."""
    proposals: tuple[OpenProposal, ...] = ()
    """What waits for the sender's word, the newest first."""
    confirmed: OpenProposal | None = None
    """What he confirmed last, read only where his words may be a correction of it."""
    written: tuple[int, tuple[str, ...]] = (0, ())
    """How many messages were written lately, and those with a word that is to be learned; read only then."""

    leads: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The sender's leads that wait for their first touch: id, and the names that words may call it by."""

    followed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Those that he follows up."""
    companies: tuple[str, ...] = ()
    """The companies of all of these that are no customers yet."""

    alert: tuple[Asked, tuple[str, ...]] | None = None
    """The alert that the message asks for and what it would have done; read only then."""

    practised_at: datetime | None = None
    """When the practice talk on top of the dialogue was last gone on with; None where there is none."""

    @property
    def proposal(self) -> OpenProposal | None:
        return self.proposals[0] if self.proposals else None


def nothing_in_force() -> InForce:
    raise Refusal("这里不能改规则，请在企业微信或钉钉里说。")


def nobody_teaches() -> Coach:
    raise Refusal("话术库没有装上，请让管理员看一下。")


@dataclass
class Turn:
    """One turn of one person. `dialogue` is replaced as matters open and close; the worker stores it."""

    now: datetime
    zone: ZoneInfo
    person: Person
    channel: str
    inbox_id: int | None
    dialogue: Dialogue
    rulebook: Rulebook
    lexicon: Lexicon
    work: Work
    policy: InvoicePolicy = field(default_factory=InvoicePolicy)
    coach: Callable[[], Coach] = nobody_teaches
    in_force: Callable[[], InForce] = nothing_in_force
    companies: KnownCompanies = field(default_factory=KnownCompanies)
    public_url: str = ""
    """Where browsers find our pages, without a slash at the end; empty where nothing was set."""

    @property
    def local_now(self) -> datetime:
        return self.now.astimezone(self.zone)

    @property
    def own_now(self) -> datetime:
        """By the clock of the person whose turn it is; `local_now` is by the company's."""
        return self.now.astimezone(self.person.zone(self.zone))

    @property
    def own_day(self) -> datetime:
        """When the person's day began."""
        return self.own_now.replace(hour=0, minute=0, second=0, microsecond=0)

    def seen(self, purpose: Purpose = "review") -> Seen:
        """Records and customers as this person may see them, in the turn's own transaction."""
        self.work.session.flush()
        guard = guard_of(self.rulebook, viewer_of(self.person, purpose))
        return Seen(GuardedSession(self.work.session.connection(), guard, self.local_now))


@dataclass(frozen=True)
class Outgoing:
    """Something for somebody.

    `to` is a person's id. An answer goes back the way the question came; what is `unasked` goes by the
    person's own preference and waits for the end of his quiet hours.
    """

    to: str
    content: Content
    unasked: bool = False
    urgent: bool = False
    """What is unasked, and yet not moved out of the minutes in which everybody's schedules fire; quiet hours hold."""
    everywhere: bool = False
    """A card that shows an outcome: it replaces the card of its `ref` in every chat it was sent to."""


@dataclass(frozen=True)
class Reply:
    outgoing: tuple[Outgoing, ...] = field(default=())

    def __add__(self, other: "Reply") -> "Reply":
        return Reply(self.outgoing + other.outgoing)


def say(turn: Turn, text: str) -> Reply:
    return Reply((Outgoing(turn.person.id, Text(text=text)),))


def show(turn: Turn, card: Card) -> Reply:
    return Reply((Outgoing(turn.person.id, card),))


def tell(person_id: str, content: Content) -> Reply:
    """To somebody who did not ask."""
    return Reply((Outgoing(person_id, content, unasked=True),))


def tell_at_once(person_id: str, content: Content) -> Reply:
    """To somebody who did not ask, and who has minutes to do something about it."""
    return Reply((Outgoing(person_id, content, unasked=True, urgent=True),))


def outcome(turn: Turn, card: Card) -> Reply:
    """Show how a thing ended on every card about it."""
    return Reply((Outgoing(turn.person.id, card, everywhere=True),))
