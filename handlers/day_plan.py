"""Today's stops in an order that makes sense: what was planned, and what was promised for today or before."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from domain.day_plan import Leg, Stop, ordered
from domain.health import COLOURS
from domain.intents import Intent
from domain.intents.visits import PlanDay
from domain.statuses import STANDING
from handlers.health import of_customers
from handlers.turn import Reply, Turn, View, say
from handlers.visit_facts import places_of
from handlers.wording import customer_name
from nlu.language.heading import asks_for_order
from storage import promises
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


def lines_of_today(turn: Turn, beside: Collection[str] = (), *, only_overdue: bool = True) -> list[str]:
    """A line a stop, in order; those where he has been today are left out, and what is promised `beside` (subjects
    like `record:12`) where there is nothing else to do. `only_overdue=False`: none where all of it is overdue."""
    legs, rows = _today(turn, beside)
    if not legs or not (only_overdue or any(not leg.stop.overdue for leg in legs)):
        return []
    found = of_customers([leg.stop.customer for leg in legs], turn)
    _, visible = turn.seen().names((), found)
    routed = any(leg.stop.position for leg in legs)
    return [
        _line(
            leg,
            rows[leg.stop.customer],
            found[code].colour if (code := leg.stop.customer) in visible else "",
            turn,
            routed=routed,
        )
        for leg in legs
    ]


def planned_today(turn: Turn) -> list[str]:
    """Codes of the customers to whom a visit is planned today, whether he has been there or not."""
    rows = promises.plans_of(turn.work.session, turn.person.id, turn.own_day)
    return list(
        dict.fromkeys(row.customer_code for row in rows if row.customer_code and promises.is_plan(row))
    )


def _today(turn: Turn, beside: Collection[str]) -> tuple[list[Leg], dict[str, list[RecordRow]]]:
    start, today = turn.own_day, turn.own_day.date()
    been = turn.work.check_ins.between(turn.person.id, start, start + timedelta(days=1))
    done = {c.customer_code for c in been} | _visited(start, turn)
    rows: dict[str, list[RecordRow]] = {}
    for row in promises.plans_of(turn.work.session, turn.person.id, start):
        key = row.customer_code or str(row.data.get("customer_name") or "")
        if key and key not in done:
            rows.setdefault(key, []).append(row)
    rows = {key: of for key, of in rows.items() if any(f"record:{row.id}" not in beside for row in of)}
    places = places_of(list(rows), turn)
    stops = [
        Stop(
            customer=code,
            at=_fixed(of, turn),
            position=places[code].position if code in places else None,
            overdue=any(_is_overdue(row, today) for row in of),
        )
        for code, of in rows.items()
    ]
    here = position_of(been[-1]) if been and been[-1].latitude is not None else None
    takes = timedelta(minutes=turn.rulebook.health.minutes_a_stop)
    return ordered(stops, turn.now, takes, here), rows


def _visited(start: datetime, turn: Turn) -> set[str | None]:
    visits = {form.key for form in turn.rulebook.forms.values() if form.tells == "visited"}
    records = turn.work.records.between(turn.person.id, start, start + timedelta(days=1), STANDING)
    return {r.customer_code for r in records if r.form in visits and not r.data.get("planned")}


def _fixed(rows: list[RecordRow], turn: Turn) -> datetime | None:
    """The earliest time of day that was said; a mere day is none."""
    said = [str(row.data.get("happened_at", "")) for row in rows if promises.is_plan(row)]
    zone = turn.person.zone(turn.zone)
    times = [datetime.fromisoformat(text).astimezone(zone) for text in said if len(text) > 10]
    return min((t for t in times if (t.hour, t.minute) != (0, 0)), default=None)


def _is_overdue(row: RecordRow, today: date) -> bool:
    promised = promises.promised_day(row)
    return promised is not None and promised < today and not promises.is_plan(row)


def _line(leg: Leg, rows: list[RecordRow], colour: str, turn: Turn, *, routed: bool) -> str:
    stop = leg.stop
    time = f"{stop.at:%H:%M} " if stop.at else ""
    light = f"{COLOURS[colour][0]} " if colour in ("red", "yellow") else ""  # type: ignore[index]
    what = "、".join(dict.fromkeys(filter(None, (_purpose(row) for row in rows))))
    details = [f"约的日子已经过了：{what}" if stop.overdue else what, _way(leg, routed=routed)]
    beside = "，".join(filter(None, details))
    return f"{time}{light}{customer_name(stop.customer, turn) or stop.customer}{f'（{beside}）' if beside else ''}"


def _purpose(row: RecordRow) -> str:
    return str(row.data.get("purpose" if promises.is_plan(row) else "next_step") or "")


def _way(leg: Leg, *, routed: bool) -> str:
    if leg.stop.position is None:
        return "位置还不知道，排在后面" if routed and leg.stop.at is None else ""
    if leg.metres is None:
        return ""
    far = f"{leg.metres:.0f} 米" if leg.metres < NEAR else f"{leg.metres / 1000:.1f} 公里"
    return f"直线约 {far}"
