"""What the documents promise is there: commands, settings, files, addresses, error codes, deployment files."""

import configparser
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import typer
import yaml

from bot import health
from bot.channels.dingtalk import callback as dingtalk_callback
from bot.channels.dingtalk import failures, probes
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.wecom import callback as wecom_callback
from bot.channels.wecom.config import WeComConfig
from bot.channels.wecom.errors import CODES
from bot.cli import app
from config import settings, settings_file
from domain.messages import Inbound

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "decisions").glob("*.md")])
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
COMPOSE = ROOT / "deploy" / "compose.yaml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PACKAGES = ("bot", "handlers", "nlu", "domain", "storage", "coaching", "config")
FOLDERS = (*PACKAGES, "tests", "docs", "deploy", "decisions", r"\.ci")

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^)#\s]+)")
PATH = re.compile(rf"(?<![\w/.-])(?:{'|'.join(FOLDERS)})/[\w./*-]*")
SECTIONS = "|".join(settings.sections())
DOTTED = re.compile(rf"(?:{SECTIONS})\.[a-z_.]+")
VARIABLE = re.compile(r"\bXIAOFANG_[A-Z_]+")
AES_KEY = "A" * 43


def of(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[str(path.relative_to(ROOT)) for path in paths])


def words(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def fences(path: Path) -> Iterator[tuple[str, str]]:
    """(language, content without its indentation) of every fenced block."""
    for indent, language, content in FENCE.findall(words(path)):
        yield language, re.sub(rf"^{indent}", "", content, flags=re.MULTILINE)


def spans(path: Path) -> list[str]:
    return [span.replace("\\|", "|") for span in SPAN.findall(FENCE.sub("", words(path)))]


def typed(path: Path) -> list[str]:
    """Everything that a reader might type: inline code, and the lines of blocks without the comment."""
    lines = [line for _, content in fences(path) for line in content.splitlines()]
    return spans(path) + [re.split(r"\s+#", line)[0] for line in lines]


# commands -----------------------------------------------------------------------------------------------------


def command_table(path: Path) -> list[str]:
    """The commands of a README's table, as they would be typed."""
    _, _, table = words(path).partition("| `xiaofang …` |")
    rows = table.partition("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", row)[1] for row in rows]
    return [f"xiaofang {span}".replace("\\|", "|") for cell in cells for span in SPAN.findall(cell)]


def calls(text: str) -> Iterator[list[str]]:
    """The words behind each `xiaofang` that begins a command."""
    # A path before it is fine (.venv/bin/xiaofang); `exec work xiaofang …` is too; `sudo -u xiaofang` is the user.
    for found in re.finditer(r"(?:^|(?<!-u)[\s(/])xiaofang +((?:--config +\S+ +)?[a-z][^`;&<]*)", text):
        yield re.sub(r"[\[\]]", " ", found[1]).split()


def wrong(call: list[str]) -> str:
    """Why there is no such command; empty where there is."""
    at: Any = typer.main.get_command(app)
    ways = [(at, call)]
    problems = []
    while ways:
        at, rest = ways.pop()
        if hasattr(at, "commands"):
            name, *rest = [*rest, ""]
            if name.startswith("--"):
                ways.append((at, rest[1:]))
                continue
            for one in name.split("|"):
                if one in at.commands:
                    ways.append((at.commands[one], rest))
                elif one:  # a group may be named as a whole
                    problems.append(f"no command {one!r} in {' '.join(call)}")
            continue
        problems += _of_command(at, [word for word in rest if word], call)
    return "; ".join(problems)


def _of_command(command: Any, rest: list[str], call: list[str]) -> Iterator[str]:
    if command.name == "bench" and importlib.util.find_spec(f"bot.benchmarks.{rest[0]}") is None:
        yield f"no benchmark {rest[0]}"
    options = {name for parameter in command.params for name in parameter.opts}
    for word in rest:
        if word.startswith("--") and word.partition("=")[0] not in options:
            yield f"{command.name} has no option {word}"


@of(DOCS)
def test_every_command_that_is_named_exists_with_its_options(path: Path) -> None:
    lines = typed(path) + (command_table(path) if path in READMES else [])
    problems = [wrong(call) for line in lines for call in calls(line)]
    assert not any(problems), [problem for problem in problems if problem]


def test_a_command_that_is_not_there_is_noticed() -> None:
    assert wrong(["serve", "--only", "web"]) == ""
    assert wrong(["import", "people|nothing", "FILE.csv"]) == (
        "no command 'nothing' in import people|nothing FILE.csv"
    )
    assert "no option --fast" in wrong(["serve", "--fast"])


