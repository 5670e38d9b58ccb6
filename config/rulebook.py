"""The rulebook: forms, alerts and lexicon as YAML that sales operations edit, read and checked as a whole.

Nothing is taken from a rulebook with a mistake in it, and all mistakes are reported at once, each with its file,
its line and words that say what to do.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config import alert_files, flow_files, health_file, isolation, lead_stages_file, schedule_files
from config.sources import (
    Problem,
    Source,
    cue_problem,
    expression_problem,
    files_of,
    parsed,
    read_all,
    reason,
)
from domain.authenticity import Authenticity
from domain.expenses.rules import ExpenseRules
from domain.facts import fact, names_of
from domain.flows.working_time import OfficeHours
from domain.forms import Form, FormField, Rulebook, Wordlists
from domain.health import HealthRules
from domain.leads.rules import LeadRules
from domain.leads.stages import LeadStages
from domain.policies import Policies
from domain.pricing.rules import PriceRules
from domain.rulebook_changes import Carried
from domain.schedules.definition import MASTER_DATES
from domain.stock import StockRules
from domain.values import Value

__all__ = ["Problem", "Rulebook", "RulebookError", "load"]

SHIPPED = Path(__file__).parent
WHOLE: dict[str, tuple[str, type[Value]]] = {
    "authenticity": ("authenticity.yaml", Authenticity),
    "office": ("office.yaml", OfficeHours),
    "expenses": ("expenses.yaml", ExpenseRules),
    "stock": ("stock.yaml", StockRules),
    "leads": ("leads.yaml", LeadRules),
    "health": ("health.yaml", HealthRules),
    "prices": ("prices.yaml", PriceRules),
    "lead_stages": ("lead_stages.yaml", LeadStages),
}
"""Rules that are one file each: without it the shipped one holds."""
FOLDERS = ("forms", "lexicon")
OPTIONAL = ("alerts", "flows", "policies", "schedules")
"""Folders that a rulebook may leave out; then the shipped one holds, as far as it has the forms for it."""

LEXICON = {
    "actions": ("unreal", "negation", "asking", "rounds"),
    "commands": (
        "chitchat",
        "query_day",
        "query_leads",
        "query_customer",
        "query_stock",
        "practise",
        "objection_help",
        "daily_report",
        "help",
        "undo",
    ),
    "money": ("cues", "prices", "after"),
    "names": ("surnames", "titles", "roles", "shops", "not_shops", "leading", "chains", "not_names"),
    "objections": ("price", "trust", "timing", "not_price", "not_trust", "not_timing"),
    "speech": (
        *("fillers", "stutters", "corrections", "changes", "heard", "not_heard", "units_heard", "dialect"),
        "breaths",
    ),
    "todos": (
        *("open", "closed", "talk", "about", "owners", "dues", "titles", "states", "opening", "actions"),
        *("must", "vague", "reported", "promised", "dropped", "everybody", "departments", "outsiders"),
        "towards",
    ),
    "units": ("goods", "others", "places"),
    "words": (),
}
"""The files of the lexicon and the sections that each must have. `words` has a section for each class of words that
cues may name (`<订货>`); operations may add classes."""

LATER = {"actions": ("headings",)}
"""Sections that came later, and that a rulebook may do without."""

PATTERNS = frozenset({"commands", "objections", "words"})
"""Lexicon files whose entries are cue patterns rather than plain words."""


class RulebookError(Exception):
    """The rulebook cannot be used; `problems` is all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load(directory: Path | None = None) -> Rulebook:
    """The rulebook in `directory`, the shipped one without it. Raises RulebookError with every mistake found."""
    return read(files(directory))


def files(directory: Path | None = None) -> dict[str, bytes]:
    """The files of a rulebook as they are written, by their names: `forms/visit.yaml`.

    `OPTIONAL` folders and `WHOLE` files are the shipped ones where they are left out.
    """
    root = directory or SHIPPED
    found: dict[str, bytes] = {}
    for folder in (*FOLDERS, *OPTIONAL):
        if (root / folder).is_dir():
            found |= files_of(root / folder, f"{folder}/")
        elif folder in OPTIONAL:
            shipped = files_of(SHIPPED / folder, f"{folder}/")
            found |= {name: raw for name, raw in shipped.items() if _forms_named(raw) <= _forms_in(root)}
    for name, _ in WHOLE.values():
        found[name] = (root / name if (root / name).exists() else SHIPPED / name).read_bytes()
    return found


def _forms_in(root: Path) -> set[str]:
    return {path.stem for path in (root / "forms").glob("*.yaml")}


