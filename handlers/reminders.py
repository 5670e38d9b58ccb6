"""Reminders are told, all that fall together in one message, each once. Decided when they are told: what was done,
stopped, or is too late by then is left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cards import Text
from domain.intents.events import Due
from domain.push_times import push_time
from domain.schedules.definition import Schedule
from domain.schedules.occurrences import Anchor, quiet_for
from handlers.flow_steps import routine
from handlers.reminder_contents import CONTENT, done_before, text_of
from handlers.reminder_plan import in_force, listener
from handlers.turn import Reply, Turn, tell, tell_at_once
from nlu.language.holidays import birthdays_on
from storage.reminders import ReminderRow

TOGETHER = timedelta(minutes=20)
"""What would be told so soon after is told at once, where the schedules allow it."""
HINT = "（可以回：半小时后再提醒、明天再说、别再提醒这个了。）"


@dataclass(frozen=True)
class Told:
    """One reminder that is going to be told: its words, empty where there is nothing to say."""

    row: ReminderRow
    schedule: Schedule
    words: str
    late: bool


def remind(intent: Due, turn: Turn) -> Reply:
    """Tell this reminder, and with it what falls together with it. Nothing where another turn told it already.

    Alone where that failed before: one that cannot be told takes no other with it."""
    number = intent.subject.rpartition(":")[2]
    first = turn.work.reminders.get(int(number))
    if first is None or first.state != "waiting" or first.send_at > turn.now:
        return Reply()
    schedule = in_force(turn.rulebook).get(first.schedule)
    if schedule is not None and schedule.says.flow:
        return _begin(first, schedule, turn)
    newcomer = not turn.work.reminders.ever_told(turn.person.id)
    rows = _together(first, turn) if intent.attempt == 1 else [first]
    told = [one for one in _to_tell(rows, turn) if _mine(one, turn)]
    words = message([one for one in told if one.words])
    if not words:
        return Reply()
    how = tell_at_once if all(one.schedule.exact or one.row.snoozed for one in told if one.words) else tell
    return how(turn.person.id, Text(text=f"{words}\n{HINT}" if newcomer else words))


def _begin(row: ReminderRow, schedule: Schedule, turn: Turn) -> Reply:
    """A flow that begins by the clock, in this person's turn."""
    wanted = _wanted(row, turn.work.reminders.stops(turn.person.id), turn)
    if wanted is None or not turn.work.reminders.end(row, "begun", turn.now):
        return Reply()
    return routine(turn.rulebook.flows[schedule.says.flow], turn)


def _mine(one: Told, turn: Turn) -> bool:
    return turn.work.reminders.end(one.row, "told" if one.words else "nothing", turn.now)


def _together(first: ReminderRow, turn: Turn) -> list[ReminderRow]:
    schedule = turn.rulebook.schedules.get(first.schedule)
    if schedule is None or not schedule.collapse:
        return [first]
    group = {s.key for s in turn.rulebook.schedules.values() if s.collapse == schedule.collapse}
    near = turn.work.reminders.waiting(turn.person.id, turn.now + TOGETHER)
    return [first, *(row for row in near if row.schedule in group and row.id != first.id)]


def _to_tell(rows: list[ReminderRow], turn: Turn) -> Iterator[Told]:
    """First what is about one thing each, then the contents, which leave those things out."""
    beside: set[str] = set()
    stops = turn.work.reminders.stops(turn.person.id)
    kept = [(row, schedule) for row in rows if (schedule := _wanted(row, stops, turn)) is not None]
    for row, schedule in sorted(kept, key=lambda pair: not pair[1].anchored):
        words = says(row, schedule, beside, turn)
        if words is None:
            turn.work.reminders.end(row, "done", turn.now)
            continue
        if schedule.anchored:
            beside.add(row.subject)
        yield Told(row, schedule, words, _lateness(row, turn) > timedelta(minutes=schedule.late.mark_after))


