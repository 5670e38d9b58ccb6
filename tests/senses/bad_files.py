"""Pictures, PDFs and originals that people send by mistake or out of malice."""

import io
import random
import struct
import zipfile
import zlib
from datetime import date

import pypdfium2
from PIL import Image

from bot.benchmarks.invoices import as_ofd, as_xml, invoice, ofd_of
from tests.senses.receipts import as_jpeg, till


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG that claims its size in 13 bytes."""
    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(body))
        + _chunk(b"IEND", b"")
    )


def pdf_of(pages: int) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 200)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def locked_pdf() -> bytes:
    """A one-page PDF whose password nobody knows: no password gives these digests."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Filter/Standard/V 2/R 3/Length 128/P -44/O<" + b"5a" * 32 + b">/U<" + b"a5" * 32 + b">>>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    ident = b"<" + b"00" * 16 + b">"
    out += b"trailer\n<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[" + ident + ident + b"]>>\n"
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def heic() -> bytes:
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(200)


def saved(picture: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def animated_gif(*frames: Image.Image) -> bytes:
    return saved(frames[0], "GIF", save_all=True, append_images=list(frames[1:]), duration=80)


def zipped(parts: dict[str, bytes], *, stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def ofd_without_pages() -> bytes:
    with zipfile.ZipFile(io.BytesIO(SOUND_OFD)) as package:
        kept = {name: package.read(name) for name in package.namelist() if "Page" not in name}
    return zipped(kept)


def ofd_bomb() -> bytes:
    """10 MB of spaces in 10 KB."""
    return zipped({"OFD.xml": b" " * 10 * 2**20})


def declaring_ofd() -> bytes:
    """Its list says that a part is 300 MB large, which nobody would have read."""
    data = bytearray(SOUND_OFD)
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 300 * 2**20)
    return bytes(data)


def lying_ofd() -> bytes:
    """Its list says 100 bytes, and 10 MB are inside."""
    data = bytearray(zipped({"OFD.xml": b" " * 10 * 2**20}))
    for place, offset in ((data.find(b"PK\x01\x02"), 24), (data.find(b"PK\x03\x04"), 22)):
        data[place + offset : place + offset + 4] = struct.pack("<I", 100)
    return bytes(data)


def ofd_of_parts(count: int) -> bytes:
    return zipped({"OFD.xml": b"<a/>"} | {f"{number}": b"" for number in range(count)}, stored=True)


def encrypted_ofd() -> bytes:
    """Marked as encrypted, part by part."""
    data = bytearray(SOUND_OFD)
    for magic, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(magic)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(magic, place + 4)
    return bytes(data)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BILLION_LAUGHS = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l11;</a>'.encode()
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
MADE = invoice(random.Random(3), date(2026, 3, 20), buyer="青禾乳业有限公司", buyer_id="91330100799655058B")
SOUND_OFD, SOUND_XML = as_ofd(MADE), as_xml(MADE)
RECEIPT = as_jpeg(till())

# What it is → the code of its refusal, and a part of the words.
BAD: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "empty", "是空的"),
    "a platform's error": (
        b'{"errcode":40007,"errmsg":"invalid media_id"}',
        "not_picture",
        "平台给的是一条出错信息",
    ),
    "a web page": (b"<!DOCTYPE html><html></html>", "not_picture", "网页"),
    "a voice note": (b"#!AMR\n" + bytes(64), "not_picture", "这是一段语音或视频"),
    "half a photograph": (RECEIPT[: len(RECEIPT) // 2], "damaged", "没有传完整"),
    "the head of a photograph": (RECEIPT[:20], "damaged", "没有传完整"),
    "half a PDF": (pdf_of(1)[:60], "damaged", "这份 PDF 没有传完整"),
    "200 megapixels": (png_of(20_000, 10_000), "too_big", "4000 万像素"),
    "a decompression bomb": (png_of(60_000, 60_000, bytes(10_000_000)), "too_big", "4000 万像素"),
    "one pixel": (png_of(1, 1, b"\0\xff\xff\xff"), "too_small", "这张图片太小"),
    "a photograph as HEIC": (heic(), "heic", "HEIC"),
    "a locked PDF": (locked_pdf(), "locked", "有密码"),
    "a PDF of 500 pages": (pdf_of(500), "too_many_pages", "有 500 页"),
    "half an OFD": (SOUND_OFD[: len(SOUND_OFD) // 2], "ofd_damaged", "这份 OFD 没有传完整"),
    "an OFD without its pages": (ofd_without_pages(), "ofd_damaged", "这份 OFD 没有传完整"),
    "an OFD that is a bomb": (ofd_bomb(), "ofd_bomb", "大得不正常"),
    "an OFD that unpacks to 300 MB": (declaring_ofd(), "ofd_bomb", "大得不正常"),
    "an OFD that lies about its size": (lying_ofd(), "ofd_damaged", "这份 OFD 没有传完整"),
    "an OFD of 6,000 parts": (ofd_of_parts(6_000), "ofd_bomb", "大得不正常"),
    "an OFD of 600 parts": (ofd_of_parts(600), "ofd_bomb", "大得不正常"),
    "an encrypted OFD": (encrypted_ofd(), "ofd_locked", "加了密"),
    "a zip with an OFD inside": (zipped({"a.ofd": SOUND_OFD}, stored=True), "archive", "压缩包"),
    "an OFD of pictures": (ofd_of([]), "ofd_no_text", "没有文字"),
    "an OFD with entities in its page": (
        zipped({"OFD.xml": BILLION_LAUGHS}, stored=True),
        "xml_unsafe",
        "DTD",
    ),
    "an XML with entities": (BILLION_LAUGHS, "xml_unsafe", "DTD"),
    "an XML that reads a file": (OUTSIDE, "xml_unsafe", "DTD"),
    "an XML of 3 MB": (b"<?xml version='1.0'?><a>" + b"<b/>" * 750_000, "xml_too_large", "超过 2 MB"),
    "an XML of 50 MB": (b"<?xml version='1.0'?><a>" + b" " * 50 * 2**20, "xml_too_large", "超过 2 MB"),
    "an XML that is no invoice": (
        b"<?xml version='1.0'?><books><book/></books>",
        "xml_no_invoice",
        "不是发票",
    ),
    "a deep XML": (
        b"<?xml version='1.0'?>" + b"<a>" * 100_000 + b"</a>" * 100_000,
        "xml_no_invoice",
        "不是发票",
    ),
    "half an XML": (SOUND_XML[: len(SOUND_XML) // 2], "xml_damaged", "这个 XML 没有传完整"),
    "an XML in an unknown encoding": (
        b"<?xml version='1.0' encoding='none'?><a/>",
        "xml_damaged",
        "没有传完整",
    ),
    "a zip": (b"PK\x03\x04" + bytes(60), "archive", "压缩包"),
    "a Word document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), "office", "办公文档"),
    "noise": (bytes(range(7, 256)) * 8, "not_picture", "不是图片、PDF、OFD 或 XML"),
    "40 MB": (b"\xff\xd8\xff" + bytes(40 * 1024 * 1024), "too_large", "超过 40 MB"),
}
