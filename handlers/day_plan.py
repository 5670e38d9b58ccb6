"""Today's stops in an order that makes sense: what was planned, and what was promised for today or before."""

from datetime import datetime, timedelta

from domain.day_plan import Leg, Stop, ordered
from domain.health import COLOURS
from domain.intents import Intent, PlanDay
from handlers.health import of_customers
from handlers.turn import Reply, Turn, View, say
from handlers.visit_facts import places_of
from handlers.wording import customer_name
from nlu.language.heading import asks_for_order
from storage import gates
from storage.tables import RecordRow
from storage.visits import position_of

NOTHING = "今天还没有拜访计划。说一句“下午去永旺超市望京店谈铺货”，我来排。"
HONEST = "距离按直线算，实际路程会更远；路况我不知道。"
NEAR = 1000
"""Metres from which on a distance is told in kilometres."""


def heard(text: str, view: View) -> tuple[Intent, ...]:
    return (PlanDay(),) if asks_for_order(text) else ()


def plan_day(intent: PlanDay, turn: Turn) -> Reply:
    lines = lines_of_today(turn)
    if not lines:
        return say(turn, NOTHING)
    numbered = (f"{number}. {line}" for number, line in enumerate(lines, 1))
    return say(turn, "\n".join(["今天建议这样跑：", *numbered, HONEST]))


def lines_of_today(turn: Turn) -> list[str]:
    """A line a stop, in order; those where he has been today are left out."""
    legs, rows = _today(turn)
    found = of_customers([leg.stop.customer for leg in legs], turn) if legs else {}
    visible = {leg.stop.customer for leg in legs if turn.seen().customer(leg.stop.customer)}
    return [
        _line(
            leg,
            rows[leg.stop.customer],
            found[code].colour if (code := leg.stop.customer) in visible & found.keys() else "",
            turn,
        )
        for leg in legs
    ]


def _today(turn: Turn) -> tuple[list[Leg], dict[str, list[RecordRow]]]:
    start = turn.local_now.replace(hour=0, minute=0, second=0, microsecond=0)
    end, today = start + timedelta(days=1), start.date()
    been = turn.work.check_ins.between(turn.person.id, start, end)
    done = {c.customer_code for c in been} | _visited(start, end, turn)
    rows: dict[str, list[RecordRow]] = {}
    for row in gates.plans_of(turn.work.session, turn.person.id, today, start, end):
        if row.customer_code and row.customer_code not in done:
            rows.setdefault(row.customer_code, []).append(row)
    places = places_of(list(rows), turn)
    stops = [
        Stop(
            customer=code,
            at=_fixed(of, turn),
            position=places[code].position if code in places else None,
            overdue=any(_is_overdue(row, today.isoformat()) for row in of),
        )
        for code, of in rows.items()
    ]
    here = position_of(been[-1]) if been and been[-1].latitude is not None else None
    takes = timedelta(minutes=turn.rulebook.health.minutes_a_stop)
    return ordered(stops, turn.local_now, takes, here), rows


def _visited(start: datetime, end: datetime, turn: Turn) -> set[str | None]:
    records = turn.work.records.between(turn.person.id, start, end, ("confirmed",))
    return {r.customer_code for r in records if r.form == "visit" and not r.data.get("planned")}


def _fixed(rows: list[RecordRow], turn: Turn) -> datetime | None:
    """The earliest time of day that was said; a mere day is none."""
    said = [str(row.data.get("happened_at", "")) for row in rows if gates.is_plan(row)]
    times = [datetime.fromisoformat(text).astimezone(turn.zone) for text in said if len(text) > 10]
    return min((t for t in times if (t.hour, t.minute) != (0, 0)), default=None)


def _is_overdue(row: RecordRow, today: str) -> bool:
    return "" < str(row.data.get("next_date", ""))[:10] < today and not gates.is_plan(row)


def _line(leg: Leg, rows: list[RecordRow], colour: str, turn: Turn) -> str:
    stop = leg.stop
    time = f"{stop.at:%H:%M} " if stop.at else ""
    light = f"{COLOURS[colour][0]} " if colour in ("red", "yellow") else ""  # type: ignore[index]
    what = "、".join(dict.fromkeys(filter(None, (_purpose(row) for row in rows))))
    details = [f"说好的已经过期：{what}" if stop.overdue else what, _way(leg)]
    beside = "，".join(filter(None, details))
    return f"{time}{light}{customer_name(stop.customer, turn)}{f'（{beside}）' if beside else ''}"


def _purpose(row: RecordRow) -> str:
    return str(row.data.get("purpose" if gates.is_plan(row) else "next_step") or "")


def _way(leg: Leg) -> str:
    if leg.stop.position is None:
        return "位置还不知道，排在后面" if leg.stop.at is None else "位置还不知道"
    if leg.metres is None:
        return ""
    far = f"{leg.metres:.0f} 米" if leg.metres < NEAR else f"{leg.metres / 1000:.1f} 公里"
    return f"直线约 {far}"
