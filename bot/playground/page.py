"""The playground page: a rep's WeCom, a manager's DingTalk, and what each message caused.

It talks to the bot only through the two fakes: what the visitor does becomes an encrypted callback or a Stream
frame, and what is shown is what the bot sent over HTTP.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from bot.playground import page_actions
from bot.playground.clock import PlaygroundClock
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.page_view import Person, Place, View, moment_words, state_view
from bot.playground.samples import SHIPPED, load_samples
from bot.playground.wecom import FakeWeCom
from bot.playground.wecom_api import content_type

HERE = Path(__file__).parent

Trail = Callable[[], "list[View] | Awaitable[list[View]]"]
"""Rows {"message_id", "at", "who", "heard", "records": [{"id", "form", "label", "status", "fields": [{"label",
"value", "source"}]}], "evidence": [{"kind", "words", "sha256"}], "audit": [{"at", "who", "field", "old", "new",
"why"}]}, newest first. A plain function is called in a thread; `message_id` is MsgId or msgId of the message."""

__all__ = ["Person", "Place", "Trail", "playground_app"]


def playground_app(
    wecom: FakeWeCom,
    dingtalk: FakeDingTalk,
    *,
    people: Sequence[Person],
    clock: PlaygroundClock,
    trail: Trail,
    customers: Sequence[Place] = (),
    samples: Path = SHIPPED,
    company: str = "青禾乳业",
) -> Starlette:
    """`clock` is the one that both fakes and the bot were given; `samples` holds example files (samples.json)."""
    shelf = load_samples(samples)
    templates = Jinja2Templates(HERE / "templates")
    setup = {
        "people": [vars(person) for person in people],
        "customers": [vars(place) for place in customers],
        "samples": [sample.as_json() for sample in shelf.rows],
    }

    async def index(request: Request) -> Response:
        return templates.TemplateResponse(request, "index.html", {"company": company, "setup": setup})

    async def state(request: Request) -> Response:
        query = request.query_params
        rows = await _rows(trail)
        who = (query.get("wecom", ""), query.get("dingtalk", ""))
        calendars = (query.get("wecom_calendar", ""), query.get("dingtalk_calendar", ""))
        view = state_view(wecom, dingtalk, who, rows, clock.zone, calendars)
        now = clock()
        told = {"now": now.isoformat(), "now_words": moment_words(now, clock.zone)}
        if query.get("seen") == view["version"]:
            return JSONResponse(told | {"version": view["version"]})
        return JSONResponse(told | view)

    async def media(request: Request) -> Response:
        """Pictures and recordings for the page itself; the bot has to ask the platforms."""
        media_id = request.path_params["media_id"]
        stores: tuple[Any, ...] = (wecom.state.media, dingtalk.state.files)
        found = next((store[media_id] for store in stores if media_id in store), None)
        if found is None:
            return Response(status_code=404)
        headers = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
        return Response(found.content, media_type=content_type(found.name), headers=headers)

    async def favicon(_: Request) -> Response:
        return FileResponse(HERE / "static" / "favicon.svg")

    return Starlette(
        routes=[
            Route("/", index),
            Route("/favicon.ico", favicon),
            Route("/api/state", state),
            Route("/api/media/{media_id}", media),
            *page_actions.routes(wecom, dingtalk, clock, shelf),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]
    )


async def _rows(trail: Trail) -> list[View]:
    if inspect.iscoroutinefunction(trail):
        rows: list[View] = await trail()
        return rows
    found = await run_sync(trail)
    return await found if inspect.isawaitable(found) else found
