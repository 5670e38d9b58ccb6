"""Numbers of invoices: what makes one the only one of its kind, and what a fully digital number says.

Fully digital (数电票), 20 digits: 1–2 the year, 3–4 the region of the issuer's tax bureau, 5 the channel, 6–20 a
sequence. Older ones: a code of 10 or 12 digits and a number of 8, which only together are unique.
"""

import re

_REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (91, 95))
"""First and last of each part of the country (GB/T 2260); 91–95 are cities with a tax bureau of their own."""

NEAR = 20
"""Numbers that are no further apart were probably issued one after the other."""


def is_digital(number: str) -> bool:
    return bool(re.fullmatch(r"\d{20}", number))


def key_of(number: str, code: str = "") -> str | None:
    """What is unique in the whole country; None where the number alone does not tell (8 digits, no code)."""
    if is_digital(number):
        return number
    if re.fullmatch(r"\d{8}", number) and re.fullmatch(r"\d{10}|\d{12}", code):
        return f"{code}-{number}"
    return None


def year_in(number: str) -> int | None:
    """The year that a fully digital number was issued in."""
    return 2000 + int(number[:2]) if is_digital(number) else None


def has_known_region(number: str) -> bool:
    return any(first <= int(number[2:4]) <= last for first, last in _REGIONS)


def are_near(key: str, other: str) -> bool:
    """Whether two keys belong to invoices of one book or year that were issued shortly after one another."""
    head, mine = _series(key)
    other_head, theirs = _series(other)
    return bool(head) and head == other_head and 0 < abs(mine - theirs) <= NEAR


def _series(key: str) -> tuple[str, int]:
    if is_digital(key):
        return key[:5], int(key[5:])
    code, dash, number = key.partition("-")
    return (code, int(number)) if dash and number.isdecimal() else ("", 0)
