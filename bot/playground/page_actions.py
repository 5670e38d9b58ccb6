"""What the visitor does on the page: write, speak, send, share a place, tap, move the clock."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.clock import PlaygroundClock, until_morning
from bot.playground.delivery import Delivery
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.dingtalk_state import Click
from bot.playground.samples import Samples
from bot.playground.wecom import FakeWeCom

UPLOAD_BYTES = 20 << 20
MINUTES = range(1, 24 * 60 * 31 + 1)

Answer = dict[str, Any]
Action = Callable[[str, Request], Awaitable[Delivery | Click | None]]


class Unusable(Exception):
    """The visitor's request cannot be carried out; the message is Chinese."""


def routes(wecom: FakeWeCom, dingtalk: FakeDingTalk, clock: PlaygroundClock, samples: Samples) -> list[Route]:
    return [
        Route("/api/wecom/{who}/{what}", _endpoint(_wecom_actions(wecom, samples)), methods=["POST"]),
        Route(
            "/api/dingtalk/{who}/{what}", _endpoint(_dingtalk_actions(dingtalk, samples)), methods=["POST"]
        ),
        Route("/api/clock", _clock_endpoint(clock), methods=["POST"]),
    ]


def _endpoint(actions: dict[str, Action]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        action = actions.get(request.path_params["what"])
        if action is None:
            return _told("没有这个操作", 404)
        try:
            done = await action(request.path_params["who"], request)
        except Unusable as unusable:
            return _told(str(unusable), 400)
        except KeyError:
            return _told("找不到这张卡片、这个样例或这条日程", 404)
        return _told(done.trouble if done else "")

    return endpoint


def _told(trouble: str, status: int = 200) -> JSONResponse:
    return JSONResponse({"ok": not trouble, "trouble": trouble}, status)


async def _json(request: Request) -> Answer:
    try:
        body = await request.json()
    except ValueError as broken:
        raise Unusable("请求不是 JSON") from broken
    if not isinstance(body, dict):
        raise Unusable("请求不是 JSON 对象")
    return body


async def _text(request: Request) -> str:
    text = str((await _json(request)).get("text", "")).strip()
    if not text:
        raise Unusable("还没有写内容")
    return text


async def _upload(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the one file of a form."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        raise Unusable("没有收到文件")
    content = await file.read()
    if not content:
        raise Unusable("文件是空的")
    if len(content) > UPLOAD_BYTES:
        raise Unusable("文件超过 20 MB")
    return file.filename or "file", content


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() or "amr"


def _wecom_actions(wecom: FakeWeCom, samples: Samples) -> dict[str, Action]:
    async def text(who: str, request: Request) -> Delivery:
        return await wecom.say(who, await _text(request))

    async def image(who: str, request: Request) -> Delivery:
        name, content = await _upload(request)
        return await wecom.send_image(who, content, name)

    async def voice(who: str, request: Request) -> Delivery:
        name, content = await _upload(request)
        return await wecom.send_voice(who, content, _extension(name))

    async def file(who: str, request: Request) -> Delivery:
        name, content = await _upload(request)
        return await wecom.send_file(who, content, name)

    async def location(who: str, request: Request) -> Delivery:
        body = await _json(request)
        try:
            lat, lng = float(body["lat"]), float(body["lng"])
        except (KeyError, TypeError, ValueError) as broken:
            raise Unusable("位置需要经纬度") from broken
        return await wecom.send_location(who, lat, lng, str(body.get("label", "")))

    async def click(who: str, request: Request) -> Delivery:
        body = await _json(request)
        return await wecom.click(who, str(body["task_id"]), str(body["key"]), body.get("selected") or {})

    async def enter(who: str, request: Request) -> Delivery:
        return await wecom.enter(who)

    async def sample(who: str, request: Request) -> Delivery:
        name = str((await _json(request)).get("file"))
        content = samples.content(name)
        kind = next(row.kind for row in samples.rows if row.file == name)
        if kind == "image":
            return await wecom.send_image(who, content, name)
        if kind == "voice":
            return await wecom.send_voice(who, content, _extension(name))
        return await wecom.send_file(who, content, name)

    async def read(who: str, request: Request) -> None:
        wecom.chats.mark_read(who)

    acts: tuple[Any, ...] = (text, image, voice, file, location, click, enter, sample, read)
    return {act.__name__: _known(act, wecom.members) for act in acts}


def _dingtalk_actions(dingtalk: FakeDingTalk, samples: Samples) -> dict[str, Action]:
    async def text(who: str, request: Request) -> Delivery:
        return await dingtalk.say(who, await _text(request))

    async def image(who: str, request: Request) -> Delivery:
        name, content = await _upload(request)
        return await dingtalk.send_picture(who, content, name)

    async def voice(who: str, request: Request) -> Delivery:
        name, content = await _upload(request)
        return await dingtalk.send_audio(who, content, name=name)

    async def file(who: str, request: Request) -> Delivery:
        name, content = await _upload(request)
        return await dingtalk.send_file(who, content, name)

    async def click(who: str, request: Request) -> Click:
        body = await _json(request)
        params = body.get("params")
        return await dingtalk.click(who, str(body["out_track_id"]), str(body["action_id"]), params)

    async def sample(who: str, request: Request) -> Delivery:
        name = str((await _json(request)).get("file"))
        content = samples.content(name)
        kind = next(row.kind for row in samples.rows if row.file == name)
        if kind == "image":
            return await dingtalk.send_picture(who, content, name)
        if kind == "voice":
            return await dingtalk.send_audio(who, content, name=name)
        return await dingtalk.send_file(who, content, name)

    async def read(who: str, request: Request) -> None:
        dingtalk.chats.mark_read(who)

    async def tick(who: str, request: Request) -> None:
        """A member ticks one of his to-dos, or takes the tick off; the app is told by the platform's event."""
        body = await _json(request)
        dingtalk.tick_off(str(body.get("id")), bool(body.get("done")))

    async def move(who: str, request: Request) -> None:
        body = await _json(request)
        try:
            day = date.fromisoformat(str(body.get("day"))).isoformat()
        except ValueError as broken:
            raise Unusable("日期要写成 2026-03-16 这样") from broken
        dingtalk.move_event(str(body.get("id")), day)

    async def remove(who: str, request: Request) -> None:
        dingtalk.delete_event(str((await _json(request)).get("id")))

    acts: tuple[Any, ...] = (text, image, voice, file, click, sample, read, tick, move, remove)
    return {act.__name__: _known(act, dingtalk.members) for act in acts}


def _known(act: Action, members: dict[str, str]) -> Action:
    async def checked(who: str, request: Request) -> Delivery | Click | None:
        if who not in members:
            raise Unusable("公司里没有这个人")
        return await act(who, request)

    return checked


def _clock_endpoint(clock: PlaygroundClock) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
            if body.get("until") == "morning":
                clock.advance(until_morning(clock(), clock.zone))
            elif isinstance(body.get("minutes"), int) and body["minutes"] in MINUTES:
                clock.advance(timedelta(minutes=body["minutes"]))
            else:
                return _told("时钟只能向前拨", 400)
        except (ValueError, AttributeError):
            return _told("请求不是 JSON", 400)
        return _told("")

    return endpoint
