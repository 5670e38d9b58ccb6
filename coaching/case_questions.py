"""What the bot asks of somebody who tells a lost deal, one question after the other, and what his words mean. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.coaching import LostCase, ObjectionType, Persona, Spoken

FEWEST, MOST = 8, 14
"""Turns of a transcript."""
DECIDES_NOT = re.compile("做不了主|定不了|不能定|不能拍板|说了不算|不是(?:他|她)定|要问|得问|不拍板|没权")
ANNOYED, FRIENDLY = (
    re.compile("急|凶|烦|冲|脾气大|生气|不耐烦|难缠|强势"),
    re.compile("好说话|热情|随和|客气|健谈|和气"),
)
ROLES = (
    "老板娘",
    "老板",
    "店长",
    "采购经理",
    "采购",
    "经理",
    "主任",
    "总监",
    "主厨",
    "经销商",
    "厂长",
    "主管",
    "店员",
)
TYPES: tuple[tuple[ObjectionType, re.Pattern[str]], ...] = (
    ("price", re.compile("价|贵|钱|利润|毛利|账期|便宜")),
    ("trust", re.compile("信任|质量|品质|信不过|牌子|售后|口碑")),
    ("timing", re.compile("时间|时机|决策|做主|拍板|拖|再看看|没位置|考虑")),
)
_LINE = re.compile(r"^\s*(?P<who>[^：:\s]{1,8})\s*[：:]\s*(?P<text>.+?)\s*$")
_REP = re.compile("我|咱|业务|销售|rep|自己")
_NUMBER = re.compile(r"\d+")


class Unclear(ValueError):
    """The words do not answer the question; the text says what is missing, as the person reads it."""


@dataclass(frozen=True)
class Asking:
    key: str
    ask: str
    read: Callable[[str, Mapping[str, Any]], Any]
    """(words, answers so far) → the value; raises Unclear. A list is added to what was told before."""


def _text(words: str, told: Mapping[str, Any]) -> str:
    if len(words.strip()) < 2:
        raise Unclear("太短了，说一两句就行。")
    return words.strip()


def _type(words: str, told: Mapping[str, Any]) -> str:
    found = next((kind for kind, said in TYPES if said.search(words)), None)
    if found is None:
        raise Unclear("说“价格”“信任质量”或“时间决策”里的一类。")
    return found


def _persona(words: str, told: Mapping[str, Any]) -> dict[str, Any]:
    name = re.split(r"[，,、\s。]", words.strip())[0][:8]
    role = next((r for r in ROLES if r in words), "")
    if not name or not role:
        raise Unclear("要有称呼和身份，比如“周姐，老板，急脾气，她能定”。")
    mood = -1 if ANNOYED.search(words) else 1 if FRIENDLY.search(words) else 0
    decides = not DECIDES_NOT.search(words)
    return {"name": name, "role": role, "mood": mood, "patience": 5, "decides": decides}


def _transcript(words: str, told: Mapping[str, Any]) -> list[dict[str, str]]:
    turns = list(told.get("transcript", []))
    for line in filter(str.strip, words.splitlines()):
        match = _LINE.match(line)
        if match is None:
            raise Unclear(f"“{line.strip()[:20]}”前面没写是谁说的。每行用“我：”或“客户：”开头。")
        text = match["text"] if match["text"][-1] in "。！？!?…~～" else f"{match['text']}。"
        turns.append({"who": "rep" if _REP.search(match["who"]) else "customer", "text": text})
    if not any(turn["who"] == "customer" for turn in turns):
        raise Unclear("还没有客户说的话。每行用“我：”或“客户：”开头。")
    if len(turns) > MOST:
        raise Unclear(f"太长了，挑最要紧的 {FEWEST} 到 {MOST} 句再发一遍。")
    return turns


def _turning_point(words: str, told: Mapping[str, Any]) -> int:
    number = _NUMBER.search(words)
    most = len(told["transcript"])
    if number is None or not 1 <= int(number[0]) <= most:
        raise Unclear(f"说第几句，1 到 {most}。")
    return int(number[0])


def _several(words: str, told: Mapping[str, Any]) -> list[str]:
    found = [part.strip(" 。·-") for part in re.split(r"[；;\n]", words)]
    found = [part for part in found if len(part) >= 2]
    if not found:
        raise Unclear("说一两条就行，几条用分号隔开。")
    return found


def _hidden(words: str, told: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for line in re.split(r"[；;\n]", words):
        match = _LINE.match(line)
        if match:
            found[match["who"]] = match["text"].strip(" 。")
    if not found:
        raise Unclear("写成“走货：一周三箱”“真顾虑：怕压货”这样，一行一条。")
    return found


QUESTIONS: tuple[Asking, ...] = (
    Asking("background", "背景是什么？哪种店、什么货、第几次谈。别写客户真名。", _text),
    Asking("type", "卡在哪一类：价格、信任质量，还是时间决策？", _type),
    Asking(
        "persona",
        "客户怎么称呼、什么身份、脾气怎样、他能不能定？比如“周姐，老板，急脾气，她能定”。",
        _persona,
    ),
    Asking("lost_to", "这单最后给了谁？没给别人就说“没买”。", _text),
    Asking(
        "transcript",
        f"把当时的对话发给我，{FEWEST} 到 {MOST} 句，每行用“我：”或“客户：”开头，可以分几条发。",
        _transcript,
    ),
    Asking("turning_point", "从第几句开始丢的？", _turning_point),
    Asking("why_lost", "为什么丢？几条用分号隔开。", _several),
    Asking("better_move", "当时怎么做会更好？几条用分号隔开。", _several),
    Asking("hidden_facts", "客户有什么没明说、后来才知道的？写成“走货：一周三箱”“真顾虑：怕压货”。", _hidden),
)


def next_question(told: Mapping[str, Any]) -> Asking | None:
    """What is still to be asked; None where everything was told."""
    return next((q for q in QUESTIONS if not _is_told(q, told)), None)


def _is_told(question: Asking, told: Mapping[str, Any]) -> bool:
    if question.key == "transcript":
        return len(told.get("transcript", ())) >= FEWEST
    return question.key in told


def case_of(told: Mapping[str, Any], number: int) -> LostCase:
    """The lost deal, once everything was told."""
    return LostCase(
        id=f"taught_{number}",
        type=told["type"],
        background=told["background"],
        lost_to=told["lost_to"],
        turning_point=told["turning_point"],
        why_lost=tuple(told["why_lost"]),
        better_move=tuple(told["better_move"]),
        persona=Persona.model_validate(told["persona"]),
        hidden_facts=told["hidden_facts"],
        transcript=tuple(Spoken.model_validate(turn) for turn in told["transcript"]),
    )
