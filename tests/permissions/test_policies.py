"""The policies as files, and what they mean in the small."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import rulebook
from config.rulebook import SHIPPED, RulebookError
from domain.hiding import hide
from domain.policies import HIDDEN, may_decide

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    for folder in ("forms", "lexicon", "policies"):
        shutil.copytree(SHIPPED / folder, tmp_path / folder)
    return tmp_path


def problems(own: Path) -> list[str]:
    with pytest.raises(RulebookError) as refused:
        rulebook.load(own)
    return [str(problem) for problem in refused.value.problems]


def test_every_mistake_is_told_with_file_line_and_remedy(own: Path) -> None:
    team = own / "policies" / "team.yaml"
    team.write_text("reach:\n  rep: own\n  boss: team\n  manager: everything\nonly_forms:\n  rep: [visits]\n")
    (own / "policies" / "money.yaml").write_text(
        "masked:\n  - {label: 成本, fields: [], seen_by: [director]}\n"
    )
    (own / "policies" / "extra.yaml").write_text("a: 1\n")
    found = problems(own)
    assert any(p.startswith("policies/team.yaml:3:") and "boss" in p for p in found)
    assert any(p.startswith("policies/team.yaml:4:") and "'company'" in p for p in found)
    assert any(p.startswith("policies/money.yaml:2:") for p in found)
    assert any("没有 extra 这种权限" in p for p in found)


def test_a_form_that_nobody_knows_is_found(own: Path) -> None:
    team = own / "policies" / "team.yaml"
    team.write_text(team.read_text(encoding="utf-8").replace("[expense,", "[expence,"), encoding="utf-8")
    assert problems(own) == ["policies/team.yaml:13: 没有表单 expence。"]


def test_a_policy_that_is_missing_is_a_mistake_and_no_open_door(own: Path) -> None:
    (own / "policies" / "personal.yaml").unlink()
    assert problems(own) == ["policies/personal.yaml:0: 缺少这个文件。"]


def test_a_rulebook_without_policies_of_its_own_has_the_shipped_ones(own: Path) -> None:
    shutil.rmtree(own / "policies")
    # That a shipped policy names a form that is not there is no mistake of theirs.
    (own / "forms" / "payment.yaml").unlink()
    assert rulebook.load(own).policies == rulebook.load().policies


def test_personal_data_by_purpose_hours_and_age() -> None:
    position = rulebook.load().policies.personal.kinds["position"]

    def shown(role: str, purpose: str, recorded: datetime, *, mine: bool = False) -> bool:
        return position.shown(mine=mine, role=role, purpose=purpose, recorded=recorded, now=NOON)

    assert shown("manager", "review", NOON)
    assert not shown("manager", "export", NOON)
    assert not shown("operations", "review", NOON)
    assert not shown("manager", "review", NOON.replace(hour=6, minute=59))
    assert shown("rep", "export", NOON.replace(hour=6, minute=59), mine=True)
    assert not shown("rep", "review", NOON - timedelta(days=181), mine=True)


def test_nobody_decides_on_his_own() -> None:
    assert may_decide("P002", "P101") and not may_decide("P101", "P101")


keys = st.sampled_from(["result", "floor_price", "cost", "quantity", "lines"])
amounts = st.integers(1_000_000, 9_999_999)


@given(
    st.dictionaries(keys, amounts, min_size=1),
    st.sampled_from([{"floor_price"}, {"cost", "floor_price"}, set()]),
)
def test_nothing_of_a_hidden_value_is_left_and_all_else_is(amounts: dict[str, int], hidden: set[str]) -> None:
    said = "，".join(f"{key}说的是{value}元" for key, value in amounts.items())
    data = {**amounts, "next_step": said, "inner": [{"cost": amounts.get("cost"), "note": said}]}
    sources = {key: f"说的是{value}元" for key, value in amounts.items()}
    left, words, _ = hide(data, sources, frozenset(hidden))
    told = repr((left, words))
    for key, value in amounts.items():
        others = [v for k, v in amounts.items() if k not in hidden]
        if key in hidden and value not in others:
            assert str(value) not in told
            assert left[key] == HIDDEN
        elif key not in hidden and value not in [amounts.get(h) for h in hidden]:
            assert left[key] == value and words[key] == sources[key]


def test_a_number_is_not_taken_out_of_longer_ones() -> None:
    left, _, _ = hide(
        {"cost": 5, "result": "共 15 箱，5 元一箱，2026-03-05"}, {"cost": "5 元"}, frozenset({"cost"})
    )
    assert left["result"] == "共 15 箱，＊＊＊一箱，2026-03-05"
