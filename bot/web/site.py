"""The site under /manage: its pages, what every answer of it carries, and what is shown where something is wrong."""

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web import (
    approvals,
    customers,
    evidence,
    leads,
    records,
    rulebook,
    signing_in,
    training,
    wecom_login,
)
from bot.web.pages import message
from bot.wiring import House

PAGES: tuple[Callable[[House], list[Route]], ...] = (
    signing_in.routes,
    wecom_login.routes,
    approvals.routes,
    records.routes,
    evidence.routes,
    customers.routes,
    leads.routes,
    training.routes,
    rulebook.routes,
)

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""With `no-referrer` browsers would name no origin for our own forms either."""


def routes(house: House) -> list[BaseRoute]:
    secure = house.settings.public_url.startswith("https://")
    site = Starlette(
        routes=[
            *(route for pages in PAGES for route in pages(house)),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(Headers, secure=secure)],
        exception_handlers={HTTPException: _not_there},
    )
    return [Mount("/manage", site)]


class Headers:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self.headers = HEADERS | ({"strict-transport-security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(told: Message) -> None:
            if told["type"] == "http.response.start":
                MutableHeaders(scope=told).update(self.headers)
            await send(told)

        await self.app(scope, receive, with_headers)


async def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return message(request, "没有这一页", "地址可能写错了，或者这条记录你看不到。", status)
