"""Switches that make a platform misbehave, and the log of the calls it got."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass
class Fault:
    path: str
    times: int
    errcode: int | None = None
    errmsg: str = ""
    status: int | None = None
    code: str = ""
    delay: float = 0.0
    drop: bool = False

    def fits(self, method: str, path: str) -> bool:
        """`*`, the end of a path, or a method and the end of a path (`PUT /v1.0/card/instances`)."""
        wanted_method, _, wanted = self.path.rpartition(" ")
        return wanted == "*" or (wanted_method in ("", method) and path.endswith(wanted))


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    status: int
    body: bytes


class Cut(Response):
    """Breaks the connection in the middle of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4096"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise httpx.RemoteProtocolError("the platform closed the connection after carrying out the call")


@dataclass
class Faults:
    pending: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def fail_next(self, path: str, *, times: int = 1, **how: Any) -> None:
        self.pending.append(Fault(path, times, **how))

    def take(self, method: str, path: str) -> Fault | None:
        for fault in self.pending:
            if fault.times > 0 and fault.fits(method, path):
                fault.times -= 1
                return fault
        return None

    def guard(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with its next fault applied and its calls kept."""

        async def guarded(request: Request) -> Response:
            path = request.url.path
            fault = self.take(request.method, path)
            answer = await self._answer(endpoint, request, fault)
            self.calls.append(Call(request.method, path, answer.status_code, await request.body()))
            return Cut() if fault and fault.drop else answer

        return guarded

    async def _answer(self, endpoint: Endpoint, request: Request, fault: Fault | None) -> Response:
        await request.body()
        if fault is None:
            return await endpoint(request)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.status is not None:
            body = {
                "code": fault.code or f"http{fault.status}",
                "message": fault.errmsg,
                "requestid": "fault",
            }
            return JSONResponse(body, fault.status)
        if fault.errcode is not None:
            return JSONResponse(
                {"errcode": fault.errcode, "errmsg": fault.errmsg or f"fault {fault.errcode}"}
            )
        return await endpoint(request)
