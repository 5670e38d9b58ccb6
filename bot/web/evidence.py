"""The files behind a record on a page: photographs and papers, what on a paper does not fit, and voice.

Who opens what is decided where records are read (`House.seen_by`): by the policy of personal data with its purposes,
hours and days. Files are found by the number of their evidence, never by a name out of an address, and every opening
is on record.
"""

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.trail import EVIDENCE
from bot.web.pages import Asked, number, page
from bot.wiring import House
from domain.errors import Refusal
from handlers.papers import doubtful_places
from nlu.senses.sniffing import SOUNDS, kind_of
from storage.work import work_of

PICTURES = {kind: f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "bmp")}
"""What browsers draw and cannot run; everything else that is no sound is only saved."""
DOUBTS = "doubts"


def routes(house: House) -> list[Route]:
    return [Route("/records/{id}/evidence/{evidence}", page(house, opened))]


def opened(asked: Asked) -> Response:
    record, evidence = (number(asked.request.path_params[name]) for name in ("id", "evidence"))
    with asked.house.seen_by(asked.person) as seen:
        row = seen.record(record)
        proof = seen.file(row, evidence) if row else None
        if row is None or proof is None or proof.sha256 is None:
            raise HTTPException(404)
        sha256, kind = proof.sha256, proof.kind
        places = doubtful_places(proof, row) if asked.query.get("part") == DOUBTS else ()
    try:
        content = asked.house.media.get(sha256)
    except FileNotFoundError:
        raise Refusal("这个文件已经删除了：过了保留期，或者从来没有取到。") from None
    answer = _as_shown(asked, content, places, f"record{record}-{evidence}")
    _on_record(asked, record, kind)
    return answer


def _as_shown(asked: Asked, content: bytes, places: tuple[str, ...], name: str) -> Response:
    kind = kind_of(content)
    if places:
        content, kind = asked.house.pool.cut(content, places) or b"", "jpeg"
    elif kind in SOUNDS or kind == "unknown":  # the speech of WeCom's web pages has no header to be known by
        played = asked.house.pool.playable(content)
        if played is not None:
            return _inline(played, "audio/wav", f"{name}.wav")
    if not content:
        raise Refusal("没能把疑点从这张图里截出来，请打开整张看。")
    if kind in PICTURES:
        return _inline(content, PICTURES[kind], f"{name}.{kind}")
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _inline(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content, media_type=media_type, headers={"content-disposition": f'inline; filename="{name}"'}
    )


def _on_record(asked: Asked, record: int, kind: str) -> None:
    with asked.house.store.write() as session:
        trail = work_of(session, who=asked.person.id, now=asked.now, inbox_id=None).records
        trail.audit(f"record:{record}", "opened", None, EVIDENCE.get(kind, kind), "在页面上打开")
        trail.write()
