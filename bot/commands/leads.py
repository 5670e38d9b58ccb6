"""`leads figures`: how soon leads are reached."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import database, moment, settings_of

app = typer.Typer(no_args_is_help=True, help="线索：多久联系上。")
DAYS = 30


@app.callback()
def leads() -> None:
    """线索：多久联系上。"""


@app.command()
def figures(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--since", help="从什么时候起，默认最近 30 天。")] = None,
) -> None:
    """首次联系用了多少工作分钟、30 分钟内的比例、没及时联系上的高价值线索，按团队。"""
    from bot.lead_figures import lines
    from config import rulebook

    settings = settings_of(context)
    zone, now = ZoneInfo(settings.company.timezone), datetime.now(UTC)
    start = moment(since, zone) if since else now - timedelta(days=DAYS)
    with database(settings) as store, store.read() as session:
        for line in lines(session, rulebook.load(settings.rulebook_dir), start, now, zone):
            typer.echo(line)
