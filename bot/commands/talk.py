"""`say`: one message from the command line, all the way through inbox, turn and courier."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import WRONG_USAGE, Trouble, database, moment, note, person_named, settings_of

if TYPE_CHECKING:
    from bot.wiring import House

LEASE = timedelta(minutes=5)
CHANNELS = {"wecom": "企业微信", "dingtalk": "钉钉"}


def say(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="要说的话；卡片上的按钮也用话说：确认、修改、放弃、撤销。")],
    person: Annotated[str, typer.Option("--as", help="谁在说：编号、姓名或平台账号。")],
    now: Annotated[str | None, typer.Option("--now", help="当作这个时间，例如 2026-03-10T09:30。")] = None,
) -> None:
    """替一个人说一句话，看小访怎么回。和真实消息走同一条路。"""
    from bot.channels.terminal import TerminalChannel
    from bot.wiring import build

    if not person.strip():
        raise Trouble("--as 是空的：请写是谁在说，例如 --as wang。", WRONG_USAGE)
    settings = settings_of(context)
    at = moment(now, ZoneInfo(settings.company.timezone))
    with database(settings) as store:
        speaker = person_named(store, person.strip())
    # Only the terminal is wired: the platforms' own messages are the business of `serve`.
    alone = settings.model_copy(update={"wecom": None, "dingtalk": None})
    house = build(alone, now=lambda: at, channels={"terminal": TerminalChannel()})
    try:
        inbox_id = asyncio.run(_arrive(house, text, speaker.id, at))
        _turn(house, inbox_id)
        while house.courier.run_once():
            pass
        _tell_of_others(house, inbox_id)
    finally:
        house.close()


async def _arrive(house: "House", text: str, person: str, at: datetime) -> int:
    """Into the real inbox; the row's id."""
    from sqlmodel import col, select

    from domain.messages import Inbound
    from storage.tables import InboxRow

    key = uuid.uuid4().hex
    message = Inbound(
        channel="terminal", tenant="local", key=key, sender=person, kind="text", sent_at=at, text=text
    )
    await house.inbox.accept(message)
    await house.inbox.close()
    with house.store.read() as session:
        return session.exec(select(InboxRow.id).where(col(InboxRow.key) == key)).one() or 0


def _turn(house: "House", inbox_id: int) -> None:
    """This message's turn, and nobody else's. What goes wrong is told here, so the row does not stay open."""
    from sqlmodel import col

    from bot import failures
    from storage.claims import claim, finish
    from storage.tables import InboxRow

    mine: Any = (col(InboxRow.id) == inbox_id,)
    with house.store.write() as session:
        rows = claim(
            session, InboxRow, worker=house.worker.name, now=house.now(), lease=LEASE, limit=1, where=mine
        )
    if not rows:
        raise Trouble(
            "这个人前面还有没处理完的消息，或者正在运行的 serve 已经接手了这一条。请稍后再试，或先停下 serve。"
        )
    try:
        house.worker.turn(rows[0])
    except Exception:
        reference = failures.bug(f"say, inbox {inbox_id}")
        with house.store.write() as session:
            finish(
                session,
                InboxRow,
                inbox_id,
                worker=house.worker.name,
                state="failed",
                done_at=house.now(),
                error=reference,
            )
        raise Trouble(failures.apology(reference)) from None


def _tell_of_others(house: "House", inbox_id: int) -> None:
    """Whoever else is written to because of this message; `serve` delivers it."""
    from sqlmodel import col, select

    from domain.cards import Card
    from storage.delivery import CONTENT
    from storage.tables import OutboxRow

    query = (
        select(OutboxRow)
        .where(col(OutboxRow.inbox_id) == inbox_id, col(OutboxRow.channel) != "terminal")
        .order_by(col(OutboxRow.id))
    )
    with house.store.read() as session:
        for row in session.exec(query):
            content = CONTENT.validate_json(row.content)
            what = f"卡片“{content.title}”" if isinstance(content, Card) else "一条消息"
            note(f"→ {CHANNELS.get(row.channel, row.channel)} {row.recipient}：{what}，由 serve 送出。")
