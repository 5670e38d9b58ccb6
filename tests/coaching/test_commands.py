"""The command line: cards for an objection, points for a talk, and all mistakes of the library."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with no settings of anybody."""
    monkeypatch.delenv("XIAOFANG_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_objection_prints_the_best_cards_first_as_json() -> None:
    found = json.loads(run("objection", "他嫌贵怎么说", "--top", "2", "--json").stdout)
    assert [set(card) for card in found] == [{"id", "type", "line", "question", "proof", "score"}] * 2
    assert found[0]["id"] == "price_expensive" and found[0]["score"] >= found[1]["score"]
    assert "{" not in json.dumps([card["line"] for card in found])


def test_what_is_no_objection_gets_an_empty_list() -> None:
    assert json.loads(run("objection", "今天拜访了惠民超市", "--json").stdout) == []


def test_practise_score_prints_the_points_with_the_words(home: Path, talks: dict[str, Any]) -> None:
    talk = talks["short"][0]
    turns = [{"who": who, "text": text} for turn in talk["turns"] for who, text in turn.items()]
    (home / "talk.json").write_text(json.dumps({"type": talk["type"], "turns": turns}), encoding="utf-8")
    found = json.loads(run("practise", "score", "talk.json").stdout)
    assert found["overall"] == sum(
        found[d] for d in ("listening", "discovery", "value", "objection", "advance")
    )
    assert found["compliance_breach"] is False
    assert {"id", "met", "quote", "better"} <= set(found["checks"][0])


def test_a_talk_that_is_written_wrongly_is_told_what_it_should_be(home: Path) -> None:
    (home / "talk.json").write_text(
        '{"type": "prize", "turns": [{"who": "boss", "text": "嗯"}]}', encoding="utf-8"
    )
    found = run("practise", "score", "talk.json")
    assert found.exit_code == 2 and "type" in found.stderr and "turns.0.who" in found.stderr


def test_rulebook_check_counts_the_library() -> None:
    assert "46 张异议卡，21 个案例，5 套报价话术" in run("rulebook", "check").stdout
