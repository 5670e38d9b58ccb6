"""What a message means: what understanding hands to the handlers.

Words become a `RecordIntent` (something to write down) or a `Command` (something to do). Buttons, pictures,
positions and the clock build their intent directly.
"""

from domain.intents.approvals import (
    ApproveAll,
    Countersign,
    LeaveOver,
    Reason,
    Resubmit,
    Routine,
    TakeLeave,
    Transfer,
)
from domain.intents.events import Due, Hello, Renamed, SignIn, Stranger, Tap, Unheard
from domain.intents.leads import LeadEnd, LeadFollowed, LeadGive, LeadLosses, LeadNext, LeadPass, LeadTouched
from domain.intents.practice import AppealWords, CaseWords, PracticeLine, PracticeWord
from domain.intents.quotes import AskQuote, WishQuote
from domain.intents.records import Command, Propose, RecordIntent
from domain.intents.reminders import QuietHours, ReminderList, RemindMe, ResumeReminder, Snooze, StopReminder
from domain.intents.rules import AlertList, Forget, NewAlert, RollBack, StopAlert, Teach, WordList
from domain.intents.talk import Amend, Correct, HandOver, Resume, Skip, Unclear
from domain.intents.todos import CopiesChanged, TodoChange, TodoDone, TodoList
from domain.intents.visits import (
    CheckIn,
    CheckOut,
    Explain,
    Feedback,
    GoAnyway,
    Heading,
    Photo,
    PlanDay,
    Ruling,
    SeenBefore,
)

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