def names(command: Any, before: str = "") -> Iterator[str]:
    """Every command."""
    for name, inside in command.commands.items():
        if hasattr(inside, "commands"):
            yield from names(inside, f"{before}{name} ")
        else:
            yield f"{before}{name}"


@of(READMES)
def test_the_readme_names_every_command(path: Path) -> None:
    told = [" ".join(call) for line in command_table(path) for call in calls(line)]
    for name in names(typer.main.get_command(app)):
        first, _, second = name.partition(" ")
        named = [
            c for c in told if c.split()[0] == first and (not second or second in c.split()[1].split("|"))
        ]
        assert named, f"{name} is missing in {path.name}"


def test_both_readmes_list_the_same_commands() -> None:
    english, chinese = (command_table(path) for path in READMES)
    assert english == chinese


@of(DOCS)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([\w.$()/-]+):(?!=)", words(ROOT / "Makefile"), re.MULTILINE))
    assert {"demo", "test", "$(STAMP)"} <= targets
    targets |= {".venv/.ready"}
    asked = {found for line in typed(path) for found in re.findall(r"^(?:\$ )?make ([\w./-]+)", line)}
    assert asked <= targets


# settings -----------------------------------------------------------------------------------------------------


def known_keys() -> set[str]:
    return {".".join(key) for key in iter(settings.keys())} | {
        ".".join((*key[:-1], f"{key[-1]}_file")) for key in settings.secret_keys()
    }


def findings() -> set[str]:
    """What `doctor` calls what it looks at."""
    files = ("bot/channels/wecom/setup.py", "bot/channels/dingtalk/probes.py", "bot/doctor.py")
    literal = re.compile(rf'"((?:{SECTIONS})\.[a-z_]+)"')
    named = {name for file in files for name in literal.findall(words(ROOT / file))}
    return named | {f"dingtalk.token.{host}" for host in probes.HOSTS}


@of(DOCS)
def test_every_settings_key_and_finding_that_is_named_exists(path: Path) -> None:
    named = {found[0] for span in spans(path) if (found := re.match(rf"{DOTTED.pattern}(?=$|[:=\s])", span))}
    assert named <= known_keys() | findings()


@of([*DOCS, *UNITS, COMPOSE])
def test_every_environment_variable_that_is_named_exists(path: Path) -> None:
    known = {settings_file.variable(tuple(key.split("."))) for key in known_keys()} | {settings_file.CONFIG}
    assert {name for name in VARIABLE.findall(words(path)) if not name.endswith("_")} <= known | {
        # Stands for any key, in the description of the pattern.
        "XIAOFANG_SECTION__KEY"
    }