def _forms_named(raw: bytes) -> set[str]:
    """The forms that a shipped flow, alert or schedule is about; policies name none that they need."""
    data = parsed("", raw.decode()).data
    if "when" in data and isinstance(data["when"], dict):
        of = str(data["when"].get("of") or "")
        return {of.split(".")[0]} if of and of not in MASTER_DATES else set()
    triggers = data.get("triggers") or [data.get("begins", {}).get("form")]
    return {key for key in triggers if key and key != "daily"}


def read(files: Mapping[str, bytes], carried: Carried | None = None) -> Rulebook:
    """The rulebook that these files are, with what it keeps of earlier versions; files that were read lately are not
    read again.

    Raises RulebookError with every mistake found.
    """
    return _read(tuple(sorted(files.items())), carried.model_dump_json() if carried else "")


@lru_cache(maxsize=8)
def _read(names_and_files: tuple[tuple[str, bytes], ...], kept: str) -> Rulebook:
    files = dict(names_and_files)
    carried = Carried.model_validate_json(kept) if kept else None
    problems: list[Problem] = []
    digest = sha256(kept.encode())
    read = read_all(files, problems, digest)
    forms_read, lexicon_read = _in("forms", read), _in("lexicon", read)
    classes = _classes(lexicon_read)
    forms = dict(_forms(forms_read, problems, classes))
    lexicon = dict(_lexicon(lexicon_read, problems, classes))
    alerts = dict(alert_files.read(_in("alerts", read), problems, forms))
    flows = dict(flow_files.read(_in("flows", read), forms, problems))
    schedules = dict(schedule_files.read(_in("schedules", read), forms, problems))
    policies = _policies(_in("policies", read), files, forms, problems)
    problems.extend(_missing_files(files, lexicon, problems))
    whole = {key: _whole(kind, read, name, problems) for key, (name, kind) in WHOLE.items()}
    if whole["health"]:
        problems.extend(p for s in read if s.file == "health.yaml" for p in health_file.problems_of(s))
    own = files.get("lead_stages.yaml") != (SHIPPED / "lead_stages.yaml").read_bytes()
    if whole["lead_stages"] and own:  # the shipped one may name forms that a company has deleted
        found = (s for s in read if s.file == "lead_stages.yaml")
        problems.extend(p for s in found for p in lead_stages_file.problems_of(s, forms))
    if problems:
        raise RulebookError(sorted(problems, key=lambda p: (p.file, p.line)))
    parts = {
        "version": digest.hexdigest()[:12],
        "forms": carried.kept(forms) if carried else forms,
        "alerts": alerts,
        "flows": flows,
        "schedules": schedules,
        "lexicon": lexicon,
        "policies": policies,
        **whole,
    }
    try:
        return Rulebook.model_validate(parts)
    except ValidationError as error:
        raise RulebookError([Problem(str(e["loc"][0]), 0, reason(e)) for e in error.errors()]) from None


def _in(folder: str, read: list[Source]) -> list[Source]:
    return [source for source in read if source.file.startswith(f"{folder}/")]


def _policies(
    read: list[Source], files: Mapping[str, bytes], forms: dict[str, Form], problems: list[Problem]
) -> Policies | None:
    """The shipped ones may name forms that a company has deleted."""
    shipped = files_of(SHIPPED / "policies", "policies/")
    own = {name: raw for name, raw in files.items() if name.startswith("policies/")} != shipped
    return isolation.read(read, forms if own else None, problems)


def _whole(kind: type[Value], read: list[Source], name: str, problems: list[Problem]) -> Value | None:
    """What is one file as a whole."""
    source = next((source for source in read if source.file == name), None)
    try:
        return kind.model_validate(source.data) if source else None
    except ValidationError as error:
        assert source is not None
        problems.extend(source.problem(reason(e), *e["loc"]) for e in error.errors())
        return None


def _classes(files: list[Source]) -> Wordlists:
    """The classes of words that cues may name; a badly written class is reported with the lexicon."""
    data = next((s.data for s in files if s.file == "lexicon/words.yaml"), None)
    if not isinstance(data, dict):
        return {}
    return {
        str(name): tuple(words)
        for name, words in data.items()
        if isinstance(words, list) and all(isinstance(w, str) for w in words)
    }


def _forms(files: list[Source], problems: list[Problem], classes: Wordlists) -> Iterator[tuple[str, Form]]:
    seen: dict[str, str] = {}
    parsed: list[tuple[Source, Form]] = []
    for source in files:
        try:
            form = Form.model_validate(source.data)
        except ValidationError as error:
            problems.extend(source.problem(reason(e), *e["loc"]) for e in error.errors())
            continue
        if form.key in seen:
            problems.append(source.problem(f"表单 {form.key} 在 {seen[form.key]} 里已经有了。", "key"))
        seen[form.key] = source.file
        parsed.append((source, form))
    for source, form in parsed:
        problems.extend(_form_problems(source, form, seen.keys(), classes))
        yield form.key, form


