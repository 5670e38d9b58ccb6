"""What is done with errors that are nobody's intention: a short reference, in the log and in the apology."""

import logging
import secrets
from datetime import timedelta

log = logging.getLogger("xiaofang.bugs")

MOST_ATTEMPTS = 3
ALPHABET = (
    "23456789abcdefghjkmnpqrstuvwxyz"  # no characters that are mistaken for one another when read aloud
)


def bug(where: str) -> str:
    """Log the exception under way with a new reference, and return the reference."""
    reference = "".join(secrets.choice(ALPHABET) for _ in range(6))
    log.exception("bug %s in %s", reference, where)
    return reference


def apology(reference: str) -> str:
    return (
        f"抱歉，这条我没处理好（编号 {reference}）。"
        "内容已经存下了，把编号发给管理员就能查到；急的话换个说法再发一次。"
    )


def back_off(attempts: int, *, first: float = 1.0, most: float = 600.0, jitter: float = 0.5) -> timedelta:
    """How long to wait after this many failed attempts: doubling, capped, and shortened by chance by up to half.

    `jitter` is a number in [0, 1): callers draw it, so that tests know it.
    """
    seconds = min(most, first * 2 ** min(attempts - 1, 30))
    return timedelta(seconds=seconds * (1 - jitter / 2))
