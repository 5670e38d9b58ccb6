"""`xiaofang bench checks [COUNT] [SEED]`: invoices with one defect each, and clean ones, as electronic originals.

found      how many of the defects were told by the check that is there for them
refused    how many of the clean ones were called wrong (severity error); beside it, how many were doubted at all

Everything is real but the paper: files are read as any file that is sent, then held against the company's rules and
one another. Nothing is recognised in pictures, so this says nothing of how well they are read.
"""

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from bot.benchmarks.defects import AFTER_A_SOUND_ONE, DEFECTS, coded, ways_for
from bot.benchmarks.invoices import WAYS, Invoice, invoice
from bot.register import Register
from domain.checks import CheckCode
from domain.papers import InvoicePolicy
from nlu.senses.pages import Quad
from nlu.senses.pictures import Pixels
from nlu.senses.reading import read

COUNT, SEED = 500, 2026
NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
BUYER, BUYER_ID = "青禾乳业（北京）有限公司", "91330100799655058B"
POLICY = InvoicePolicy(titles=(BUYER,), tax_ids=(BUYER_ID,))


class NoEngine:
    """Originals are read without one."""

    name = "none"

    def recognise(self, picture: Pixels) -> list[tuple[str, Quad, float]]:
        raise AssertionError("an electronic original came to recognition")


@dataclass
class Found:
    """By check: how many defects there were, and how many were told."""

    tried: Counter[CheckCode] = field(default_factory=Counter)
    told: Counter[CheckCode] = field(default_factory=Counter)
    clean: int = 0
    refused: int = 0
    doubted: int = 0
    wrong: list[str] = field(default_factory=list)
    """What was told of clean ones."""


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else COUNT
    seed = int(arguments[1]) if len(arguments) > 1 else SEED
    began = time.process_time()
    found = run(count, seed)
    each = (time.process_time() - began) / (found.clean + found.tried.total())
    for code, tried in found.tried.items():
        print(f"{code:24} found {found.told[code]:5} of {tried} = {found.told[code] / tried:.1%}")
    print(f"{'clean ones':24} refused {found.refused:3} of {found.clean}; doubted {found.doubted}")
    print(f"{'each document':24} {each * 1e3:.1f} ms CPU")
    for words in found.wrong[:5]:
        print(words, file=sys.stderr)
    return int(found.refused > 0 or found.told != found.tried)


def run(count: int, seed: int) -> Found:
    """`count` clean invoices, and as many with each defect."""
    chance = random.Random(seed)
    found = Found()
    with Register(POLICY, NOW) as books:
        for number in range(count):
            made = _one(chance)
            _clean(coded(made) if number % 2 else made, number, books, found)
            for code in DEFECTS:
                _defective(made, code, number, chance, found)
    return found


def _one(chance: random.Random) -> Invoice:
    return invoice(chance, NOW.date(), buyer=BUYER, buyer_id=BUYER_ID)


def _clean(made: Invoice, number: int, books: Register, found: Found) -> None:
    checks = _checks(WAYS[number % len(WAYS)](made), f"clean{number}", books)
    found.clean += 1
    found.doubted += bool(checks)
    found.refused += any(check["severity"] == "error" for check in checks)
    found.wrong += [check["words"] for check in checks]


def _defective(made: Invoice, code: CheckCode, number: int, chance: random.Random, found: Found) -> None:
    ways = ways_for(code)
    with Register(POLICY, NOW) as books:
        if code in AFTER_A_SOUND_ONE:
            _checks(WAYS[(number + 1) % len(WAYS)](made), "before", books)
        changed = DEFECTS[code](made, chance, date(NOW.year, NOW.month, NOW.day))
        checks = _checks(ways[number % len(ways)](changed), "after", books)
    found.tried[code] += 1
    found.told[code] += any(check["code"] == code for check in checks)


def _checks(content: bytes, name: str, books: Register) -> list[dict[str, Any]]:
    seen = read(content, NoEngine(), NOW).model_dump(mode="json")
    documents = books.checked(seen, name, content)["documents"]
    return [check for document in documents for check in document["checks"]]
