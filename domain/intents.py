"""What a message means: what understanding hands to the handlers.

Words become a `RecordIntent` (something to write down) or a `Command` (something to do). Buttons, pictures,
positions and the clock build their intent directly.
"""

from datetime import datetime, time
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from domain.alerts import Alert
from domain.learning import WordKind
from domain.messages import Action
from domain.papers import Paper
from domain.photos import Before, Printed
from domain.positions import Position
from domain.pricing.wishes import Wish
from domain.values import Value

CommandName = Literal[
    "chitchat",
    "query_day",
    "query_leads",
    "query_customer",
    "query_stock",
    "expense",
    "practise",
    "objection_help",
    "daily_report",
    "help",
    "undo",
]


class Said(Value):
    """A value and the very words it was taken from.

    `value` is JSON-able: text, list, bool, or a number (int where whole, else a float of at most three
    decimals; money in yuan); times as ISO 8601 with offset,
    days as `YYYY-MM-DD`. `words` is a span of the source text, empty only for `planned` and values that
    the form's default gave.
    """

    value: Any
    words: str = ""
    alternatives: tuple[Any, ...] = ()
    """Other readings, where the words allow several; such a value is asked about, never taken silently."""


class RecordIntent(Value):
    intent: Literal["record"] = "record"
    form: str
    fields: dict[str, Said] = Field(default_factory=dict)
    words: str = ""
    """The clause of the message that this record was taken from."""


class Command(Value):
    intent: CommandName
    fields: dict[str, Said] = Field(default_factory=dict)
    words: str = ""


class Question(Value):
    """The one thing that has to be asked before the records can be saved."""

    field: str
    ask: str
    """In Chinese, as the rep reads it."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label) for quick replies, at most five."""
    form: str = ""
    index: int = 0
    """Which of the intents it belongs to."""
    pending: str = ""
    """Words of a value that could go to several places: the question is where to, and each choice names a place."""


class Understanding(Value):
    """Everything that one text means, in the order it was said."""

    text: str
    intents: tuple[RecordIntent | Command, ...] = ()
    question: Question | None = None


class Propose(Value):
    """Records found in one message: shown to the rep on one card before they count."""

    intent: Literal["propose"] = "propose"
    records: tuple[RecordIntent, ...]
    question: Question | None = None
    evidence: tuple["Proof", ...] = ()


class Proof(Value):
    """What a record rests on: the words heard, or a file."""

    kind: Literal["text", "voice", "receipt", "photo", "position"]
    words: str = ""
    sha256: str | None = None
    paper: Paper | None = None
    """Of a receipt: what identifies it, and what does not fit on it."""
    reuse_of: tuple[str, ...] = ()
    """The sha256 of earlier pictures of which this one is a copy."""


class Change(Value):
    """Another value for one field of one record of the open proposal; a value of None takes the field away."""

    index: int
    field: str
    said: Said


class Correct(Value):
    """Somebody puts his open proposal right, or answers its question."""

    intent: Literal["correct"] = "correct"
    proposal: int
    changes: tuple[Change, ...] = ()
    drops: tuple[int, ...] = ()
    """Records of the proposal that are not to be."""
    adds: tuple[RecordIntent, ...] = ()
    """Records that were told together with the answer."""
    question: Question | None = None


class Amend(Value):
    """Somebody puts right what he confirmed a short while ago: the records of his last confirmed proposal."""

    intent: Literal["amend"] = "amend"
    proposal: int
    changes: tuple[Change, ...]


class Skip(Value):
    """Somebody cannot or will not answer the question of his open proposal."""

    intent: Literal["skip"] = "skip"
    proposal: int


class Resume(Value):
    """After something else was answered: back to what is still open."""

    intent: Literal["resume"] = "resume"


class HandOver(Value):
    """Somebody wants to talk to a person instead."""

    intent: Literal["hand_over"] = "hand_over"
    words: str


class Unclear(Value):
    """Words that mean nothing to us as they stand; `customer` is the code of the one customer that they name."""

    intent: Literal["unclear"] = "unclear"
    customer: str | None = None


class Teach(Value):
    """Somebody teaches a word; `problem` says why it cannot be learned."""

    intent: Literal["teach"] = "teach"
    words: str
    kind: WordKind = "alias"
    target: str = ""
    changed: int = 0
    """How many of the last messages would be understood differently."""
    examples: tuple[str, ...] = ()
    problem: str = ""


