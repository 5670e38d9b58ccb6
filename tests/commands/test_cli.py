"""The command line from outside: what is printed, what is written, and how it ends."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from nlu.senses.models import REPOSITORIES
from tests.commands.hub import hub

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "config" / "demo"
SPEECH = ROOT / "tests" / "fixtures" / "speech"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
NOON = "2026-03-10T12:00"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with no settings of anybody."""
    for name in os.environ:
        if name.startswith("XIAOFANG_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def company(home: Path) -> Path:
    for kind in ("people", "customers", "products", "competitors"):
        assert run("import", kind, str(DEMO / f"{kind}.csv")).exit_code == 0
    return home


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    heavy = (
        "sqlalchemy",
        "pydantic",
        "numpy",
        "httpx",
        "starlette",
        "faster_whisper",
        "rapidocr",
        "openpyxl",
        "yaml",
    )
    code = (
        "import sys\nfrom bot.cli import app\nfrom typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_promised_command_is_there() -> None:
    found = run("--help").stdout
    promised = ["demo", "serve", "say", "hear", "read", "understand", "objection", "practise", "import"]
    promised += ["export", "rulebook", "models", "doctor", "migrate", "bench"]
    assert [name for name in promised if f" {name} " not in found] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nonsense",), 2),
        (("say",), 2),
        (("say", "你好", "--as", " "), 2),
        (("import", "people"), 2),
        (("import", "shops", "x.csv"), 2),
        (("export", "records", "--form", "visit", "--format", "pdf"), 2),
        (("understand", "--todos", "--amounts"), 2),
        (("bench", "nonsense"), 2),
        (("serve", "--only", "half"), 2),
        (("practise", "score", "x.json"), 1),
        (("rulebook", "publish"), 2),
        (("hear", "none.amr"), 1),
        (("import", "people", "none.csv"), 1),
        (("understand", "--as", "P101"), 1),
        (("export", "records", "--form", "visit"), 1),
        (("--config", "none.yaml", "migrate"), 1),
        (("migrate", "--config", "none.yaml"), 1),
        (("serve",), 1),
    ],
)
def test_wrong_usage_ends_with_2_and_failure_with_1_never_with_a_traceback(
    arguments: tuple[str, ...], code: int
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert "Traceback" not in result.output
    assert result.stderr.strip()
    assert isinstance(result.exception, SystemExit)


def test_settings_with_mistakes_are_told_all_at_once_and_without_secrets(home: Path) -> None:
    Path("xiaofang.yaml").write_text(
        f"wecom: {{corp_id: ww1, token: geheim, aes_key: {AES_KEY}}}\nlisten: {{prot: 1}}"
    )
    result = run("migrate")
    assert result.exit_code == 1
    assert result.stderr.startswith("设置有 3 处问题：\n")
    for part in (
        "xiaofang.yaml:2  listen.prot：没有这个设置项",
        "wecom.agent_id：缺少",
        "wecom.secret：缺少",
    ):
        assert part in result.stderr
    assert "geheim" not in result.output


def test_migrate_makes_the_database_and_may_be_repeated(home: Path) -> None:
    assert "已从 空的 升到" in run("migrate").stdout
    assert Path("var/xiaofang.db").exists()
    assert "已经是最新版本" in run("migrate").stdout


def test_commands_make_no_database_by_accident(home: Path) -> None:
    assert "还没有数据库" in run("understand", "--as", "P101").stderr
    assert not Path("var").exists()


def test_an_import_says_what_it_did_and_what_it_refused(home: Path) -> None:
    Path("p.csv").write_text("id,name,role\nP1,甲,rep\nP2,乙,boss\n", encoding="gbk")
    result = run("import", "people", "p.csv")
    assert result.exit_code == 1
    assert result.stdout == "人员：新增 1，更新 0，没有变化 0，拒绝 1。\n"
    assert result.stderr.startswith("第 3 行：role “boss”不可用")
    Path("p.csv").write_text("id,name,role\nP1,甲,rep\nP2,乙,director\n", encoding="utf-8")
    assert run("import", "people", "p.csv").stdout == "人员：新增 1，更新 0，没有变化 1，拒绝 0。\n"


def test_a_rep_says_something_confirms_it_and_it_is_exported(company: Path) -> None:
    told = run("say", "今天拜访了惠民超市朝阳店，王经理下单3箱原味酸奶", "--as", "P101", "--now", NOON)
    assert told.exit_code == 0, told.output
    for part in ("惠民超市朝阳店", "原味酸奶 · 3 箱", "〔确认〕"):
        assert part in told.stdout
    assert lines(run("export", "records", "--form", "order")) == []
    assert "已保存" in run("say", "确认", "--as", "李伟", "--now", "2026-03-10T12:01").stdout
    (order,) = lines(run("export", "records", "--form", "order"))
    assert order["reporter"] == "P101"
    assert order["customer"] == "C0001"
    assert order["happened_at"] == "2026-03-10T00:00:00+08:00"
    assert order["data"] == {
        "customer": "C0001",
        "happened_at": "2026-03-10",
        "product": "SKU-YW",
        "quantity": 3,
        "unit": "箱",
    }
    assert lines(run("export", "records", "--form", "order", "--since", "2026-03-11")) == []


def test_whoever_else_is_written_to_is_named_and_left_to_serve(company: Path) -> None:
    run("say", "打车花了46.5元", "--as", "P101", "--now", NOON)
    told = run("say", "确认", "--as", "P101", "--now", NOON)
    assert "已提交给 周建国 审批" in told.stdout
    assert "→ 钉钉 d-zhoujianguo：卡片“费用报销待审批 · 李伟”，由 serve 送出。" in told.stderr


def test_an_export_to_a_file_appears_whole_or_not_at_all(company: Path) -> None:
    run("say", "打车花了46.5元", "--as", "P101", "--now", NOON)
    run("say", "确认", "--as", "P101", "--now", NOON)
    result = run("export", "records", "--form", "expense", "--format", "csv", "--out", "e.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "已导出 1 条到 e.csv" in result.stderr
    assert "46.5" in Path("e.csv").read_text("utf-8-sig")
    assert [p.name for p in Path().glob(".e.csv*")] == []
    gone = run("export", "records", "--form", "expense", "--out", "no/such/e.csv")
    assert gone.exit_code == 1
    assert "请检查文件夹和权限" in gone.stderr


def test_understand_takes_lines_and_objects_and_writes_nothing(company: Path) -> None:
    before = Path("var/xiaofang.db").read_bytes()
    typed = '去了惠民超市朝阳店\n\n{"text": "今天有什么安排", "as": "小周", "now": "2026-03-11T09:00"}\n'
    typed = typed.replace("小周", "P102")
    first, second = lines(run("understand", "--as", "P101", "--now", NOON, typed=typed))
    assert first["text"] == "去了惠民超市朝阳店"
    (intent,) = first["intents"]
    assert set(intent) == {"intent", "form", "fields"}
    assert (intent["intent"], intent["form"], intent["fields"]["customer"]) == ("record", "visit", "C0001")
    assert set(second) == {"text", "intents", "question"}
    assert Path("var/xiaofang.db").read_bytes() == before


def test_understand_asks_who_speaks(company: Path) -> None:
    assert "没有说是谁在说" in run("understand", typed="你好\n").stderr
    assert "没有“无名”这个人" in run("understand", "--as", "无名", typed="你好\n").stderr
    bad = run("understand", "--as", "P101", typed='{"text": 5}\n')
    assert (bad.exit_code, "第 1 行" in bad.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit", "asks"),
    [
        ("明天", "date", "2026-03-11", None, False),
        ("明天上午十点", "datetime", "2026-03-11T10:00:00+08:00", None, False),
        ("三月一号到五号", "range", ["2026-03-01", "2026-03-05"], None, False),
        ("三块八", "money", 3.8, "元", False),
        ("38一箱", "money", 38, "元/箱", False),
        ("两箱半", "quantity", 2.5, "箱", False),
        ("三五箱", "range", [3, 5], "箱", True),
        ("八折", "quantity", 0.8, None, False),
        ("一千二", "quantity", 1200, None, False),
        ("2月30日", "date", None, None, True),
        ("过两天", "date", None, None, True),
        ("你好", None, None, None, True),
    ],
)
def test_bare_expressions(
    home: Path, text: str, kind: str | None, value: object, unit: str | None, asks: bool
) -> None:
    (found,) = lines(run("understand", "--amounts", "--now", NOON, typed=text + "\n"))
    assert set(found) == {"text", "kind", "value", "unit", "question"}
    assert (found["kind"], found["value"], found["unit"]) == (kind, value, unit)
    assert bool(found["question"]) == asks


def test_hear_prints_one_object_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOFANG_SPEECH__MODEL_DIR", str(SPEECH / "model"))
    result = run("hear", str(SPEECH / "clips/note02.amr"), str(SPEECH / "bad/empty.amr"))
    assert result.exit_code == 0
    heard, empty = lines(result)
    assert set(heard) == {"text", "seconds", "confidence", "engine", "problem", "words"}
    assert "好邻居便利店" in str(heard["text"])
    assert heard["problem"] is None
    assert empty["problem"] == "empty"


def test_hear_without_a_model_says_so_and_what_to_do(home: Path) -> None:
    result = run("hear", str(SPEECH / "clips/note02.amr"))
    assert result.exit_code == 1
    assert lines(result)[0]["problem"] == "model_missing"
    assert "xiaofang models fetch speech" in result.stderr


def test_read_prints_what_stands_on_a_receipt(home: Path) -> None:
    receipt = ROOT / "bot/playground/samples/receipt_taxi.jpg"
    (found,) = lines(run("read", str(receipt), "--now", "2026-03-25"))
    assert set(found) == {"kind", "readable", "ask", "documents", "reuse_of"}
    assert found["kind"] == "receipt_taxi"


def test_models_are_listed_and_one_that_is_there_is_not_fetched_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "✗ speech  faster-whisper/small 还没有" in run("models", "list").stdout
    monkeypatch.setenv("XIAOFANG_SPEECH__MODEL_DIR", str(SPEECH / "model"))
    assert "✓ speech" in run("models", "list").stdout
    assert "不用再下载" in run("models", "fetch").stdout


def test_a_model_is_fetched_from_the_mirror_that_the_environment_names(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {
        name: (SPEECH / "sense_voice" / name).read_bytes() for name in ("model.int8.onnx", "tokens.txt")
    }
    with hub({REPOSITORIES["sherpa-onnx"]["sense-voice"]: content}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.endpoint)
        monkeypatch.setenv("XIAOFANG_SPEECH__ENGINE", "sherpa-onnx")
        fetched = run("models", "fetch")
        assert "语音模型已放到" in fetched.stdout, fetched.stderr
        assert "✓ speech  sherpa-onnx/sense-voice" in run("models", "list").stdout
        assert "不用再下载" in run("models", "fetch").stdout
        monkeypatch.setenv("XIAOFANG_SPEECH__MODEL", "nobody/nothing")
        refused = run("models", "fetch")
    assert refused.exit_code == 1
    assert "HF_ENDPOINT" in refused.stderr
    assert "model.int8.onnx、tokens.txt" in refused.stderr, "what to copy where there is no internet"


def test_a_rulebook_is_checked_and_every_problem_listed(home: Path) -> None:
    assert "规则没有问题" in run("rulebook", "check").stdout
    assert "没有这个文件夹" in run("rulebook", "check", "none").stderr
    Path("rules/forms").mkdir(parents=True)
    Path("rules/forms/visit.yaml").write_text("key: visit\nlabl: 拜访\n", encoding="utf-8")
    broken = run("rulebook", "check", "rules")
    assert broken.exit_code == 1
    assert "forms/visit.yaml" in broken.stderr
    assert "处问题" in broken.stderr


def test_doctor_counts_what_is_wrong_and_ends_with_1(home: Path) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "✗ settings  没有设置任何平台" in result.stdout
    assert "→ 运行 xiaofang migrate" in result.stdout
    assert "项要处理" in result.stdout


def test_doctor_live_shows_each_step_and_need_not_wait(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    Path("xiaofang.yaml").write_text(f"public_url: http://127.0.0.1:{port}\n", encoding="utf-8")
    result = run("doctor", "--live", "--wait", "0")
    assert result.exit_code == 1
    assert "✗ 公网地址  连接被拒绝" in result.stdout
    assert f"地址 http://127.0.0.1:{port}/healthz" in result.stdout


def test_serve_says_when_its_port_is_taken(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        Path("xiaofang.yaml").write_text(
            f"listen: {{port: {port}}}\nwecom: {{corp_id: ww1, agent_id: 7, secret: s, token: t, aes_key: {AES_KEY}, "
            "api_base: 'http://127.0.0.1:9'}\n",
            encoding="utf-8",
        )
        assert run("migrate").exit_code == 0
        found = subprocess.run(
            [sys.executable, "-m", "bot.cli", "serve", "--only", "web"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert found.returncode == 1
    assert f"没能在 127.0.0.1:{port} 上监听" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_reader_that_goes_away_is_no_error(company: Path) -> None:
    command = f"'{sys.executable}' -m bot.cli understand --amounts < many | head -1; exit ${{PIPESTATUS[0]}}"
    Path("many").write_text("三箱\n" * 20_000, encoding="utf-8")
    found = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.stdout.count("\n") == 1
    assert "Traceback" not in found.stderr
    assert "BrokenPipe" not in found.stderr
