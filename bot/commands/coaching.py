"""`objection`: what to say to one. `practise score`: points for a practice talk, and the words they rest on."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import WRONG_USAGE, Trouble, database, note, print_json, read_bytes, settings_of

if TYPE_CHECKING:
    from coaching.coach import Coach
    from coaching.scoring import Talk

practising = typer.Typer(no_args_is_help=True, help="对练。")


def objection(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="客户的原话，或者“他嫌贵怎么说”。")],
    top: Annotated[int, typer.Option("--top", min=1, max=20, help="最多给几张。")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。")] = False,
) -> None:
    """异议怎么回：最合适的几张话术卡。不是异议就一张也没有。"""
    from config import rulebook
    from handlers.coaching import as_said, cards_for
    from nlu.language.lexicon import Lexicon

    rules = rulebook.load(settings_of(context).rulebook_dir)
    nobody = Lexicon.build(customers=[])
    found = cards_for(text, _coach(context), datetime.now(UTC), nobody, rules, top=top)
    told = [{**as_said(card.card, {}), "score": card.score} for card in found]
    if as_json:
        print_json(told)
        return
    if not told:
        note("这句没听出异议。可以把客户的原话写出来，比如“比蒙牛贵”“老板不在，做不了主”。")
    for number, card in enumerate(told, 1):
        typer.echo(f"{number}. {card['line']}\n   追问：{card['question']}\n   拿给他看：{card['proof']}")


@practising.command("score")
def score(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help='JSON：{"type", "turns": [{"who": "rep|customer", "text"}]}')],
) -> None:
    """给一段对练打分，输出 JSON：总分、五个维度、每一条的原话和更好的说法。"""
    print_json(_coach(context).score(_talk(file)).model_dump(mode="json"))


def _talk(file: Path) -> "Talk":
    """Raises Trouble with every mistake in the file."""
    from pydantic import ValidationError

    from coaching.scoring import Talk

    try:
        given: Any = json.loads(read_bytes(file))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"{file} 不是 JSON：{error}。", WRONG_USAGE) from None
    try:
        return Talk.model_validate(given)
    except ValidationError as error:
        wrong = "\n".join(f"{'.'.join(map(str, e['loc']))}：{e['msg']}" for e in error.errors())
        shape = '{"type": "price|trust|timing", "turns": [{"who": "rep|customer", "text": "…"}]}'
        raise Trouble(f"{file} 的写法不对，应当是 {shape}：\n{wrong}", WRONG_USAGE) from None


def _coach(context: typer.Context) -> "Coach":
    from coaching.coach import Coach
    from config import library
    from nlu.language.sounds import sound

    return Coach(library.load(settings_of(context).rulebook_dir), sound)


@practising.command("ramp")
def ramp(context: typer.Context) -> None:
    """入职到第一张订单用了多少天：中位数、人数，还没有订单的人也算在内。"""
    from handlers.training_figures import first_orders, ramp_in_words

    settings = settings_of(context)
    with database(settings) as store, store.read() as session:
        found = first_orders(session, datetime.now(UTC), ZoneInfo(settings.company.timezone))
    typer.echo(ramp_in_words(found))


@practising.command("calibration")
def calibration(context: typer.Context) -> None:
    """培训老师对申诉的裁定，每行一个 JSON：评分项、学员原话、算不算。改评分表时当样本用。"""
    from storage.training import appeals

    with database(settings_of(context)) as store, store.read() as session:
        decided = [one for one in appeals(session) if one.state != "open"]
    for one in decided:
        met = one.state == "granted"
        typer.echo(json.dumps({"check": one.check_id, "quote": one.quote, "met": met}, ensure_ascii=False))
