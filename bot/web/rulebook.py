"""The rulebook on a page: its files, what a change would do, publishing, the way back. For operations and admins."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from starlette.responses import Response
from starlette.routing import Route

from bot.web.pages import Asked, go_to, page
from bot.web.pages import number as _number
from bot.wiring import House
from config import rulebook
from config.rulebook import FOLDERS, OPTIONAL, WHOLE, Problem, RulebookError
from domain.errors import Refusal
from handlers import publishing
from handlers.dry_run import dry_run
from handlers.publishing import MAY_PUBLISH
from storage import rulebooks
from storage.people import People
from storage.rulebooks import RulebookVersionRow

HOME = "/manage/rulebook"
FOLDER_WORDS = {
    "alerts": "提醒",
    "flows": "流程",
    "schedules": "定时提醒",
    "forms": "表单",
    "lexicon": "词库",
    "policies": "权限",
    "": "其他",
}
KINDS = {"published": "发布", "rolled_back": "退回"}
WHOLE_FILES = {name for name, _ in WHOLE.values()}
IN_A_FOLDER = re.compile(rf"({'|'.join((*FOLDERS, *OPTIONAL))})/[a-z0-9_]+\.yaml")
LONGEST = 200_000
"""Characters of a file."""


def routes(house: House) -> list[Route]:
    return [
        Route("/rulebook", page(house, _overview)),
        Route("/rulebook/file", page(house, _file), methods=["GET", "POST"]),
        Route("/rulebook/draft/{number}", page(house, _draft), methods=["GET", "POST"]),
        Route("/rulebook/rollback", page(house, _roll_back), methods=["POST"]),
    ]


def _overview(asked: Asked) -> Response:
    asked.must_be(*MAY_PUBLISH)
    house = asked.house
    with house.store.read() as session:
        held = house.knowledge.in_force(session)
        history = [
            {
                "at": change.at.astimezone(house.zone).strftime("%Y-%m-%d %H:%M"),
                "what": KINDS[change.kind],
                "version": row.id if row else None,
                "who": _name(session, change.who),
                "why": change.why,
                "now": number == 0,
            }
            for number, (change, row) in enumerate(rulebooks.history(session))
        ]
        last = rulebooks.in_force(session)
    shown: dict[str, Any] = {
        "groups": _grouped(held.files),
        "history": history,
        "version": held.rules.version,
        "base": last.id if last else 0,
    }
    return asked.html("rulebook.html", problems=house.knowledge.problems, **shown)


def _grouped(files: Mapping[str, bytes]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {folder: [] for folder in FOLDER_WORDS}
    for name in sorted(files):
        folder, slash, _ = name.partition("/")
        groups.setdefault(folder if slash else "", []).append(name)
    return [(FOLDER_WORDS.get(folder, folder), names) for folder, names in groups.items() if names]


def _name(session: Session, person_id: str) -> str:
    person = People(session).get(person_id)
    return person.name if person else person_id


def _file(asked: Asked) -> Response:
    """A file to look at and change, as it is in force or in a draft; what is sent becomes a draft once it is right."""
    asked.must_be(*MAY_PUBLISH)
    name = str(asked.form.get("name") or asked.query.get("name") or "").strip()
    _known_name(name)
    draft = _number(asked.form.get("draft") or asked.query.get("draft"))
    with asked.house.store.read() as session:
        last = rulebooks.in_force(session)
        held = asked.house.knowledge.in_force(session)
        row = rulebooks.version(session, draft)
        files = rulebooks.files_of(session, row) if row else dict(held.files)
    base = (row.base if row else last.id if last else None) or 0
    if asked.request.method == "POST":
        base = _number(asked.form.get("base"))
    text = files.get(name, b"").decode()
    shown: dict[str, Any] = {"name": name, "draft": draft or "", "base": base, "is_new": name not in files}
    if asked.request.method != "POST":
        return asked.html("rulebook_file.html", text=text, problems=(), why="", **shown)
    text = str(asked.form.get("text") or "").replace("\r\n", "\n")
    why = str(asked.form.get("why") or "").strip()[:200]
    if len(text) > LONGEST:
        raise Refusal("这个文件太大了，请拆成几个。")
    files = {other: raw for other, raw in files.items() if other != name}
    if asked.form.get("action") != "delete":
        files[name] = text.encode()
    try:
        return go_to(f"{HOME}/draft/{_drafted(asked, files, why or f'修改 {name}', base)}")
    except RulebookError as error:
        problems: list[Problem] = error.problems
    return asked.html("rulebook_file.html", text=text, problems=problems, why=why, status=422, **shown)


def _drafted(asked: Asked, files: Mapping[str, bytes], why: str, base: int) -> int:
    rulebook.read(files)  # mistakes are found before anybody waits for this transaction
    with asked.house.store.write() as session:
        held = asked.house.knowledge.in_force(session)
        draft = publishing.draft(session, files, held, who=asked.person.id, why=why, now=asked.now, base=base)
        return draft.row.id or 0


def _known_name(name: str) -> None:
    """Raises Refusal for what can be no file of a rulebook."""
    if name not in WHOLE_FILES and not IN_A_FOLDER.fullmatch(name):
        raise Refusal("文件名写成“文件夹/名字.yaml”，名字用小写英文，比如 alerts/big_order.yaml。")


def _draft(asked: Asked) -> Response:
    asked.must_be(*MAY_PUBLISH)
    number = _number(asked.request.path_params["number"])
    if asked.request.method == "POST":
        return _decided(asked, number)
    house = asked.house
    with house.store.read() as session:
        row = _row(session, number)
        held = house.knowledge.in_force(session)
        _, lexicon = house.knowledge.current(session)
        here = asked.now.astimezone(house.zone)
        found = dry_run(session, held.rules, publishing.tried(session, row), lexicon, asked.person, here)
        shown: dict[str, Any] = {
            "row": row,
            "who": _name(session, row.who),
            "at": _moment(row.created_at, house.zone),
            "files": [name for name in sorted(row.own) if held.files.get(name) != _raw(session, row, name)],
        }
    return asked.html("rulebook_draft.html", found=found, **shown)


def _row(session: Session, number: int) -> RulebookVersionRow:
    row = rulebooks.version(session, number)
    if row is None:
        raise Refusal("没有这个版本。")
    return row


def _raw(session: Session, row: RulebookVersionRow, name: str) -> bytes | None:
    return rulebooks.files_of(session, row).get(name)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _decided(asked: Asked, number: int) -> Response:
    house = asked.house
    with house.store.write() as session:
        if asked.form.get("action") == "publish":
            held = house.knowledge.in_force(session)
            publishing.publish(session, number, held, who=asked.person.id, now=asked.now)
        else:
            publishing.drop(session, number)
    house.knowledge.look_again()
    return go_to(HOME)


def _roll_back(asked: Asked) -> Response:
    asked.must_be(*MAY_PUBLISH)
    house = asked.house
    why = str(asked.form.get("why") or "").strip()[:200]
    wanted = asked.form.get("version")
    to = _number(wanted) if wanted else None
    if to == 0:
        raise Refusal("没有这个版本。")
    base = _number(asked.form.get("base"))
    with house.store.write() as session:
        held = house.knowledge.in_force(session)
        publishing.roll_back(session, held, to, who=asked.person.id, why=why, now=asked.now, base=base)
    house.knowledge.look_again()
    return go_to(HOME)
