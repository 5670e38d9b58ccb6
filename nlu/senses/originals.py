"""Electronic originals, which are trusted before any picture: XML, OFD, and PDF with an XML attached to it."""

import pypdfium2

from nlu.senses import invoice_xml
from nlu.senses.checks.evidence import capital_on
from nlu.senses.errors import UnreadableMedia
from nlu.senses.invoice_xml import Original
from nlu.senses.invoices import printed
from nlu.senses.kinds import kind_of_page
from nlu.senses.markup import LARGEST, tree_of
from nlu.senses.ofd import Ofd, open_ofd
from nlu.senses.pages import Page
from nlu.senses.perception import FieldValue

NO_INVOICE = (
    "这个 XML 不是发票：里面没有找到发票号码和金额。请发税务平台下载的发票 XML，或者发同一张发票的 PDF。"
)
NO_TEXT = "这份 OFD 里没有文字，读不出内容。请发同一张发票的 PDF，或者截图发给我。"
MOST_ATTACHMENTS = 10


def of_xml(data: bytes) -> tuple[Original, ...]:
    """The invoices of an XML file, at least one. Raises UnreadableMedia."""
    found = invoice_xml.invoices(tree_of(data), "xml")
    if not found or any("total" not in original.fields for original in found):
        raise UnreadableMedia("xml_no_invoice", NO_INVOICE)
    return found


def of_ofd(data: bytes) -> tuple[tuple[Original, ...], tuple[Page, ...]]:
    """The invoices of an OFD file, or, where it is something else, its pages. Raises UnreadableMedia."""
    ofd = open_ofd(data)
    attached, pages = ofd.attached(), ofd.pages()
    if len(attached) > 1:
        return attached, ()
    original = _merged(ofd, attached, pages)
    if original is not None and "total" in original.fields:
        return (original,), ()
    if not any(page.lines for page in pages):
        raise UnreadableMedia("ofd_no_text", NO_TEXT)
    return (), pages


def attached_to(data: bytes) -> tuple[Original, ...]:
    """The invoices in XML files that are attached to a PDF; none where there are none, or the PDF is no good."""
    if b"EmbeddedFile" not in data and b"/ObjStm" not in data:
        return ()
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return ()
    found: list[Original] = []
    try:
        for index in range(min(document.count_attachments(), MOST_ATTACHMENTS)):
            found += _attachment(document.get_attachment(index))
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return ()
    finally:
        document.close()
    return tuple(original for original in found if "total" in original.fields)


def _attachment(attachment: pypdfium2.PdfAttachment) -> tuple[Original, ...]:
    content = bytes(attachment.get_data())
    if len(content) > LARGEST or b"<" not in content[:64]:
        return ()
    try:
        return invoice_xml.invoices(tree_of(content), "xml")
    except UnreadableMedia:
        return ()


def _merged(ofd: Ofd, attached: tuple[Original, ...], pages: tuple[Page, ...]) -> Original | None:
    """The one invoice that all parts of the file speak of: its XML first, then named values, then the page."""
    invoiced = [page for page in pages if kind_of_page(page) in ("invoice_digital", "invoice_vat")]
    if len(invoiced) > 1 and not attached:
        return None
    page = invoiced[0] if invoiced else None
    fields: dict[str, FieldValue] = printed(page) if page else {}
    capital = capital_on(page) if page else None
    stated = ofd.named_values() if ofd.bodies == 1 else {}
    if attached:
        stated |= attached[0].fields
    for key, field in stated.items():
        # Where the page says the same, it also says where.
        if key not in fields or fields[key].value != field.value:
            fields[key] = field
    if "invoice_number" not in fields:
        return None
    if attached:
        return attached[0]._replace(fields=fields, capital=attached[0].capital or capital)
    digital = len(fields["invoice_number"].text) == 20
    return Original("invoice_digital" if digital else "invoice_vat", fields, capital, None)
