"""Alerts: which are set off by what, in which words, once per what; and how long stock lasts."""

from datetime import date
from decimal import Decimal
from typing import Any

from config import rulebook
from domain.alerts import Alert, Watches
from domain.stock_cover import Moved, cover, growth, suggested

RULES = rulebook.load()
TODAY = date(2026, 1, 25)
FACTS: dict[str, Any] = {
    "customer": "惠民超市朝阳店",
    "customer.level": "A",
    "customer.status": "active",
    "today": TODAY,
    "days_to.春节": 23,
    "growth.春节": Decimal("0.5"),
    "stock_days": Decimal("8.25"),
    "stock_product": "原味酸奶",
    "stock": Decimal(20),
    "stock_unit": "箱",
    "stock_age": 2,
    "suggested.春节": Decimal("41.3"),
}


def alert(key: str = "big", **given: Any) -> Alert:
    usual = {"label": key, "about": "record", "triggers": ["order"], "when": "quantity > 50", "words": "大单"}
    return Alert.model_validate({"key": key, **usual, **given})


def met(alerts: list[Alert], trigger: str, facts: dict[str, Any]) -> list[str]:
    return [a.key for a in Watches({a.key: a for a in alerts}, RULES.forms).met(trigger, facts)]


def test_the_shipped_alert_before_the_spring_festival_names_what_it_rests_on() -> None:
    (found,) = Watches(RULES.alerts, RULES.forms).met("daily", FACTS)
    assert found.said(FACTS) == (
        "离春节还有23天，「惠民超市朝阳店」的原味酸奶大约还够卖8.2天（2天前盘点20箱）。 "
        "去年节前30天比之前多订了50%，建议再备42箱。"
    )


def test_it_is_silent_where_anything_is_otherwise_or_not_known() -> None:
    watches = Watches(RULES.alerts, RULES.forms)
    for name, value in {
        "days_to.春节": 31,
        "customer.level": "C",
        "customer.status": "closed",
        "stock_days": Decimal(15),
        "growth.春节": Decimal("0.2"),
    }.items():
        assert list(watches.met("daily", {**FACTS, name: value})) == []
        assert list(watches.met("daily", {**FACTS, name: None})) == []


def test_an_alert_is_set_off_by_its_own_triggers_alone() -> None:
    assert met([alert()], "order", {"quantity": Decimal(60)}) == ["big"]
    assert met([alert()], "quote", {"quantity": Decimal(60)}) == []
    assert met([alert(off=True)], "order", {"quantity": Decimal(60)}) == []


def test_the_index_finds_exactly_what_trying_all_of_them_finds() -> None:
    alerts = [
        alert("a", when="customer.level == 'A'"),
        alert("ab", when="customer.level in ('A', 'B') and quantity > 10"),
        alert("unit", when="unit == '箱' and customer.level in ('A', 'B', 'C')"),
        alert("any", when="quantity > 10 or customer.level == 'A'"),
    ]
    watches = Watches({a.key: a for a in alerts}, RULES.forms)
    for level in ("A", "B", "C", None):
        for unit in ("箱", "瓶"):
            for quantity in (5, 20):
                facts = {"customer.level": level, "unit": unit, "quantity": Decimal(quantity)}
                tried = {w.alert.key for w in watches.all if w.condition(facts)}
                assert {a.key for a in watches.met("order", facts)} == tried


def test_a_customer_is_alerted_about_once_a_period() -> None:
    spring = RULES.alerts["spring_festival_stock"]
    assert spring.period(FACTS, TODAY) == spring.period({"days_to.春节": 3}, date(2026, 2, 14)) == "春节2026"
    assert spring.period({"days_to.春节": 354}, date(2026, 2, 17)) == "春节2027"
    weekly = spring.model_copy(update={"once_per": "week"})
    assert weekly.period({}, date(2026, 1, 1)) == "2026-W01" != weekly.period({}, date(2026, 1, 5))


def moved(quantity: int, day: str, product: str = "A", unit: str = "箱") -> Moved:
    return Moved(product, unit, Decimal(quantity), date.fromisoformat(day))


def test_stock_lasts_as_the_count_less_sales_plus_deliveries_since() -> None:
    orders = [moved(60, "2025-12-10"), moved(30, "2026-01-05"), moved(30, "2026-01-20")]
    found = cover([moved(5, "2025-12-01"), moved(20, "2026-01-15")], orders, TODAY)
    assert found is not None
    assert (found.daily, found.stock) == (2, 20)  # 120 in 60 days
    assert found.days == (20 + 30 - 2 * 10) / Decimal(2)


def test_nothing_is_said_of_stock_without_a_count_or_sales_in_the_same_unit() -> None:
    orders = [moved(60, "2026-01-01"), moved(60, "2026-01-10")]
    assert cover([], orders, TODAY) is None
    assert cover([moved(20, "2026-01-15", unit="瓶")], orders, TODAY) is None
    assert cover([moved(20, "2026-01-15")], orders[:1], TODAY) is None


def test_the_product_that_runs_out_first_is_named() -> None:
    orders = [moved(60, f"2026-01-0{n}", product) for n in (1, 2) for product in "AB"]
    found = cover([moved(50, "2026-01-24"), moved(9, "2026-01-24", "B")], orders, TODAY)
    assert found is not None and found.product == "B"


def test_last_years_growth_is_aligned_with_the_moon() -> None:
    festival = date(2025, 1, 29)  # the lunar new year of 2025; that of 2026 is on 17 February
    orders = [moved(40, "2024-12-10"), moved(30, "2025-01-05"), moved(30, "2025-01-20")]
    assert growth(orders, "A", "箱", festival) == Decimal("0.5")
    assert growth(orders, "A", "瓶", festival) is None


def test_the_suggested_amount_lasts_until_the_festival() -> None:
    orders = [moved(60, "2026-01-01"), moved(60, "2026-01-10")]
    found = cover([moved(10, "2026-01-25")], orders, TODAY)
    assert found is not None
    assert suggested(found, Decimal("0.5"), 20) == 2 * Decimal("1.5") * 20 - 10
    assert suggested(found, None, 2) == 0
