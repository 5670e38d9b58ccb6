"""Downloads from a platform that answers in every way it is allowed to, over a real socket."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.channels.wecom import media
from bot.channels.wecom.client import WeComClient
from bot.channels.wecom.config import WeComConfig
from bot.playground.server import run_platforms
from domain.errors import DeliveryError

SECONDS = [0.0]


async def _gettoken(_: Request) -> Response:
    return JSONResponse({"errcode": 0, "access_token": "t", "expires_in": 7200})


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(40):
        yield b"x" * (1 << 20)


async def _slow() -> AsyncIterator[bytes]:
    for _ in range(10):
        SECONDS[0] += 10
        yield b"x" * 70_000


def _named(disposition: str) -> Response:
    return Response(b"content", headers={"content-disposition": disposition.encode().decode("latin-1")})


ANSWERS: dict[str, Callable[[], Response]] = {
    "json_file": lambda: Response(
        b'{"errcode": 40007}',
        media_type="application/json",
        headers={"content-disposition": 'filename="a.json"'},
    ),
    "text_refusal": lambda: Response(b'{"errcode": 40007, "errmsg": "x"}', media_type="text/plain"),
    "text_file": lambda: Response(b"just words", media_type="text/plain"),
    "json_list": lambda: Response(b"[1]", media_type="application/json"),
    "endless": lambda: StreamingResponse(_endless()),
    "slow": lambda: StreamingResponse(_slow()),
    "gateway": lambda: Response(b"<html>", 502),
    "proxy": lambda: Response(b"<html>", 403),
    "raw_name": lambda: _named('attachment; filename="发票 11月.pdf"'),
    "encoded_name": lambda: _named("attachment; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf"),
    "path_name": lambda: _named('attachment; filename="../../etc/passwd"'),
    "windows_name": lambda: _named('attachment; filename="C:\\\\x\\\\a.pdf"'),
    "no_name": lambda: _named("attachment"),
}


async def _get(request: Request) -> Response:
    return ANSWERS[request.query_params["media_id"]]()


@pytest.fixture(scope="module")
def client() -> Iterator[WeComClient]:
    app = Starlette(routes=[Route("/cgi-bin/gettoken", _gettoken), Route("/cgi-bin/media/get", _get)])
    with run_platforms({"media": app}) as hosts:
        config = WeComConfig("c", 1, "s", "t", "k", api_base=hosts["media"])
        client = WeComClient(config, clock=lambda: SECONDS[0])
        yield client
        client.close()


def refused(client: WeComClient, media_id: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        media.download(client, media_id)
    return error.value


def test_a_file_that_looks_like_a_refusal_is_a_file(client: WeComClient) -> None:
    assert media.download(client, "json_file").content == b'{"errcode": 40007}'
    assert media.download(client, "text_file").content == b"just words"
    assert media.download(client, "json_list").content == b"[1]"


def test_a_refusal_is_recognised_under_any_content_type_of_text(client: WeComClient) -> None:
    error = refused(client, "text_refusal")
    assert (error.permanent, error.code) == (True, "40007")


def test_a_body_without_an_end_is_cut_off_at_25_megabytes(client: WeComClient) -> None:
    error = refused(client, "endless")
    assert (error.permanent, error.code) == (True, "size")


def test_a_download_that_drags_on_is_given_up_for_now(client: WeComClient) -> None:
    error = refused(client, "slow")
    assert (error.permanent, error.code) == (False, "timeout")


@pytest.mark.parametrize("media_id", ["gateway", "proxy"])
def test_what_answers_in_the_platforms_place_is_tried_again(client: WeComClient, media_id: str) -> None:
    error = refused(client, media_id)
    assert (error.permanent, error.maybe_delivered) == (False, False)


@pytest.mark.parametrize(
    ("media_id", "name"),
    [
        ("raw_name", "发票 11月.pdf"),
        ("encoded_name", "发票.pdf"),
        ("path_name", "passwd"),
        ("windows_name", "a.pdf"),
        ("no_name", ""),
    ],
)
def test_a_file_keeps_its_name_and_nothing_of_a_path(client: WeComClient, media_id: str, name: str) -> None:
    assert media.download(client, media_id).name == name
