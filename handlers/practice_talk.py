"""Practice talks in the chat: a customer who answers, until he agrees or has had enough.

While one is open on top of the dialogue, what somebody writes or says is said to that customer. A real visit that is
told meanwhile is written down like any other while the talk waits underneath. After half an hour without a word it
waits too.
"""

from datetime import timedelta
from typing import Any

from coaching.choosing import level_for, named, next_scene
from coaching.roleplay import Step
from domain.coaching import Spoken
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.practice import PracticeLine, PracticeWord
from domain.intents.records import Command, RecordIntent
from domain.roleplay import Mode, Play, Scene
from handlers import practice_drills, practice_results
from handlers.practice_plan import past_of, practices_of, scenes_known
from handlers.turn import Reply, Turn, View, say
from nlu import practising
from nlu.understanding import understand
from storage.practice_tables import PracticeRow

WAITS = timedelta(minutes=30)
"""After so long without a word, words are for work again until somebody says 继续练."""
LONGEST = 500
"""Letters of one line in a talk; nobody listens longer."""
HOW = "（直接打字或发语音跟客户谈。出来说“暂停”，不想练了说“不练了”{hint}。）"
OVER = "这局已经结束了，说“再来一局”可以重新练。"


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """Words about practising, or a line of the talk that is open. Pure."""
    if word := practising.word_about(text):
        return (PracticeWord(word=word),)
    top = view.dialogue.top
    under_way = view.practised_at is not None and view.now - view.practised_at <= WAITS
    if top is None or top.kind != "practice" or not under_way:
        return (Command(intent="practise", words=text),) if practising.begins(text) else ()
    if word := practising.word_in_talk(text):
        return (PracticeWord(word=word, practice=top.id),)
    return () if _is_work(text, view) else (PracticeLine(practice=top.id, words=text[:LONGEST]),)


def start(intent: Command, turn: Turn) -> Reply:
    """A talk as it was asked for; else the one that is due, or was longest ago. An unfinished one is given up."""
    wish = practising.wish(intent.words)
    scenes = scenes_known(turn)
    past = past_of(turn)
    scene = named(intent.words, scenes.values()) or next_scene(
        list(scenes.values()), past, wish.type, practice_results.due_scenes(turn)
    )
    return begin(scene, level_of(scene, wish.level, turn), wish.mode, turn)


def level_of(scene: Scene, wanted: int | None, turn: Turn) -> int:
    """As it is wanted; else by his latest talks of the type."""
    if wanted is not None:
        return wanted
    return level_for(scene.type, past_of(turn), len(turn.coach().library.roleplay.levels))


def begin(scene: Scene, level: int, mode: Mode, turn: Turn) -> Reply:
    practice_results.give_up(turn)
    row = PracticeRow(
        person_id=turn.person.id,
        scene_id=scene.id,
        type=scene.type,
        mode=mode,
        level=level,
        seed=turn.inbox_id or 0,
        scene=scene.model_dump(mode="json"),
        started_at=turn.now,
        updated_at=turn.now,
    )
    stage = turn.coach().stage
    step = stage.begin(scene, level=level, mode=mode, seed=row.seed)
    row.level = step.play.level
    _keep(row, step, [Spoken(who="customer", text=step.line)])
    practices_of(turn).begin(row)
    turn.dialogue = turn.dialogue.opened("practice", row.id or 0)
    label = stage.common.levels[row.level].label
    head = f"【对练 · {scene.label} · {label}{' · 考试' if mode == 'exam' else ''}】"
    how = HOW.format(hint="，卡住了说“提示”" if mode == "train" else "")
    lines = [head, scene.situation, f"目标：{scene.goal}", "", *_said(scene, step), "", how]
    return say(turn, "\n".join(lines))


def go_on(intent: PracticeLine, turn: Turn) -> Reply:
    """One line of the learner and the customer's answer, in this commit or not at all."""
    row = practices_of(turn).mine(intent.practice, to_change=True)
    if row is None or row.state != "open":
        raise Refusal(OVER)
    if row.mode == "drill":
        return practice_drills.answered(row, intent.words, turn)
    scene, play, turns, mode = of_row(row)
    step = turn.coach().stage.answer(scene, play, turns, intent.words, mode=mode, seed=row.seed)
    _keep(
        row,
        step,
        [*turns, Spoken(who="rep", text=intent.words), Spoken(who="customer", text=step.line)],
    )
    practices_of(turn).save(row)
    reply = "\n".join(_said(scene, step))
    if not step.play.outcome:
        return say(turn, reply)
    return say(turn, reply) + practice_results.finish(row, step.play.outcome, turn)


def of_row(row: PracticeRow) -> tuple[Scene, Play, list[Spoken], Mode]:
    return (
        Scene.model_validate(row.scene),
        Play.model_validate(row.play),
        [Spoken.model_validate(turn) for turn in row.turns],
        "exam" if row.mode == "exam" else "train",
    )


def _said(scene: Scene, step: Step) -> list[str]:
    return [f"{scene.persona.name}：{step.line}", *([f"提示：{step.hint}"] if step.hint else [])]


def _keep(row: PracticeRow, step: Step, turns: list[Spoken]) -> None:
    row.play = step.play.model_dump(mode="json")
    row.turns = [turn.model_dump(mode="json") for turn in turns]


def _is_work(text: str, view: View) -> bool:
    """Whether it tells of a visit to, or an order of, a customer who is on the list: that is no line of a talk."""
    if not any(name.kind == "customer" for name in view.lexicon.find(text, view.own)):
        return False
    known: dict[str, Any] = {"lexicon": view.lexicon, "rulebook": view.rulebook, "own": view.own}
    meant = understand(text, now=view.now, **known).intents
    return any(
        isinstance(one, RecordIntent)
        and one.form in ("visit", "order")
        and "planned" not in one.fields
        and (said := one.fields.get("customer")) is not None
        and said.value is not None
        for one in meant
    )
