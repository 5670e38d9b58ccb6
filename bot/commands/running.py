"""`serve`, `demo`, `migrate`, `bench`: running the house, whole or in parts."""

import signal
import sys
import threading
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import WRONG_USAGE, Trouble, database, note, settings_of, unreachable

if TYPE_CHECKING:
    from bot.wiring import House

CATCH = "xiaofang doctor 会检查各项设置；xiaofang doctor --live 会检查平台能不能进来。"


class Role(StrEnum):
    web = "web"
    work = "work"


def serve(
    context: typer.Context,
    only: Annotated[
        Role | None, typer.Option("--only", help="只接收消息（web）或只处理和发送（work）。不写时全部都做。")
    ] = None,
) -> None:
    """运行小访：接收、理解、记录、送出、定时。"""
    _log()
    from bot.wiring import build

    settings = settings_of(context)
    if not settings.wecom and not settings.dingtalk:
        raise Trouble(
            "wecom 和 dingtalk 都没有设置，没有可以接消息的地方。只想看看的话，请运行 xiaofang demo。"
        )
    with database(settings):
        pass  # reachable and at the newest version, or said why not
    house = build(settings)
    try:
        if only is Role.work:
            _work(house)
        else:
            _web(house, work=only is None)
    finally:
        house.close()


def _web(house: "House", *, work: bool) -> None:
    import uvicorn

    from bot.app import web_app

    listen = house.settings.listen
    note(f"小访在 http://{listen.host}:{listen.port} 接收消息。{CATCH}")
    config = uvicorn.Config(
        web_app(house, work=work),
        host=listen.host,
        port=listen.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # costs every callback; who was refused is read from the header where it matters
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit:
        started = False
    else:
        started = server.started
    if not started:
        raise Trouble(
            f"没能在 {listen.host}:{listen.port} 上监听，多半是端口被占用。请停下占用它的程序，"
            "或改 listen.port（XIAOFANG_LISTEN__PORT）。"
        )


def _work(house: "House") -> None:
    from bot.crew import Crew

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    house.take_over()
    crew = Crew(house.posts())
    crew.start()
    note("小访在处理和发送消息（不接收）。")
    while not stop.wait(3600):
        pass
    crew.stop()


def _log() -> None:
    """One line an event, to standard error; where it goes from there is the service manager's business."""
    import logging

    form = "%(asctime)s %(levelname)s %(name)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form)
    for chatty in ("httpx", "httpcore", "alembic"):  # httpx writes whole addresses, tokens included
        logging.getLogger(chatty).setLevel(logging.WARNING)


def migrate(context: typer.Context) -> None:
    """把数据库升到最新版本；可以重复运行。"""
    from sqlalchemy.exc import SQLAlchemyError

    from storage import migrate as schema
    from storage.store import Store

    store = Store(settings_of(context).database_url)
    try:
        before, newest = schema.versions(store)
        if before == newest:
            typer.echo(f"数据库已经是最新版本 {newest}。")
            return
        schema.upgrade(store)
        typer.echo(f"数据库已从 {before or '空的'} 升到 {newest}。")
    except SQLAlchemyError as error:
        raise Trouble(unreachable(store, error)) from None
    finally:
        store.close()


RAW = {"allow_extra_args": True, "ignore_unknown_options": True}


def bench(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="spine、reservations、saturation、senses、photos、checks、visits 等；后面的参数原样交给它。"
        ),
    ],
) -> None:
    """量一量速度，和对照放在一起打印。"""
    module = f"bot.benchmarks.{name}"
    known = _benchmarks()
    if name not in known:
        raise Trouble(f"没有 bench {name}。可用的是：{'、'.join(known) or '（暂无）'}。", WRONG_USAGE)
    raise typer.Exit(_run(module, context.args))


def _run(module: str, args: list[str]) -> int:
    """The exit code of a module's `main`, which may take arguments."""
    # Some draw what they measure with the generators of the tests, which lie beside the packages in a checkout.
    sys.path.append(str(Path(__file__).parents[2]))
    main = import_module(module).main
    found = main(list(args)) if signature(main).parameters else main()
    return int(found or 0)


def _benchmarks() -> list[str]:
    """Modules under bot/benchmarks that can be run."""
    import bot.benchmarks

    folder = Path(next(iter(bot.benchmarks.__path__)))
    return sorted(
        file.stem for file in folder.glob("*.py") if "\ndef main(" in file.read_text(encoding="utf-8")
    )


def demo(context: typer.Context) -> None:
    """在一个进程里运行样例公司和网页：不需要任何账号。"""
    if find_spec("bot.demo") is None:
        raise Trouble("这个版本没有带样例（缺少 bot/demo.py）。")
    raise typer.Exit(_run("bot.demo", context.args))
