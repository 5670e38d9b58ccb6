"""Leads, people and rules for tests, drawn from a seed."""

import random
from datetime import UTC, datetime
from typing import Any

from domain.leads.capacity import Rep
from domain.leads.lead import Lead
from domain.leads.rules import Limits

AT = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
DISTRICTS = ("朝阳", "海淀", "通州", "丰台", "西城")
SOURCES = ("官网", "展会", "公众号")
PRODUCTS = ("SKU-A", "SKU-B", "SKU-C")


def a_lead(number: str = "L1", **given: Any) -> Lead:
    return Lead.model_validate({"id": number, "received_at": AT, "created_at": AT, **given})


def a_rep(number: str = "P1", *, most_open: int = 30, most_day: int = 15, **given: Any) -> Rep:
    return Rep(id=number, name=number, limits=Limits(open=most_open, day=most_day), **given)


def some_leads(count: int, chance: random.Random) -> list[Lead]:
    return [
        a_lead(
            f"L{number:05}",
            city="北京",
            district=chance.choice(DISTRICTS),
            source=chance.choice(SOURCES),
            level=chance.choice("ABC"),
            products=tuple(chance.sample(PRODUCTS, chance.randint(0, 2))),
        )
        for number in range(count)
    ]


def some_reps(count: int, chance: random.Random, most_open: int = 30) -> list[Rep]:
    return [
        a_rep(
            f"P{number:04}",
            team=f"{number % 3}队",
            region=chance.choice(DISTRICTS),
            skills=tuple(chance.sample(PRODUCTS, chance.randint(0, 2))),
            open=chance.randint(0, max(0, most_open - 2)),
            most_open=most_open,
        )
        for number in range(count)
    ]