EXAMPLES = [
    pytest.param(content, id=f"{path.name} {number}")
    for path in DOCS
    for number, (language, content) in enumerate(fences(path))
    if language == "yaml"
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_settings_example_is_taken(example: str, tmp_path: Path) -> None:
    file = tmp_path / "xiaofang.yaml"
    file.write_text(re.sub(r"(_file: )/etc/xiaofang/", rf"\1{tmp_path}/", example), encoding="utf-8")
    for name in re.findall(r"_file: ([^,}\s]+)", file.read_text(encoding="utf-8")):
        content = "postgresql://u:p@h/d" if "database" in name else AES_KEY
        (tmp_path / name).write_text(content, encoding="utf-8")
    settings_file.load(file, {})


def test_there_are_settings_examples_to_check() -> None:
    assert len(EXAMPLES) >= 8


# files --------------------------------------------------------------------------------------------------------


@of([*DOCS, *UNITS])
def test_every_link_and_path_that_is_named_exists(path: Path) -> None:
    text = words(path)
    missing = [
        target
        for target in LINK.findall(text)
        if not re.match(r"\w+:", target) and not (path.parent / target).exists()
    ]
    for name in PATH.findall(text):
        name = re.sub(r"NAME[\w.]*$", "*", name.rstrip("."))  # NAME stands for any
        if not any(ROOT.glob(name.rstrip("/") + ("*" if name.startswith("decisions/0") else ""))):
            missing.append(name)
    assert not missing


def test_every_name_of_the_checklist_stands_in_the_code() -> None:
    """`LISTENERS`, `Senses`, `NEEDS_PERCEPTION`: what is defined at the place that the page names."""
    path = ROOT / "docs" / "add-a-message-kind.md"
    code = "\n".join(words(file) for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    identifiers = {s for s in spans(path) if re.fullmatch(r"[A-Z][A-Za-z_]{3,}|_[a-z_]+", s)}
    assert {"LISTENERS", "HANDLERS", "READERS", "MESSAGES", "Kind", "Senses"} <= identifiers
    undefined = [
        name
        for name in identifiers
        if not re.search(rf"^ *(?:class |def )?{name}\b *(?:[:=(]|$)", code, re.MULTILINE)
    ]
    assert not undefined


# readme -------------------------------------------------------------------------------------------------------


@of(READMES)
def test_the_first_screen_shows_the_two_commands_and_the_picture(path: Path) -> None:
    screen = "\n".join(words(path).splitlines()[:22])
    assert re.search(r"^make demo\b", screen, re.MULTILINE)
    assert re.search(r"^make test\b", screen, re.MULTILINE)
    assert "](docs/playground.png)" in screen


@of(sorted((ROOT / "docs").glob("*.zh-CN.md")))
def test_both_languages_of_a_guide_name_the_same_settings(path: Path) -> None:
    keys = known_keys()
    chinese, english = (
        {span for span in spans(p) if span in keys} for p in (path, Path(str(path).replace(".zh-CN", "")))
    )
    assert english and english <= chinese


def test_the_licence_is_the_one_that_is_named() -> None:
    project = tomllib.loads(words(ROOT / "pyproject.toml"))["project"]
    assert project["license"] == "Apache-2.0"
    licence = words(ROOT / "LICENSE")
    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


# going live ---------------------------------------------------------------------------------------------------


def addresses() -> set[str]:
    """Every address that our web process answers."""

    async def accept(_inbound: Inbound) -> bool:
        return True

    def now() -> datetime:
        return datetime(2026, 3, 10, tzinfo=UTC)

    wecom = WeComConfig(corp_id="ww", agent_id=1, secret="s", token="t", aes_key=AES_KEY)
    found = [
        *wecom_callback.routes(wecom, accept, now),
        *dingtalk_callback.routes(DingTalkConfig(client_id="d", client_secret="s"), accept, now),
        *health.routes(cast(Any, None)),
    ]
    return {route.path for route in found}


@of(DOCS)
def test_every_address_that_is_named_is_answered(path: Path) -> None:
    said = re.compile(r"(?:https://[^/\s]+)?(/(?:wecom|dingtalk)/[a-z]+|/(?:healthz|readyz|metrics))$")
    named = {found[1] for span in spans(path) if (found := said.fullmatch(span.removeprefix("GET ")))}
    assert named <= addresses()


def test_the_proxy_lets_every_address_through() -> None:
    (nginx,) = [content for language, content in fences(ROOT / "docs" / "expose.md") if language == "nginx"]
    patterns = re.findall(r"location ~ (\S+) \{", nginx)
    assert len(patterns) == 2
    for address in addresses():
        assert any(re.search(pattern, address) for pattern in patterns), address
    assert not any(re.search(pattern, "/wecom/callback/x") for pattern in patterns)
    assert re.findall(r"proxy_pass http://127\.0\.0\.1:8080[^;]", nginx) == []


@of([ROOT / "docs" / "go-live-wecom.md", ROOT / "docs" / "go-live-wecom.zh-CN.md"])
def test_every_wecom_error_in_the_guide_is_one_that_we_tell_apart(path: Path) -> None:
    codes = {int(code) for code in re.findall(r"(?<!\d)[4-8]\d{4}(?!\d)", words(path))}
    assert 60020 in codes
    assert codes <= set(CODES)


@of([ROOT / "docs" / "go-live-dingtalk.md", ROOT / "docs" / "go-live-dingtalk.zh-CN.md"])
def test_every_dingtalk_error_in_the_guide_is_one_that_we_tell_apart(path: Path) -> None:
    codes = set(re.findall(r"(?<!\d)[4-9]\d{4}(?!\d)", words(path)))
    assert "60020" in codes
    assert codes <= set(failures.OLD_HOST)
    told = re.findall(r"\b(AccessToken\w+|IpNot\w+|ApiCount\w+)\b", words(path))
    assert told and all(any(part in word.lower() for part, _ in failures.NEW_HOST) for word in told)


def test_what_the_guide_quotes_is_what_the_program_says() -> None:
    text = words(ROOT / "docs" / "go-live-wecom.zh-CN.md")
    rows = re.findall(r"^\| `doctor --live` 说([^|]+)\|", text, re.MULTILINE)
    quoted = [quote for row in rows for quote in re.findall("“([^”]+)”", row)]
    assert len(quoted) >= 5
    program = words(ROOT / "bot" / "judgement.py")
    assert [quote for quote in quoted if quote not in program] == []
    assert "通讯录里还没有你" in words(ROOT / "handlers" / "words.py")


@of([*sorted((ROOT / "docs").glob("go-live-*.md")), ROOT / "docs" / "postgresql.md"])
def test_what_the_guide_says_of_readyz_is_in_its_body(path: Path) -> None:
    source = words(ROOT / "bot" / "health.py") + words(ROOT / "storage" / "queues.py")
    dotted = [span for span in spans(path) if re.match(r"(?:channels|queues|models)\.", span)]
    assert dotted or "readyz" not in words(path) or path.stem == "go-live-dingtalk"
    for span in dotted:
        first, *_, last = span.split(".")
        assert f'"{first}"' in source and f'"{last}"' in source, span


# deployment ---------------------------------------------------------------------------------------------------


def compose() -> dict[str, Any]:
    return cast(dict[str, Any], yaml.safe_load(words(COMPOSE)))


def ours() -> dict[str, dict[str, Any]]:
    return {name: one for name, one in compose()["services"].items() if one["image"] == "xiaofang"}


def test_compose_runs_commands_that_exist() -> None:
    assert set(ours()) == {"migrate", "web", "work"}
    assert [wrong(service["command"]) for service in ours().values()] == ["", "", ""]


def test_compose_names_files_secrets_and_volumes_that_are_declared() -> None:
    whole = compose()
    for service in whole["services"].values():
        assert set(service.get("secrets", [])) <= set(whole["secrets"])
        named = {volume.partition(":")[0] for volume in service["volumes"]}
        assert {name for name in named if "/" not in name} <= set(whole["volumes"])
    for service in ours().values():
        context = COMPOSE.parent / service["build"]["context"]
        assert context.resolve() == ROOT
        assert (context / service["build"]["dockerfile"]).resolve() == DOCKERFILE
        assert service["environment"]["XIAOFANG_DATABASE_URL_FILE"] == "/run/secrets/database_url"
        assert service["environment"]["XIAOFANG_CONFIG"] in service["volumes"][0]


def test_the_environment_of_compose_is_taken(tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql://xiaofang:choose%20one@database:5432/xiaofang", encoding="utf-8")
    file = tmp_path / "xiaofang.yaml"
    file.write_text("company: {name: 青禾乳业}\ndatabase_url: sqlite:///x.db\n", encoding="utf-8")
    environment = {**ours()["web"]["environment"], "XIAOFANG_DATABASE_URL_FILE": str(secret)}
    found = settings_file.load(file, environment)
    assert found.database_url.startswith("postgresql://xiaofang:choose%20one@database")
    assert (found.listen.host, found.listen.port) == ("0.0.0.0", 8080)
    assert found.media_dir == Path("/var/lib/xiaofang/media")


def test_the_image_is_built_from_the_lock_and_runs_unprivileged() -> None:
    steps = re.sub(r"\\\n", " ", words(DOCKERFILE))
    (user,) = re.findall(r"^USER (\S+)", steps, re.MULTILINE)
    assert user not in ("root", "0")
    assert re.search(rf"useradd [^\n]*{user}", steps)
    assert "--require-hashes -r requirements.lock" in steps
    sources = [s for line in re.findall(r"^COPY (.+) \S+$", steps, re.MULTILINE) for s in line.split()]
    assert set(PACKAGES) <= set(sources)
    assert all((ROOT / source).exists() for source in sources)
    scripts = tomllib.loads(words(ROOT / "pyproject.toml"))["project"]["scripts"]
    (entry,) = re.findall(r'^ENTRYPOINT \["(\S+)"\]', steps, re.MULTILINE)
    (command,) = re.findall(r'^CMD \["(\S+)"\]', steps, re.MULTILINE)
    assert entry in scripts
    assert wrong([command]) == ""


def test_there_is_a_unit_for_each_way_to_run() -> None:
    assert [unit.stem for unit in UNITS] == ["xiaofang-web", "xiaofang-work", "xiaofang"]


@of(UNITS)
def test_a_unit_runs_commands_that_exist_without_privileges(path: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, encoding="utf-8")
    service = unit["Service"]
    assert service["User"] == "xiaofang"
    assert service["NoNewPrivileges"] == "yes"
    # Children are told by their parent; a second signal would cut off what they have in hand.
    assert service["KillMode"] == "mixed"
    commands = [service[key] for key in ("ExecStartPre", "ExecStart") if key in service]
    for command in commands:
        program, *arguments = command.split()
        assert program == "/opt/xiaofang/.venv/bin/xiaofang"
        assert wrong(arguments) == ""
    assert unit["Install"]["WantedBy"] == "multi-user.target"
