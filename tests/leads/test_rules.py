"""The four parts, the clock's times, the figures, and what a mistake in the file is told by."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import lead_figures
from bot.benchmarks.lead_office import ZONE, LeadOffice
from config import rulebook
from config.rulebook import RulebookError
from domain.flows.working_time import OfficeHours, WorkingTime
from domain.leads.first_touch import figures, steps
from domain.leads.rules import FirstTouch, LeadRules, Regions
from domain.leads.scoring import Record, region, score
from nlu.language.holidays import is_workday
from tests.leads.some import AT, a_lead, a_rep

WORKING = WorkingTime(OfficeHours(), ZONE, is_workday)
REGIONS = Regions(areas={"东区": ("北京/朝阳",), "津": ("天津",)}, wider={"华北": ("北京", "天津")})


@pytest.mark.parametrize(
    ("city", "district", "own", "value"),
    [
        ("北京", "朝阳区", "东区", 1.0),
        ("北京市", "海淀", "东区", 0.6),
        ("北京", "海淀", "津", 0.3),
        ("广州", "", "东区", 0.0),
        ("天津", "和平", "津", 1.0),
        ("", "", "东区", 0.5),
        ("北京", "朝阳", "北京东区", 0.6),
        ("北京", "朝阳", "", 0.0),
    ],
)
def test_the_nearer_the_better(city: str, district: str, own: str, value: float) -> None:
    assert region(city, district, own, REGIONS)[0] == value


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_score_lies_between_nothing_and_one_and_falls_with_every_lead_more(one: int, other: int) -> None:
    lead = a_lead(city="北京", district="朝阳", products=("SKU-A",))
    totals = [score(lead, a_rep(open=n), LeadRules(), Record()).total for n in sorted((one, other))]
    assert 0 <= totals[1] <= totals[0] <= 1


def test_a_mistake_in_the_rules_is_told_with_its_line() -> None:
    files = rulebook.files()
    text = files["leads.yaml"].decode()
    files["leads.yaml"] = (
        text.replace("manager: 15", "manager: 45").replace("load: 20}", "load: -1}").encode()
    )
    with pytest.raises(RulebookError) as error:
        rulebook.read(files)
    lines = text.splitlines()
    weights = next(n for n, line in enumerate(lines, 1) if line.startswith("weights:"))
    clock = next(n for n, line in enumerate(lines, 1) if line.startswith("first_touch:"))
    assert {(p.file, p.line) for p in error.value.problems} == {
        ("leads.yaml", weights),
        ("leads.yaml", clock + 1),
    }
    assert "告知上级要早于改派" in str(error.value)


def test_the_steps_are_counted_in_working_minutes() -> None:
    noon = datetime(2026, 3, 10, 11, 50, tzinfo=ZONE)
    found = steps(noon, FirstTouch(), WORKING)
    assert [f"{at:%H:%M}" for at in (found.remind, found.manager, found.move)] == ["11:55", "13:05", "13:20"]


def test_figures_count_the_tail_and_name_the_missed_leads_of_high_value() -> None:
    quick = [a_lead(f"Q{n}", touched_at=AT + timedelta(minutes=n)) for n in range(1, 20)]
    late = a_lead("S1", touched_at=AT + timedelta(minutes=80), value=2_000_000)
    waiting, young = a_lead("W1", value=500), a_lead("Y1", created_at=AT + timedelta(minutes=95))
    found = figures([*quick, late, waiting, young], 1_000_000, WORKING, AT + timedelta(minutes=100))
    assert (found.leads, found.touched, found.p50, found.p95, found.longest) == (22, 20, 10, 19, 80)
    assert (found.in_time, found.missed_high_value) == (pytest.approx(19 / 21), ("S1",))
    assert figures([], 1, WORKING, AT).in_time is None


def test_the_figures_are_told_for_each_team(office: LeadOffice) -> None:
    office.arrive(a_lead("L1", company="喜乐汇", city="北京", district="朝阳"))
    office.settle()
    owner = office.lead("L1").owner_id or ""
    office.tap(owner, office.last_card(owner), "call")
    office.settle()
    with office.store.read() as session:
        found = list(lead_figures.lines(session, rulebook.load(), AT - timedelta(days=1), office.now(), ZONE))
    assert [line.partition("：")[0] for line in found[1:]] == ["全部", "一队"]
    assert "30 分钟内 100.0%" in found[1]
