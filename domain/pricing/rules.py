"""What sales operations decide about prices: `config/prices.yaml`. List and floor prices are the products' own.

Percents have at most two decimals and are worked with as basis points, sums of money as fen: nothing here is a float.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from domain.values import Value

Percent = Annotated[Decimal, Field(ge=0, lt=100, decimal_places=2)]
Words = Annotated[str, Field(min_length=1)]


def points(percent: Decimal) -> int:
    """2.5 % → 250 basis points."""
    return int(percent * 100)


class Tier(Value):
    """From so many of the product's own unit on, so much is taken off."""

    least: int = Field(ge=1)
    cut: Percent


class Promotion(Value):
    label: Words
    products: tuple[str, ...] = ()
    """Codes; all products where there are none."""
    start: date
    end: date
    """The last day."""
    cut: Percent
    least: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> "Promotion":
        if self.end < self.start:
            raise ValueError(f"促销「{self.label}」的结束日期早于开始日期")
        return self

    def holds(self, product: str, units: int, today: date) -> bool:
        named = not self.products or product in self.products
        return named and units >= self.least and self.start <= today <= self.end


class Limits(Value):
    """How far below the price by the rules somebody may go."""

    rep: Percent = Decimal(3)
    """By himself."""
    manager: Percent = Decimal(8)
    """With his superior's approval; what goes further is refused."""

    @model_validator(mode="after")
    def _in_order(self) -> "Limits":
        if self.manager < self.rep:
            raise ValueError("经理能让的（manager）不能比业务员自己能让的（rep）少")
        return self


ScenarioKey = Literal[
    "trial_order", "volume_tiers", "replace_competitor", "renewal_price_rise", "peak_season_stock"
]
SLOTS = frozenset(
    (
        *("customer", "contact", "goods", "price", "total", "until", "unit", "competitor"),
        *("next_units", "next_price", "saved"),
    )
)
"""What the sentences of a scenario may be filled with: `{slot}`. One whose slots are not all known is left out."""


class Season(Value):
    """Days before which people stock up, every year."""

    label: Words
    start: str = Field(pattern=r"^\d\d-\d\d$")
    end: str = Field(pattern=r"^\d\d-\d\d$")

    def holds(self, today: date) -> bool:
        day = f"{today:%m-%d}"
        return self.start <= day <= self.end if self.start <= self.end else not self.end < day < self.start


class Scenario(Value):
    """One of the five situations of a quote: how it is recognised and what is said to the customer."""

    key: ScenarioKey
    """Also the id of its script in the coaching library."""
    label: Words
    words: tuple[str, ...] = ()
    """In the request: these words mean it."""
    say: tuple[Words, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_slots(self) -> "Scenario":
        for words in self.say:
            for name in slots_in(words):
                if name not in SLOTS:
                    raise ValueError(f"话里没有 {{{name}}} 可填，可用的是 {'、'.join(sorted(SLOTS))}")
        return self


def slots_in(words: str) -> list[str]:
    return [part.partition("}")[0] for part in words.split("{")[1:]]


class PriceRules(Value):
    valid_days: int = Field(default=7, ge=1, le=365)
    round_to: int = Field(default=10, ge=1, le=100_000)
    """Fen: unit prices are rounded up to a multiple of it."""
    stacking: Literal["sum", "best"] = "sum"
    """Whether what is taken off for several reasons adds up, or only the largest counts."""
    most_off: Percent = Decimal(12)
    """The most that the rules take off together."""
    above_floor: Percent = Field(default=Decimal(1), gt=0)
    """Nobody gets nearer to the floor: so it cannot be found out by trying one price after the other."""
    tiers: tuple[Tier, ...] = ()
    product_tiers: dict[str, tuple[Tier, ...]] = Field(default_factory=dict)
    """By product code, instead of `tiers`."""
    levels: dict[str, Percent] = Field(default_factory=dict)
    """By the customer's level."""
    promotions: tuple[Promotion, ...] = ()
    limits: Limits = Limits()
    renewal_days: int = Field(default=60, ge=0)
    """A contract that ends within so many days makes a quote one of renewal."""
    competitor_days: int = Field(default=90, ge=0)
    """For so long a report of a competitor at the customer's counts."""
    seasons: tuple[Season, ...] = ()
    scenarios: tuple[Scenario, ...] = ()

    @field_validator("tiers")
    @classmethod
    def _from_few_to_many(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        for less, more in pairwise(tiers):
            if not (less.least < more.least and less.cut < more.cut):
                raise ValueError("量大优惠要从少到多写，量越大优惠越多")
        return tiers

    @field_validator("product_tiers")
    @classmethod
    def _each_in_order(cls, tiers: dict[str, tuple[Tier, ...]]) -> dict[str, tuple[Tier, ...]]:
        for of_product in tiers.values():
            cls._from_few_to_many(of_product)
        return tiers

    @field_validator("scenarios")
    @classmethod
    def _once_each(cls, scenarios: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
        keys = [scenario.key for scenario in scenarios]
        if len(set(keys)) != len(keys):
            raise ValueError("报价场景里同一个 key 写了两次")
        return scenarios

    def tiers_of(self, product: str) -> tuple[Tier, ...]:
        return self.product_tiers.get(product, self.tiers)

    def scenario(self, key: str) -> Scenario | None:
        return next((scenario for scenario in self.scenarios if scenario.key == key), None)