class Forget(Value):
    """Somebody takes a word back that was taught."""

    intent: Literal["forget"] = "forget"
    words: str


class WordList(Value):
    """Somebody asks which words were taught."""

    intent: Literal["word_list"] = "word_list"


class NewAlert(Value):
    """Somebody asks for an alert; `problem` says why it cannot be made."""

    intent: Literal["new_alert"] = "new_alert"
    words: str
    alert: Alert | None = None
    meaning: tuple[tuple[str, str], ...] = ()
    """How each part was understood: label and words."""
    preview: tuple[str, ...] = ()
    """What it would have done over real data, in words."""
    problem: str = ""


class StopAlert(Value):
    """Somebody wants an alert stopped, by its label."""

    intent: Literal["stop_alert"] = "stop_alert"
    words: str


class AlertList(Value):
    """Somebody asks which alerts there are."""

    intent: Literal["alert_list"] = "alert_list"


class RollBack(Value):
    """Somebody wants the rulebook back as it was before the last publication."""

    intent: Literal["roll_back"] = "roll_back"


class TodoDone(Value):
    """Somebody did a to-do of his: the one of this number in his list, or of this title, or the only one."""

    intent: Literal["todo_done"] = "todo_done"
    number: int = 0
    title: str = ""


class TodoList(Value):
    """Somebody asks what he has to do."""

    intent: Literal["todo_list"] = "todo_list"


class TodoChange(Value):
    """A to-do that stands is to be somebody else's, due another day, or not to be at all. `title` says which, or
    `number` of his list."""

    intent: Literal["todo_change"] = "todo_change"
    title: str = ""
    number: int = 0
    owner: Said | None = None
    due: Said | None = None
    cancel: bool = False


class CopiesChanged(Value):
    """The platform says that something in its calendars was changed; whether it is ours, the ids tell."""

    intent: Literal["copies_changed"] = "copies_changed"
    ids: tuple[str, ...]


class Snooze(Value):
    """Somebody wants the last reminder again later: at a time, or, without one, tomorrow."""

    intent: Literal["snooze"] = "snooze"
    until: datetime | None = None
    words: str


class RemindMe(Value):
    """Somebody wants to be reminded of something of his own. Without `at` he said no time; `often`: again and again."""

    intent: Literal["remind_me"] = "remind_me"
    at: datetime | None = None
    what: str
    often: bool = False
    customer: str = ""
    """The code of the customer whom it is about, where he named one."""
    words: str


class StopReminder(Value):
    """Somebody does not want a reminder any more: the one of this name, or, without one, the last that he got."""

    intent: Literal["stop_reminder"] = "stop_reminder"
    words: str = ""


class ResumeReminder(Value):
    """Somebody wants the reminder of this name again."""

    intent: Literal["resume_reminder"] = "resume_reminder"
    words: str


class QuietHours(Value):
    """Somebody wants nothing unasked after a time in the evening, or before one in the morning; without either: the
    usual hours again."""

    intent: Literal["quiet_hours"] = "quiet_hours"
    start: time | None = None
    end: time | None = None


class ReminderList(Value):
    """Somebody asks which reminders he gets."""

    intent: Literal["reminder_list"] = "reminder_list"


class Transfer(Value):
    """Somebody wants customers handed over: all of one person's, or one; to nobody where `taker` is empty."""

    intent: Literal["transfer"] = "transfer"
    giver: str = ""
    """As he was named; empty where it is the owner of `customer`."""
    taker: str = ""
    customer: str = ""
    """The code of the only one."""


class SignIn(Value):
    """Somebody wants to open the web pages."""

    intent: Literal["sign_in"] = "sign_in"


class Heading(Value):
    """Somebody says to which customer he is going now."""

    intent: Literal["heading"] = "heading"
    customer: str
    """His code."""


class GoAnyway(Value):
    """Why somebody goes to a customer of whom he was warned."""

    intent: Literal["go_anyway"] = "go_anyway"
    gate: int
    words: str


class PracticeLine(Value):
    """What somebody says to the customer of a practice talk."""

    intent: Literal["practice_line"] = "practice_line"
    practice: int
    words: str


