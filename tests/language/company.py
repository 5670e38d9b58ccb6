"""青禾乳业, the demo company, as understanding needs it."""

import csv
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import config
from config.rulebook import Rulebook, load
from domain.intents.records import Understanding
from domain.people import Competitor, Contact, Customer, Person, Product
from nlu.language.lexicon import Lexicon
from nlu.understanding import understand

DEMO = Path(config.__file__).parent / "demo"
SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY_EVENING = datetime(2026, 3, 10, 18, 0, tzinfo=SHANGHAI)


def _rows(name: str) -> list[dict[str, str]]:
    with (DEMO / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _list(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


@cache
def customers() -> tuple[Customer, ...]:
    return tuple(
        Customer(
            code=r["code"],
            name=r["name"],
            aliases=_list(r["aliases"]),
            city=r["city"],
            district=r["district"],
            owner_id=r["owner_id"],
        )
        for r in _rows("customers")
    )


@cache
def lexicon() -> Lexicon:
    products = [
        Product(code=r["code"], name=r["name"], aliases=_list(r["aliases"]), unit=r["unit"])
        for r in _rows("products")
    ]
    competitors = [Competitor(name=r["name"], aliases=_list(r["aliases"])) for r in _rows("competitors")]
    people = [Person(id=r["id"], name=r["name"], nicknames=_list(r["nicknames"])) for r in _rows("people")]
    contacts = [Contact(customer=r["customer"], name=r["name"], title=r["title"]) for r in _rows("contacts")]
    return Lexicon.build(customers(), contacts, products, competitors, people)


@cache
def _people() -> dict[str, str]:
    return {name: r["id"] for r in _rows("people") for name in (r["id"], r["name"])}


def person_named(name: str) -> str:
    """The id of somebody by name or id."""
    return _people()[name]


@cache
def rulebook() -> Rulebook:
    return load()


@cache
def own(person: str = "P101") -> frozenset[str]:
    return frozenset(c.code for c in customers() if c.owner_id == person)


def understood(
    text: str, now: datetime = TUESDAY_EVENING, person: str = "P101", customer: str | None = None
) -> Understanding:
    """What Li Wei's words mean on a Tuesday evening in March, unless said otherwise."""
    return understand(
        text, now=now, lexicon=lexicon(), rulebook=rulebook(), own=own(person), customer=customer
    )
