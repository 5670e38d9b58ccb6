"""`schedule`: what people will be reminded of, before they are."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import WRONG_USAGE, Trouble, database, moment, person_named, settings_of

MOST_DAYS = 60
app = typer.Typer(no_args_is_help=True, help="定时提醒。")


@app.callback()
def group() -> None:
    """定时提醒。"""


@app.command("preview")
def preview(
    context: typer.Context,
    person: Annotated[str, typer.Option("--as", help="给谁的提醒：编号、姓名或平台账号。")],
    days: Annotated[int, typer.Option("--days", help="看几天。")] = 7,
    now: Annotated[str | None, typer.Option("--now", help="当作这个时间，例如 2026-03-10T09:30。")] = None,
) -> None:
    """按现在的规则和数据，列出会在什么时候提醒这个人什么；什么也不写、不发。"""
    from bot.knowledge import Knowledge
    from handlers.reminder_preview import previewed

    if not 1 <= days <= MOST_DAYS:
        raise Trouble(f"--days 应当是 1 到 {MOST_DAYS}。", WRONG_USAGE)
    settings = settings_of(context)
    zone = ZoneInfo(settings.company.timezone)
    at = moment(now, zone) if now else datetime.now(UTC)
    with database(settings) as store:
        who = person_named(store, person.strip())
        with store.read() as session:
            rules, lexicon = Knowledge(settings.rulebook_dir).current(session)
            found = previewed(session, rules, lexicon, zone, who, at, timedelta(days=days))
            typer.echo(f"{who.name} 未来 {days} 天的提醒（{who.zone(zone).key}）：")
            for one in found:
                local = one.at.astimezone(who.zone(zone))
                typer.echo(f"{local:%m-%d %H:%M}  {one.label}：{one.words}")
            if not found:
                typer.echo("没有。")
