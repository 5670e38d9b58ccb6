"""`understand`: what texts mean, one JSON object a line. Writes nothing."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import (
    WRONG_USAGE,
    Trouble,
    database,
    moment,
    person_named,
    print_json,
    settings_of,
)

if TYPE_CHECKING:
    from config.settings import Settings
    from domain.people import Person
    from storage.store import Store


@dataclass(frozen=True)
class Line:
    text: str
    person: str | None
    now: datetime
    """In the company's zone."""


def understand(
    context: typer.Context,
    person: Annotated[str | None, typer.Option("--as", help="谁在说：编号、姓名或平台账号。")] = None,
    now: Annotated[str | None, typer.Option("--now", help="当作这个时间。")] = None,
    todos: Annotated[bool, typer.Option("--todos", help="从会议记录里找待办。")] = False,
    amounts: Annotated[bool, typer.Option("--amounts", help="只看一个时间、金额或数量的说法。")] = False,
) -> None:
    """从标准输入逐行读文字（或 JSON 行 {"text","as","now"}），输出理解的结果。什么也不写。"""
    if todos and amounts:
        raise Trouble("--todos 和 --amounts 一次只能用一个。", WRONG_USAGE)
    settings = settings_of(context)
    lines = _lines(sys.stdin, person, now, ZoneInfo(settings.company.timezone))
    if amounts:
        _print(lines, _amounts(settings))
        return
    with database(settings) as store:
        _print(lines, _todos(settings, store) if todos else _meanings(settings, store))


def _print(lines: Iterator[Line], answer: Callable[[Line], dict[str, Any]]) -> None:
    for line in lines:
        print_json({"text": line.text, **answer(line)})


def _lines(source: Any, person: str | None, now: str | None, zone: ZoneInfo) -> Iterator[Line]:
    for number, raw in enumerate(source, 1):
        text, who, when = raw.strip().removeprefix("\ufeff"), person, now
        if not text:
            continue
        given = _object(text)
        if given is not None:
            text, who, when = given.get("text"), given.get("as", person), given.get("now", now)
            if not all(isinstance(v, str) for v in (text, who or "", when or "")):
                words = f'第 {number} 行：应当是 {{"text": "…", "as": "…", "now": "…"}}，值都是文字。'
                raise Trouble(words, WRONG_USAGE)
        yield Line(text, who, moment(when, zone).astimezone(zone))


def _object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and "text" in found else None


def _meanings(settings: "Settings", store: "Store") -> Callable[[Line], dict[str, Any]]:
    from bot.knowledge import Knowledge
    from nlu.understanding import understand as meaning_of
    from storage.people import Customers

    knowledge = Knowledge(settings.rulebook_dir)
    people = _people(store)
    with store.read() as session:
        rules, lexicon = knowledge.current(session)

    def answer(line: Line) -> dict[str, Any]:
        speaker = people(line)
        with store.read() as session:
            own = frozenset(c.code for c in Customers(session).owned_by(speaker.id))
        found = meaning_of(line.text, now=line.now, lexicon=lexicon, rulebook=rules, own=own, customer=None)
        intents = [
            {
                "intent": intent.intent,
                "form": getattr(intent, "form", None),
                "fields": {name: said.value for name, said in intent.fields.items()},
            }
            for intent in found.intents
        ]
        return {"intents": intents, "question": found.question.field if found.question else None}

    return answer


def _todos(settings: "Settings", store: "Store") -> Callable[[Line], dict[str, Any]]:
    """Owners by their names as in the roster; whoever is not clear is null, and so is a day."""
    from bot.knowledge import Knowledge
    from nlu.todos.reading import todos_in

    knowledge = Knowledge(settings.rulebook_dir)
    people = _people(store)
    with store.read() as session:
        rules, lexicon = knowledge.current(session)

    def answer(line: Line) -> dict[str, Any]:
        speaker = people(line).id if line.person else None
        own = lexicon.owned_by(speaker) if speaker else frozenset()
        found = todos_in(line.text, now=line.now, lexicon=lexicon, rulebook=rules, speaker=speaker, own=own)
        return {"todos": [_todo({k: s.value for k, s in r.fields.items()}, lexicon.people) for r in found]}

    return answer


def _todo(values: dict[str, Any], people: "dict[str, Person]") -> dict[str, Any]:
    owner = people.get(values.get("owner") or "")
    return {"title": values["title"], "owner": owner.name if owner else None, "due": values.get("due")}


def _amounts(settings: "Settings") -> Callable[[Line], dict[str, Any]]:
    from bot.commands.amounts import amount
    from config import rulebook

    rules = rulebook.load(settings.rulebook_dir)
    return lambda line: amount(line.text, line.now, rules)


def _people(store: "Store") -> Callable[[Line], "Person"]:
    known: dict[str, Person] = {}

    def speaker(line: Line) -> "Person":
        if line.person is None:
            raise Trouble("没有说是谁在说：请加上 --as PERSON，或在每行 JSON 里写 as。", WRONG_USAGE)
        if line.person not in known:
            known[line.person] = person_named(store, line.person)
        return known[line.person]

    return speaker
