"""A picture or PDF → what it is and what stands on it; or a request for a better one, saying why."""

from datetime import datetime

from nlu.senses.checks import Evidence, check
from nlu.senses.documents import ReadingEngine, pages
from nlu.senses.errors import UnreadableMedia
from nlu.senses.invoices import code_of, printed
from nlu.senses.kinds import CALLED, EXTRACT, REQUIRED, category, kind_of_page
from nlu.senses.pages import Page
from nlu.senses.perception import Document, Kind, Read
from nlu.senses.photos.fingerprints import Eye
from nlu.senses.photos.kinds import is_scene, known_by, no_paper, photo_on

DARK = 0.62
"""Even the brightest twentieth of the picture is nearer to black than to white."""
BLURRED = 30.0
BLANK = 0.5
"""One colour all over: not even the grain of a camera."""
LEGIBLE = 0.8
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
        seen = pages(data, engine)
    except UnreadableMedia as error:
        return Read(kind="other", readable=False, ask=error.words, problem=error.code)
    found = _read(seen, now)
    if eye is not None and seen[0].picture is not None:
        found = found.model_copy(update={"fingerprint": known_by(seen[0], found.kind, eye)})
    return found


def _read(seen: tuple[Page, ...], now: datetime) -> Read:
    read_pages = [(page, kind_of_page(page)) for page in seen]
    found = [(page, document_of(page, kind, now)) for page, kind in read_pages if kind != "other"]
    if not found:
        return _nothing_found(seen)
    for page, document in found:
        if missing := missing_fields(document):
            if no_paper(page):
                return _nothing_found(seen)
            return _ask_again(page, document.kind, missing)
    return Read(kind=found[0][1].kind, readable=True, documents=tuple(document for _, document in found))


def document_of(page: Page, kind: Kind, now: datetime) -> Document:
    fields = EXTRACT[kind](page)
    if named := category(kind, fields, page):
        fields["category"] = named
    code = code_of(page)
    evidence = Evidence(fields, printed(page) if code else fields, code, now)
    return Document(kind=kind, fields=fields, checks=check(evidence))


def missing_fields(document: Document) -> tuple[str, ...]:
    return tuple(key for key in REQUIRED.get(document.kind, ()) if key not in document.fields)


def _nothing_found(seen: tuple[Page, ...]) -> Read:
    """No receipt on any page: a picture of something else, or one on which nothing is legible."""
    page = seen[0]
    if photo := photo_on(page):
        return Read(kind=photo.kind, readable=True, documents=(photo,))
    if page.confidence >= LEGIBLE:
        return Read(kind="other", readable=True, documents=(Document(kind="other"),))
    reason = why_unreadable(page)
    if page.lines and is_scene(page):
        return Read(kind="other", readable=True)
    if not page.lines and reason == "no_text" and page.sharpness > BLURRED:
        # A sharp, bright picture without writing: a shop front, a shelf. Nothing to ask for.
        return Read(kind="other", readable=True)
    return Read(kind="other", readable=False, ask=WHY[reason], problem=reason)


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