def _form_problems(source: Source, form: Form, known: Any, classes: Wordlists) -> Iterator[Problem]:
    if source.file.removeprefix("forms/") != f"{form.key}.yaml":
        yield source.problem(f"文件名应为 {form.key}.yaml，和 key 一致。", "key")
    ids = [field.id for field in form.fields]
    for index, field in enumerate(form.fields):
        if ids.index(field.id) != index:
            yield source.problem(f"字段 {field.id} 重复了。", "fields", index, "id")
        yield from _field_problems(source, index, field, ids, classes)
        yield from expression_problem(
            source, field.required_when, names_of(form), "fields", index, "required_when"
        )
    for index, check in enumerate(form.checks):
        yield from expression_problem(source, check.must, names_of(form), "checks", index, "must")
    for index, other in enumerate(form.yields_to):
        if other not in known:
            yield source.problem(f"没有表单 {other}。", "yields_to", index)
    if form.doubtful and form.doubtful not in known:
        yield source.problem(f"没有表单 {form.doubtful}。", "doubtful")
    for section in ("cues", "negatives", "plans", "doubts", "certainties"):
        for index, cue in enumerate(getattr(form, section)):
            yield from cue_problem(source, cue, classes, section, index)


def _field_problems(
    source: Source, index: int, field: FormField, ids: list[str], classes: Wordlists
) -> Iterator[Problem]:
    at = ("fields", index)
    if field.may_be_required and not field.ask:
        yield source.problem(f"必填字段 {field.id} 缺少提问（ask）。", *at)
    for other in field.required_unless:
        if other not in ids:
            yield source.problem(f"required_unless 指向的字段 {other} 不存在。", *at)
    if field.default is not None and field.default != "today" and fact(field.type, field.default) is None:
        yield source.problem(f"字段 {field.id} 的默认值不是{field.type}类型的值。", *at, "default")
    if field.type == "choice" and not field.choices:
        yield source.problem(f"选择字段 {field.id} 没有选项（choices）。", *at)
    for number, cue in enumerate(field.cues):
        yield from cue_problem(source, cue, classes, *at, "cues", number)
    for number, choice in enumerate(field.choices):
        for which, cue in enumerate(choice.cues):
            yield from cue_problem(source, cue, classes, *at, "choices", number, "cues", which)


def _lexicon(
    files: list[Source], problems: list[Problem], classes: Wordlists
) -> Iterator[tuple[str, Wordlists]]:
    for source in files:
        name = source.file.removeprefix("lexicon/").removesuffix(".yaml")
        if name not in LEXICON:
            problems.append(source.problem(f"词库里没有 {name} 这一类，可用的是 {'、'.join(LEXICON)}。"))
            continue
        if not isinstance(source.data, dict):
            problems.append(source.problem("这里应当是“栏目: [词, 词]”的写法。"))
            continue
        yield name, dict(_sections(source, name, problems, classes))


def _sections(
    source: Source, name: str, problems: list[Problem], classes: Wordlists
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for section in LEXICON[name]:
        if section not in source.data:
            problems.append(source.problem(f"缺少栏目 {section}。"))
    for section, words in source.data.items():
        if not isinstance(section, str):
            problems.append(source.problem(f"栏目名要加引号：不加引号的 {section} 不是文字。", section))
            continue
        if LEXICON[name] and section not in (*LEXICON[name], *LATER.get(name, ())):
            problems.append(
                source.problem(f"没有栏目 {section}，可用的是 {'、'.join(LEXICON[name])}。", section)
            )
            continue
        if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
            problems.append(source.problem(f"{section} 应当是一串词；数字要加引号。", section))
            continue
        if name in PATTERNS:
            for index, cue in enumerate(words):
                problems.extend(cue_problem(source, cue, classes, section, index))
        yield section, tuple(words)


def _missing_files(
    files: Mapping[str, bytes], lexicon: dict[str, Wordlists], problems: list[Problem]
) -> Iterator[Problem]:
    broken = {p.file for p in problems}
    if not any(name.startswith("forms/") for name in files):
        yield Problem("forms/", 0, "里面没有任何表单。")
    for name in LEXICON:
        if name not in lexicon and f"lexicon/{name}.yaml" not in broken:
            yield Problem(f"lexicon/{name}.yaml", 0, "缺少这个文件。")
