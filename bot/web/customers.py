"""Customers on a page: red, yellow or green, with what each reason rests on. Read through the policies.

Labels are worked out as they are asked for, so filtering by colour looks through customers until a page is full.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.responses import Response
from starlette.routing import Route

from bot.web.pages import Asked, page
from bot.wiring import House
from domain.dialogue import Dialogue
from domain.health import COLOURS, Health
from domain.people import Customer
from handlers import health
from handlers.turn import Turn
from storage.seeing import Seen
from storage.work import work_of

A_PAGE = 30
AT_ONCE = 300
MOST_LOOKED_AT = 3000
"""Customers that one request looks at; the next page goes on there."""
TONES = {"red": "danger", "yellow": "warning", "green": "success"}


def routes(house: House) -> list[Route]:
    return [Route("/customers", page(house, listed))]


def listed(asked: Asked) -> Response:
    words, colour = asked.query.get("words", "").strip(), asked.query.get("colour", "")
    colour = colour if colour in COLOURS else ""
    with asked.house.store.read() as session:
        turn = _turn(asked, session)
        seen = turn.seen()
        found, after = _a_page(words, colour, asked.query.get("after", ""), seen, turn)
        people, _ = seen.names((customer.owner_id for customer, _ in found if customer.owner_id), ())
        lines = [_line(customer, label, people, seen, turn) for customer, label in found]
    given = {"words": words, "colour": colour}
    return asked.html(
        "customers.html",
        lines=lines,
        colours=COLOURS,
        given=given,
        more=urlencode({**given, "after": after}) if after else "",
    )


def _a_page(
    words: str, colour: str, after: str, seen: Seen, turn: Turn
) -> tuple[list[tuple[Customer, Health]], str]:
    """Customers of that colour, and the code after which the next page begins; empty where there is none."""
    found: list[tuple[Customer, Health]] = []
    looked_at = 0
    for customer, label in _labelled(words, after, seen, turn):
        if len(found) == A_PAGE or looked_at == MOST_LOOKED_AT:
            return found, after
        looked_at, after = looked_at + 1, customer.code
        if colour in ("", label.colour):
            found.append((customer, label))
    return found, ""


def _labelled(words: str, after: str, seen: Seen, turn: Turn) -> Iterator[tuple[Customer, Health]]:
    while batch := seen.customers(words, limit=AT_ONCE, after=after):
        labels = health.of_customers([customer.code for customer in batch], turn)
        yield from ((customer, labels[customer.code]) for customer in batch)
        after = batch[-1].code


def _turn(asked: Asked, session: Session) -> Turn:
    """What working out labels needs of a turn; they are worked out for the house, and shown to the person."""
    rulebook, lexicon = asked.house.knowledge.current(session)
    work = work_of(session, who=asked.person.id, now=asked.now, inbox_id=None)
    return Turn(asked.now, asked.house.zone, asked.person, "", None, Dialogue(), rulebook, lexicon, work)


def _line(
    customer: Customer, label: Health, people: dict[str, str], seen: Seen, turn: Turn
) -> dict[str, Any]:
    return {
        "code": customer.code,
        "name": customer.name,
        "level": customer.level,
        "place": " ".join(filter(None, [customer.city, customer.district])),
        "owner": people.get(customer.owner_id or "", customer.owner_id or "（公海）"),
        "colour": COLOURS[label.colour],
        "tone": TONES[label.colour],
        "reasons": [
            {"words": health.reason_words(reason, seen, turn), "record": health.readable(reason, seen)}
            for reason in label.reasons
        ],
        "unknown": "、".join(label.unknown),
    }
