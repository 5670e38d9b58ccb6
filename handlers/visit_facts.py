"""Gather what a visit is judged by: its position, notes and photos, and everything that they are compared with."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.check_ins import grade, place_of
from domain.dialogue import VISIT_LASTS
from domain.visits import Fix, Note, Photo, Place, Visit
from handlers.turn import Turn
from storage.tables import CheckInRow, EvidenceRow, RecordRow
from storage.verdicts import note_of
from storage.visits import fix_of, position_of

DAY = timedelta(days=1)
STATES = ("done", "left", "nowhere", "asked")
PHOTO_FACTS = ("minutes_off", "place_match")


def facts_of(row: RecordRow, turn: Turn) -> tuple[Visit, CheckInRow | None]:
    """Everything that the rules look at, and the check-in that proves the visit."""
    start, end = day_of(row.happened_at, turn)
    around = turn.work.check_ins.between(row.reporter_id, start - DAY, end + DAY, STATES)
    check_in = _check_in_of(row, around, turn)
    own, others = _movements(row, check_in, around, turn) if check_in else ((), ())
    code = row.customer_code or ""
    places = places_of([code, *(f.customer for f in own if f.customer)], turn)
    evidence = turn.work.records.evidence(row.id or 0)
    told = [e for e in evidence if e.kind in ("text", "voice")]
    notes, messages = [note_of(e, row) for e in told], [e.inbox_id for e in told if e.inbox_id]
    earlier = turn.work.verdicts.earlier_notes(row, messages)
    earlier += turn.work.verdicts.replays(row, messages, [n.sha256 for n in notes if n.sha256])
    visit = Visit(
        person=row.reporter_id,
        customer=code,
        called=_called(code, turn),
        names=_names(row, earlier, turn),
        happened_at=row.happened_at.astimezone(turn.zone),
        place=places.get(code),
        fix=fix_of(check_in) if check_in else None,
        accepted=tuple(turn.work.verdicts.accepted_spots(code)) if check_in else (),
        own=own,
        others=others,
        places=places,
        notes=tuple(notes),
        photos=tuple(_photo(e) for e in evidence if e.kind == "photo"),
        earlier=tuple(earlier),
    )
    return visit, check_in


def _check_in_of(row: RecordRow, around: list[CheckInRow], turn: Turn) -> CheckInRow | None:
    """The check-in on the day of the visit, at its customer, the nearest to its time.

    Where there is none, a position of the last hours that no customer was found for is taken for this one, unless the
    customer's place is known and elsewhere.
    """
    start, end = day_of(row.happened_at, turn)
    done = [c for c in around if c.state == "done" and c.customer_code == row.customer_code]
    found = [c for c in done if start <= c.at < end]
    if found:
        return min(found, key=lambda c: abs(c.at - row.happened_at))
    unclaimed = [
        c for c in around if c.state in ("nowhere", "asked") and abs(c.at - row.happened_at) <= VISIT_LASTS
    ]
    return _claimed(unclaimed[-1], row, turn) if unclaimed else None


def _claimed(check_in: CheckInRow, row: RecordRow, turn: Turn) -> CheckInRow | None:
    place = places_of([row.customer_code or ""], turn).get(row.customer_code or "")
    if place is not None:
        graded, metres = grade(position_of(check_in), place, turn.rulebook.authenticity.place)
        if graded == "fail":
            return None
        check_in.distance = round(metres, 1)
    check_in.customer_code, check_in.state, check_in.chosen = row.customer_code, "done", "said"
    return turn.work.check_ins.add(check_in)


def places_of(codes: Iterable[str], turn: Turn) -> dict[str, Place]:
    """The places of these customers, as far as they are known."""
    customers = [c for code in dict.fromkeys(codes) if (c := turn.lexicon.customers.get(code))]
    learned = turn.work.places.of(c.code for c in customers if c.position is None)
    return {c.code: place for c in customers if (place := place_of(c, learned))}


def _movements(
    row: RecordRow, check_in: CheckInRow, around: list[CheckInRow], turn: Turn
) -> tuple[tuple[Fix, ...], tuple[Fix, ...]]:
    """(the rep's own other fixes, those of other people that are the same)."""
    start, end = day_of(row.happened_at, turn)
    like = turn.work.check_ins.like(check_in)
    mine = {
        c.id: c
        for c in [*around, *like]
        if c.person_id == row.reporter_id and c.id != check_in.id and c.state != "asked"
    }
    others = [
        c
        for c in like
        if c.person_id != row.reporter_id
        and (start <= c.at < end or (check_in.device and c.device == check_in.device))
    ]
    return tuple(fix_of(c) for c in mine.values()), tuple(fix_of(c) for c in others)


def _called(code: str, turn: Turn) -> tuple[str, ...]:
    customer = turn.lexicon.customers.get(code)
    return (customer.name, *customer.aliases) if customer else ()


def _names(row: RecordRow, earlier: Iterable[Note], turn: Turn) -> tuple[str, ...]:
    codes = dict.fromkeys([row.customer_code, *(n.customer for n in earlier)])
    customers = [c for code in codes if (c := turn.lexicon.customers.get(code or ""))]
    names = [name for c in customers for name in (c.name, *c.aliases)]
    return tuple(dict.fromkeys([*names, str(row.data.get("contact") or "")]).keys() - {""})


def _photo(row: EvidenceRow) -> Photo:
    """A photo's evidence, as the reader of photos left it; what it could not tell is None."""
    known = {name: row.details.get(name) for name in PHOTO_FACTS}
    copied = (row.details.get("told") or "以前的照片") if row.details.get("reuse_of") else ""
    return Photo.model_validate({"ref": f"evidence:{row.id}", "reuse_of": copied, **known})


def day_of(at: datetime, turn: Turn) -> tuple[datetime, datetime]:
    """The beginning and the end of that day in the company's zone."""
    start = at.astimezone(turn.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + DAY
