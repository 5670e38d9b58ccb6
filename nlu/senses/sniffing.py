"""What a file is, by its content. Names and declared types come from outside and are not looked at."""

import re

MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"BM", "bmp"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (8, b"WEBP", "webp"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"Rar!", "archive"),
    (0, b"7z\xbc\xaf", "archive"),
    (0, b"\x1f\x8b", "archive"),
    (0, b"\xd0\xcf\x11\xe0", "office"),
    (0, b"#!AMR", "amr"),
    (0, b"#!SILK", "silk"),
    (1, b"#!SILK", "silk"),
    (0, b"OggS", "audio"),
    (0, b"ID3", "audio"),
    (0, b"fLaC", "audio"),
    (8, b"WAVE", "audio"),
    (0, b"\x1aE\xdf\xa3", "media"),
    (8, b"AVI ", "media"),
    (0, b"FLV", "media"),
)

HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")

PICTURES = frozenset({"jpeg", "png", "gif", "bmp", "tiff", "webp", "avif"})
SOUNDS = frozenset({"amr", "silk", "audio", "media"})


def kind_of(data: bytes) -> str:
    """One of: empty, a picture (see PICTURES), heic, pdf, ofd, zip, archive, office, json, html, xml,
    amr, silk, audio, media (sound or video in a container), unknown."""
    if not data:
        return "empty"
    for offset, magic, kind in MAGIC:
        if data.startswith(magic, offset):
            return "ofd" if kind == "zip" and b"OFD.xml" in data else kind
    if data[4:8] == b"ftyp":
        return _of_brand(data[8:12])
    # A PDF may carry junk before its header: readers accept it within the first 1,024 bytes.
    if b"%PDF-" in data[:1024]:
        return "pdf"
    return _of_text(data[:512])


def _of_brand(brand: bytes) -> str:
    if brand in HEIF_BRANDS:
        return "heic"
    return "avif" if brand in (b"avif", b"avis") else "media"


def _of_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return "xml"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"{", b"[")):
        return "json"
    if text.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "xml" if re.match(rb"<(?:\?xml|!doctype|[a-z\xe4-\xe9])", text) else "unknown"
