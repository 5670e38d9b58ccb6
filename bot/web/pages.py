"""What every page stands on: who is signed in, what he may send, and how it is shown.

A page is a plain function of what was asked:

    def show(asked: Asked) -> Response:
        return asked.html("thing.html", title="…", …)

and is mounted with `Route("/thing", page(house, show))`; its links and forms carry `/manage` in front. It runs in a
thread. A form needs `{{ token() }}` inside and `methods=["GET", "POST"]` on its route; a request that changes
something and has no such token never reaches the function.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup
from sqlmodel import Session
from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot import failures
from bot.wiring import House
from domain.errors import Refusal
from domain.people import ROLE_WORDS, Person
from storage import sign_in
from storage.people import People
from storage.work import work_of

TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")
COOKIE = "xiaofang"
HOME = "/manage/"
FIELD = "csrf"
CHANGES_NOTHING = frozenset({"GET", "HEAD"})
LONGEST_FORM = 2_000_000
"""Bytes of what a form sends: the longest file of the rulebook, each of its characters as nine."""
MOST_FIELDS = 200


@dataclass(frozen=True)
class Entry:
    """A line of the navigation; without roles it is everybody's."""

    path: str
    label: str
    what: str
    """One line on the first page."""
    roles: tuple[str, ...] = ()


NAVIGATION: tuple[Entry, ...] = (
    Entry("/manage/approvals", "审批", "等你审批和付款的单子"),
    Entry("/manage/records", "记录", "看记录、依据和留痕，筛选和导出"),
    Entry(
        "/manage/customers",
        "客户",
        "看客户的红黄绿，每条理由和它的依据",
        ("rep", "manager", "director", "operations", "admin"),
    ),
    Entry(
        "/manage/leads",
        "线索",
        "看线索在谁手上、到了哪一步、经过了什么",
        ("rep", "manager", "director", "operations", "admin"),
    ),
    Entry(
        "/manage/training",
        "陪练",
        "团队练得怎样、评分准不准、市场上真实的异议",
        ("trainer", "manager", "director", "operations", "admin"),
    ),
    Entry("/manage/rulebook", "规则", "改表单、流程和提醒：检查、试算、发布、退回", ("operations", "admin")),
)


@dataclass(frozen=True)
class Asked:
    """One request of somebody who is signed in."""

    house: House
    request: Request
    person: Person
    now: datetime
    token: str
    """Of the session; never shown."""
    form: FormData = field(default_factory=FormData)

    @property
    def query(self) -> QueryParams:
        return self.request.query_params

    def html(self, template: str, *, status: int = 200, **shown: Any) -> Response:
        told = {
            "person": self.person,
            "role": ROLE_WORDS[self.person.role],
            "entries": [e for e in NAVIGATION if not e.roles or self.person.role in e.roles],
            "here": self.request.url.path,
            "token": self._hidden,
        }
        return TEMPLATES.TemplateResponse(self.request, template, told | shown, status)

    def must_be(self, *roles: str) -> None:
        """Raises Refusal for everybody else."""
        if self.person.role not in roles:
            wanted = "、".join(ROLE_WORDS[role] for role in roles)
            raise Refusal(f"这一页只有{wanted}能用。")

    def _hidden(self) -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token(self.token))


Page = Callable[[Asked], Response]


def page(house: House, answer: Page) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers only people who are signed in, and only forms that a page of ours gave them."""

    async def endpoint(request: Request) -> Response:
        changes = request.method not in CHANGES_NOTHING
        if changes and _is_too_long(request):
            return message(request, "太长了", "一次发来的内容太多，没有处理。请拆成几次再发。", 413)
        form = await request.form(max_files=0, max_fields=MOST_FIELDS) if changes else FormData()
        return await asyncio.to_thread(_answered, house, request, form, changes, answer)

    return endpoint


def _is_too_long(request: Request) -> bool:
    """Asked before anybody is known to be signed in. What does not say how long it is counts as too long."""
    length = request.headers.get("content-length", "0")
    told = length.isdecimal() and len(length) < 10 and "transfer-encoding" not in request.headers
    return not told or int(length) > LONGEST_FORM


def _answered(house: House, request: Request, form: FormData, changes: bool, answer: Page) -> Response:
    token, now = request.cookies.get(COOKIE, ""), house.now()
    person = who_is_signed_in(house, token, now)
    if person is None:
        return message(request, "请先登录", "在企业微信或钉钉里对小访说“管理后台”，点它发给你的链接。", 401)
    given = str(form.get(FIELD, "")).encode(errors="replace")
    if changes and not (same_site(request) and hmac.compare_digest(given, form_token(token).encode())):
        return message(
            request, "没有执行", "这个页面放得太久了，或者请求不是从本站发出的。请返回刷新后再试。", 403
        )
    try:
        return answer(Asked(house, request, person, now, token, form))
    except Refusal as refusal:
        return message(request, "办不了", refusal.words, 403)
    except HTTPException:
        raise
    except Exception:
        reference = failures.bug(f"page {request.url.path}")
        return message(request, "出错了", f"这是我们的问题，请把编号 {reference} 发给管理员。", 500)


def who_is_signed_in(house: House, token: str, now: datetime) -> Person | None:
    if not token:
        return None
    with house.store.read() as session:
        row = sign_in.signed_in(session, token, now)
        person = People(session).get(row.person_id) if row else None
    if row and person and row.seen_at < now - sign_in.NOTED_EVERY:
        with house.store.write() as session:
            sign_in.seen(session, row, now)
    return person


def form_token(token: str) -> str:
    """What a form must carry: known to the pages of this session only."""
    return hmac.new(token.encode(), b"form", sha256).hexdigest()


def same_site(request: Request) -> bool:
    """What the browser itself says of where a form came from; old browsers say nothing."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def message(request: Request, title: str, words: str, status: int) -> Response:
    return TEMPLATES.TemplateResponse(request, "message.html", {"title": title, "words": words}, status)


def number(told: object) -> int:
    """An id out of an address or a form; 0, which nothing has, where it can be none."""
    words = str(told or "")
    return int(words) if words.isdecimal() and len(words) < 19 else 0


def go_to(path: str) -> RedirectResponse:
    """After a form: the next page, so that reloading sends nothing again."""
    return RedirectResponse(path, 303)


def signed_in(house: House, token: str) -> Response:
    """The way in: the session's cookie, and the first page."""
    answer = go_to(HOME)
    answer.set_cookie(
        COOKIE,
        token,
        path="/manage",
        httponly=True,
        samesite="lax",
        secure=house.settings.public_url.startswith("https://"),
    )
    return answer


def told_as_signed_in(session: Session, person_id: str, how: str, now: datetime) -> None:
    """Everybody's signing in is on record."""
    records = work_of(session, who=person_id, now=now, inbox_id=None).records
    records.audit(f"person:{person_id}", "signed_in", None, "pages", how)
    records.write()
