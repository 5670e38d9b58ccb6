"""What the words, voices and photos of a visit say for and against it. Pure rules: (visit, settings) → findings."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from domain.authenticity import Authenticity, Finding
from domain.visits import Note, Visit

_NOISE = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def photos(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """Copies of earlier photos; a printed time or place that is another. What is printed is only pixels."""
    if not visit.photos:
        yield Finding(code="no_photo", side="missing", words="没有现场照片")
    for photo in visit.photos:
        ref = (photo.ref,)
        clean = True
        if photo.reuse_of:
            clean = False
            words = f"照片和以前的一张相同（{photo.reuse_of}）"
            yield Finding(code="photo_reused", side="against", words=words, evidence=ref)
        if photo.minutes_off is not None and abs(photo.minutes_off) > settings.watermark_minutes:
            clean = False
            words = f"照片上印的时间差了{_span(abs(photo.minutes_off))}"
            yield Finding(code="photo_old", side="against", words=words, evidence=ref)
        if photo.place_match is False:
            clean = False
            words = "照片上印的地点不是这家"
            yield Finding(code="photo_elsewhere", side="against", words=words, evidence=ref)
        if clean:
            printed = photo.minutes_off is not None or photo.place_match
            words = "照片上印的时间地点对得上" if printed else "有现场照片"
            yield Finding(code="photo", side="for", words=words, evidence=ref)


def voices(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """The very file of an earlier visit."""
    known = {n.sha256: n for n in visit.earlier if n.sha256}
    for note in visit.notes:
        if note.sha256 is None:
            continue
        if earlier := known.get(note.sha256):
            words = f"语音和 {_day(earlier, visit)} 的是同一个文件"
            evidence = (note.ref, earlier.ref)
            yield Finding(code="voice_replayed", side="against", words=words, evidence=evidence)
        else:
            yield Finding(code="voice", side="for", words="有语音", evidence=(note.ref,))


def words(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """The same wording and figures as an earlier visit's, whatever the names. Short notes repeat honestly."""
    if not visit.notes:
        yield Finding(code="no_words", side="missing", words="没有说聊了什么")
    for note in visit.notes:
        mine = _bare(note.words, visit)
        if len(mine) < settings.note_letters:
            continue
        for earlier in visit.earlier:
            other = _bare(earlier.words, visit)
            if _DIGITS.findall(mine) == _DIGITS.findall(other) and _alike(
                mine, other, settings.note_likeness
            ):
                said = f"说的话和 {_day(earlier, visit)} 的几乎一字不差"
                evidence = (note.ref, earlier.ref)
                yield Finding(code="note_copied", side="against", words=said, evidence=evidence)
                return


def _bare(text: str, visit: Visit) -> str:
    """The wording alone: without names, punctuation and spaces."""
    for name in sorted(visit.names, key=len, reverse=True):
        text = text.replace(name, "")
    return _NOISE.sub("", text)


def _alike(one: str, other: str, likeness: float) -> bool:
    if one == other:
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= likeness
        and matcher.quick_ratio() >= likeness
        and matcher.ratio() >= likeness
    )


def _day(note: Note, visit: Visit) -> str:
    at = note.at.astimezone(visit.happened_at.tzinfo)
    return f"{at.month}月{at.day}日"


def _span(minutes: float) -> str:
    if minutes >= 2 * 24 * 60:
        return f" {minutes / 24 / 60:.0f} 天"
    return f" {minutes / 60:.1f} 小时" if minutes >= 120 else f" {minutes:.0f} 分钟"
