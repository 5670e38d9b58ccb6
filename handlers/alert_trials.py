"""What an alert would have done over the company's own data, before it is published."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from domain.alerts import DAILY, FESTIVALS, Alert
from domain.forms import Rulebook
from domain.people import Person
from handlers.alerts import Fired, looks_at_hidden, over_customers, over_records
from handlers.customer_facts import Day
from nlu.language.holidays import next_festival
from nlu.language.lexicon import Lexicon
from storage.tables import RecordRow

TRIED_ON = timedelta(days=30)
LOOKS = 5
"""Days of a time that are tried: the same customer is found on more than one of them anyway."""
MOST_RECORDS = 2000
MOST_NAMED = 3


def trial_of(
    session: Session, alert: Alert, known: tuple[Rulebook, Lexicon], reader: Person, now: datetime
) -> tuple[str, ...]:
    """In words: whom it would alert about today, in the last 30 days and, of a festival, before the last one.

    Nothing is written. What the reader is not shown of others' records is not in it. `now` in the company's zone.
    """
    rules, lexicon = known
    alone = rules.model_copy(
        update={"alerts": {alert.key: alert}, "version": f"trial:{alert.key}:{alert.when}:{alert.once_per}"}
    )
    if alert.about == "record":
        return (_over_records(session, (alone, lexicon), alert, reader, now),)
    return tuple(
        f"{words}：{_counted(fired)}" for words, fired in _over_customers(session, alone, lexicon, alert, now)
    )


def _over_customers(
    session: Session, alone: Rulebook, lexicon: Lexicon, alert: Alert, now: datetime
) -> Iterator[tuple[str, list[Fired]]]:
    today, zone = now.date(), now.tzinfo
    assert zone is not None

    def on(days: list[date]) -> list[Fired]:
        found: dict[tuple[str, str], Fired] = {}
        for one in days:
            day = Day(one, zone)
            for fired in over_customers(session, alone, lexicon, day, DAILY):
                found.setdefault((fired.subject, alert.period(fired.facts, one)), fired)
        return list(found.values())

    yield "今天", on([today])
    yield "过去30天", on(_spread(today - TRIED_ON, today))
    for name in FESTIVALS:
        if f"days_to.{name}" in alert.condition(alone.forms).names and (coming := next_festival(name, today)):
            last = Day(today, zone).last_year(name)
            if last and coming != last:
                yield f"上一个{name}前", on(_spread(last - TRIED_ON, last - timedelta(days=1)))


def _spread(first: date, last: date) -> list[date]:
    step = (last - first) / (LOOKS - 1)
    return [first + step * n for n in range(LOOKS)]


def _counted(fired: list[Fired]) -> str:
    if not fired:
        return "不会提醒任何客户"
    names = list(dict.fromkeys(str(one.facts["customer"]) for one in fired))
    more = "等" if len(names) > MOST_NAMED else ""
    return f"会提醒 {len(fired)} 次，{len(names)} 家：{'、'.join(names[:MOST_NAMED])}{more}"


def _over_records(
    session: Session, known: tuple[Rulebook, Lexicon], alert: Alert, reader: Person, now: datetime
) -> str:
    alone, lexicon = known
    if any(looks_at_hidden(alert, form, reader, alone) for form in alert.triggers):
        return "条件里有你看不到的内容，不能给你试算；看不到它的人也不会收到这条提醒"
    query = (
        select(RecordRow)
        .where(col(RecordRow.form).in_(alert.triggers), col(RecordRow.happened_at) >= now - TRIED_ON)
        .where(col(RecordRow.status).in_(("confirmed", "submitted", "approved")))
        .order_by(col(RecordRow.id).desc())
        .limit(MOST_RECORDS)
    )
    rows = list(session.scalars(query))
    assert now.tzinfo is not None
    fired = list(over_records(session, alone, lexicon, Day(now.date(), now.tzinfo), rows))
    if not fired:
        return f"过去30天的 {len(rows)} 条记录：一条也不会提醒"
    example = fired[0].words_for(reader, alone)
    return f"过去30天的 {len(rows)} 条记录：会提醒 {len(fired)} 条，比如：{example}"
