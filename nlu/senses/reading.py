"""A picture, PDF or electronic original → what it is and what stands on it; or a request for a better one."""

from datetime import datetime

from nlu.senses import originals
from nlu.senses.checks import check
from nlu.senses.checks.evidence import Evidence, capital_on
from nlu.senses.continuing import fields_of, main_page, papers
from nlu.senses.documents import ReadingEngine, pages
from nlu.senses.errors import UnreadableMedia
from nlu.senses.invoice_xml import Original
from nlu.senses.invoices import code_of
from nlu.senses.kinds import CALLED, PRINTED, REQUIRED, category, looks_like_receipt
from nlu.senses.pages import Page
from nlu.senses.perception import Document, Kind, Read
from nlu.senses.photos.fingerprints import Eye
from nlu.senses.photos.kinds import is_scene, known_by, no_paper, photo_on
from nlu.senses.sniffing import kind_of

DARK = 0.62
"""Even the brightest twentieth of the picture is nearer to black than to white."""
BLURRED = 30.0
BLANK = 0.5
"""One colour all over: not even the grain of a camera."""
LEGIBLE = 0.8
FEW_LETTERS = 12
"""The shortest receipt has more."""
NEAR_EDGE = 0.006
"""Of the picture's width or height: text this close to the edge goes on beyond it."""

WHY: dict[str, str] = {
    "dark": "照片太暗，字看不清。请到亮一点的地方，或打开闪光灯重新拍一张。",
    "blurred": "照片拍糊了，字看不清。请拿稳手机、对准票面，等对焦清楚后重新拍一张。",
    "cut_off": "票据没有拍完整，边上被切掉了。请把整张票放进画面里重新拍一张。",
    "no_text": "照片里没有找到文字。请对准票面，靠近一点重新拍一张。",
    "unclear": "票面上的字认不准。请把票铺平、避开反光，靠近一点重新拍一张。",
}


def read(data: bytes, engine: ReadingEngine, now: datetime, eye: Eye | None = None) -> Read:
    """The bytes of a picture or PDF → documents with their fields. `now` (aware) only serves to judge dates.

    Nothing uncertain is filled in. Where the picture is of a receipt but its amount cannot be told, the
    answer has no documents and asks for a new picture. With an `eye` the answer carries what the picture is known
    again by. EngineFailed passes through.
    """
    try:
        found_originals, seen = _originals_or_pages(data, engine)
    except UnreadableMedia as error:
        return Read(kind="other", readable=False, ask=error.words, problem=error.code)
    if found_originals:
        documents = tuple(document_of_original(original, now) for original in found_originals)
        return Read(kind=documents[0].kind, readable=True, documents=documents)
    found = _read(seen, now)
    if eye is not None and seen[0].picture is not None:
        found = found.model_copy(update={"fingerprint": known_by(seen[0], found.kind, eye)})
    return found


def _read(seen: tuple[Page, ...], now: datetime) -> Read:
    found = [(main_page(sheets), document_of(sheets, kind, now)) for kind, sheets in papers(seen)]
    if all(missing_fields(document) and not page.sheet and no_paper(page) for page, document in found):
        return _nothing_found(seen)
    return _what_was_read(found)


def _originals_or_pages(data: bytes, engine: ReadingEngine) -> tuple[tuple[Original, ...], tuple[Page, ...]]:
    """The electronic originals that the file is or carries; the pages to be looked at where there are none."""
    match kind_of(data):
        case "xml":
            return originals.of_xml(data), ()
        case "ofd":
            return originals.of_ofd(data)
        case "pdf" if attached := originals.attached_to(data):
            return attached, ()
        case _:
            return (), pages(data, engine)


def document_of_original(original: Original, now: datetime) -> Document:
    kind, fields, capital, code = original
    page = Page(number=1, origin=fields["total"].source.origin, rows=(), width=0, height=0)
    if named := category(kind, fields, page):
        fields["category"] = named
    evidence = Evidence(fields, fields, code, now, capital, kind)
    return Document(kind=kind, fields=fields, checks=check(evidence))


