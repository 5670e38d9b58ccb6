"""The paths of both hosts: tokens, robots, cards, directory, media, calendar, to-dos, files."""

import hmac
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground import dingtalk_cards, dingtalk_office, dingtalk_robot
from bot.playground.dingtalk_state import DingState, OldRefused, Refused, loads, require
from bot.playground.faults import Endpoint
from bot.playground.wecom_api import content_type

Answer = dict[str, Any]
Act = Callable[[DingState, Answer], Answer]
V1 = "/v1.0"


def routes(state: DingState) -> list[Route]:
    def new(method: str, path: str, act: Callable[[Request, Answer], Answer]) -> Route:
        return Route(path, state.faults.guard(_new_host(state, act)), methods=[method])

    def post(path: str, act: Act) -> Route:
        return new("POST", V1 + path, lambda _, body: act(state, body))

    def old(path: str, act: Act) -> Route:
        return Route(path, state.faults.guard(_old_host(state, act)), methods=["POST"])

    def plain(method: str, path: str, act: Callable[[DingState, Request], Awaitable[Response]]) -> Route:
        async def endpoint(request: Request) -> Response:
            return await act(state, request)

        return Route(path, state.faults.guard(endpoint), methods=[method])

    return [
        plain("GET", "/gettoken", _old_token),
        plain("POST", f"{V1}/oauth2/accessToken", _new_token),
        post("/robot/oToMessages/batchSend", dingtalk_robot.batch_send),
        post("/robot/groupMessages/send", dingtalk_robot.group_send),
        post("/robot/otoMessages/batchRecall", dingtalk_robot.recall),
        post("/robot/groupMessages/recall", dingtalk_robot.recall),
        post("/robot/messageFiles/download", dingtalk_robot.download_address),
        plain("POST", "/robot/sendBySession", _session),
        post("/card/instances/createAndDeliver", dingtalk_cards.create_and_deliver),
        new("PUT", f"{V1}/card/instances", lambda _, body: dingtalk_cards.update(state, body)),
        post("/card/callbacks/register", dingtalk_cards.register_callback),
        old("/topapi/v2/user/get", _user),
        old("/topapi/user/getbyunionid", _by_union),
        plain("POST", "/media/upload", _upload),
        plain("GET", "/files/{link}", _file),
        *_office_routes(state, new),
    ]


def _office_routes(
    state: DingState, new: Callable[[str, str, Callable[[Request, Answer], Answer]], Route]
) -> list[Route]:
    office = dingtalk_office
    events = f"{V1}/calendar/users/{{union}}/calendars/primary/events"
    tasks = f"{V1}/todo/users/{{union}}/tasks"

    def route(method: str, path: str, act: Callable[..., Answer]) -> Route:
        """`act` gets the parts of the path and the body, once the app may do that at all."""

        def allowed(request: Request, body: Answer) -> Answer:
            office.allowed(state, office.CALENDAR if path.startswith(events) else office.TODO)
            return act(request, body, *map(str, request.path_params.values()))

        return new(method, path, allowed)

    def create_event(request: Request, body: Answer, union: str) -> Answer:
        return office.create_event(state, union, request.headers.get("x-client-token", ""), body)

    return [
        route("POST", events, create_event),
        route("GET", events + "view", lambda r, _b, union: office.events_view(state, union, r.query_params)),
        route("GET", events + "/{id}", lambda _r, _b, union, one: office.read_event(state, union, one)),
        route(
            "PUT", events + "/{id}", lambda _r, body, union, one: office.change_event(state, union, one, body)
        ),
        route("DELETE", events + "/{id}", lambda _r, _b, union, one: office.drop_event(state, union, one)),
        route("POST", tasks, lambda _r, body, union: office.create_todo(state, union, body)),
        route("GET", tasks + "/sources/{id}", lambda _r, _b, _u, one: office.todo_by_source(state, one)),
        route("GET", tasks + "/{id}", lambda _r, _b, _u, one: office.read_todo(state, one)),
        route("PUT", tasks + "/{id}", lambda _r, body, _u, one: office.change_todo(state, one, body)),
        route("DELETE", tasks + "/{id}", lambda _r, _b, _u, one: office.drop_todo(state, one)),
    ]


def refusal(refused: Refused) -> JSONResponse:
    body = {"code": refused.code, "message": refused.message, "requestid": "playground"}
    return JSONResponse(body, refused.status)


