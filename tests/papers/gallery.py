"""Kinds × layouts × perturbations: hundreds of pictures with what a perfect reader would find in each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.papers import sheets, slips
from tests.papers.contents import Chance
from tests.papers.drawn import Drawn, Layout
from tests.papers.files import as_jpeg, pdf_of_papers
from tests.papers.photography import HARD, QUALITY, READABLE, UNREADABLE, on_table

LAYOUTS: dict[str, Layout] = {
    "digital general": sheets.digital,
    "digital special": sheets.digital_special,
    "VAT electronic": sheets.vat_electronic,
    "VAT general": sheets.vat_general,
    "VAT special": sheets.vat_special,
    "VAT roll": slips.roll,
    "rail, digital": sheets.rail_digital,
    "train ticket": sheets.train_ticket,
    "air, digital": sheets.air,
    "air, paper": sheets.air_paper,
    "taxi": slips.taxi,
    "toll": slips.toll,
    "toll, ETC": slips.toll_etc,
    "till": slips.till,
    "hotel": slips.hotel,
}
CODED = frozenset({"digital general", "digital special", "VAT electronic", "VAT general", "VAT special", "VAT roll",
                   "rail, digital", "air, digital"})  # fmt: skip


@dataclass(frozen=True)
class Sample:
    layout: str
    perturbation: str
    coded: bool
    drawn: tuple[Drawn, ...]
    data: bytes


def sample(layout: str, perturbation: str, seed: int, *, coded: bool = False) -> Sample:
    chance = Chance(f"{layout} {seed}")
    drawn = LAYOUTS[layout](chance, coded)
    change = (READABLE | HARD | UNREADABLE)[perturbation]
    data = as_jpeg(change(drawn.picture, chance), QUALITY.get(perturbation, 75))
    return Sample(layout, perturbation, coded, (drawn,), data)


def readable(per_kind: int, seed: int, *, coded: bool) -> Iterator[Sample]:
    """`per_kind` pictures of every layout, the perturbations taken in turn."""
    names = list(READABLE)
    for place, layout in enumerate(LAYOUTS):
        if coded and layout not in CODED:
            continue
        for number in range(per_kind):
            # A step that shares no factor with their number, so that every layout meets every one of them.
            name = names[(number * 4 + place + seed) % len(names)]
            yield sample(layout, name, seed * 1000 + number, coded=coded)


def unreadable(per_kind: int, seed: int) -> Iterator[Sample]:
    return _few(UNREADABLE, max(1, per_kind // 4), seed)


def hard(per_kind: int, seed: int) -> Iterator[Sample]:
    return _few(HARD, max(1, per_kind // 2), seed)


def _few(perturbations: Iterable[str], per_kind: int, seed: int) -> Iterator[Sample]:
    names = list(perturbations)
    for place, layout in enumerate(LAYOUTS):
        for number in range(per_kind):
            yield sample(layout, names[(number + place + seed) % len(names)], seed * 1000 + number)


def together(count: int, seed: int, reduced: int = 1) -> Iterator[Sample]:
    """`count` photographs of two to six papers on one table, each turned as it fell; `reduced` so many times."""
    for number in range(count):
        chance = Chance(f"together {seed} {number}")
        papers = chance.randint(2, 6)
        drawn = tuple(LAYOUTS[name](chance, True) for name in chance.sample(sorted(LAYOUTS), papers))
        turned = [
            (one.picture.reduce(reduced), chance.choice((0, 0, 0, 90, 180, 270)) + chance.uniform(-5, 5))
            for one in drawn
        ]
        picture = on_table(turned, chance, margin=0.05)
        picture.thumbnail((4000, 4000))
        yield Sample("several", f"{papers} papers", True, drawn, as_jpeg(picture, 80))


def texts(per_kind: int, seed: int) -> Iterator[Sample]:
    """PDFs of text as invoicing platforms deliver them: single ones, one a page, two a page."""
    for layout in sorted(CODED):
        for number in range(max(1, per_kind // 5)):
            chance = Chance(f"text {layout} {seed} {number}")
            made = tuple(LAYOUTS[layout](chance, True) for _ in range(1 if number % 3 == 0 else 2))
            pages = [made] if number % 3 == 2 else [[one] for one in made]
            name = ("one", "one a page", "two a page")[number % 3]
            yield Sample(layout, f"PDF, {name}", True, made, pdf_of_papers(pages))
