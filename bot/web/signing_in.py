"""Sign in by the link from the chat, and out again.

Opening the link only shows a button: messengers look at links by themselves, and one use is all there is.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.pages import (
    COOKIE,
    TEMPLATES,
    Asked,
    message,
    page,
    same_site,
    signed_in,
    told_as_signed_in,
)
from bot.wiring import House
from storage import sign_in

RAN_OUT = "链接只能用一次，5 分钟内有效。请在企业微信或钉钉里再说一次“管理后台”，点新的链接。"


def routes(house: House) -> list[Route]:
    async def link(request: Request) -> Response:
        return await asyncio.to_thread(_link, house, request)

    return [
        Route("/", page(house, lambda asked: asked.html("home.html"))),
        Route("/login/{key}", link, methods=["GET", "POST"]),
        Route("/logout", page(house, _sign_out), methods=["POST"]),
    ]


def _link(house: House, request: Request) -> Response:
    key, now = request.path_params["key"], house.now()
    if request.method == "POST" and same_site(request):
        with house.store.write() as session:
            begun = sign_in.redeem(session, key, now)
            if begun:
                told_as_signed_in(session, begun.person_id, "聊天里的链接", now)
        if begun:
            return signed_in(house, begun.token)
    elif request.method != "POST":
        with house.store.read() as session:
            if sign_in.usable(session, key, now):
                return TEMPLATES.TemplateResponse(request, "login.html", {})
    return message(request, "链接已经失效", RAN_OUT, 403)


def _sign_out(asked: Asked) -> Response:
    with asked.house.store.write() as session:
        sign_in.sign_out(session, asked.token)
    answer = message(asked.request, "已退出", "要再进来，在聊天里说“管理后台”。", 200)
    answer.delete_cookie(COOKIE, path="/manage")
    return answer
