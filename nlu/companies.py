"""Whether two reports are of one company, and which of 100,000 known ones a report may be of.

Phone and tax id decide first; names decide by their core, as written and as heard. Margins decide between `same`,
`ask` and `different`: two shops taken for one cost a customer, a question costs a tap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from rapidfuzz import fuzz

from domain.leads.normalising import CompanyName, company_name
from nlu.language.postings import Postings
from nlu.language.sounds import sound

Verdict = Literal["same", "ask", "different"]
SAME, ASK = 88.0, 74.0
CANDIDATES = 40
FRESH = 400
"""Companies that came since the index was built are compared one by one, up to this many where it is settled."""


@dataclass(frozen=True)
class Company:
    """A lead or a customer, as far as it can be known again. `ref`: `lead:L1`, `customer:C0001`."""

    ref: str
    name: str
    phones: frozenset[str] = frozenset()
    tax_id: str = ""
    city: str = ""
    district: str = ""

    @cached_property
    def parts(self) -> CompanyName:
        return company_name(self.name, self.city, self.district)


def same_company(one: Company, other: Company) -> Verdict:
    """Symmetric."""
    names = _names(one, other)
    if one.tax_id and one.tax_id == other.tax_id:
        return "same" if names != "different" or not (one.parts.branch and other.parts.branch) else "ask"
    phones = bool(one.phones & other.phones)
    if one.tax_id and other.tax_id:
        return "ask" if phones and names != "different" else "different"
    if phones:
        if not (one.name and other.name) or names == "same":
            return "same"
        return "ask" if _elsewhere(one, other) else _by_phone(one.parts, other.parts)
    if names == "same" and one.phones and other.phones and not (one.district and other.district):
        return "ask"  # a city has many of one name, and nothing here says that they are one
    return names


def _elsewhere(one: Company, other: Company) -> bool:
    """In another city: one who has shops in two."""
    return _differ(one.city.rstrip("市"), other.city.rstrip("市"))


def _by_phone(a: CompanyName, b: CompanyName) -> Verdict:
    """One phone, and names that differ: an abbreviation, or somebody who has two shops."""
    if a.branch and b.branch and a.branch != b.branch:
        return "ask"
    return "same" if core_score(a.core, b.core) >= ASK or _inside(a.core, b.core) else "ask"


def _names(one: Company, other: Company) -> Verdict:
    if not (one.name and other.name):
        return "different"
    if _elsewhere(one, other):
        return "different"
    a, b = one.parts, other.parts
    if a.branch and b.branch and sound(a.branch) != sound(b.branch):
        return "different"
    score = core_score(a.core, b.core)
    if min(len(a.core), len(b.core)) < 3 and score < 100:
        return "different"
    if score < ASK:
        return "different"
    doubtful = (
        score < SAME
        or bool(a.branch) != bool(b.branch)
        or _differ(one.district.rstrip("区县"), other.district.rstrip("区县"))
        or not _kinds_agree(a, b)
    )
    return "ask" if doubtful else "same"


def _kinds_agree(a: CompanyName, b: CompanyName) -> bool:
    """A short core needs the same kind beside it; of a long one the kind may be left out."""
    if a.kind == b.kind or (a.kind.endswith(b.kind) and b.kind) or (b.kind.endswith(a.kind) and a.kind):
        return True
    return not (a.kind and b.kind) and min(len(a.core), len(b.core)) >= 3


def core_score(a: str, b: str) -> float:
    """0 to 100: the better of how the two are written and how they sound. Letters changed over or one left out of four
    are slips; another letter is another name."""
    if a == b:
        return 100.0
    heard_a, heard_b = sound(a), sound(b)
    if heard_a == heard_b:
        return 97.0 if len(a) >= 3 else 90.0
    if len(a) == len(b) >= 3 and sorted(heard_a) == sorted(heard_b):
        return 93.0
    if abs(len(a) - len(b)) == 1 and min(len(a), len(b)) >= 3 and _inside(heard_a, heard_b):
        return 90.0
    return min(fuzz.ratio(a, b) * 0.4 + fuzz.ratio(heard_a, heard_b) * 0.6, SAME - 1)


def _inside(a: str, b: str) -> bool:
    """Whether the letters of the shorter stand in the longer, in their order."""
    short, long = sorted((a, b), key=len)
    letters = iter(long)
    return len(short) >= 2 and all(letter in letters for letter in short)


def _differ(a: str, b: str) -> bool:
    return bool(a and b) and a != b


class CompanyIndex:
    """Known companies, by phone, by tax id and by name. Grows; is not changed by two threads at once."""

    def __init__(self, companies: Iterable[Company] = ()) -> None:
        self._known: dict[str, Company] = {}
        self._by: dict[str, dict[str, None]] = {}
        self._fresh: list[Company] = []
        self._built: list[Company] = []
        for company in companies:
            self.add(company)
        self._build()

    def add(self, company: Company) -> None:
        """A company, or what is known of it now."""
        self._known[company.ref] = company
        for key in (*company.phones, company.tax_id, _letters(company)):
            if key:
                self._by.setdefault(key, {})[company.ref] = None
        self._fresh.append(company)

    def drop(self, ref: str) -> None:
        """It is not known any more."""
        self._known.pop(ref, None)

    def settle(self) -> None:
        """Make searches among many new ones fast again; takes tenths of a second with 100,000 companies."""
        if len(self._fresh) > FRESH:
            self._build()

    def matches(self, asked: Company) -> list[tuple[Verdict, Company]]:
        """The same ones first, then those to ask about; never `asked` itself."""
        keys = (*asked.phones, asked.tax_id, _letters(asked))
        found = {ref for key in keys if key for ref in self._by.get(key, ())}
        if asked.name:
            found |= {company.ref for company in (*self._near(asked), *self._fresh)}
        known = (self._known[ref] for ref in found - {asked.ref} if ref in self._known)
        judged = ((same_company(asked, company), company) for company in known)
        return ordered(asked, [one for one in judged if one[0] != "different"])

    def _near(self, asked: Company) -> list[Company]:
        if not self._built:
            return []
        core = asked.parts.core
        votes = self._postings.votes(core, sound(core))
        count = min(CANDIDATES, len(votes))
        rows = np.argpartition(-votes, count - 1)[:count]
        return [self._built[int(row)] for row in rows if votes[row] > 0]

    def _build(self) -> None:
        self._built, self._fresh = list(self._known.values()), []
        if self._built:
            cores = [company.parts.core or company.name for company in self._built]
            self._postings = Postings(cores, [sound(core) for core in cores])


def ordered(asked: Company, judged: Iterable[tuple[Verdict, Company]]) -> list[tuple[Verdict, Company]]:
    """The same ones first, the closest first."""
    return sorted(judged, key=lambda one: (one[0] != "same", -_closeness(asked, one[1]), one[1].ref))


def _letters(company: Company) -> str:
    """What letters changed over leave as it is, where no two neighbours are left."""
    core = company.parts.core
    return f"letters:{''.join(sorted(sound(core)))}" if len(core) >= 3 else ""


def _closeness(asked: Company, other: Company) -> float:
    exact = 200.0 * bool(asked.tax_id and asked.tax_id == other.tax_id) + 150.0 * bool(
        asked.phones & other.phones
    )
    return exact + core_score(asked.parts.core, other.parts.core)