def says(row: ReminderRow, schedule: Schedule, beside: set[str], turn: Turn) -> str | None:
    """Its words as of this turn; None where it is about something that needs nobody any more."""
    if schedule.says.flow:
        return schedule.label
    if not schedule.anchored:
        content = schedule.says.content
        return CONTENT[content](turn, beside) if content else text_of(schedule, row, None, turn)
    anchor = anchor_of(row, schedule, turn)
    if anchor is None or done_before(schedule, anchor, turn):
        return None
    return text_of(schedule, row, anchor, turn)


def anchor_of(row: ReminderRow, schedule: Schedule, turn: Turn) -> Anchor | None:
    """What it is about, as it is now; None where it has another date by now, or none."""
    anchor = turn.work.reminders.anchor(schedule, row.subject, row.day, birthdays_on)
    if anchor is None:
        return None
    moment = anchor.moment.astimezone(turn.person.zone(turn.zone)) if anchor.moment else None
    day = anchor.day or (moment.date() if moment else None)
    return anchor if day == row.day else None


def _wanted(row: ReminderRow, stops: set[tuple[str, str]], turn: Turn) -> Schedule | None:
    """Its schedule, where it is to be told now; else it is ended, or waits for the end of quiet hours."""
    schedule = in_force(turn.rulebook).get(row.schedule)
    stopped = (row.schedule, "") in stops or (row.schedule, row.subject) in stops
    if schedule is None or schedule.off or stopped:
        turn.work.reminders.end(row, "stopped", turn.now)
        return None
    if not schedule.anchored and turn.work.flows.away(turn.person.id, turn.now):
        turn.work.reminders.end(row, "nothing", turn.now)
        return None
    overtaken = not (schedule.anchored or row.snoozed) and turn.work.reminders.overtaken(row, turn.now)
    if overtaken or _lateness(row, turn) > timedelta(minutes=schedule.late.skip_after):
        turn.work.reminders.end(row, "late", turn.now)
        return None
    who = listener(turn.person, turn.zone)
    asked = schedule.exact or row.snoozed
    quiet = quiet_for(schedule, who)
    allowed = push_time(turn.now, who.zone, row.key, scheduled=not asked, quiet=quiet)
    if allowed > turn.now:
        if row.send_at <= turn.now:
            turn.work.reminders.postpone(row, allowed, asked=False)
        return None
    return schedule


def _lateness(row: ReminderRow, turn: Turn) -> timedelta:
    """Against the time that it was to be told at, where that is on its day, or is what the person asked for."""
    zone = turn.person.zone(turn.zone)
    same_day = row.send_at.astimezone(zone).date() == row.planned.astimezone(zone).date()
    return turn.now - (row.send_at if same_day or row.snoozed else row.planned)


def message(told: list[Told]) -> str:
    """One message with a section for each schedule; a thing that would stand there twice stands there once."""
    sections: dict[str, tuple[Told, list[str]]] = {}
    for one in sorted(told, key=lambda one: (one.schedule.anchored, one.row.send_at, one.row.id or 0)):
        words = sections.setdefault(one.schedule.key, (one, []))[1]
        if one.words not in words:
            words.append(one.words)
    return "\n\n".join(_section(one, words) for one, words in sections.values())


def _section(one: Told, words: list[str]) -> str:
    heading = f"【{one.schedule.label}】{'（晚了）' if one.late else ''}"
    if len(words) > 1:
        return "\n".join([heading, *(f"· {line}" for line in words)])
    return f"{heading}\n{words[0]}" if "\n" in words[0] else f"{heading}{words[0]}"


def next_time(row: ReminderRow, wanted: datetime, schedule: Schedule, turn: Turn) -> datetime:
    """The earliest time from then on at which it may be told to somebody who wants it then."""
    who = listener(turn.person, turn.zone)
    return push_time(wanted, who.zone, row.key, scheduled=False, quiet=quiet_for(schedule, who))
