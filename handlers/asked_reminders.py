"""Somebody is reminded of what he asked to be reminded of: a to-do of his own that carries a time."""

from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.records import Command, RecordIntent
from domain.intents.reminders import RemindMe
from domain.schedules.definition import Anchored
from handlers import flows, reminder_plan
from handlers.turn import Reply, Turn, View, say
from handlers.wording import moment
from nlu.asked_reminders import asked_reminder
from nlu.understanding import customer_named, understand
from storage.tables import RecordRow
from storage.todos import FORM

TIME = f"{FORM}.remind_at"
WHEN = "什么时候提醒你？带上时间再说一遍，比如“下午3点提醒我给王总回电话”。"
OVER = "这个时间已经过了。换个时间再说一遍，比如“半小时后提醒我{what}”。"
ONCE = "我一次只能记一个时间，每天、每周重复的提醒要请销售运营来设。先记一次的话，比如“明天9点提醒我{what}”。"
SWITCHED_OFF = "公司没有打开这种提醒，请找销售运营。记待办可以说“会议待办：我周五前把报价发给华联”。"


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """Pure. Whoever is asked for a reason may give any words."""
    if view.person is None or (view.dialogue.top and view.dialogue.top.kind != "proposal"):
        return ()
    zone = view.person.timezone
    found = asked_reminder(text, view.now.astimezone(ZoneInfo(zone)) if zone else view.now)
    if found is None:
        return ()
    known: dict[str, Any] = {"lexicon": view.lexicon, "rulebook": view.rulebook, "own": view.own}
    if any(map(_plans, understand(text, now=view.now, customer=None, **known).intents)):
        return ()
    customer = customer_named(found.what, now=view.now, **known)
    return (found.model_copy(update={"customer": customer or ""}),)


def _plans(meant: RecordIntent | Command) -> bool:
    """提醒我周三十点去华联 is a plan, with its day and its customer, and is in the plan of that morning."""
    wanted = {"customer", "happened_at", "planned"}
    return isinstance(meant, RecordIntent) and all(
        name in meant.fields and meant.fields[name].value for name in wanted
    )


def remind_me(intent: RemindMe, turn: Turn) -> Reply:
    """Raises Refusal where it is not clear when, or that time is over."""
    schedules = reminder_plan.in_force(turn.rulebook).values()
    asked = [s for s in schedules if isinstance(s.when, Anchored) and s.when.of == TIME and not s.off]
    if not asked:
        raise Refusal(SWITCHED_OFF)
    if intent.often:
        raise Refusal(ONCE.format(what=intent.what))
    if intent.at is None:
        raise Refusal(WHEN)
    if intent.at <= turn.now:
        raise Refusal(OVER.format(what=intent.what))
    data = {"title": intent.what, "owner": turn.person.id, "remind_at": intent.at.isoformat()}
    row = RecordRow(
        form=FORM,
        form_version=turn.rulebook.form_of(FORM).version,
        reporter_id=turn.person.id,
        customer_code=intent.customer or None,
        happened_at=turn.now,
        status="confirmed",
        data=data | ({"customer": intent.customer} if intent.customer else {}),
        sources=dict.fromkeys(data, intent.words),
    )
    turn.work.records.add([row])
    for schedule in asked:
        turn.work.reminders.resume(turn.person.id, schedule.key)
        reminder_plan.fall_due(row, schedule, turn)
    reply = flows.begin_all(flows.beginning("submitted", row, turn), row, turn)
    at = moment(intent.at.isoformat(), turn.now, turn.person.zone(turn.zone))
    return say(turn, f"好，{at} 提醒你：{intent.what}。\n不用了就说“取消{intent.what}的待办”。") + reply