def _new_host(state: DingState, act: Callable[[Request, Answer], Answer]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        given = request.headers.get("x-acs-dingtalk-access-token", "")
        live = state.new_token
        if not live or live.until <= state.clock() or not hmac.compare_digest(live.value, given):
            return refusal(Refused(401, "InvalidAuthentication", "the access token is missing or expired"))
        try:
            return JSONResponse(act(request, loads(await request.body())))
        except Refused as refused:
            return refusal(refused)

    return endpoint


def check_old_token(state: DingState, request: Request) -> None:
    given = request.query_params.get("access_token")
    live = state.old_token
    if not given:
        raise OldRefused(40001, "access_token missing")
    if not live or live.value != given:
        raise OldRefused(40014, "invalid access_token")
    if live.until <= state.clock():
        raise OldRefused(42001, "access_token expired")


def _old_host(state: DingState, act: Act) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            check_old_token(state, request)
            is_json = "json" in request.headers.get("content-type", "")
            body = loads(await request.body()) if is_json else dict(await request.form())
            return JSONResponse({"errcode": 0, "errmsg": "ok", **act(state, body)})
        except OldRefused as refused:
            return JSONResponse({"errcode": refused.errcode, "errmsg": refused.errmsg})
        except Refused as refused:
            return JSONResponse({"errcode": 400002, "errmsg": refused.message})

    return endpoint


async def _old_token(state: DingState, request: Request) -> Response:
    query = request.query_params
    if (query.get("appkey"), query.get("appsecret")) != (state.client_id, state.client_secret):
        return JSONResponse({"errcode": 40089, "errmsg": "invalid appkey or appsecret"})
    token = state.live_token(old=True)
    left = int((token.until - state.clock()).total_seconds())
    return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": token.value, "expires_in": left})


async def _new_token(state: DingState, request: Request) -> Response:
    try:
        body = loads(await request.body())
    except Refused as refused:
        return refusal(refused)
    if (body.get("appKey"), body.get("appSecret")) != (state.client_id, state.client_secret):
        return refusal(Refused(400, "invalidClientIdOrSecret", "appKey or appSecret is wrong"))
    token = state.live_token(old=False)
    return JSONResponse(
        {"accessToken": token.value, "expireIn": int((token.until - state.clock()).total_seconds())}
    )


async def _session(state: DingState, request: Request) -> Response:
    try:
        body = loads(await request.body())
    except Refused as refused:
        return refusal(refused)
    return JSONResponse(dingtalk_robot.session_reply(state, request.query_params.get("session", ""), body))


def _user(state: DingState, body: Answer) -> Answer:
    userid = str(body.get("userid"))
    if userid not in state.members:
        raise OldRefused(60121, "no such user")
    known = {"userid": userid, "unionid": state.union_id(userid), "name": state.members[userid]}
    more = {"mobile": "", "title": "", "dept_id_list": [1], "leader_in_dept": [], "manager_userid": ""}
    return {"result": known | more}


def _by_union(state: DingState, body: Answer) -> Answer:
    userid = state.user_of_union(str(body.get("unionid")))
    if userid is None:
        raise OldRefused(60121, "no such user")
    return {"result": {"contact_type": 0, "userid": userid}}


async def _upload(state: DingState, request: Request) -> Response:
    try:
        check_old_token(state, request)
        kind = request.query_params.get("type", "")
        require(kind in ("image", "voice", "file", "video"), "invalid type")
        file = (await request.form()).get("media")
        require(isinstance(file, UploadFile), "no media")
        assert isinstance(file, UploadFile)
        media_id = state.keep_file(file.filename or "file", await file.read())
    except OldRefused as refused:
        return JSONResponse({"errcode": refused.errcode, "errmsg": refused.errmsg})
    except Refused as refused:
        return JSONResponse({"errcode": 400002, "errmsg": refused.message})
    created = int(state.clock().timestamp() * 1000)
    return JSONResponse(
        {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media_id, "created_at": created}
    )


async def _file(state: DingState, request: Request) -> Response:
    file_id, until = state.links.get(request.path_params["link"], ("", state.clock()))
    if not file_id or until <= state.clock():
        return Response(status_code=403)
    found = state.files[file_id]
    name = re.sub(r'[\r\n"]', "_", found.name).encode().decode("latin-1")
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(found.content, media_type=content_type(found.name), headers=headers)
