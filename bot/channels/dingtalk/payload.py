"""JSON from outside, taken apart without trusting any of it."""

import json
from datetime import UTC, datetime
from typing import Any, NoReturn

DEPTH = 32
ID_LENGTH = 512

MISSING: dict[str, Any] = {}


class Malformed(Exception):
    """What came is no message of the platform. The text carries nothing of what came in."""


class Foreign(Exception):
    """A well-formed message that is meant for another robot or another company."""


def parse(body: bytes | str) -> dict[str, Any]:
    """The JSON object in `body`, fit to be stored. Raises Malformed and nothing else.

    NUL and lone surrogates, which no database takes, are replaced; NaN, depth beyond 32 and anything that
    is no object are refused.
    """
    try:
        found = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed("body is no JSON") from None
    if not isinstance(found, dict):
        raise Malformed("body is no JSON object")
    cleaned: dict[str, Any] = _clean(found, DEPTH)
    return cleaned


def nested(payload: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under `name`, also where it came as JSON text; empty where there is none."""
    found = payload.get(name)
    if isinstance(found, str):
        try:
            return parse(found)
        except Malformed:
            return MISSING
    return found if isinstance(found, dict) else MISSING


def text(payload: dict[str, Any], *names: str) -> str:
    """The first of `names` that holds words or a whole number, else an empty string."""
    for name in names:
        found = payload.get(name)
        if isinstance(found, str) and found:
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
    return ""


def identifier(payload: dict[str, Any], *names: str) -> str:
    found = text(payload, *names).strip()
    if len(found) > ID_LENGTH:
        raise Malformed(f"{names[0]} is longer than {ID_LENGTH} characters")
    return found


def number(value: object) -> int | None:
    """A whole number, also where it came as text; None where it is none or absurd."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**15 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    return None


def moment(milliseconds: object, otherwise: datetime) -> datetime:
    """Unix milliseconds as UTC; `otherwise` where there are none or they lie outside 2000–2100."""
    found = number(milliseconds)
    if found is None or not 946_684_800_000 <= found <= 4_102_444_800_000:
        return otherwise
    return datetime.fromtimestamp(found / 1000, UTC)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _clean(value: Any, depth: int) -> Any:
    if depth == 0:
        raise Malformed(f"body is nested more than {DEPTH} deep")
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, dict):
        return {_storable(name): _clean(inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner, depth - 1) for inner in value]
    return value


def _storable(value: str) -> str:
    if value.isprintable():  # the common case; surrogates and NUL are not printable
        return value
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
