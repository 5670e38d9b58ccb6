"""Settings: where they come from, what wins, and what is said of mistakes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import settings_file
from config.settings import Settings, keys, secret_keys, sections
from config.settings_file import SettingsError, load, variable

ROOT = Path(__file__).parents[2]
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WECOM = f"""
wecom:
  corp_id: ww1
  agent_id: 1000002
  secret: s3cr3t-app
  token: s3cr3t-token
  aes_key: {AES_KEY}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "xiaofang.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(file: Path | None, environ: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """(last part of where, "key：words") of every problem."""
    with pytest.raises(SettingsError) as refused:
        load(file, environ or {})
    return [
        (p.where.rpartition("/")[2], f"{p.key}：{p.words}" if p.key else p.words)
        for p in refused.value.problems
    ]


def test_without_a_file_everything_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load(None, {})
    assert found.database_url == f"sqlite:///{tmp_path}/var/xiaofang.db"
    assert found.media_dir == tmp_path / "var/media"
    assert (found.listen.host, found.listen.port) == ("127.0.0.1", 8080)
    assert found.company.timezone == "Asia/Shanghai"
    assert found.wecom is None
    assert found.dingtalk is None
    assert found.llm is None


def test_the_named_file_wins_over_the_variable_and_that_over_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("xiaofang", "variable", "named"):
        Path(f"{name}.yaml").write_text(f"company: {{name: {name}}}", encoding="utf-8")
    in_variable = {"XIAOFANG_CONFIG": "variable.yaml"}
    assert load(None, {}).company.name == "xiaofang"
    assert load(None, in_variable).company.name == "variable"
    assert load(Path("named.yaml"), in_variable).company.name == "named"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "company: {name: 青禾, titles: [甲]}\nlisten: {port: 9000}")
    found = load(
        file, {"XIAOFANG_LISTEN__PORT": "9001", "XIAOFANG_COMPANY__TITLES": "乙公司|丙公司", "PATH": "/bin"}
    )
    assert found.listen.port == 9001
    assert found.company.titles == ("乙公司", "丙公司")
    assert found.company.name == "青禾"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    file = written(tmp_path, "listen: {port: 9000}")
    assert load(file, {"XIAOFANG_LISTEN__PORT": "", "XIAOFANG_WECOM__SECRET": ""}).listen.port == 9000


def test_a_value_stays_as_it_is_written_even_where_yaml_would_take_it_for_a_number(tmp_path: Path) -> None:
    found = load(written(tmp_path, WECOM.replace("s3cr3t-token", "0123456")), {})
    assert found.wecom
    assert found.wecom.token.get_secret_value() == "0123456"


def test_a_secret_is_read_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "app.secret").write_text("\ufefffrom-file\n", encoding="utf-8")
    found = load(written(tmp_path, WECOM.replace("secret: s3cr3t-app", "secret_file: app.secret")), {})
    assert found.wecom
    assert found.wecom.secret.get_secret_value() == "from-file"


def test_a_secret_file_in_the_environment_replaces_the_secret_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("from-environment", encoding="utf-8")
    found = load(written(tmp_path, WECOM), {"XIAOFANG_WECOM__SECRET_FILE": str(tmp_path / "s")})
    assert found.wecom
    assert found.wecom.secret.get_secret_value() == "from-environment"


def test_a_database_url_may_come_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:pw@db/x\n", encoding="utf-8")
    found = load(None, {"XIAOFANG_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert found.database_url == "postgresql://u:pw@db/x"
    assert "pw" not in repr(found)


def test_a_secret_and_its_file_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("x", encoding="utf-8")
    found = problems(written(tmp_path, WECOM + "  secret_file: s\n"))
    assert found == [("xiaofang.yaml:8", "wecom.secret_file：和 secret 只能写一个，请删掉其中一个。")]


def test_a_missing_secret_file_is_told_once_and_the_key_is_not_called_missing(tmp_path: Path) -> None:
    found = problems(written(tmp_path, WECOM.replace("secret: s3cr3t-app", "secret_file: gone")))
    assert len(found) == 1
    assert found[0][0] == "xiaofang.yaml:5"
    assert "读不了密钥文件" in found[0][1]
    assert "gone" in found[0][1]


def test_all_mistakes_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "company:\n  titel: [x]\nlisten:\n  port: 99999\nwecom:\n  agent_id: abc\n  secret: s\n  secret: t\n"
        "  aes_key: short\npublic_url: https://x.example.com/path\ndingtalk:\n  mode: both\n",
    )
    found = problems(file, {"XIAOFANG_LISTEN__PROT": "1"})
    said = [f"{where} {words}" for where, words in found]
    for start in (
        "XIAOFANG_LISTEN__PROT 没有这个设置项。是不是想写 XIAOFANG_LISTEN__PORT？",
        "xiaofang.yaml:2 company.titel：没有这个设置项。是不是想写 company.titles？",
        "xiaofang.yaml:4 listen.port：太大了",
        "xiaofang.yaml:6 wecom.agent_id：应当是整数",
        "xiaofang.yaml:8 wecom.secret：写了两次",
        "xiaofang.yaml:9 wecom.aes_key：应当是平台给的 43 个字母和数字，这里有 5 个字符",
        "xiaofang.yaml:10 public_url：应当是 http(s)://主机[:端口]",
        "xiaofang.yaml:12 dingtalk.mode：不是可用的取值。请写：stream 或 http。",
        "xiaofang.yaml wecom.corp_id：缺少这一项。请写：管理后台 → 我的企业 → 企业 ID",
        "xiaofang.yaml wecom.token：缺少这一项",
        "xiaofang.yaml dingtalk.client_id：缺少这一项",
        "xiaofang.yaml dingtalk.client_secret：缺少这一项",
    ):
        assert any(line.startswith(start) for line in said), (start, said)
    assert len(found) == 12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listen: 8080", "应当是“键: 值”的写法"),
        ("- a", "应当是“键: 值”的写法"),
        ("company: {name: {a: b}}", "这里应当是一个值"),
        ("company: {name: [a, b]}", "应当是一个值，不是一串"),
        ("company: {titles: one}", "应当是一个列表"),
        ("company: {timezone: Asia/Peking}", "没有这个时区"),
        ("database_url: mysql://x", "应当以 sqlite:/// 或 postgresql:// 开头"),
        ("a: [", "YAML 写法有误"),
        ("wechat: {corp_id: x}", "没有这个设置项"),
        ("llm: {base_url: 'ftp://x', model: m}", "应当是 http:// 或 https:// 开头的地址"),
        ("public_url: 'https://user:pw@x.example.com'", "后面不带路径"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    found = problems(written(tmp_path, text))
    assert said in found[0][1]


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    assert "读不了设置文件" in problems(tmp_path / "none.yaml")[0][1]
    broken = tmp_path / "xiaofang.yaml"
    broken.write_bytes(b"company: \xff\xfe")
    assert "不是 UTF-8" in problems(broken)[0][1]


def test_an_empty_section_is_a_channel_switched_off(tmp_path: Path) -> None:
    assert load(written(tmp_path, "wecom:\ndingtalk: ~\n"), {}).wecom is None


def test_paths_in_the_file_start_at_its_folder_and_those_in_the_environment_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    monkeypatch.chdir(tmp_path)
    file = written(tmp_path / "etc", "media_dir: m\ndatabase_url: sqlite:///d.db\nrulebook_dir: r\n")
    found = load(file, {"XIAOFANG_MEDIA_DIR": "here"})
    assert found.media_dir == tmp_path / "here"
    assert found.database_url == f"sqlite:///{tmp_path}/etc/d.db"
    assert found.rulebook_dir == tmp_path / "etc/r"
    assert found.speech.model_dir == tmp_path / "etc/var/models"


def test_no_message_and_no_representation_holds_a_secret(tmp_path: Path) -> None:
    found = load(written(tmp_path, WECOM), {})
    assert "s3cr3t" not in f"{found!r} {found} {found.wecom!r}"
    broken = WECOM.replace(AES_KEY, "s3cr3t-key!").replace("ww1", "")
    with pytest.raises(SettingsError) as refused:
        load(written(tmp_path, broken), {"XIAOFANG_WECOM__TIMESTAMP_WINDOW": "x"})
    assert "s3cr3t" not in f"{refused.value!r} {refused.value}"


def test_the_shipped_example_names_every_section_and_is_accepted(tmp_path: Path) -> None:
    text = (ROOT / "xiaofang.example.yaml").read_text("utf-8")
    secret_files = {"wecom_secret": "a", "wecom_token": "b", "wecom_aes_key": AES_KEY, "dingtalk_secret": "c"}
    for name, content in secret_files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    found = load(written(tmp_path, text.replace("/run/secrets", str(tmp_path))), {})
    assert found.wecom
    assert found.dingtalk
    assert found.dingtalk.client_secret.get_secret_value() == "c"
    for section in sections():
        assert f"{section}:" in text or section == "reading"


def test_every_key_is_described_in_words_and_in_the_documentation() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert set(lines) == {".".join(key) for key in keys()}
    for key, field in keys().items():
        assert field.description, key
        assert ("*secret*" in lines[".".join(key)]) == (key in secret_keys())


@given(st.sampled_from(sorted(keys())))
def test_every_key_can_be_set_from_the_environment_by_its_variable(key: tuple[str, ...]) -> None:
    """Wrong values are refused under the variable's name, right ones accepted: no key is unknown."""
    try:
        load(Path("/dev/null"), {variable(key): "x"})
    except SettingsError as error:
        assert all("没有这个设置项" not in p.words for p in error.problems)


@given(st.text(max_size=200))
def test_no_file_brings_anything_but_settings_or_a_list_of_problems(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "xiaofang.yaml"
        file.write_text(text, encoding="utf-8", errors="replace")
        try:
            assert isinstance(load(file, {}), Settings)
        except SettingsError as error:
            assert error.problems


def test_the_variable_of_a_key() -> None:
    assert settings_file.variable(("wecom", "secret")) == "XIAOFANG_WECOM__SECRET"
