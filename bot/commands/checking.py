"""`doctor`: is everything in order, and if not, what is to be done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import FAILED, database, senses_config, settings_of
from bot.commands.models import states

if TYPE_CHECKING:
    from bot.channels.base import Channel
    from bot.going_live import Step
    from config.settings import Settings

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "bad": ("✗", "red")}
TICK = 1.0


def doctor(
    context: typer.Context,
    live: Annotated[
        bool, typer.Option("--live", help="扮演平台访问自己的公网地址，再等第一条真实消息。")
    ] = False,
    wait: Annotated[int, typer.Option("--wait", min=0, help="--live 时最多等几秒；0 不等。")] = 120,
) -> None:
    """检查设置、数据库、模型、磁盘、人员和平台凭证，每个问题都给出办法。"""
    settings = settings_of(context)
    ok = _live(settings, wait) if live else _examine(settings)
    if not ok:
        raise typer.Exit(FAILED)


def _examine(settings: "Settings") -> bool:
    from bot.doctor import examine
    from storage.store import Store

    store, counted = Store(settings.database_url), {"ok": 0, "warn": 0, "bad": 0}
    with _channels(settings) as channels:
        found = examine(
            settings,
            store,
            now=datetime.now(UTC),
            models=lambda: states(senses_config(settings)),
            channels=channels,
        )
        for one in found:
            counted[one.state] += 1
            tell(one.state, f"{one.name}  {one.words}", one.remedy)
    store.close()
    typer.echo(f"共 {sum(counted.values())} 项：{counted['bad']} 项要处理，{counted['warn']} 项要留意。")
    return not counted["bad"]


@contextmanager
def _channels(settings: "Settings") -> Iterator[Callable[[], dict[str, "Channel"]]]:
    """The channels as `serve` would wire them, put together when they are first asked for."""
    houses = []

    def channels() -> dict[str, "Channel"]:
        from bot.wiring import build

        houses.append(build(settings))
        return houses[0].channels

    yield channels
    for house in houses:
        house.close()


def tell(state: str, words: str, remedy: str) -> None:
    mark, colour = MARKS[state]
    typer.echo(f"{typer.style(mark, fg=colour)} {words}")
    if remedy and state != "ok":
        typer.echo(f"    → {remedy}")


def _live(settings: "Settings", wait: int) -> bool:
    from bot import going_live

    ok = True
    for step in going_live.play(settings, lambda: datetime.now(UTC)):
        ok &= _tell_step(step)
    if not wait:
        return ok
    with database(settings) as store:
        after = going_live.newest(store)
        typer.echo(f"现在请在企业微信或钉钉里给小访发一句“帮助”，最多等 {wait} 秒……")
        until = time.monotonic() + wait

        def tick() -> bool:
            time.sleep(TICK)
            return time.monotonic() < until

        for step in going_live.watch(store, after, tick):
            ok &= _tell_step(step)
    return ok


def _tell_step(step: "Step") -> bool:
    from bot.going_live import described

    verdict = step.verdict
    state = "bad" if not verdict.ok else "warn" if verdict.warning else "ok"
    tell(state, f"{step.name}  {verdict.words}", verdict.remedy)
    for line in described(step.seen) if step.seen else []:
        typer.echo(f"      {line}")
    return verdict.ok
