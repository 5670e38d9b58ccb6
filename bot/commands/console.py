"""What the commands share: their settings, their database, times, progress bars, and errors without tracebacks."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from config.settings import Settings
    from domain.people import Person
    from nlu.senses.config import SensesConfig
    from storage.store import Store

FAILED = 1
WRONG_USAGE = 2


class Trouble(Exception):
    """A command cannot do what it was asked. `words` are Chinese: what happened, why, what to do."""

    def __init__(self, words: str, code: int = FAILED) -> None:
        super().__init__(words)
        self.words = words
        self.code = code


def settings_of(context: typer.Context) -> "Settings":
    """The settings that this command line names. Raises SettingsError."""
    from config import settings_file

    return settings_file.load(context.find_root().obj, os.environ)


@contextmanager
def database(settings: "Settings", *, create: bool = False) -> Iterator["Store"]:
    """The company's database, at its newest version; a new one is set up where `create` says so."""
    from sqlalchemy.exc import SQLAlchemyError

    from storage import migrate
    from storage.store import Store

    if not create:
        _must_exist(settings.database_url)
    store = Store(settings.database_url)
    try:
        try:
            current, newest = migrate.versions(store)
            if create and current is None:
                migrate.upgrade(store)
                current = newest
        except SQLAlchemyError as error:
            raise Trouble(unreachable(store, error)) from None
        if current != newest:
            raise Trouble(
                f"数据库的版本是 {current or '空的'}，程序需要 {newest}。请先运行 xiaofang migrate，再重试。"
            )
        yield store
    finally:
        store.close()


@contextmanager
def books(settings: "Settings") -> Iterator["Store | None"]:
    """The company's database where there is one to look in, else None with a note why; never set up, never changed."""
    with ExitStack() as stack:
        store = None
        try:
            store = stack.enter_context(database(settings)) if _is_there(settings.database_url) else None
        except Trouble as trouble:
            note(f"没有和已有的报销核对：{trouble.words}")
        yield store


def unreachable(store: "Store", error: Exception) -> str:
    """Why the database cannot be had; the URL without its password."""
    why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    where = store.url.render_as_string(hide_password=True)
    return f"连不上数据库 {where}：{why}。请检查 database_url、数据库是否在运行，以及文件夹的写权限。"


def _must_exist(url: str) -> None:
    """SQLite makes an empty file of any wrong path; say so instead."""
    if not _is_there(url):
        raise Trouble(f"还没有数据库（{_file_of(url)}）。请先运行 xiaofang migrate，或检查 database_url。")


def _is_there(url: str) -> bool:
    return not url.startswith("sqlite:///") or ":memory:" in url or _file_of(url).exists()


def _file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///").partition("?")[0])


def moment(text: str | None, zone: ZoneInfo) -> datetime:
    """An ISO time from the command line, UTC; without an offset it is the company's own time. None = now."""
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(
            f"看不懂时间“{text}”。请写成 2026-03-10T09:30，需要时带时区：2026-03-10T09:30+08:00。",
            WRONG_USAGE,
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def person_named(store: "Store", words: str) -> "Person":
    """Who is meant: our id, else a platform's id, a name or a nickname that only one person has."""
    from storage.people import all_names

    with store.read() as session:
        everybody: list[Person] = all_names(session)["people"]
    if not everybody:
        raise Trouble("公司里还没有人。请先运行 xiaofang import people FILE.csv，或 xiaofang demo。")
    by_id = [p for p in everybody if p.id == words]
    by_account = [p for p in everybody if words.lower() == p.wecom_userid or words == p.dingtalk_userid]
    by_name = [p for p in everybody if words == p.name or words in p.nicknames]
    found = by_id or by_account or by_name
    if len(found) == 1:
        return found[0]
    if found:
        raise Trouble(f"“{words}”有 {len(found)} 个人：{'、'.join(p.id for p in found)}。请写编号。")
    some = "、".join(f"{p.id}（{p.name}）" for p in everybody[:8])
    raise Trouble(f"没有“{words}”这个人。现有：{some}{' 等' if len(everybody) > 8 else ''}。")


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def note(words: str) -> None:
    """For the person at the terminal; standard output stays clean for what was asked for."""
    typer.echo(words, err=True)


@contextmanager
def progress(what: str, total: int | None, *, of_bytes: bool = False) -> Iterator[Any]:
    """A bar on a terminal, nothing elsewhere; call the value with how much was done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with _bar(of_bytes) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def _bar(of_bytes: bool) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    done = DownloadColumn() if of_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), done, Remaining())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Trouble(f"读不了文件 {file}（{error.strerror}）。请检查路径和权限。") from None


def senses_config(settings: "Settings") -> "SensesConfig":
    from bot.senses import config_of

    return config_of(settings)