PracticeWordName = Literal["pause", "resume", "stop", "hint", "today", "next", "progress", "appeal"]


class PracticeWord(Value):
    """A word about practising, rather than in it."""

    intent: Literal["practice_word"] = "practice_word"
    word: PracticeWordName
    practice: int = 0


class AppealWords(Value):
    """The words of a talk that somebody means, who says that a check was scored wrongly."""

    intent: Literal["appeal_words"] = "appeal_words"
    practice: int
    check: str
    words: str


class CaseWords(Value):
    """A lost deal is told for practice: the first words of it, or an answer to what was asked; or it is taken out."""

    intent: Literal["case_words"] = "case_words"
    case: int
    """0 for a new one."""
    words: str
    withdraws: bool = False


class PlanDay(Value):
    """Somebody asks in which order to go to today's customers."""

    intent: Literal["plan_day"] = "plan_day"


class Reason(Value):
    """The reason for a rejection, in the approver's words."""

    intent: Literal["reason"] = "reason"
    approval: int
    words: str


class Countersign(Value):
    """Whoever is to decide wants somebody else's word as well (加签)."""

    intent: Literal["countersign"] = "countersign"
    people: tuple[str, ...] = ()
    """Whom the words may mean."""
    words: str


class TakeLeave(Value):
    """Somebody will be away, and says who decides for him meanwhile."""

    intent: Literal["take_leave"] = "take_leave"
    start: datetime | None = None
    until: datetime | None = None
    deputies: tuple[str, ...] = ()
    """Whom the words may mean."""
    words: str = ""
    """How the deputy was named; empty where nobody was."""


class LeaveOver(Value):
    """Somebody is back, or does not go."""

    intent: Literal["leave_over"] = "leave_over"


class ApproveAll(Value):
    """Somebody agrees to everything that waits for him and has nothing against it."""

    intent: Literal["approve_all"] = "approve_all"


class Routine(Value):
    """Somebody wrote the word that begins a flow."""

    intent: Literal["routine"] = "routine"
    flow: str


class Resubmit(Value):
    """Somebody wants to hand in again what was rejected last."""

    intent: Literal["resubmit"] = "resubmit"


class CheckIn(Value):
    """Somebody shared where he is."""

    intent: Literal["check_in"] = "check_in"
    position: Position
    sent_at: datetime | None = None
    """By the platform's or the phone's clock."""
    device: str = ""
    """The phone, where the platform names it."""


class CheckOut(Value):
    """Somebody says that he has left the customer."""

    intent: Literal["check_out"] = "check_out"


class Explain(Value):
    """A rep answers the verdict on his visit."""

    intent: Literal["explain"] = "explain"
    record: int
    words: str
    sha256: str | None = None


class Ruling(Value):
    """A manager accepts or refuses a visit, with his reason."""

    intent: Literal["ruling"] = "ruling"
    record: int
    accepts: bool
    words: str


class Feedback(Value):
    """What may be a customer's opinion of the samples that somebody was asked about."""

    intent: Literal["feedback"] = "feedback"
    record: int
    words: str
    sha256: str | None = None
    customers: tuple[str, ...] = ()
    """The codes of the customers that the words are about."""
    alone: bool = True
    """Whether the words mean nothing else to us."""


class Photo(Value):
    """Somebody sent a picture that is no receipt: a shop front, a shelf, a watermark photo."""

    intent: Literal["photo"] = "photo"
    sha256: str
    kind: str
    """`watermark_photo`, `shelf_photo` or `other`."""
    printed: Printed = Printed()
    goods: tuple[tuple[str, str], ...] = ()
    """Names on a shelf with the price on their tags in yuan, empty where there is none."""
    before: tuple[Before, ...] = ()


class SeenBefore(Value):
    """A receipt was photographed, or sent, before."""

    intent: Literal["seen_before"] = "seen_before"
    before: tuple[Before, ...]


class LeadTouched(Value):
    """Somebody tells that he was in touch with a lead of his."""

    intent: Literal["lead_touched"] = "lead_touched"
    lead: str
    words: str
    alone: bool = True
    """Whether the words mean nothing else to us."""


