"""Flows that operations write: checked as a whole, every mistake with its line and what to do."""

import shutil
from pathlib import Path

import pytest

import config
from config.rulebook import RulebookError, load

SHIPPED = Path(config.__file__).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("forms", "lexicon", "flows"):
        shutil.copytree(SHIPPED / folder, tmp_path / folder)
    return tmp_path


def test_the_shipped_flows_are_all_in_chinese_and_of_known_forms() -> None:
    rules = load()
    assert {"expense", "sample_request", "visit", "dealer_promotion", "daily_report"} <= set(rules.flows)
    for flow in rules.flows.values():
        assert any("\u4e00" <= c <= "\u9fff" for c in flow.label)


def test_all_mistakes_of_a_flow_are_told_at_once_with_their_lines(copy: Path) -> None:
    (copy / "flows/order.yaml").write_text(
        "key: order\n"
        "label: 下单审批\n"
        "begins: {event: submitted, form: order}\n"
        "steps:\n"
        "  - {do: approve, id: a, label: 上级, who: {superior: 1, role: finance}}\n"
        "  - {do: telephone, who: 王总}\n",
        encoding="utf-8",
    )
    (copy / "flows/expense.yaml").write_text(
        "key: expense\n"
        "label: 报销\n"
        "begins: {event: submitted, form: expense}\n"
        "steps:\n"
        "  - {do: approve, id: a, label: 上级, who: {superior: 1}}\n"
        "  - {do: approve, id: a, label: 财务, who: {role: finance}, when: amont > 5}\n"
        "  - {do: act, action: explode}\n"
        "  - {do: tell, text: '给{谁}的'}\n"
        "  - {do: set, field: colour, value: red}\n",
        encoding="utf-8",
    )
    (copy / "flows/lost.yaml").write_text(
        "key: lost\nlabel: 没有表单\nbegins: {event: submitted, form: nothing}\nsteps:\n  - {do: status, to: paid}\n",
        encoding="utf-8",
    )
    with pytest.raises(RulebookError) as told:
        load(copy)
    found = [(p.file, p.line, p.words) for p in told.value.problems]
    assert [(file, line) for file, line, _ in found] == [
        ("flows/expense.yaml", 6),
        ("flows/expense.yaml", 6),
        ("flows/expense.yaml", 7),
        ("flows/expense.yaml", 8),
        ("flows/expense.yaml", 9),
        ("flows/lost.yaml", 3),
        ("flows/order.yaml", 5),
        ("flows/order.yaml", 6),
    ]
    words = "\n".join(words for *_, words in found)
    for remedy in (
        "是不是 amount",
        "步骤 a 重复",
        "可用的是 judge_visit",
        "{申请人}",
        "只能选一个",
        "do 应当是 approve",
    ):
        assert remedy in words


def test_two_approvals_of_one_form_need_conditions_that_tell_them_apart(copy: Path) -> None:
    other = (copy / "flows/expense.yaml").read_text(encoding="utf-8").replace("key: expense", "key: other")
    (copy / "flows/other.yaml").write_text(other, encoding="utf-8")
    with pytest.raises(RulebookError, match="写上不同的条件"):
        load(copy)
    banded = other.replace("form: expense}", "form: expense, when: amount > 500}")
    (copy / "flows/other.yaml").write_text(banded, encoding="utf-8")
    assert set(load(copy).flows) >= {"expense", "other"}


def test_a_flow_that_holds_stock_lets_go_of_it_at_every_end(copy: Path) -> None:
    file = copy / "flows/sample_request.yaml"
    shipped = file.read_text(encoding="utf-8")
    no_release = shipped.replace("withdrawn:\n  - {do: act, action: release_stock}\n", "")
    file.write_text(no_release.replace(", lapse_after: 24", ""), encoding="utf-8")
    with pytest.raises(RulebookError) as told:
        load(copy)
    kept, forever = told.value.problems
    assert "withdrawn 里没有归还" in kept.words
    assert "lapse_after" in forever.words and "do: approve" in shipped.splitlines()[forever.line - 1]


def test_a_company_without_flows_of_its_own_has_the_shipped_ones_of_its_forms(copy: Path) -> None:
    shutil.rmtree(copy / "flows")
    (copy / "forms/expense.yaml").unlink()
    visit = copy / "forms/visit.yaml"
    visit.write_text(visit.read_text(encoding="utf-8").replace("[expense]", "[]"), encoding="utf-8")
    assert set(load().flows) - set(load(copy).flows) == {"expense"}


def test_broken_office_hours_are_told_with_their_line(copy: Path) -> None:
    (copy / "office.yaml").write_text('hours:\n  - {start: "18:00", end: "09:00"}\n', encoding="utf-8")
    with pytest.raises(RulebookError, match=r"office\.yaml:2"):
        load(copy)
