"""Text cut and cleaned the way WeCom counts it: bytes in messages, characters on cards."""

import re
import unicodedata

MESSAGE_BYTES = 2048
"""Of text and of markdown; the platform cuts the rest off silently."""

ELLIPSIS = "…"

# JSON cannot carry half a surrogate pair, and the client shows the others as boxes.
UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

# "<a href" in text and "<font" in markdown are structure to the client; "1 < 2" is not.
TAG = re.compile(r"<(?=[A-Za-z/!?])")

# What belongs to the character before it: joiners, variation selectors, skin tones.
CLINGING = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


def clean(text: str) -> str:
    return UNSHOWABLE.sub("", text)


def defuse(text: str) -> str:
    """The text with nothing left in it that the client takes for a tag."""
    return TAG.sub("＜", clean(text))


def clip(text: str, limit: int) -> str:
    """At most `limit` characters on one line, with an ellipsis where something is missing."""
    text = clean(text).strip()
    return text if len(text) <= limit else text[: _boundary(text, limit - 1)].rstrip() + ELLIPSIS


def clip_bytes(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, with an ellipsis where something is missing."""
    text = clean(text)
    if _size(text) <= limit:
        return text
    return text[: _fitting(text, limit - _size(ELLIPSIS))].rstrip() + ELLIPSIS


def split(text: str, limit: int = MESSAGE_BYTES) -> list[str]:
    """Parts of at most `limit` bytes each that together say everything; cut at line ends where possible.

    The same text always gives the same parts. Only the white space at the cuts is left out.
    """
    parts: list[str] = []
    rest = clean(text).strip()
    while _size(rest) > limit:
        fitting = _fitting(rest, limit)
        cut = _best_cut(rest, fitting)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [part for part in (*parts, rest) if part]


def _best_cut(text: str, fitting: int) -> int:
    """The last line end, else the last sentence end, in the later half of what fits; else all that fits."""
    for marks in ("\n", "。！？；.!?;", "，、, "):
        cut = max(text.rfind(mark, 0, fitting) for mark in marks) + 1
        if cut > fitting // 2:
            return cut
    return fitting


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into `limit` bytes."""
    whole = text.encode()[: max(limit, 0)].decode("utf-8", "ignore")
    return _boundary(text, len(whole))


def _boundary(text: str, cut: int) -> int:
    """`cut`, or the place before it where no accent or emoji is torn apart."""
    place = cut
    while 0 < place < len(text) and (_clings(text[place]) or text[place - 1] == "\u200d"):
        place -= 1
    return place or cut


def _clings(character: str) -> bool:
    return bool(unicodedata.combining(character) or CLINGING.match(character))


def _size(text: str) -> int:
    return len(text.encode())
