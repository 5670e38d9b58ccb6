"""Files that people edit, read with the lines that everything stands on, so that mistakes can be pointed at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from domain.cues import CueError, check_cue
from domain.expressions import ExpressionError, compile
from domain.facts import Names

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where PyYAML comes with libyaml; every process reads the rulebook as it starts."""


@dataclass(frozen=True)
class Problem:
    file: str
    line: int
    """From 1; 0 where the whole file is meant."""
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


@dataclass(frozen=True)
class Source:
    file: str
    data: Any
    root: yaml.Node | None

    def line(self, path: tuple[Any, ...]) -> int:
        """The line of the innermost part of `path` that exists in the file."""
        node = self.root
        line = 1
        for step in path:
            node = _child(node, step)
            if node is None:
                break
            line = node.start_mark.line + 1
        return line

    def problem(self, words: str, *path: Any) -> Problem:
        return Problem(self.file, self.line(path), words)


def sources(folder: Path, problems: list[Problem], digest: Any) -> list[Source]:
    """Every file of a folder; what cannot be read is added to the problems."""
    return read_all(files_of(folder, f"{folder.name}/"), problems, digest)


def files_of(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """The rules of a folder as they are written, each under its name after `prefix`."""
    return {f"{prefix}{path.name}": path.read_bytes() for path in sorted(folder.glob("*.yaml"))}


def read_all(files: Mapping[str, bytes], problems: list[Problem], digest: Any) -> list[Source]:
    """Files by their names, as they are written; what cannot be read is added to the problems."""
    read = (_read(name, raw, problems, digest) for name, raw in sorted(files.items()))
    return [source for source in read if source]


def _read(name: str, raw: bytes, problems: list[Problem], digest: Any) -> Source | None:
    digest.update(name.encode() + b"\0" + raw)
    try:
        return parsed(name, raw.decode("utf-8"))
    except UnicodeDecodeError:
        problems.append(Problem(name, 0, "不是 UTF-8 文本，请用 UTF-8 保存。"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark, why = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        words = f"YAML 写法有误（{why}），请检查缩进、冒号、引号和括号。"
        problems.append(Problem(name, mark.line + 1 if mark else 0, words))
    except (
        KeyError,
        AttributeError,
        IndexError,
        TypeError,
    ):  # PyYAML's own, of a tag whose value is none of it
        problems.append(
            Problem(name, 0, "YAML 写法有误（!! 标签和后面的值对不上），请去掉标签，或者改后面的值。")
        )
    return None


@lru_cache(maxsize=128)
def parsed(name: str, text: str) -> Source:
    """Read once, for the data and for the lines that they stand on, and not again for the next version of the rules,
    which is the same file for file but one. Nobody changes what is read.

    Raises YAMLError, also for aliases: a few lines of them grow to more than memory holds.
    """
    if "*" in text:
        for event in yaml.parse(text, LOADER):
            if isinstance(event, yaml.AliasEvent):
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(problem="不能用 & 和 * 引用", problem_mark=mark)
    loader = LOADER(text)
    try:
        node = loader.get_single_node()
        return Source(name, loader.construct_document(node) if node else None, node)
    finally:
        loader.dispose()


def cue_problem(
    source: Source, cue: str, classes: Mapping[str, tuple[str, ...]], *path: Any
) -> Iterator[Problem]:
    """`classes` are the classes of words that cues may name."""
    try:
        check_cue(cue, classes, whole=source.file != "lexicon/words.yaml")
    except CueError as error:
        yield source.problem(str(error), *path)


def expression_problem(source: Source, text: str, names: Names, *path: Any) -> Iterator[Problem]:
    """What is wrong with a condition over these names; nothing where none is written."""
    try:
        if text:
            compile(text, names)
    except ExpressionError as error:
        yield source.problem(f"条件“{text[:60]}”{error}", *path)


def _child(node: yaml.Node | None, step: Any) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    return None


REASONS = {
    "extra_forbidden": "没有这个设置项，请检查拼写",
    "missing": "缺少这一项",
    "literal_error": "不是可用的取值",
    "string_type": "应当是文字；数字要加引号",
    "tuple_type": "应当是一个列表",
    "bool_parsing": "应当是 true 或 false",
    "float_parsing": "应当是数字",
    "int_parsing": "应当是整数",
    "int_from_float": "应当是整数",
    "greater_than": "太小了",
    "greater_than_equal": "太小了",
    "less_than_equal": "太大了",
    "model_type": "应当是“名称: 值”的写法",
}


def reason(error: Any) -> str:
    where = ".".join(str(step) for step in error["loc"]) or "整个文件"
    return f"{where}：{REASONS.get(error['type'], error['msg'])}。"
