"""Today's ten minutes in words, one after the other, and how far somebody has come."""

from coaching.path import TYPES, passed, skill
from domain.intents.practice import PracticeWord
from domain.training import Item
from handlers import practice_drills, practice_talk
from handlers.practice_plan import dated, done_today, items_today, scenes_known, stage_of
from handlers.turn import Reply, Turn, say

TYPE_WORDS = {"price": "价格", "trust": "信任和质量", "timing": "时间和决策"}
DONE = "今天的练完了。想加练说“来一局”。"
NOTHING = "今天没有安排要练的。想练随时说“来一局”。"
START = "说“开始今天的练习”就开始，练一半说“暂停”。"
NO_TALKS = "还没有练过。说“来一局”，练完就有记录。"
TREND = 6
"""Talks of which the points are told one by one."""


def plan_in_words(turn: Turn) -> str:
    """What is left for today; empty where there is nothing."""
    items = items_today(turn)
    if not items:
        return ""
    day, stage = stage_of(turn)
    lines = [f"入职第 {day} 天 · {stage.label}"] if stage else []
    lines += [f"{number}. {_in_words(item, turn)}" for number, item in enumerate(items, 1)]
    if stage and stage.task:
        lines.append(f"另外：{stage.task}。")
    return "\n".join([*lines, START])


def today(intent: PracticeWord, turn: Turn) -> Reply:
    words = plan_in_words(turn)
    return say(turn, words or (DONE if done_today(turn) else NOTHING))


def next_item(intent: PracticeWord, turn: Turn) -> Reply:
    """Begin what comes first in what is left for today."""
    items = items_today(turn)
    if not items:
        return say(turn, DONE if done_today(turn) else NOTHING)
    first = items[0]
    name = first.subject.partition(":")[2]
    if first.kind == "drill":
        return practice_drills.begin(turn.coach().library.cards_by_id[name], turn)
    scene = scenes_known(turn)[name]
    return practice_talk.begin(scene, practice_talk.level_of(scene, first.level, turn), first.mode, turn)


def progress(intent: PracticeWord, turn: Turn) -> Reply:
    """Skill by type over time, and how far the gates are."""
    talks = dated(turn)
    if not talks:
        return say(turn, NO_TALKS)
    gate = turn.coach().library.path.gate
    lines = [f"练了 {len(talks)} 局"]
    for kind in TYPES:
        points = [t.past.overall for t in talks if t.past.type == kind]
        if not points:
            lines.append(f"{TYPE_WORDS[kind]}：还没练过")
            continue
        way = "→".join(str(p) for p in reversed(points[:TREND]))
        at = passed(gate, kind, talks)
        state = "已过关" if at.done else f"过关 {len(at.scenes)}/{gate.scenes} 个场景"
        lines.append(f"{TYPE_WORDS[kind]}：{skill(kind, talks)} 分（{way}），{state}")
    lines.append(
        f"过关：同一类 {gate.scenes} 个不同场景都谈成且 {gate.points} 分以上，前后隔 {gate.days_apart} 天，没踩红线。"
    )
    return say(turn, "\n".join(lines))


def _in_words(item: Item, turn: Turn) -> str:
    name = item.subject.partition(":")[2]
    why = f"（{item.because}）" if item.because else ""
    if item.kind == "talk":
        exam = "考试" if item.mode == "exam" else "对练"
        return f"{exam}：{scenes_known(turn)[name].label}{why}"
    card = turn.coach().library.cards_by_id[name]
    return f"话术：客户说“{card.triggers[0]}”{why}"
