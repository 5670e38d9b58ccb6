"""`/leads/form`: a page on which anybody may leave his wish, without signing in; off unless it has a name as a source.

It changes nothing but that: there is no session that another site's form could use, so it needs no token. What keeps it
usable are a limit for each address and one for all, a field that only machines fill in, and ids made of the content:
sent twice on one day it is one lead.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import parse_qs

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.lead_gate import body_of
from bot.web.pages import TEMPLATES
from bot.web.site import HEADERS
from bot.wiring import House
from domain.leads.normalising import phone_of
from domain.leads.reported import Unusable, reported
from handlers.lead_intake import id_of, take_in
from storage.work import work_of

PATH, DONE = "/leads/form", "/leads/form/done"
FIELDS = {"contact": 40, "mobile": 30, "name": 60, "city": 20, "district": 20, "note": 500}
"""Of a lead as `domain.leads.reported` knows it, and how long each may be."""
LURE = "website"
"""A field that nobody sees."""
LONGEST = 20_000
WINDOW = timedelta(minutes=10)
MOST_OF_ONE, MOST = 10, 300
"""Forms within the window, of one address and of all, for each process."""
BUSY = "现在提交的人太多，请过几分钟再试一次。"


@dataclass
class Turnstile:
    """Counts what came within the window; used by the event loop alone."""

    all: deque[datetime] = field(default_factory=deque)
    each: dict[str, deque[datetime]] = field(default_factory=dict)

    def passes(self, address: str, now: datetime) -> bool:
        for who in [who for who, times in self.each.items() if times[-1] <= now - WINDOW]:
            del self.each[who]
        own = self.each.get(address, deque())
        for times in (self.all, own):
            while times and times[0] <= now - WINDOW:
                times.popleft()
        if len(self.all) >= MOST or len(own) >= MOST_OF_ONE:
            return False
        self.all.append(now)
        own.append(now)
        self.each[address] = own
        return True


def routes(house: House) -> list[Route]:
    if not house.settings.leads.form_source:
        return []
    turnstile = Turnstile()

    async def form(request: Request) -> Response:
        if request.method != "POST":
            return _page(request, house, {}, {})
        body = await body_of(request, LONGEST)
        told = _told(body) if body is not None else {}
        if told.pop(LURE, ""):
            return RedirectResponse(DONE, 303)
        if wrong := _wrong(told):
            return _page(request, house, told, wrong, 422)
        if not turnstile.passes(_address(request), house.now()):
            return _page(request, house, told, {"": BUSY}, 429)
        try:
            await asyncio.to_thread(_take, house, told)
        except Unusable as unusable:
            return _page(request, house, told, {"": f"{unusable}。"}, 422)
        except OperationalError:
            return _page(request, house, told, {"": BUSY}, 503)
        return RedirectResponse(DONE, 303)

    async def done(request: Request) -> Response:
        return _page(request, house, {}, {}, done=True)

    return [Route(PATH, form, methods=["GET", "POST"]), Route(DONE, done)]


def _address(request: Request) -> str:
    """Of whoever fills it in. A proxy of our own stands on this machine or network, and writes last whom it serves;
    what stands before that, and what anybody else claims, is not believed."""
    peer = request.client.host if request.client else ""
    served = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return served if served and _is_near(peer) else peer


def _is_near(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:  # a socket in the file system has no address
        return True


def _told(body: bytes) -> dict[str, str]:
    """What was filled in. What is no form says nothing."""
    try:
        given = parse_qs(body.decode(), max_num_fields=20, errors="strict")
    except ValueError:
        return {}
    return {name: " ".join(given[name][0].split()) for name in (*FIELDS, LURE) if name in given}


def _wrong(told: dict[str, str]) -> dict[str, str]:
    """What is to be put right, by field."""
    wrong = {
        name: f"最多 {longest} 个字" for name, longest in FIELDS.items() if len(told.get(name, "")) > longest
    }
    if not told.get("contact"):
        wrong["contact"] = "请告诉我们怎么称呼您"
    if not phone_of(told.get("mobile", "")):
        wrong["mobile"] = "请填能打通的电话，比如 13900000001 或 010-85001234"
    return wrong


def _take(house: House, told: dict[str, str]) -> None:
    """Raises Unusable and OperationalError."""
    now = house.now()
    row = {name: words for name, words in told.items() if words}
    day = now.astimezone(house.zone).date().isoformat()
    row["source"] = house.settings.leads.form_source
    lead = reported(
        id_of("form", {**row, "mobile": phone_of(row["mobile"]), "day": day}), row, now, house.zone
    )
    with house.store.read() as session:
        house.companies.refresh(session)
    with house.store.write() as session:
        work = work_of(session, who="form", now=now, inbox_id=None)
        take_in(lead, work, house.companies, now, way="form")


def _page(
    request: Request,
    house: House,
    told: dict[str, str],
    wrong: dict[str, str],
    status: int = 200,
    *,
    done: bool = False,
) -> Response:
    shown = {
        "company": house.settings.company.name,
        "told": told,
        "wrong": wrong,
        "done": done,
        "most": FIELDS,
    }
    return TEMPLATES.TemplateResponse(request, "lead_form.html", shown, status, headers=HEADERS)
