"""The coaching library: cards, lost deals, scripts, synonyms and the rubric, as YAML that trainers edit.

It lies in the folder `coaching` of the rulebook, and is taken as a whole or refused with every mistake in it.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from config.rulebook import SHIPPED, RulebookError
from config.scene_files import roleplay_problems, scene_problems
from config.sources import Problem, Source, cue_problem, reason, sources
from domain.coaching import (
    LostCase,
    ObjectionCard,
    ObjectionLibrary,
    QuoteScript,
    Rubric,
    Synonyms,
    wrong_blanks,
)
from domain.library import Library
from domain.roleplay import RolePlay, Scene
from domain.training import TrainingPath

Model = TypeVar("Model", bound=BaseModel)

FOLDERS = ("objections", "cases", "scripts", "scenes")
SINGLE = ("synonyms.yaml", "rubric.yaml", "roleplay.yaml", "path.yaml")
RUBRIC_CUES = ("offers", "breaches", "not_breaches", "begging")
CHECK_CUES = ("cues", "also", "unless")


def folder_of(directory: Path | None) -> Path:
    """Where the library of this rulebook lies: a rulebook without one of its own has the shipped one."""
    own = directory / "coaching" if directory else None
    return own if own and own.is_dir() else SHIPPED / "coaching"


def load(directory: Path | None = None) -> Library:
    """The library of the rulebook in `directory`, the shipped one without it.

    Raises RulebookError with every mistake found.
    """
    root = folder_of(directory)
    problems: list[Problem] = []
    digest = sha256()
    found = {name: sources(root / name, problems, digest) for name in FOLDERS}
    single = {source.file.partition("/")[2]: source for source in sources(root, problems, digest)}
    cards = tuple(_cards(found["objections"], problems))
    cases = tuple(_each(found["cases"], LostCase, problems))
    scripts = tuple(_each(found["scripts"], QuoteScript, problems))
    synonyms = _one(single.get("synonyms.yaml"), Synonyms, problems)
    rubric = _one(single.get("rubric.yaml"), Rubric, problems)
    scenes = tuple(_each(found["scenes"], Scene, problems))
    roleplay = _one(single.get("roleplay.yaml"), RolePlay, problems)
    path = _one(single.get("path.yaml"), TrainingPath, problems)
    problems.extend(_missing(found, single, problems))
    problems.extend(_wrong_cues(single, synonyms, rubric, path))
    known_scripts = {script.id for script in scripts} if not problems else None
    by_id = {scene.id: scene for scene in scenes}
    for source in found["scenes"]:
        if scene := by_id.get(Path(source.file).stem):
            problems.extend(scene_problems(source, scene, known_scripts))
    if roleplay and rubric:
        checks = {check.id for check in rubric.checks}
        problems.extend(roleplay_problems(single["roleplay.yaml"], roleplay, checks, cases))
    if problems or synonyms is None or rubric is None or roleplay is None or path is None:
        raise RulebookError(sorted(problems, key=lambda p: (p.file, p.line)))
    return Library(
        cards=cards,
        cases=cases,
        scripts=scripts,
        synonyms=synonyms,
        rubric=rubric,
        roleplay=roleplay,
        scenes=scenes,
        path=path,
    )


def _one(source: Source | None, model: type[Model], problems: list[Problem]) -> Model | None:
    if source is None:
        return None
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        problems.extend(source.problem(reason(e), *e["loc"]) for e in error.errors())
        return None


def _each(files: list[Source], model: type[Model], problems: list[Problem]) -> Iterator[Model]:
    """One a file, named like its id."""
    for source in files:
        found = _one(source, model, problems)
        if found is None:
            continue
        named = getattr(found, "id", "")
        if Path(source.file).stem != named:
            problems.append(source.problem(f"文件名应为 {named}.yaml，和 id 一致。", "id"))
        yield found


def _cards(files: list[Source], problems: list[Problem]) -> Iterator[ObjectionCard]:
    seen: dict[str, str] = {}
    said: dict[str, str] = {}
    for source in files:
        library = _one(source, ObjectionLibrary, problems)
        for index, card in enumerate(library.cards if library else ()):
            at = ("cards", index)
            if library and card.type != library.type:
                words = f"卡片编号 {card.id} 应当以 {library.type}_ 开头。"
                problems.append(source.problem(words, *at, "id"))
            if card.id in seen:
                problems.append(source.problem(f"卡片 {card.id} 在 {seen[card.id]} 里已经有了。", *at, "id"))
            seen[card.id] = source.file
            problems.extend(_card_problems(source, card, at, said))
            yield card


def _card_problems(
    source: Source, card: ObjectionCard, at: tuple[Any, ...], said: dict[str, str]
) -> Iterator[Problem]:
    for part in ("line", "question"):
        for blank in wrong_blanks(getattr(card, part)):
            words = f"空格 {blank} 填不上；写成 {{product|这款}} 这样，竖线后面是不知道时的说法。"
            yield source.problem(words, *at, part)
    for number, trigger in enumerate(card.triggers):
        if trigger in said:
            yield source.problem(f"“{trigger}”在卡片 {said[trigger]} 里已经有了。", *at, "triggers", number)
        said[trigger] = card.id


def _missing(
    found: dict[str, list[Source]], single: dict[str, Source], problems: list[Problem]
) -> Iterator[Problem]:
    broken = {p.file for p in problems}
    for name, files in found.items():
        if not files and not any(f.startswith(f"{name}/") for f in broken):
            yield Problem(f"coaching/{name}/", 0, "里面还没有文件。")
    for name in SINGLE:
        if name not in single and f"coaching/{name}" not in broken:
            yield Problem(f"coaching/{name}", 0, "缺少这个文件。")


def _wrong_cues(
    single: dict[str, Source], synonyms: Synonyms | None, rubric: Rubric | None, path: TrainingPath | None
) -> Iterator[Problem]:
    for section in RUBRIC_CUES if rubric else ():
        for index, cue in enumerate(getattr(rubric, section)):
            yield from cue_problem(single["rubric.yaml"], cue, {}, section, index)
    for number, check in enumerate(rubric.checks if rubric else ()):
        for section in CHECK_CUES:
            for index, cue in enumerate(getattr(check, section)):
                yield from cue_problem(single["rubric.yaml"], cue, {}, "checks", number, section, index)
    for index, cue in enumerate(path.lost if path else ()):
        yield from cue_problem(single["path.yaml"], cue, {}, "lost", index)
    for index, cue in enumerate(synonyms.settled if synonyms else ()):
        yield from cue_problem(single["synonyms.yaml"], cue, {}, "settled", index)
