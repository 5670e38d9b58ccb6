"""What people say to their reminders: later, no more, again after all, not at these hours, which are there."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.cards import Button, Card
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.reminders import QuietHours, ReminderList, ResumeReminder, Snooze, StopReminder
from domain.intents.talk import Unclear
from domain.messages import Action
from domain.schedules.definition import Daily, Schedule
from domain.schedules.occurrences import Window
from handlers import reminder_plan
from handlers.reminders import next_time
from handlers.turn import Reply, Turn, View, outcome, say, show
from handlers.wording import moment
from handlers.words import unclear
from nlu.reminding import about_reminders
from storage.reminders import ReminderRow

RECENT = timedelta(hours=24)
"""How long a reminder is the last one that is meant."""
AHEAD = timedelta(days=7)
NOTHING_LATELY = "最近一天没有给你发过提醒。说“我的提醒”可以看都有哪些。"
WHICH = "不再提醒哪一个？"


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """What words mean about reminders. Pure."""
    if view.person is None:
        return ()
    names = {name for schedule in view.rulebook.schedules.values() for name in schedule.names}
    busy = view.dialogue.top is not None
    zone = view.person.timezone
    now = view.now.astimezone(ZoneInfo(zone)) if zone else view.now
    found = about_reminders(text, now, names, busy=busy)
    return (found,) if found else ()


def snooze(intent: Snooze, turn: Turn) -> Reply:
    """The last message again later. What comes by itself every day is not had twice tomorrow."""
    rows = _last(turn)
    if not rows:
        if "提醒" not in intent.words:
            return unclear(Unclear(), turn)
        raise Refusal(NOTHING_LATELY)
    later: list[tuple[Schedule, datetime]] = []
    by_itself: list[Schedule] = []
    for row, schedule in rows:
        if intent.until is None and isinstance(schedule.when, Daily):
            by_itself.append(schedule)
            continue
        at = next_time(row, intent.until or _tomorrow(row, turn), schedule, turn)
        turn.work.reminders.postpone(row, at, asked=True)
        later.append((schedule, at))
    told = []
    if later:
        names = "、".join(dict.fromkeys(schedule.label for schedule, _ in later))
        told.append(f"好，{_when(min(at for _, at in later), turn)}再提醒你：{names}。")
    if by_itself:
        names = "、".join(dict.fromkeys(schedule.label for schedule in by_itself))
        told.append(f"{names}今天不再提醒，明天照常。")
    return say(turn, "".join(told))


def stop(intent: StopReminder, turn: Turn) -> Reply:
    """By its name, or the last one; where that was about several, ask which."""
    if intent.words:
        schedule = _named(intent.words, turn)
        turn.work.reminders.stop(turn.person.id, schedule.key, "", turn.now)
        return say(turn, _stopped(schedule, ""))
    rows = _last(turn)
    if not rows:
        raise Refusal(NOTHING_LATELY)
    if len(rows) == 1:
        return say(turn, _stop(*rows[0], turn))
    buttons = tuple(
        Button(id="stop", text=_short(row, schedule, turn), value=str(row.id)) for row, schedule in rows[:6]
    )
    return show(turn, Card(ref=f"reminder:{rows[0][0].id}", revision=1, title=WHICH, buttons=buttons))


def chosen(action: Action, _number: int, turn: Turn) -> Reply:
    """Which of several he does not want to hear of any more."""
    row = turn.work.reminders.get(int(action.value)) if action.value.isdecimal() else None
    schedule = turn.rulebook.schedules.get(row.schedule) if row else None
    if row is None or schedule is None or row.person_id != turn.person.id:
        raise Refusal("这条提醒已经没有了，说“我的提醒”看最新的。")
    told = _stop(row, schedule, turn)
    return outcome(turn, Card(ref=action.ref, revision=1, title=WHICH, status=told)) + say(turn, told)


def resume(intent: ResumeReminder, turn: Turn) -> Reply:
    schedule = _named(intent.words, turn)
    if turn.work.reminders.resume(turn.person.id, schedule.key):
        return say(turn, f"好，「{schedule.label}」恢复了，到时间照常提醒你。")
    return say(turn, f"「{schedule.label}」本来就开着，会照常提醒你。")


def quiet_hours(intent: QuietHours, turn: Turn) -> Reply:
    """His own hours; told back as they are now."""
    quiet = turn.work.people.be_quiet(turn.person.id, intent.start, intent.end)
    only_mornings = intent.end and not intent.start
    also = "如果只是想这一次晚点，请说“明早8点半再提醒”。" if only_mornings else ""
    return say(turn, f"好，每天 {quiet.start:%H:%M} 到第二天 {quiet.end:%H:%M} 不主动给你发消息。{also}")


def known(intent: ReminderList, turn: Turn) -> Reply:
    """Each reminder with its next time, what is put off, and what is stopped."""
    window = Window(turn.now, turn.now + AHEAD)
    stops = turn.work.reminders.stops(turn.person.id)
    coming: dict[str, datetime] = {}
    plan = reminder_plan.planned(turn.work.session, turn.rulebook, turn.zone, window, turn.person.id)
    for one in plan:
        if one.planned > turn.now and (one.schedule, one.subject) not in stops:
            coming[one.schedule] = min(one.send_at, coming.get(one.schedule, one.send_at))
    labels = {s.key: s.label for s in reminder_plan.in_force(turn.rulebook).values()}
    stopped = [key for key, subject in stops if not subject and key in labels]
    lines = [
        f"· {labels[key]}：下次 {_when(at, turn)}"
        for key, at in sorted(coming.items(), key=lambda pair: pair[1])
        if key not in stopped
    ]
    snoozed = [
        f"· {labels[row.schedule]}：推后到 {_when(row.send_at, turn)}"
        for row in turn.work.reminders.waiting(turn.person.id, turn.now + AHEAD)
        if row.snoozed and row.schedule in labels
    ]
    off = [f"· {labels[key]}：已停，说“恢复{labels[key]}”可以再开" for key in sorted(stopped)]
    night = turn.person.quiet
    quiet = f"每天 {night.start:%H:%M} 到 {night.end:%H:%M} 不打扰。"
    if not (lines or snoozed or off):
        return say(turn, f"未来 7 天没有要提醒你的事。{quiet}")
    return say(turn, "\n".join(["你的提醒（未来 7 天）", *snoozed, *lines, *off, quiet]))


def _last(turn: Turn) -> list[tuple[ReminderRow, Schedule]]:
    rows = turn.work.reminders.last_told(turn.person.id, turn.now - RECENT)
    known = turn.rulebook.schedules
    return [(row, known[row.schedule]) for row in rows if row.schedule in known]


def _tomorrow(row: ReminderRow, turn: Turn) -> datetime:
    """The same time of day tomorrow, by his own clock."""
    zone = turn.person.zone(turn.zone)
    at = row.planned.astimezone(zone).time()
    return datetime.combine(turn.now.astimezone(zone).date() + timedelta(days=1), at, zone)


def _named(words: str, turn: Turn) -> Schedule:
    found = [s for s in turn.rulebook.schedules.values() if words in s.names]
    if not found:
        raise Refusal(f"没有叫“{words}”的提醒。说“我的提醒”可以看都有哪些。")
    return found[0]


def _stop(row: ReminderRow, schedule: Schedule, turn: Turn) -> str:
    turn.work.reminders.stop(turn.person.id, schedule.key, row.subject, turn.now)
    return _stopped(schedule, row.subject)


def _stopped(schedule: Schedule, subject: str) -> str:
    if subject:
        return f"好，「{schedule.label}」的这一件不再提醒了，其他的照常。"
    return f"好，不再给你发「{schedule.label}」。想要的时候说“恢复{schedule.label}”。"


def _short(row: ReminderRow, schedule: Schedule, turn: Turn) -> str:
    """What a button calls it: WeCom shows ten letters."""
    if not row.subject:
        return schedule.label
    kind, _, name = row.subject.partition(":")
    code: str | None = name if kind == "customer" else None
    if kind == "record" and (record := turn.work.records.get(int(name))):
        code = record.customer_code
    customer = turn.lexicon.customers.get(code or "")
    return customer.name if customer else schedule.label


def _when(at: datetime, turn: Turn) -> str:
    zone = turn.person.zone(turn.zone)
    return moment(at.astimezone(zone).isoformat(), turn.now, zone)
