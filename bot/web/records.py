"""Records on a page: a list with filters, one record with its evidence and trail, and what is seen as a file.

Everything is read through `House.seen_by`: nobody finds here what the policies do not show him.
"""

import io
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot import exports
from bot.trail import EVIDENCE, FIELDS, STATUS
from bot.web.pages import Asked, number, page
from bot.wiring import House
from domain.dialogue import Dialogue
from domain.errors import Refusal
from domain.policies import HIDDEN
from domain.statuses import COUNTS
from handlers.papers import doubtful_places
from handlers.turn import Turn
from handlers.wording import customer_name, read_fields, source_beside, summary
from storage.seeing import Seen, Wanted
from storage.tables import AuditRow, EvidenceRow, RecordRow
from storage.work import work_of

A_PAGE = 30
MOST_EXPORTED = 50_000
TONES = {
    "approved": "success",
    "paid": "success",
    "confirmed": "success",
    "submitted": "info",
    "rejected": "danger",
    "undone": "warning",
}
OPEN = {"photo": "看照片", "voice": "听录音", "receipt": "看票据"}
FILTERS = ("form", "person", "customer", "since", "until", "words")


def routes(house: House) -> list[Route]:
    return [
        Route("/records", page(house, listed)),
        Route("/records/export", page(house, exported), methods=["POST"]),
        Route("/records/{id}", page(house, one)),
    ]


def listed(asked: Asked) -> Response:
    given = {name: asked.query.get(name, "").strip() for name in FILTERS}
    before = asked.query.get("before", "")
    with asked.house.seen_by(asked.person) as seen:
        wanted, unknown = _wanted(given, seen, asked)
        last = number(before) or None
        rows = [] if unknown else seen.records(wanted, before=last, limit=A_PAGE + 1)
        reading = _reading(asked, seen)
        people, _ = seen.names((row.reporter_id for row in rows), ())
        lines = [_line(row, reading, people) for row in rows[:A_PAGE]]
    more = urlencode({**given, "before": rows[A_PAGE - 1].id}) if len(rows) > A_PAGE else ""
    return asked.html(
        "records.html",
        lines=lines,
        given=given,
        forms=reading.rulebook.forms.values(),
        unknown=unknown,
        more=more,
        first=urlencode(given) if before else "",
    )


def one(asked: Asked) -> Response:
    with asked.house.seen_by(asked.person) as seen:
        row = seen.record(number(asked.request.path_params["id"]))
        if row is None:
            raise HTTPException(404)
        reading = _reading(asked, seen)
        trail, proofs = seen.trail(row), seen.evidence([row]).get(row.id or 0, [])
        names, _ = seen.names({row.reporter_id, *(change.who for change in trail)}, ())
        form = reading.rulebook.form_of(row.form)
        fields = [
            (
                field.label,
                words,
                "" if words == HIDDEN else source_beside(row.sources.get(field.id, ""), words),
            )
            for field, words in read_fields(form, row.data, reading)
        ]
        verdict = seen.verdict(row)
        return asked.html(
            "record.html",
            record=_line(row, reading, names),
            fields=fields,
            checks=[check.get("words", "") for check in row.checks],
            proofs=[_proof(proof, row, seen) for proof in proofs],
            trail=[_change(change, names, form, reading) for change in trail],
            verdict=verdict,
            hidden=HIDDEN,
        )


