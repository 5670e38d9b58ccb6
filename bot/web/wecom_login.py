"""Sign in through WeCom itself: inside its browser without a tap, elsewhere with a code to scan."""

import asyncio
import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.channels.wecom.channel import WeComChannel
from bot.channels.wecom.contacts import desktop_login_url, getuserinfo, login_url
from bot.web.pages import message, signed_in, told_as_signed_in
from bot.wiring import House
from domain.errors import DeliveryError
from storage import sign_in
from storage.people import People

STATE = "xiaofang-login"
STATE_LASTS = 300
INSIDE = "wxwork"
"""In the name of WeCom's own browser."""
NOT_KNOWN = "企业微信没有认出你，或者登录过期了。请重新打开一次；还是不行，就在聊天里说“管理后台”。"


def routes(house: House) -> list[Route]:
    """None where WeCom, or an address for it to come back to, is not set."""
    channel = house.channels.get("wecom")
    if not isinstance(channel, WeComChannel) or not house.settings.public_url:
        return []

    async def begin(request: Request) -> Response:
        state = secrets.token_urlsafe(16)
        url = login_url if INSIDE in request.headers.get("user-agent", "").lower() else desktop_login_url
        answer = RedirectResponse(
            url(channel.config, f"{house.settings.public_url}/manage/wecom/back", state), 302
        )
        answer.set_cookie(
            STATE,
            state,
            max_age=STATE_LASTS,
            path="/manage/wecom",
            httponly=True,
            samesite="lax",
            secure=house.settings.public_url.startswith("https://"),
        )
        return answer

    async def back(request: Request) -> Response:
        return await asyncio.to_thread(_back, house, channel, request)

    return [Route("/wecom", begin), Route("/wecom/back", back)]


def _back(house: House, channel: WeComChannel, request: Request) -> Response:
    """The state must be the one that this browser was given: nobody is signed in by somebody else's link."""
    given, expected = request.query_params.get("state", ""), request.cookies.get(STATE, "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        return message(request, "没有登录", NOT_KNOWN, 403)
    try:
        userid = getuserinfo(channel.client, request.query_params.get("code", "")).userid
    except DeliveryError:
        return message(request, "没有登录", NOT_KNOWN, 403)
    now = house.now()
    with house.store.write() as session:
        person = People(session).by_userid("wecom", userid) if userid else None
        begun = sign_in.begin(session, person.id, now) if person else None
        if begun:
            told_as_signed_in(session, begun.person_id, "企业微信登录", now)
    if begun is None:
        return message(request, "没有登录", "通讯录里还没有你，请让管理员把你加进来。", 403)
    answer = signed_in(house, begun.token)
    answer.delete_cookie(STATE, path="/manage/wecom")
    return answer
