"""Tax numbers of companies: 18 characters by GB 32100-2015, and the older ones that are still about.

The 18th character is a check character modulo 31 over an alphabet of digits and letters without I, O, S, V, Z.
It is not the check digit of ID cards (GB 11643, modulo 11), with which it is often confused; but natural
persons who sell are invoiced under their ID card's number, so a sound one of those is accepted as well.
"""

import re
from typing import Literal

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

ID_CARD = re.compile(r"[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
ID_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

Form = Literal["sound", "legacy", "wrong_check", "malformed"]


def check_character(first: str) -> str:
    """The 18th character that belongs to the first 17. ValueError where one of them is not in the alphabet."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(first, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def form_of(tax_id: str) -> Form:
    """`legacy`: 15 or 20 characters, from before 2015, which carry nothing that could be checked."""
    tax_id = tidy(tax_id)
    if re.fullmatch(r"[0-9A-Z]{15}|[0-9A-Z]{20}", tax_id):
        return "legacy"
    if len(tax_id) != 18:
        return "malformed"
    if all(char in ALPHABET for char in tax_id) and check_character(tax_id[:17]) == tax_id[17]:
        return "sound"
    if _is_id_card(tax_id):
        return "sound"
    return "wrong_check" if re.fullmatch(r"[0-9A-Z]{18}", tax_id) else "malformed"


def tidy(tax_id: str) -> str:
    return "".join(tax_id.split()).upper()


def _is_id_card(number: str) -> bool:
    if not ID_CARD.fullmatch(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], ID_CARD_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17]