def exported(asked: Asked) -> Response:
    """What the filters show, as a CSV file; who took it out is on record."""
    given = {name: str(asked.form.get(name, "")).strip() for name in FILTERS}
    form = _knowledge(asked)[0].forms.get(given["form"])
    if form is None:
        raise Refusal("导出前请先选一种表单。")
    out = io.BytesIO()
    with asked.house.seen_by(asked.person, "export") as seen:
        wanted, unknown = _wanted(given, seen, asked)
        wanted = Wanted(**{**vars(wanted), "statuses": COUNTS})
        count = 0 if unknown else seen.count(wanted)
        if count > MOST_EXPORTED:
            raise Refusal(f"有 {count} 条，一次最多导出 {MOST_EXPORTED} 条。请缩短时间范围，分几次导出。")
        records = exports.seen_records(seen, wanted, asked.house.zone) if count else iter(())
        exports.csv_file(records, form, out)
    with asked.house.store.write() as session:
        trail = work_of(session, who=asked.person.id, now=asked.now, inbox_id=None).records
        trail.audit(
            f"export:{form.key}", "records", None, count, urlencode({k: v for k, v in given.items() if v})
        )
        trail.write()
    name = f"{form.key}-{asked.now.astimezone(asked.house.zone):%Y%m%d-%H%M}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _wanted(given: dict[str, str], seen: Seen, asked: Asked) -> tuple[Wanted, str]:
    """The filters, and what in them nobody knows, in words."""
    person, customer = given["person"], given["customer"]
    lexicon = _knowledge(asked)[1]
    if person:
        found = [p.id for p in lexicon.people.values() if person in (p.id, p.name, *p.nicknames)]
        if len(found) != 1:
            return (
                Wanted(),
                f"没有找到业务员“{person}”。" if not found else f"“{person}”有 {len(found)} 个人，请写编号。",
            )
        person = found[0]
    if customer:
        shops = [seen.customer(customer)] if seen.customer(customer) else seen.customers(customer, limit=2)
        exact = [c for c in shops if c and c.name == customer] or shops
        if len(exact) != 1 or exact[0] is None:
            return Wanted(), f"你能看到的客户里，{'没有' if not exact else '不止一家是'}“{customer}”。"
        customer = exact[0].code
    since, until = _day(given["since"], asked), _day(given["until"], asked)
    wanted = Wanted(
        form=given["form"],
        person=person,
        customer=customer,
        words=given["words"],
        since=since,
        until=until + timedelta(days=1) if until else None,
    )
    return wanted, ""


def _day(text: str, asked: Asked) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), asked.house.zone) if text else None
    except ValueError:
        raise Refusal(f"看不懂日期“{text}”，请写成 2026-03-10。") from None


def _knowledge(asked: Asked) -> tuple[Any, Any]:
    with asked.house.store.read() as session:
        return asked.house.knowledge.current(session)


def _reading(asked: Asked, seen: Seen) -> Turn:
    """What reading values aloud needs of a turn."""
    rulebook, lexicon = _knowledge(asked)
    work = work_of(seen.session, who=asked.person.id, now=asked.now, inbox_id=None)
    return Turn(asked.now, asked.house.zone, asked.person, "", None, Dialogue(), rulebook, lexicon, work)


def _line(row: RecordRow, reading: Turn, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.happened_at.astimezone(reading.zone),
        "form": reading.rulebook.form_of(row.form).label,
        "who": people.get(row.reporter_id, row.reporter_id),
        "customer": customer_name(row.customer_code, reading),
        "summary": summary(row, reading, without_customer=True),
        "status": STATUS.get(row.status, row.status),
        "tone": TONES.get(row.status, ""),
    }


def _proof(row: EvidenceRow, record: RecordRow, seen: Seen) -> dict[str, Any]:
    opens = seen.file(record, row.id or 0) is not None
    return {
        "id": row.id if opens else None,
        "open": OPEN.get(row.kind, "打开文件"),
        "doubts": bool(opens and row.kind == "receipt" and doubtful_places(row, record)),
        "kind": EVIDENCE.get(row.kind, row.kind),
        "words": row.words,
        "mark": (row.sha256 or "")[:12],
        "shown": bool(row.words or row.sha256 or row.details),
    }


def _change(row: AuditRow, names: dict[str, str], form: Any, reading: Turn) -> dict[str, Any]:
    field = form.field(row.field)
    return {
        "at": row.at.astimezone(reading.zone),
        "who": names.get(row.who) or {"clock": "定时"}.get(row.who, row.who),
        "field": field.label if field else FIELDS.get(row.field, "状态"),
        "old": _words(row.old),
        "new": _words(row.new),
        "why": row.why,
    }


def _words(value: Any) -> str:
    if value is None:
        return ""
    return STATUS.get(value, value) if isinstance(value, str) else str(value)