def document_of(sheets: tuple[Page, ...], kind: Kind, now: datetime) -> Document:
    """One paper, on one page or on several."""
    page = main_page(sheets)
    fields = fields_of(kind, sheets)
    if named := category(kind, fields, page):
        fields["category"] = named
    code = code_of(page)
    evidence = Evidence(fields, PRINTED[kind](page) if code else fields, code, now, capital_on(page), kind)
    return Document(kind=kind, fields=fields, checks=check(evidence))


def _what_was_read(found: list[tuple[Page, Document]]) -> Read:
    """All papers that could be read; of several, those that could not are asked for again one by one."""
    readable = tuple(document for _, document in found if not missing_fields(document))
    page, first = next(((page, one) for page, one in found if missing_fields(one)), found[0])
    if len(readable) == len(found):
        return Read(kind=first.kind, readable=True, documents=readable)
    asked = _ask_again(page, first.kind, missing_fields(first))
    if not readable:
        return asked
    unread = len(found) - len(readable)
    ask = f"这里有 {len(found)} 张票据，其中 {unread} 张没有认出来，请单独重新拍。{asked.ask}"
    return Read(kind=readable[0].kind, readable=True, documents=readable, ask=ask)


def missing_fields(document: Document) -> tuple[str, ...]:
    return tuple(key for key in REQUIRED.get(document.kind, ()) if key not in document.fields)


def _nothing_found(seen: tuple[Page, ...]) -> Read:
    """No receipt on any page: a picture of something else, or one on which nothing is legible."""
    if photo := photo_on(seen[0]):
        return Read(kind=photo.kind, readable=True, documents=(photo,))
    page = next(filter(_illegible_sheet, seen), seen[0])
    legible = page.confidence >= LEGIBLE and page.darkness <= DARK
    if legible and not _illegible_sheet(page) and not _part_of_a_receipt(page):
        return Read(kind="other", readable=True, documents=(Document(kind="other"),))
    reason = why_unreadable(page)
    if page.lines and not page.sheet and is_scene(page):
        return Read(kind="other", readable=True)
    if not page.lines and reason == "no_text" and page.sharpness > BLURRED and not page.sheet:
        # A sharp, bright picture without writing: a shop front, a shelf. Nothing to ask for.
        return Read(kind="other", readable=True)
    return Read(kind="other", readable=False, ask=WHY[reason], problem=reason)


def _illegible_sheet(page: Page) -> bool:
    """A sheet of paper that has hardly any writing on it: it is there, and cannot be read."""
    letters = sum(len(line.text) for line in page.lines)
    return page.sheet and (letters < FEW_LETTERS or page.confidence < LEGIBLE)


def _part_of_a_receipt(page: Page) -> bool:
    """Something of a receipt on a sheet of paper, or writing that goes on beyond the edge of the picture."""
    return looks_like_receipt(page) and (page.sheet or _touches_edge(page))


def _ask_again(page: Page, kind: Kind, missing: tuple[str, ...]) -> Read:
    reason = why_unreadable(page)
    told = "、".join(CALLED[key] for key in missing)
    ask = f"这张票据的{told}认不出来：{WHY[reason]}也可以直接打字告诉我。"
    return Read(kind=kind, readable=False, ask=ask, problem=reason)


def why_unreadable(page: Page) -> str:
    if page.darkness > DARK:
        return "dark"
    if not page.lines and page.sharpness < BLANK:
        return "no_text"
    if page.sharpness < BLURRED:
        return "blurred"
    if not page.lines:
        return "no_text"
    return "cut_off" if _touches_edge(page) else "unclear"


def _touches_edge(page: Page) -> bool:
    across, down = NEAR_EDGE * page.width, NEAR_EDGE * page.height
    return any(
        left <= across or top <= down or right >= page.width - across or bottom >= page.height - down
        for left, top, right, bottom in (line.box for line in page.lines)
    )
