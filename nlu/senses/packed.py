"""The parts of a zip from strangers, each within bounds of size, number and ratio; nothing is ever written out."""

import io
import posixpath
import zipfile
import zlib

from nlu.senses.errors import UnreadableMedia

MOST_PARTS = 500
MOST_DIRECTORY = 256 * 1024
"""Bytes of the zip's own list of parts, which is read whole when it is opened."""
LARGEST_PART = 2 * 1024 * 1024
LARGEST_TOGETHER = 16 * 1024 * 1024
"""Of all parts that are read."""
LARGEST_UNPACKED = 200 * 1024 * 1024
"""Of all parts as the list declares them, read or not: beyond, it is a bomb."""

WORDS = {
    "ofd_damaged": "这份 OFD 没有传完整或者已经损坏，打不开。请重新下载后再发，或者发同一张发票的 PDF。",
    "ofd_locked": "这份 OFD 加了密，我打不开。请发没有密码的原件，或者发同一张发票的 PDF。",
    "ofd_bomb": "这份 OFD 解开以后大得不正常，不像是发票，我不打开。请到税务平台重新下载，或者发 PDF。",
}


def refused(code: str) -> UnreadableMedia:
    return UnreadableMedia(code, WORDS[code])


class Parts:
    """What lies in the package, by path. Raises UnreadableMedia, at opening or at reading."""

    def __init__(self, data: bytes) -> None:
        if not _has_small_directory(data):
            raise refused("ofd_damaged" if data.rfind(b"PK\x05\x06") < 0 else "ofd_bomb")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise refused("ofd_damaged") from None
        found = self._zip.infolist()
        if len(found) > MOST_PARTS or sum(part.file_size for part in found) > LARGEST_UNPACKED:
            raise refused("ofd_bomb")
        files = (part for part in found if part.filename and not part.is_dir())  # some damage leaves no name
        self._parts = {_tidy(part.filename): part for part in files}
        self._left = LARGEST_TOGETHER

    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def __contains__(self, name: str) -> bool:
        return _tidy(name) in self._parts

    def read(self, name: str) -> bytes:
        """The bytes of one part; KeyError where there is none of that name."""
        part = self._parts[_tidy(name)]
        if part.flag_bits & 0x1:
            raise refused("ofd_locked")
        if part.file_size > min(LARGEST_PART, self._left):
            raise refused("ofd_bomb")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refused("ofd_damaged")
        try:
            with self._zip.open(part) as stream:
                content = stream.read(LARGEST_PART + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError):
            raise refused("ofd_damaged") from None
        # The list may lie about the size.
        if len(content) > LARGEST_PART:
            raise refused("ofd_bomb")
        self._left -= len(content)
        return content


def beside(name: str, place: str) -> str:
    """The part that `place` means where it stands in part `name`; a leading slash starts at the top."""
    return _tidy(place if place.startswith("/") else posixpath.join(posixpath.dirname(name), place))


def _tidy(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/")


def _has_small_directory(data: bytes) -> bool:
    """Whether the list of parts may be read: a zip of 40 MB can hold half a million empty parts."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or len(data) < end + 22:
        return False
    directory = int.from_bytes(data[end + 12 : end + 16], "little")
    # A second list for parts beyond 4 GB stands before the end; no invoice needs one.
    return directory <= MOST_DIRECTORY and b"PK\x06\x07" not in data[max(0, end - 20) : end]
