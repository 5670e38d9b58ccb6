"""Rules that operations change by chat: a new alert, one stopped, back to what was before. Shown first, then a tap."""

from collections.abc import Mapping

import yaml

from config.rulebook import RulebookError
from domain.alerts import Alert
from domain.cards import Button, Card, Line, Tone
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Tap
from domain.intents.rules import AlertList, NewAlert, RollBack, StopAlert
from domain.messages import Action
from handlers import publishing
from handlers.publishing import MAY_PUBLISH
from handlers.turn import Reply, Turn, View, outcome, say, show
from nlu.alerting import sentences
from nlu.dialogue.replies import reply_word
from storage import rulebooks
from storage.rulebooks import RulebookVersionRow

BUTTONS = (
    Button(id="confirm", text="发布", style="primary"),
    Button(id="drop", text="放弃", style="danger"),
)
NOT_YOURS = "规则要由销售运营或管理员来改，请找他们。"


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """What words mean about the rules, or a word for the card that shows a draft. Pure."""
    top = view.dialogue.top
    if top and top.kind == "rulebook":
        word = "confirm" if text.strip("。！! ") in ("发布", "发布吧") else reply_word(text)
        if word in ("confirm", "drop"):
            return (Tap(action=Action(button=word, ref=f"rulebook:{top.id}")),)
    if sentences.asks(text):
        if view.alert is None:
            return (NewAlert(words=text, problem=NOT_YOURS),)
        asked, preview = view.alert
        return (
            NewAlert(
                words=text, alert=asked.alert, meaning=asked.meaning, preview=preview, problem=asked.problem
            ),
        )
    if label := sentences.stops(text):
        return (StopAlert(words=label),)
    if sentences.lists(text):
        return (AlertList(),)
    return (RollBack(),) if sentences.rolls_back(text) else ()


def new_alert(intent: NewAlert, turn: Turn) -> Reply:
    """Show the alert as it was understood and what it would have done. Raises Refusal where it cannot be made."""
    if intent.problem or intent.alert is None:
        raise Refusal(intent.problem)
    alert = intent.alert
    same = next((a for a in turn.rulebook.alerts.values() if a.key == alert.key and not a.off), None)
    if same:
        raise Refusal(f"已经有一样的提醒了：「{same.label}」。")
    lines = tuple(Line(label=label, value=words) for label, words in intent.meaning)
    lines += (Line(label="提醒的话", value=alert.words.replace("{", "〔").replace("}", "〕")),)
    lines += tuple(Line(label="试算", value=words) for words in intent.preview)
    return _drafted(alert, intent.words, f"新增提醒 · {alert.label}", lines, turn)


def stop_alert(intent: StopAlert, turn: Turn) -> Reply:
    _must_publish(turn)
    alert = _named(intent.words, turn.rulebook.alerts)
    stopped = alert.model_copy(update={"off": True})
    lines = (Line(label="停用", value=f"「{alert.label}」不再提醒任何人"),)
    return _drafted(stopped, f"停用提醒「{alert.label}」", f"停用提醒 · {alert.label}", lines, turn)


def _named(words: str, alerts: Mapping[str, Alert]) -> Alert:
    on = [a for a in alerts.values() if not a.off]
    found = [a for a in on if a.label == words] or [a for a in on if words in a.label]
    if len(found) == 1:
        return found[0]
    known = "、".join(f"「{a.label}」" for a in (found or on)) or "（没有）"
    raise Refusal(
        f"{'有几条提醒都叫这个' if found else f'没有叫“{words}”的提醒'}。现在有：{known}。请说全名。"
    )


def _drafted(alert: Alert, why: str, title: str, lines: tuple[Line, ...], turn: Turn) -> Reply:
    _must_publish(turn)
    now_in_force = turn.in_force()
    name = f"alerts/{alert.key}.yaml"
    files = {**now_in_force.files, name: _written(alert)}
    try:
        draft = publishing.draft(
            turn.work.session, files, now_in_force, who=turn.person.id, why=why, now=turn.now
        )
    except RulebookError as error:
        raise Refusal(f"这条规则过不了检查：{error.problems[0].words}") from None
    turn.dialogue = turn.dialogue.opened("rulebook", draft.row.id or 0)
    subtitle = "发布后马上对所有人生效，可以随时退回"
    return show(turn, _card(draft.row, title, lines, subtitle=subtitle))


def _written(alert: Alert) -> bytes:
    data = alert.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100).encode()


def _card(
    row: RulebookVersionRow,
    title: str,
    lines: tuple[Line, ...] = (),
    *,
    subtitle: str = "",
    status: str = "",
    tone: Tone = "info",
) -> Card:
    buttons = () if status else BUTTONS
    ref = f"rulebook:{row.id}"
    return Card(
        ref=ref,
        revision=1,
        title=title,
        subtitle=subtitle,
        lines=lines,
        status=status,
        tone=tone,
        buttons=buttons,
    )


def confirm(action: Action, draft_id: int, turn: Turn) -> Reply:
    _must_publish(turn)
    row = publishing.publish(turn.work.session, draft_id, turn.in_force(), who=turn.person.id, now=turn.now)
    turn.dialogue = turn.dialogue.closed("rulebook", draft_id)
    words = f"已发布，{turn.person.name}，版本 {row.id}"
    card = _card(row, row.why, status=words, tone="success")
    return outcome(turn, card) + say(turn, "已发布，马上生效。说“退回上一版规则”就能回到发布前。")


def drop(action: Action, draft_id: int, turn: Turn) -> Reply:
    _must_publish(turn)
    row = rulebooks.version(turn.work.session, draft_id)
    publishing.drop(turn.work.session, draft_id)
    assert row is not None
    turn.dialogue = turn.dialogue.closed("rulebook", draft_id)
    return outcome(turn, _card(row, row.why, status="已放弃，规则没有变", tone="warning"))


def roll_back(intent: RollBack, turn: Turn) -> Reply:
    _must_publish(turn)
    last = rulebooks.history(turn.work.session, 1)
    row = publishing.roll_back(
        turn.work.session, turn.in_force(), who=turn.person.id, why="在聊天里说退回", now=turn.now
    )
    undone = f"「{last[0][0].why}」" if last else ""
    return say(turn, f"已退回：撤掉了{undone}，现在用的是「{row.why}」（版本 {row.id}），马上生效。")


def alerts_known(intent: AlertList, turn: Turn) -> Reply:
    on = [a for a in turn.rulebook.alerts.values() if not a.off]
    if not on:
        return say(
            turn, "还没有提醒规则。运营可以这样说：新增提醒：春节前30天，A类客户库存不足15天就提醒负责人"
        )
    return say(
        turn,
        "\n".join([f"提醒规则（{len(on)}）", *(f"· {a.label}" for a in on), "要停用就说“停用提醒：名字”。"]),
    )


def _must_publish(turn: Turn) -> None:
    if turn.person.role not in MAY_PUBLISH:
        raise Refusal(NOT_YOURS)
