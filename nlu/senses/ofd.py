"""OFD (GB/T 33190) → pages of text with places, and what the file says of itself beside them.

An OFD is a zip of XML. Its text lies in `TextCode` elements in millimetres, the labels of a form in a template
that pages refer to. Invoices carry their data up to three more times: as an attached XML, as named values in
`OFD.xml` (`CustomData`), and as names for text objects (`CustomTag.xml`). Nothing is drawn, and pictures in the
file are not looked at.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from xml.etree.ElementTree import Element

from nlu.senses import invoice_xml
from nlu.senses.errors import UnreadableMedia
from nlu.senses.invoice_xml import Original
from nlu.senses.markup import name_of, text_of, tree_of
from nlu.senses.packed import Parts, beside, refused
from nlu.senses.pages import Page, Quad, in_rows
from nlu.senses.perception import FieldValue, Source
from nlu.senses.pictures import refused as not_a_picture

PIXELS_PER_MM = 8
A4 = (210.0, 297.0)
MOST_PAGES = 20
MOST_TEXTS = 3_000
"""On one page; an invoice has two hundred."""

TAGS = {
    "invoiceno": "发票号码",
    "invoicecode": "发票代码",
    "issuedate": "开票日期",
    "buyername": "购买方名称",
    "buyertaxid": "购买方纳税人识别号",
    "sellername": "销售方名称",
    "sellertaxid": "销售方纳税人识别号",
    "taxexclusivetotalamount": "合计金额",
    "taxtotalamount": "合计税额",
    "taxinclusivetotalamount": "价税合计",
}
"""Tags of text objects that state one value for the whole invoice."""

TOO_MANY = "这份 OFD 有 {pages} 页，一次最多读 20 页。请只发票据所在的那几页，或者发 PDF。"


class Placed(NamedTuple):
    id: str
    text: str
    quad: Quad


@dataclass(frozen=True)
class Ofd:
    """An opened file. Everything raises UnreadableMedia."""

    parts: Parts

    @cached_property
    def root(self) -> Element:
        return self._tree("OFD.xml")

    @cached_property
    def placed(self) -> tuple[tuple[Placed, ...], ...]:
        """The pieces of text of every page, those of its templates first."""
        document = self._document
        if document is None:
            return ()
        name, tree = document
        templates = {
            one.get("ID", ""): one.get("BaseLoc", "") for one in tree.iter() if name_of(one) == "templatepage"
        }
        contents = [one.get("BaseLoc", "") for one in tree.iter() if name_of(one) == "page"]
        if len(contents) > MOST_PAGES:
            raise UnreadableMedia("too_many_pages", TOO_MANY.format(pages=len(contents)))
        found = []
        for content in contents:
            page = self._tree(beside(name, content))
            used = [one.get("TemplateID", "") for one in page.iter() if name_of(one) == "template"]
            under = [self._tree(beside(name, templates[one])) for one in used if templates.get(one)]
            found.append(tuple(text for layer in (*under, page) for text in _texts(layer)))
        return tuple(found)

    def pages(self) -> tuple[Page, ...]:
        """Pages of text, with their places as if drawn at 8 pixels a millimetre."""
        size = self._size
        return tuple(
            Page(
                number=number,
                origin="ofd",
                rows=in_rows((one.text, one.quad, 1.0) for one in placed[:MOST_TEXTS]),
                width=round(size[0] * PIXELS_PER_MM),
                height=round(size[1] * PIXELS_PER_MM),
            )
            for number, placed in enumerate(self.placed, start=1)
        )

    def attached(self) -> tuple[Original, ...]:
        """The invoices in XML files that are attached."""
        found: list[Original] = []
        for name in self.parts.names():
            if "attach" in name.lower() and name.lower().endswith((".xml", ".xbrl")):
                try:
                    found += invoice_xml.invoices(self._tree(name), "ofd")
                except UnreadableMedia as error:
                    # A damaged attachment takes nothing from the page; a bomb is refused whole.
                    if error.code == "ofd_bomb":
                        raise
        return tuple(found)

    def named_values(self) -> dict[str, FieldValue]:
        """Fields from the names that the file gives to its values and texts. Of one invoice: see `bodies`."""
        said = {
            one.get("Name", ""): text
            for one in self.root.iter()
            if name_of(one) == "customdata" and (text := text_of(one))
        }
        tagged = {TAGS[tag]: words for tag, words in self._tagged() if tag in TAGS}
        return invoice_xml.fields_of(said | tagged, Source(origin="ofd"))

    @property
    def bodies(self) -> int:
        return sum(name_of(one) == "docbody" for one in self.root.iter())

    @cached_property
    def _document(self) -> tuple[str, Element] | None:
        place = next((text_of(one) for one in self.root.iter() if name_of(one) == "docroot"), "")
        name = beside("OFD.xml", place) if place else ""
        return (name, self._tree(name)) if name in self.parts else None

    @property
    def _size(self) -> tuple[float, float]:
        tree = self._document[1] if self._document else self.root
        for one in tree.iter():
            box = _numbers(text_of(one)) if name_of(one) == "physicalbox" else []
            if len(box) == 4 and 10 <= box[2] <= 2000 and 10 <= box[3] <= 2000:
                return box[2], box[3]
        return A4

    def _tagged(self) -> Iterator[tuple[str, str]]:
        """(name in small letters, words) of every tag that points at text objects."""
        words = {one.id: one.text for page in self.placed for one in page}
        for name in self.parts.names():
            if not name.lower().endswith("customtag.xml"):
                continue
            for tag in self._tree(name).iter():
                ids = [text_of(ref) for ref in tag if name_of(ref) == "objectref"]
                if ids and all(one in words for one in ids):
                    yield name_of(tag), "".join(words[one] for one in ids)

    def _tree(self, name: str) -> Element:
        try:
            return tree_of(self.parts.read(name))
        except KeyError:
            raise refused("ofd_damaged") from None
        except UnreadableMedia as error:
            if error.code in ("xml_damaged", "xml_too_large"):
                raise refused("ofd_damaged") from None
            raise


def open_ofd(data: bytes) -> Ofd:
    """Raises UnreadableMedia."""
    parts = Parts(data)
    if "OFD.xml" not in parts:
        # Another zip, with an OFD somewhere inside.
        raise not_a_picture("archive")
    return Ofd(parts)


def _texts(page: Element) -> Iterator[Placed]:
    for thing in page.iter():
        if name_of(thing) != "textobject":
            continue
        box = _numbers(thing.get("Boundary", ""))
        if len(box) != 4:
            continue
        size = (_numbers(thing.get("Size", "")) or [3.0])[0]
        for code in thing:
            if name_of(code) == "textcode" and (text := "".join(code.itertext()).strip()):
                yield Placed(thing.get("ID", ""), text, _place(code, box, size, len(text)))


def _place(code: Element, box: list[float], size: float, letters: int) -> Quad:
    """Corners in pixels. X and Y of a text are where its base line begins, inside the box of its object."""
    x, y = (_numbers(code.get(axis, "")) or [0.0] for axis in ("X", "Y"))
    left, base = box[0] + x[0], box[1] + (y[0] or box[3])
    width = min(max(size * letters, size), max(box[2] - x[0], size))
    edges = [PIXELS_PER_MM * edge for edge in (left, base - size, left + width, base)]
    left, top, right, bottom = edges
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _numbers(text: str) -> list[float]:
    """Empty where one of them is no finite number of a size that paper has."""
    try:
        found = [float(number) for number in text.split()]
    except ValueError:
        return []
    return found if all(math.isfinite(number) and abs(number) < 1e5 for number in found) else []
