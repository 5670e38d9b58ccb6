"""A language model's endpoint on loopback: the real client talks to it over HTTP, and it behaves as it is told."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route


class Endpoint:
    """`answer` is what the model says: JSON, or any text at all."""

    def __init__(self) -> None:
        self.answer: Any = {"records": []}
        self.status = 200
        self.delay = 0.0
        self.html = False
        self.finished = 0
        self.asked: list[dict[str, Any]] = []
        self.url = ""

    async def complete(self, request: Request) -> Response:
        self.asked.append(await request.json())
        await asyncio.sleep(self.delay)
        self.finished += 1
        if self.html:
            return PlainTextResponse("<html>502 Bad Gateway</html>", 200, media_type="text/html")
        if self.status != 200:
            return JSONResponse({"error": {"message": "no", "type": "x"}}, self.status)
        words = self.answer if isinstance(self.answer, str) else json.dumps(self.answer, ensure_ascii=False)
        message = {"role": "assistant", "content": words}
        return JSONResponse(
            {
                "id": "x",
                "object": "chat.completion",
                "created": 0,
                "model": "m",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        )


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    there = Endpoint()
    app = Starlette(routes=[Route("/v1/chat/completions", there.complete, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    there.url = f"http://127.0.0.1:{port}/v1"
    yield there
    server.should_exit = True
    thread.join(timeout=5)