class LeadPass(Value):
    """The reason for which somebody passes a lead on."""

    intent: Literal["lead_pass"] = "lead_pass"
    lead: str
    words: str


class LeadGive(Value):
    """A manager says who is to have the lead that he was told of."""

    intent: Literal["lead_give"] = "lead_give"
    words: str
    """How the person was named."""
    lead: str = ""
    """How the lead was named; empty where it goes without saying."""


LeadEnding = Literal["won", "lost", "pool", "following"]


class LeadEnd(Value):
    """Somebody says how a lead of his ended, gives it back, or goes on with one that ended."""

    intent: Literal["lead_end"] = "lead_end"
    name: str
    how: LeadEnding
    reason: str = ""


class LeadFollowed(Value):
    """Somebody tells that he did something about a lead that he follows up."""

    intent: Literal["lead_followed"] = "lead_followed"
    lead: str
    words: str
    alone: bool = True
    """Whether the words mean nothing else to us."""


class LeadNext(Value):
    """Somebody asks what to do next about a lead; `name` is empty where it goes without saying."""

    intent: Literal["lead_next"] = "lead_next"
    name: str = ""


class LeadLosses(Value):
    """Somebody asks why leads were lost."""

    intent: Literal["lead_losses"] = "lead_losses"


class AskQuote(Value):
    """Somebody wants goods quoted. Whatever is unclear stands as it was said."""

    intent: Literal["ask_quote"] = "ask_quote"
    customer: str = ""
    """The code, where exactly one is surely meant."""
    named: str = ""
    """How the customer was named, whether he is known or not."""
    doubtful: tuple[str, ...] = ()
    """The codes that it may be."""
    goods: tuple[tuple[str, Decimal | None, str], ...] = ()
    """(product, amount, unit): the product is empty where none was said, the amount None."""
    unclear: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names of goods that may mean several products: the words, and their codes."""
    competitor: str = ""
    words: str = ""


class WishQuote(Value):
    """What a customer wants beyond the quote that lies on the table."""

    intent: Literal["wish_quote"] = "wish_quote"
    quotation: int
    wishes: tuple[Wish, ...]
    words: str


class Tap(Value):
    """Somebody tapped a button, or said its word."""

    intent: Literal["tap"] = "tap"
    action: Action


class Hello(Value):
    """Somebody opened the chat, or was given access to it."""

    intent: Literal["hello"] = "hello"


class Stranger(Value):
    """Somebody wrote who is not in the company's list."""

    intent: Literal["stranger"] = "stranger"


class Renamed(Value):
    """A platform gave somebody another id."""

    intent: Literal["renamed"] = "renamed"
    channel: str
    old: str
    new: str


class Unheard(Value):
    """Something came that could not be turned into words; `words` is what the person is told."""

    intent: Literal["unheard"] = "unheard"
    words: str


class Due(Value):
    """The clock: it is time to do `name` about `subject`."""

    intent: Literal["due"] = "due"
    name: str
    subject: str
    payload: dict[str, Any] = Field(default_factory=dict)
    attempt: int = 1
    """How often it was tried, this time counted."""


Intent = (
    RecordIntent
    | Command
    | Propose
    | Correct
    | Amend
    | Skip
    | Resume
    | HandOver
    | Unclear
    | Teach
    | Forget
    | WordList
    | NewAlert
    | StopAlert
    | AlertList
    | RollBack
    | TodoDone
    | TodoList
    | TodoChange
    | CopiesChanged
    | Snooze
    | RemindMe
    | StopReminder
    | ResumeReminder
    | QuietHours
    | ReminderList
    | Transfer
    | SignIn
    | Heading
    | GoAnyway
    | PracticeLine
    | PracticeWord
    | CaseWords
    | AppealWords
    | PlanDay
    | Reason
    | Countersign
    | TakeLeave
    | LeaveOver
    | Resubmit
    | Routine
    | ApproveAll
    | CheckIn
    | CheckOut
    | Explain
    | Ruling
    | Feedback
    | Photo
    | SeenBefore
    | LeadTouched
    | LeadPass
    | LeadGive
    | LeadEnd
    | LeadFollowed
    | LeadNext
    | LeadLosses
    | AskQuote
    | WishQuote
    | Tap
    | Hello
    | Stranger
    | Renamed
    | Unheard
    | Due
)
