"""Several papers on one page, one below the other: two invoices on a sheet, a scan of three receipts."""

import re
from dataclasses import replace
from itertools import pairwise

from nlu.senses.pages import Page, Row

NUMBER = r"(?:发票号码|N[o0Oº°]\.?|№)[:\s]*(\d{20}|\d{8})(?!\d)"
HEAD = (
    r"电子发票|增值税|普通发票|专用发票|统一发票|发票代码|发票号码|发票联|开票日期|校验码|行程单|"
    r"小票|结账单|客人账单|出租汽车|№|No\s?\d|^[\d\s]{8,24}$"
)
SAME_HEAD = 4.0
"""Rows of a head follow one another within so many heights of a letter."""


def parted(page: Page) -> tuple[Page, ...]:
    """The page cut between its papers; the page itself where it holds one.

    Papers are counted by their numbers: only where two different ones are printed is anything cut.
    """
    numbered = [
        (index, match[1]) for index, row in enumerate(page.rows) if (match := re.search(NUMBER, row.text))
    ]
    starts: list[int] = []
    seen: set[str] = set()
    for index, number in numbered:
        if number not in seen:
            seen.add(number)
            starts.append(_head_of(page.rows, index))
    if len(set(starts)) < 2:
        return (page,)
    edges = [0, *starts[1:], len(page.rows)]
    bands = [page.rows[start:end] for start, end in pairwise(edges)]
    tops = [0, *(_gap(page.rows, start) for start in starts[1:]), page.height]
    return tuple(
        replace(page, rows=rows, top=top, end=bottom)
        for rows, top, bottom in zip(bands, tops, tops[1:], strict=False)
        if rows
    )


def _head_of(rows: tuple[Row, ...], index: int) -> int:
    """The first row of the head to which this row belongs."""
    first = index
    while first > 0:
        above, here = rows[first - 1], rows[first]
        near = _top(here) - _top(above) < SAME_HEAD * max(line.height for line in here.lines)
        if not near or not re.search(HEAD, above.text):
            break
        first -= 1
    return first


def _gap(rows: tuple[Row, ...], index: int) -> int:
    """Half-way between this row and the one above it."""
    above = max(line.box[3] for line in rows[index - 1].lines)
    return (above + _top(rows[index])) // 2


def _top(row: Row) -> int:
    return min(line.box[1] for line in row.lines)
