"""`bench senses`: the part that needs no recognition reaches its goals; without the generator it says what to do."""

import sys

import pytest

from bot.benchmarks import senses


def test_papers_with_text_and_code_are_read_without_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert senses.main(["--per-kind", "5", "--only", "PDF text"]) == 0
    printed = capsys.readouterr().out
    assert "exact 100.00% = 1.000 × goal; wrong 0 (goal 0)" in printed


def test_without_a_checkout_it_says_where_to_run_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tests.papers", None)
    assert senses.main([]) == 2
    assert "请在源码目录里运行" in capsys.readouterr().err
