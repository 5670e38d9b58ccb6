"""One spelling for every text, with the way back to the words as they were said."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

_T2S = OpenCC("t2s")
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_PUNCTUATION = {",": "，", ";": "；", "!": "！", "?": "？", "\n": "。", "\r": "。", "\t": " ", "．": "."}
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_THOUSANDS = re.compile(r"[0-9０-９][,，][0-9０-９]{3}(?![0-9０-９])")
_HAN = re.compile("[\u4e00-\u9fff]")
_PARTED = re.compile(r"[wWkK万][ \u3000]+\d")
"""尾款0.35w 4.20给: two figures, of which the first has its end."""
_CLOCK_SIGN = re.compile("[0-9０-９][:：][0-9０-９]")
_ITEM = re.compile(r"(?:^|(?<=[\s。；;：:，,、！!？?]))[(（]?(?P<number>\d{1,2})[.、．)）](?!\d)\s*")
"""1. 2、 (3): the number of an item in a list."""
_DASHES = frozenset("-–—·•*")
_CIRCLED = frozenset("①②③④⑤⑥⑦⑧⑨⑩❶❷❸❹❺❻❼❽❾❿⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽")
_SPACES = re.compile(r"(?<![A-Za-z]) +| +(?![A-Za-z])")
_NUMERALS = "零〇一二两三四五六七八九十百千万亿0123456789"


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` in one spelling; `source` as it came. Character i of `text` is `source[starts[i]:ends[i]]`."""

    source: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def words(self, start: int, end: int) -> str:
        """The words as they were said, for a span of the normalised text."""
        if start >= end or not self.text:
            return ""
        return self.source[self.starts[start] : self.ends[end - 1]]


def normalise(source: str, fillers: Iterable[str] = (), stutters: Iterable[str] = ()) -> Normalised:
    """Full width, capitals of width, traditional characters, spaces, fillers (嗯) and repeats taken away.

    Never raises; any text is allowed.
    """
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    items = _items(source)
    for index, char in enumerate(source):
        if "\u4e00" <= char <= "\u9fff" and not items:
            chars.append(char)
            starts.append(index)
            ends.append(index + 1)
            continue
        if char in _ZERO_WIDTH or items.get(index) == "":
            continue
        if index in items or char in _CIRCLED:
            chars.append("。")
            starts.append(index)
            ends.append(index + 1)
            continue
        if char in ",，" and _THOUSANDS.match(source, index - 1):
            chars.append(",")
            starts.append(index)
            ends.append(index + 1)
            continue
        if char in "+＋" and _HAN.match(source, index + 1):
            # 翠微百货+益民超市, 停车15+过路费20: a list.
            chars.append("、")
            starts.append(index)
            ends.append(index + 1)
            continue
        if char in " \u3000" and _PARTED.match(source, index - 1 if index else 0):
            chars.append("，")
            starts.append(index)
            ends.append(index + 1)
            continue
        if char in ":：" and not _CLOCK_SIGN.match(source, index - 1 if index else 0):
            chars.append("：")
            starts.append(index)
            ends.append(index + 1)
            continue
        if char in _DASHES and _stands_alone(source, index):
            chars.append("，")
            starts.append(index)
            ends.append(index + 1)
            continue
        for piece in _PUNCTUATION.get(char) or unicodedata.normalize("NFKC", char):
            chars.append(_PUNCTUATION.get(piece, piece))
            starts.append(index)
            ends.append(index + 1)
    text = _simplified("".join(chars))
    text = _PRIVATE.sub("\ufffd", text)
    gone = bytearray(len(text))
    for pattern in (_SPACES, *_noise(tuple(fillers), tuple(stutters))):
        for match in pattern.finditer(text):
            start, end = match.span("gone") if "gone" in pattern.groupindex else match.span()
            gone[start:end] = b"\1" * (end - start)
    if not any(gone):
        return Normalised(source, text, tuple(starts), tuple(ends))
    kept = [i for i in range(len(text)) if not gone[i]]
    return Normalised(
        source,
        "".join(text[i] for i in kept),
        tuple(starts[i] for i in kept),
        tuple(ends[i] for i in kept),
    )


def _stands_alone(source: str, index: int) -> bool:
    """- 阳光百货 - 回款1.8万: a dash between spaces parts the items of a note."""
    before, after = source[index - 1 : index] if index else " ", source[index + 1 : index + 2]
    return before.isspace() and after.isspace()


def _items(source: str) -> dict[int, str]:
    """Place → what stands for it where items are numbered from 1 on: a full stop at each number, then nothing."""
    found = list(_ITEM.finditer(source))
    numbers = [int(m["number"]) for m in found]
    if len(found) < 2 or numbers != list(range(1, len(found) + 1)):
        return {}
    return {i: "。" if i == m.start() else "" for m in found for i in range(*m.span())}


@lru_cache(maxsize=8)
def _noise(fillers: tuple[str, ...], stutters: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    patterns = []
    if fillers:
        words = "|".join(sorted(map(re.escape, fillers), key=len, reverse=True))
        patterns.append(re.compile(rf"(?:{words})+[，、]?"))
    if stutters:
        signs = "".join(map(re.escape, stutters))
        patterns.append(re.compile(rf"(?P<gone>([{signs}])(?:[，、…]*\2)*[，、…]*)(?=\2)"))
    # A word of two to six letters said twice: never numerals, where a repeat is a number.
    patterns.append(re.compile(rf"(?P<gone>([^{_NUMERALS}，。！？；、]{{3,6}})[，、…]?)(?=\2)"))
    patterns.append(re.compile("(?P<gone>([\u4e00-\u9fff]{2,4}[百万千][\u4e00-\u9fff]{1,2}))(?=\\2)"))
    # 四千四千二, 二十二十五: a number begun anew.
    patterns.append(
        re.compile(
            "(?P<gone>([一二两三四五六七八九][十百千万])[，、]?)(?=\\2[零一二两三四五六七八九箱件瓶盒])"
        )
    )
    return tuple(patterns)


_SIMPLE: dict[str, bool] = {}


def _is_simple(char: str) -> bool:
    """Whether a character stays as it is. The converter is slow, so each is asked about once."""
    known = _SIMPLE.get(char)
    if known is None:
        known = _SIMPLE[char] = _T2S.convert(char) == char
    return known


def _simplified(text: str) -> str:
    """Traditional characters to simplified ones, kept to the same length so that places stay comparable."""
    if all(map(_is_simple, text)):
        return text
    converted: str = _T2S.convert(text)
    if len(converted) == len(text):
        return converted
    return "".join(one if len(one) == 1 else char for char in text for one in (_T2S.convert(char),))
