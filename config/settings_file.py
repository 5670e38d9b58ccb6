"""Settings: one YAML file, every key overridable from the environment, secrets also from files.

    load(path, environ)      path: --config, else XIAOFANG_CONFIG, else ./xiaofang.yaml where it exists
    wecom.secret             the same key as XIAOFANG_WECOM__SECRET
    wecom.secret_file        reads the secret from a file; as XIAOFANG_WECOM__SECRET_FILE too

The environment wins over the file, and the file over the defaults. Nothing is taken from settings with a mistake in
them, and all mistakes are reported at once, each with its place and words that say what to write. No message and no
representation of a `Settings` holds a secret.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from config.settings import Key, Settings, keys, secret_keys, sections

PREFIX = "XIAOFANG_"
CONFIG = "XIAOFANG_CONFIG"
DEFAULT_FILE = "xiaofang.yaml"
PATHS = {("media_dir",), ("rulebook_dir",), ("speech", "model_dir"), ("reading", "model_dir")}


@dataclass(frozen=True)
class Problem:
    where: str
    """`xiaofang.yaml:12`, or the name of an environment variable."""
    key: str
    words: str

    def __str__(self) -> str:
        return f"{self.where}  {self.key}：{self.words}" if self.key else f"{self.where}  {self.words}"


class SettingsError(Exception):
    """The settings cannot be used; `problems` is all that is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class _Given:
    value: str | list[str]
    where: str


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The settings file: the one that was named, else ./xiaofang.yaml where there is one."""
    if explicit or environ.get(CONFIG):
        return explicit or Path(environ[CONFIG])
    return Path(DEFAULT_FILE) if Path(DEFAULT_FILE).exists() else None


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from the file and the environment. Raises SettingsError with every mistake found.

    Relative paths in the file, and the defaults, start at the file's folder; those in the environment at the
    current one.
    """
    path = find(path, environ)
    problems: list[Problem] = []
    given = dict(_from_file(path, problems)) if path else {}
    named = dict(_from_environment(environ, problems))
    for key in named:  # a secret from the environment replaces the file's, whichever way either is given
        given.pop((*key[:-1], key[-1].removesuffix("_file")), None)
        given.pop((*key[:-1], f"{key[-1]}_file"), None)
    given |= named
    _read_secrets(given, path, problems)
    settings = _validated(given, path, problems)
    if settings is None or problems:
        raise SettingsError(sorted(problems, key=_place))
    return _placed(settings, path.resolve().parent if path else Path.cwd())


def _place(problem: Problem) -> tuple[str, int, str]:
    file, _, line = problem.where.rpartition(":")
    return (file, int(line), problem.key) if line.isdecimal() else (problem.where, 0, problem.key)


# the file ---------------------------------------------------------------------------------------------------


def _from_file(path: Path, problems: list[Problem]) -> Iterator[tuple[Key, _Given]]:
    file = str(path)
    try:
        root = yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        problems.append(
            Problem(
                file,
                "",
                f"读不了设置文件（{error.strerror}）。请检查路径，或复制 xiaofang.example.yaml 再改。",
            )
        )
        return
    except UnicodeDecodeError:
        problems.append(Problem(file, "", "不是 UTF-8 文本，请用 UTF-8 保存。"))
        return
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.append(
            Problem(f"{file}:{line}", "", f"YAML 写法有误（{error.problem}），请检查缩进、冒号和引号。")
        )
        return
    except (yaml.YAMLError, RecursionError):
        problems.append(Problem(file, "", "里面有 YAML 不允许的内容，请对照 xiaofang.example.yaml 重写。"))
        return
    if root is not None and not _empty(root):
        yield from _mapping(root, (), file, problems)


def _mapping(node: yaml.Node, at: Key, file: str, problems: list[Problem]) -> Iterator[tuple[Key, _Given]]:
    if not isinstance(node, yaml.MappingNode):
        what = ".".join(at) or "整个文件"
        problems.append(Problem(f"{file}:{node.start_mark.line + 1}", what, "应当是“键: 值”的写法。"))
        return
    inside, seen = sections(), set()
    for key_node, value in node.value:
        where = f"{file}:{key_node.start_mark.line + 1}"
        key = (*at, str(key_node.value))
        if key in seen:
            problems.append(Problem(where, ".".join(key), "写了两次，请只留一个。"))
        seen.add(key)
        if not at and key[0] in inside:
            if not _empty(value):
                yield from _mapping(value, key, file, problems)
        elif not _known(key):
            problems.append(Problem(where, ".".join(key), _unknown(key)))
        elif isinstance(value, yaml.SequenceNode):
            yield key, _Given([str(item.value) for item in value.value], where)
        elif isinstance(value, yaml.MappingNode):
            problems.append(
                Problem(where, ".".join(key), f"这里应当是一个值，不是一段设置。请写：{_hint(key)}。")
            )
        elif not _empty(value):
            yield key, _Given(str(value.value), where)


