"""The paths under /cgi-bin/ that an internal app calls."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.playground.faults import Endpoint
from bot.playground.wecom_limits import Refused, require
from bot.playground.wecom_send import recall, send, update_card
from bot.playground.wecom_state import LOGIN_LIFE, TOKEN_LIFE, StoredMedia, Token, WeComState

Answer = dict[str, Any]
UPLOAD_BYTES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}


def routes(state: WeComState) -> list[Route]:
    def call(path: str, act: Callable[[WeComState, Request], Answer]) -> Route:
        return Route(f"/cgi-bin/{path}", state.faults.guard(_json_endpoint(state, act)), methods=["GET"])

    def post(path: str, act: Callable[[WeComState, Answer], Answer]) -> Route:
        return Route(f"/cgi-bin/{path}", state.faults.guard(_post_endpoint(state, act)), methods=["POST"])

    def plain(path: str, act: Callable[[WeComState, Request], Any], method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            answer: Response = await act(state, request)
            return answer

        return Route(path, state.faults.guard(endpoint), methods=[method])

    return [
        plain("/cgi-bin/gettoken", _gettoken),
        post("message/send", send),
        post("message/update_template_card", update_card),
        post("message/recall", recall),
        plain("/cgi-bin/media/upload", _upload, "POST"),
        plain("/cgi-bin/media/get", _download),
        plain("/pic/{media_id}", _picture),
        call("user/get", _user),
        call("department/list", _departments),
        call("auth/getuserinfo", _login),
        call("get_jsapi_ticket", lambda state, _: _ticket(state, "corp")),
        call("ticket/get", _app_ticket),
        plain("/connect/oauth2/authorize", _authorize),
    ]


def _check_token(state: WeComState, request: Request) -> None:
    given = request.query_params.get("access_token")
    require(given, "access_token missing", 41001)
    if given in state.dead_tokens:
        raise Refused(state.dead_tokens[str(given)], "access_token expired")
    live = state.token
    require(live and live.value == given, "invalid access_token", 40014)
    require(live and live.until > state.clock(), "access_token expired", 42001)


def _refusal(refused: Refused) -> JSONResponse:
    return JSONResponse({"errcode": refused.errcode, "errmsg": refused.errmsg})


def _json_endpoint(state: WeComState, act: Callable[[WeComState, Request], Answer]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            _check_token(state, request)
            return JSONResponse(act(state, request))
        except Refused as refused:
            return _refusal(refused)

    return endpoint


def _post_endpoint(state: WeComState, act: Callable[[WeComState, Answer], Answer]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            _check_token(state, request)
            return JSONResponse(act(state, _body(await request.body())))
        except Refused as refused:
            return _refusal(refused)

    return endpoint


def _body(raw: bytes) -> Answer:
    try:
        found = json.loads(raw)
    except ValueError as broken:
        raise Refused(47001, "data format error") from broken
    require(isinstance(found, dict), "data format error", 47001)
    return dict(found)


async def _gettoken(state: WeComState, request: Request) -> Response:
    if request.query_params.get("corpid") != state.corp_id:
        return JSONResponse({"errcode": 40013, "errmsg": "invalid corpid"})
    if request.query_params.get("corpsecret") != state.secret:
        return JSONResponse({"errcode": 40001, "errmsg": "invalid credential"})
    now = state.clock()
    if state.token is None or state.token.until <= now:
        if state.token:
            state.dead_tokens[state.token.value] = 42001
        state.token = Token(state.secret_word("tok_"), now + TOKEN_LIFE)
    left = int((state.token.until - now).total_seconds())
    return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": state.token.value, "expires_in": left})


async def _upload(state: WeComState, request: Request) -> Response:
    try:
        _check_token(state, request)
        kind = request.query_params.get("type", "")
        require(kind in UPLOAD_BYTES, "invalid media type", 40004)
        # The platform reads only the plain `filename=`; a part that has the `filename*=` form alone is no file.
        head = (await request.body())[:2000].split(b"\r\n\r\n", 1)[0]
        require(re.search(rb'filename="', head), "no media data with a file name", 41005)
        file = (await request.form()).get("media")
        require(isinstance(file, UploadFile), "no media data", 41005)
        assert isinstance(file, UploadFile)
        content = await file.read()
        require(5 < len(content) <= UPLOAD_BYTES[kind], "media size", 40006)
        _check_content(kind, content)
    except Refused as refused:
        return _refusal(refused)
    media_id = state.keep_media(kind, file.filename or "file", content)
    created = str(int(state.clock().timestamp()))
    return JSONResponse(
        {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media_id, "created_at": created}
    )


def _check_content(kind: str, content: bytes) -> None:
    if kind == "image":
        require(content.startswith((b"\xff\xd8", b"\x89PNG")), "image must be JPG or PNG", 40005)
    if kind == "voice":
        require(content.startswith(b"#!AMR"), "voice must be AMR", 40005)


async def _download(state: WeComState, request: Request) -> Response:
    try:
        _check_token(state, request)
    except Refused as refused:
        return _refusal(refused)
    return _media_answer(state, request, request.query_params.get("media_id", ""))


async def _picture(state: WeComState, request: Request) -> Response:
    return _media_answer(state, request, request.path_params["media_id"])


def _media_answer(state: WeComState, request: Request, media_id: str) -> Response:
    found = state.fresh_media(media_id)
    if found is None:
        return JSONResponse({"errcode": 40007, "errmsg": "invalid media_id"})
    headers = {"content-disposition": f'attachment; filename="{found.name}"'.encode().decode("latin-1")}
    span = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if span and int(span[1]) < len(found.content):
        return _part(found, int(span[1]), int(span[2] or len(found.content) - 1), headers)
    return Response(found.content, media_type=content_type(found.name), headers=headers)


def _part(found: StoredMedia, first: int, last: int, headers: dict[str, str]) -> Response:
    last = min(last, len(found.content) - 1)
    headers["content-range"] = f"bytes {first}-{last}/{len(found.content)}"
    content = found.content[first : last + 1]
    return Response(content, 206, media_type=content_type(found.name), headers=headers)


CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "amr": "audio/amr",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "webm": "audio/webm",
    "pdf": "application/pdf",
    "xml": "application/xml",
}


def content_type(name: str) -> str:
    return CONTENT_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def _user(state: WeComState, request: Request) -> Answer:
    who = state.member(request.query_params.get("userid", ""))
    require(who, "userid not found", 60111)
    assert who is not None
    known = {"userid": who, "name": state.members[who], "department": [1], "order": [0], "position": ""}
    more = {"is_leader_in_dept": [0], "direct_leader": [], "main_department": 1, "status": 1, "alias": ""}
    return {"errcode": 0, "errmsg": "ok", **known, **more}


def _departments(state: WeComState, request: Request) -> Answer:
    root = {"id": 1, "name": "公司", "name_en": "", "department_leader": [], "parentid": 0, "order": 1}
    return {"errcode": 0, "errmsg": "ok", "department": [root]}


def _login(state: WeComState, request: Request) -> Answer:
    who, until = state.logins.pop(request.query_params.get("code", ""), ("", state.clock()))
    require(who and until > state.clock(), "invalid code", 40029)
    return {"errcode": 0, "errmsg": "ok", "userid": who, "user_ticket": state.secret_word("ut_")}


def _app_ticket(state: WeComState, request: Request) -> Answer:
    require(request.query_params.get("type") == "agent_config", "invalid type")
    return _ticket(state, "agent_config")


def _ticket(state: WeComState, kind: str) -> Answer:
    now = state.clock()
    known = state.tickets.get(kind)
    if known is None or known.until <= now:
        known = state.tickets[kind] = Token(state.secret_word("tk_"), now + TOKEN_LIFE)
    left = int((known.until - now).total_seconds())
    return {"errcode": 0, "errmsg": "ok", "ticket": known.value, "expires_in": left}


async def _authorize(state: WeComState, request: Request) -> Response:
    """The in-client login: sends the browser back with a code for `as`, else for the first member."""
    query = request.query_params
    who = state.member(query.get("as", "")) or next(iter(state.members))
    back = urlencode({"code": new_login_code(state, who), "state": query.get("state", "")})
    target = query.get("redirect_uri", "/")
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{back}")


def new_login_code(state: WeComState, userid: str) -> str:
    code = state.secret_word("code_")
    state.logins[code] = (userid, state.clock() + LOGIN_LIFE)
    return code
