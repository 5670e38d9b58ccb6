"""`xiaofang bench senses [--per-kind N] [--seed S] [--show]`: how well and how fast paper is read, beside the goals.

Every paper is drawn from a seed with known contents (tests/papers), photographed badly and read by the engine of
the product on one core. A field counts as exact, missing, or wrong: wrong is what nobody may ever get unasked.
Rendered papers are cleaner than real ones: the figures are upper bounds, good for comparing versions.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nlu.senses.config import SensesConfig
from nlu.senses.engines.choice import reading_engine
from nlu.senses.finding import SURE
from nlu.senses.perception import Document, Read
from nlu.senses.reading import read

NOW = datetime(2026, 3, 21, 2, 0, tzinfo=UTC)
CPU_GOAL = 1.2
PARTS = ("PDF text", "with code", "OCR only", "several", "hard", "unreadable")
EXACT_GOAL = {"with code": 1.0, "OCR only": 0.98, "several": 0.98, "PDF text": 1.0}
NO_CHECKOUT = (
    "bench senses 要用 tests/papers 里的票据生成器，它不随程序安装。"
    "请在源码目录里运行：git clone 之后 make test，再试一次。"
)


@dataclass
class Tally:
    """What became of the expected fields of some pictures."""

    pictures: int = 0
    papers: int = 0
    exact: int = 0
    missing: int = 0
    doubted: int = 0
    """Not right, but marked as doubtful or told by a check."""
    wrong: int = 0
    """Filled in as if it were certain, and not what stands there."""
    asked: int = 0
    """Pictures for which a new one was asked; their fields count as missing."""
    cpu: float = 0.0
    seconds: float = 0.0
    slips: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.exact / max(1, self.exact + self.missing + self.doubted + self.wrong)

    def line(self, name: str) -> str:
        each = max(1, self.pictures)
        return (
            f"  {name:22s} {self.pictures:4d} pictures  {self.rate:7.2%} exact  {self.missing:4d} missing "
            f"{self.doubted:3d} doubted {self.wrong:3d} wrong {self.asked:3d} asked  "
            f"{self.cpu / each:5.2f} CPU s  {self.seconds / each:5.2f} s"
        )


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        from tests.papers import gallery
    except ImportError:
        print(NO_CHECKOUT, file=sys.stderr)
        return 2
    engine = reading_engine(SensesConfig())

    def perceive(data: bytes) -> Read:
        return read(data, engine, NOW)

    if options.only != "PDF text":  # models are loaded at the first use
        perceive(next(iter(gallery.readable(1, 0, coded=False))).data)
    few = max(2, options.per_kind // 4)
    parts: tuple[tuple[str, Iterable[Any]], ...] = (
        ("PDF text", gallery.texts(options.per_kind, options.seed)),
        ("with code", gallery.readable(few, options.seed, coded=True)),
        ("OCR only", gallery.readable(options.per_kind, options.seed, coded=False)),
        ("several", gallery.together(options.per_kind, options.seed)),
        ("hard", gallery.hard(options.per_kind, options.seed)),
        ("unreadable", gallery.unreadable(options.per_kind, options.seed)),
    )
    reached = [
        _part(name, samples, perceive, options.show) for name, samples in parts if options.only in ("", name)
    ]
    return 0 if all(reached) else 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="xiaofang bench senses")
    parser.add_argument("--per-kind", type=int, default=15, metavar="N", help="每种票据画多少张（默认 15）")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="随机种子（默认 1）")
    parser.add_argument(
        "--only", default="", metavar="PART", choices=PARTS, help=f"只量一部分：{'、'.join(PARTS)}"
    )
    parser.add_argument("--show", action="store_true", help="逐条打印没读对的字段")
    return parser.parse_args(arguments)


def _part(name: str, samples: Iterable[Any], perceive: Callable[[bytes], Read], show: bool) -> bool:
    """Reads all samples, prints the tables and the ratios to the goals; whether the goals are reached."""
    whole = Tally()
    by_layout: dict[str, Tally] = defaultdict(Tally)
    by_change: dict[str, Tally] = defaultdict(Tally)
    for one in samples:
        cpu, began = time.process_time(), time.perf_counter()
        seen = perceive(one.data)
        cpu, seconds = time.process_time() - cpu, time.perf_counter() - began
        faults = list(_faults(one, seen))
        for tally in (whole, by_layout[one.layout], by_change[one.perturbation]):
            _count(tally, one, seen, faults, cpu, seconds)
        if show and faults:
            print(f"    {one.layout} / {one.perturbation}: {seen.problem or ''} " + "; ".join(faults))
    print(f"\n{name}")
    for tallies in (by_layout, by_change):
        for key, tally in tallies.items():
            print(tally.line(key))
        print()
    print(whole.line("all"))
    if whole.slips:
        print("  not exact: " + ", ".join(f"{key} {count}" for key, count in whole.slips.most_common(8)))
    return _against_goals(name, whole)


def _against_goals(name: str, whole: Tally) -> bool:
    if name not in EXACT_GOAL:
        print(
            f"  wrong values filled in: {whole.wrong} (goal 0); asked again: {whole.asked}/{whole.pictures}"
        )
        return whole.wrong == 0
    goal = EXACT_GOAL[name]
    each = whole.cpu / max(1, whole.papers)
    print(f"  exact {whole.rate:.2%} = {whole.rate / goal:.3f} × goal; wrong {whole.wrong} (goal 0); "
          f"{each:.2f} CPU s a paper = {each / CPU_GOAL:.2f} × {CPU_GOAL} s")  # fmt: skip
    return whole.rate >= goal and whole.wrong == 0


def _count(tally: Tally, one: Any, seen: Read, faults: list[str], cpu: float, seconds: float) -> None:
    tally.pictures += 1
    tally.papers += len(one.drawn)
    tally.cpu += cpu
    tally.seconds += seconds
    tally.asked += not seen.readable
    expected = sum(len(drawn.fields) for drawn in one.drawn)
    became = Counter(fault.split()[0] for fault in faults)
    tally.missing += became["missing"]
    tally.doubted += became["doubted"]
    tally.wrong += became["wrong"] + became["invented"]
    tally.exact += expected - became["missing"] - became["doubted"] - became["wrong"]
    tally.slips.update(fault.split()[1].rstrip(":") for fault in faults)


def _faults(one: Any, seen: Read) -> Iterable[str]:
    """`missing KEY`, `doubted KEY: …`, `wrong KEY: …` or `invented KEY: …` for each paper that was drawn."""
    left = [document for document in seen.documents if document.kind != "other"]
    for drawn in one.drawn:
        best = max(left, key=lambda document: _likeness(drawn, document), default=None)
        if best is None or (len(one.drawn) > 1 and not _likeness(drawn, best)):
            yield from (f"missing {key}" for key in drawn.fields)
            continue
        left.remove(best)
        if best.kind != drawn.kind:
            yield f"invented kind: {best.kind} for {drawn.kind}"
        for key, value in drawn.fields.items():
            found = best.fields.get(key)
            if found is None:
                yield f"missing {key}"
            elif found.text != value:
                doubted = found.confidence < SURE or any(check.field == key for check in best.checks)
                yield f"{'doubted' if doubted else 'wrong'} {key}: {found.text} for {value}"
        for key in best.fields.keys() - drawn.fields.keys() - {"items", "time"}:
            yield f"invented {key}: {best.fields[key].text}"
    for document in left:
        yield f"invented document: {document.kind} { ({key: value.text for key, value in document.fields.items()}) }"


def _likeness(drawn: Any, document: Document) -> int:
    shared = sum(
        key in document.fields and document.fields[key].text == value
        for key, value in drawn.fields.items()
        if key != "category"
    )
    return int(2 * shared + (document.kind == drawn.kind))
