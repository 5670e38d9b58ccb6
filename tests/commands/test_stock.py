"""Sample stock on the command line: what there is, how it came about, and putting it right with a reason."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

PRODUCTS = "code,name,unit,pack_size\nA,草莓酸奶,箱,12\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_lot_is_put_right_with_a_reason_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for kind, text in (("products", PRODUCTS), ("stock", "product,on_hand\nA,40\n")):
        Path(f"{kind}.csv").write_text(text, encoding="utf-8")
        assert run("import", kind, f"{kind}.csv").exit_code == 0
    assert (
        "「草莓酸奶」现有 39箱6瓶" in run("stock", "adjust", "A", "--by", "-6瓶", "--reason", "破损").output
    )
    for by, said in (("-600", "没有调整"), ("-0.3", "不是整数"), ("些", "看不懂"), ("-2斤", "请用箱或瓶")):
        refused = run("stock", "adjust", "A", "--by", by, "--reason", "破损")
        assert refused.exit_code and said in refused.output
    shown = run("stock", "show", "A").output.splitlines()
    assert shown[0] == "A  草莓酸奶  可用 39箱6瓶，现有 39箱6瓶，占用 0箱"
    assert shown[1].endswith("调整  现有-6瓶  xiaofang stock  破损")
    assert "盘点  现有+40箱" in shown[2]
    assert "没有产品“B”" in run("stock", "show", "B").output
