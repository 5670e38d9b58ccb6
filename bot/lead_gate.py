"""`POST /leads/webhook`: leads from other systems, signed, as JSON or CSV. docs/leads.md says it to their makers."""

import asyncio
import csv
import hmac
import io
import json
import re
from hashlib import sha256
from typing import Any

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.csv_files import FileRefused, decode
from bot.wiring import House
from domain.leads.lead import Lead
from domain.leads.normalising import phone_of
from domain.leads.reported import Unusable, reported
from handlers.lead_intake import id_of, take_in
from storage.work import Work, work_of

TIMESTAMP, SIGNATURE = "x-xiaofang-timestamp", "x-xiaofang-signature"
WINDOW = 300
"""Seconds by which the sender's clock may differ. What is sent again within it changes nothing."""
LONGEST = 1_000_000
MOST_ROWS = 500
IN_A_TRANSACTION = 20
"""Rows, so that nobody's message waits for a long list. Sent again, what was taken in already changes nothing."""
_ID = re.compile(r"[\w.\-]{1,64}")


def routes(house: House) -> list[Route]:
    """No door where no secret is set."""
    secret = house.settings.leads.webhook_secret.get_secret_value()
    if not secret:
        return []

    async def webhook(request: Request) -> Response:
        body = await body_of(request, LONGEST)
        if body is None:
            return _refused(413, f"内容超过 {LONGEST} 字节，请分几次发")
        why = _untrusted(request, body, secret, house.now().timestamp())
        if why:
            return _refused(401, why)
        try:
            rows = _rows(body, request.headers.get("content-type", ""))
        except Unusable as unusable:
            return _refused(400, str(unusable))
        try:
            return JSONResponse({"results": await asyncio.to_thread(_take, house, rows)})
        except OperationalError:  # what was taken in already is known when it comes again
            return _refused(503, "数据库正忙，请稍后原样重发")

    return [Route("/leads/webhook", webhook, methods=["POST"])]


async def body_of(request: Request, longest: int) -> bytes | None:
    """None where it is longer than so many bytes; no more than that is read."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > longest:
            return None
    return bytes(body)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def _untrusted(request: Request, body: bytes, secret: str, now: float) -> str:
    """Why it is not taken; empty where it is signed, and just now."""
    timestamp = request.headers.get(TIMESTAMP, "")
    given = request.headers.get(SIGNATURE, "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12):
        return f"缺少 {TIMESTAMP}：写发送时的 Unix 时间，整数秒"
    if not hmac.compare_digest(given.encode(), signature(secret, timestamp, body).encode()):
        return f"{SIGNATURE} 不对：请核对密钥，签名的内容是“时间戳.正文”，正文一个字节都不能变"
    if abs(now - int(timestamp)) > WINDOW:
        return f"时间戳和现在相差超过 {WINDOW} 秒：请校准时钟，重发时重新签名"
    return ""


def _rows(body: bytes, content_type: str) -> list[Any]:
    """Raises Unusable."""
    if "csv" in content_type:
        try:
            rows: Any = list(csv.DictReader(io.StringIO(decode(body))))
        except (FileRefused, csv.Error) as error:
            raise Unusable(f"读不了这个 CSV：{error}") from None
    else:
        try:
            rows = json.loads(body)
        except (ValueError, RecursionError):
            raise Unusable("正文不是 JSON；CSV 请把 Content-Type 写成 text/csv") from None
    told: list[Any] = rows if isinstance(rows, list) else [rows]
    if len(told) > MOST_ROWS:
        raise Unusable(f"一次最多 {MOST_ROWS} 条，这里有 {len(told)} 条，请分几次发")
    return told


def _take(house: House, rows: list[Any]) -> list[dict[str, Any]]:
    """A few rows a transaction. Each row's answer stands at its place."""
    results = list[dict[str, Any]]()
    for start in range(0, len(rows), IN_A_TRANSACTION):
        with house.store.read() as session:
            house.companies.refresh(session)
        with house.store.write() as session:
            work = work_of(session, who="webhook", now=house.now(), inbox_id=None)
            results += [_taken(row, work, house) for row in rows[start : start + IN_A_TRANSACTION]]
    return results


def _taken(row: Any, work: Work, house: House) -> dict[str, Any]:
    try:
        taken = take_in(_lead(row, house), work, house.companies, house.now(), way="webhook")
    except Unusable as unusable:
        return {"outcome": "refused", "why": str(unusable)}
    return {"outcome": taken.outcome, "lead": taken.lead.id}


def _lead(row: Any, house: House) -> Lead:
    """Known by the sender's id, else by its content. Raises Unusable."""
    if not isinstance(row, dict) or None in row:
        raise Unusable("每条线索应当是一个对象；CSV 的每行不能比表头长")
    given = str(row.get("id") or "")
    if given and not _ID.fullmatch(given):
        raise Unusable("id 最多 64 个字母、数字、点、横线和下划线")
    lead = reported(f"hook-{given}" if given else id_of("hook", row), row, house.now(), house.zone)
    if not phone_of(lead.phone) and not (lead.company and lead.city):
        raise Unusable("至少要有能打通的电话（mobile），或者公司名称（name）和城市（city）")
    return lead


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)