def _empty(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


# the environment --------------------------------------------------------------------------------------------


def _from_environment(environ: Mapping[str, str], problems: list[Problem]) -> Iterator[tuple[Key, _Given]]:
    """An empty variable counts as not set, as compose files leave them."""
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name == CONFIG or not value:
            continue
        key = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if not _known(key):
            problems.append(Problem(name, "", _unknown(key, in_environment=True)))
            continue
        several = key in keys() and str(keys()[key].annotation).startswith("tuple")
        if key in PATHS:
            value = str(Path(value).expanduser().absolute())
        yield key, _Given([part.strip() for part in value.split("|")] if several else value, name)


def variable(key: Key) -> str:
    """The environment variable of a key."""
    return PREFIX + "__".join(key).upper()


# both -------------------------------------------------------------------------------------------------------


def _known(key: Key) -> bool:
    return key in keys() or _secret_of(key) is not None


def _secret_of(key: Key) -> Key | None:
    """`wecom.secret` for `wecom.secret_file`."""
    secret = (*key[:-1], key[-1].removesuffix("_file"))
    return secret if key[-1].endswith("_file") and secret in secret_keys() else None


def _unknown(key: Key, *, in_environment: bool = False) -> str:
    write = variable if in_environment else ".".join
    known = {write(k): k for k in [*keys(), *((*k[:-1], f"{k[-1]}_file") for k in secret_keys())]}
    if not in_environment and len(key) == 1:
        known |= {name: (name,) for name in sections()}
    near = get_close_matches(write(key), known, n=1, cutoff=0.6)
    same_end = [text for text, k in known.items() if k[-1] == key[-1]]
    suggestion = near[0] if near else same_end[0] if len(same_end) == 1 else ""
    hint = f"是不是想写 {suggestion}？" if suggestion else "全部设置项见 docs/settings.md。"
    return f"没有这个设置项。{hint}"


def _read_secrets(given: dict[Key, _Given], path: Path | None, problems: list[Problem]) -> None:
    """Replace each `…_file` by what the file holds."""
    for key in [k for k in given if _secret_of(k)]:
        named = given.pop(key)
        secret = _secret_of(key) or key
        if secret in given:
            words = f"和 {secret[-1]} 只能写一个，请删掉其中一个。"
            problems.append(Problem(named.where, ".".join(key), words))
            continue
        file = Path(str(named.value)).expanduser()
        if path and named.where.startswith(str(path)) and not file.is_absolute():
            file = path.resolve().parent / file
        try:
            given[secret] = _Given(file.read_text("utf-8-sig").strip(), named.where)
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "不是文本"
            words = f"读不了密钥文件 {file}（{why}）。请检查路径和读取权限。"
            problems.append(Problem(named.where, ".".join(key), words))
            given[secret] = _Given("\0", "")  # told already; the key itself is not missing


def _validated(given: dict[Key, _Given], path: Path | None, problems: list[Problem]) -> Settings | None:
    tree: dict[str, Any] = {}
    for key, one in given.items():
        branch = tree
        for step in key[:-1]:
            branch = branch.setdefault(step, {})
        branch[key[-1]] = one.value
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        for mistake in error.errors(include_input=False):
            problem = _mistake(mistake, given, path)
            if problem:
                problems.append(problem)
        return None


REASONS = {
    "missing": "缺少这一项",
    "int_parsing": "应当是整数",
    "int_type": "应当是整数",
    "string_type": "应当是一个值，不是一串",
    "tuple_type": "应当是一个列表",
    "literal_error": "不是可用的取值",
    "string_too_short": "是空的",
    "greater_than_equal": "太小了",
    "less_than_equal": "太大了",
}


def _mistake(mistake: Any, given: dict[Key, _Given], path: Path | None) -> Problem | None:
    key = tuple(str(step) for step in mistake["loc"] if not isinstance(step, int))
    one = given.get(key)
    if one and one.value == "\0":
        return None
    where = one.where if one else str(path) if path else variable(key)
    reason = REASONS.get(mistake["type"]) or mistake["msg"].removeprefix("Value error, ")
    return Problem(where, ".".join(key), f"{reason}。请写：{_hint(key)}。")


def _hint(key: Key) -> str:
    secret = _secret_of(key)
    if secret:
        return "存放密钥的文件路径"
    field = keys().get(key)
    return str(field.description) if field else ""


def _placed(settings: Settings, base: Path) -> Settings:
    """The same settings with every path absolute."""
    url = settings.database_url
    if url.startswith("sqlite:///") and url != "sqlite:///:memory:":
        file, question, options = url.removeprefix("sqlite:///").partition("?")
        url = f"sqlite:///{_under(base, Path(file))}{question}{options}"
    changes: dict[str, Any] = {
        "database_url": url,
        "media_dir": _under(base, settings.media_dir),
        "rulebook_dir": _under(base, settings.rulebook_dir) if settings.rulebook_dir else None,
        "speech": settings.speech.model_copy(update={"model_dir": _under(base, settings.speech.model_dir)}),
        "reading": settings.reading.model_copy(
            update={"model_dir": _under(base, settings.reading.model_dir)}
        ),
    }
    return settings.model_copy(update=changes)


def _under(base: Path, path: Path) -> Path:
    return base / path.expanduser()
