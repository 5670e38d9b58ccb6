"""Drawn papers as the files that people send: JPEG, PNG, scanned PDF and PDF with text."""

import ctypes
import io
from collections.abc import Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from tests.papers.drawn import Drawn
from tests.papers.paper import Paper, Picture


def as_jpeg(picture: Picture, quality: int = 82) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def as_pdf(*pages: Picture) -> bytes:
    """A scan: pictures without text."""
    out = io.BytesIO()
    pages[0].convert("RGB").save(out, "PDF", save_all=True, append_images=pages[1:], resolution=144)
    return out.getvalue()


def as_text_pdf(paper: Paper, code: Picture | None = None) -> bytes:
    """One sheet as a PDF of text, as an invoicing platform delivers it; `code` is put at the top left."""
    return as_text_pages([[(paper, code)]])


def pdf_of_papers(pages: Sequence[Sequence[Drawn]]) -> bytes:
    """A PDF of text with the papers of each page one below the other."""
    return as_text_pages([[(drawn.paper, drawn.code) for drawn in page] for page in pages])


def as_text_pages(pages: Sequence[Sequence[tuple[Paper, Picture | None]]]) -> bytes:
    document = pypdfium2.PdfDocument.new()
    fonts: dict[str, object] = {}
    for papers in pages:
        height = sum(paper.y + 24 for paper, _ in papers)
        page = document.new_page(max(paper.width for paper, _ in papers), height)
        top = height
        for paper, code in papers:
            _put_texts(document, page, paper, top, fonts)
            if code is not None:
                _put_code(document, page, code, top)
            top -= paper.y + 24
        page.gen_content()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _put_texts(
    document: pypdfium2.PdfDocument,
    page: pypdfium2.PdfPage,
    paper: Paper,
    top: float,
    fonts: dict[str, object],
) -> None:
    if str(paper.face) not in fonts:
        data = paper.face.read_bytes()
        kept = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        fonts[str(paper.face)] = pdfium.FPDFText_LoadFont(
            document.raw, kept, len(data), pdfium.FPDF_FONT_TRUETYPE, True
        )
    for x, bottom, size, text in paper.cells:
        words = (text + "\0").encode("utf-16-le")
        made = pdfium.FPDFPageObj_CreateTextObj(document.raw, fonts[str(paper.face)], size)
        pdfium.FPDFText_SetText(made, (ctypes.c_ushort * (len(words) // 2)).from_buffer_copy(words))
        pdfium.FPDFPageObj_Transform(made, 1, 0, 0, 1, x, top - bottom)
        pdfium.FPDFPage_InsertObject(page.raw, made)


def _put_code(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, code: Picture, top: float) -> None:
    image = pypdfium2.PdfImage.new(document)
    image.set_bitmap(pypdfium2.PdfBitmap.from_pil(code))
    place = pypdfium2.PdfMatrix().scale(code.width, code.height)
    image.set_matrix(place.translate(30, top - 16 - code.height))
    page.insert_obj(image)
