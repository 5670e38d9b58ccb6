"""Photos of a visit: what stands on them, whether it fits, and whether they were sent before."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.intents.visits import Photo, SeenBefore
from domain.people import Customer
from domain.photos import Before, Fit, Printed, fit
from handlers import verdicts
from handlers.receipts import NOT_A_RECEIPT
from handlers.turn import Perceived, Reply, Turn, say
from handlers.wording import customer_name, yuan
from storage.media import perception
from storage.photo_tables import SentPhotoRow
from storage.tables import CheckInRow, RecordRow

KINDS = {"watermark_photo": "水印照片", "shelf_photo": "货架照片", "other": "照片"}
JUST_BEFORE = timedelta(minutes=30)
"""Photos that came so long before a visit's check-in, or its record, belong to it."""
MOST_GOODS = 6


def photo_in(picture: Perceived) -> Photo | None:
    """A read picture as a photo; None where it is a paper or could not be read. Pure.

    A copy of an earlier photo counts even where nothing on it is legible, as when it was mirrored.
    """
    read = picture.result
    if read.get("kind") not in KINDS or not (read.get("readable") or picture.before):
        return None
    fields = _fields(read)
    items = fields.get("items") or [{"name": name} for name in fields.get("product_names", ())]
    return Photo(
        sha256=picture.sha256,
        kind=read["kind"],
        printed=_printed(fields),
        goods=tuple((item["name"], item.get("price") or "") for item in items),
        before=picture.before,
    )


def receive(intent: Photo, turn: Turn) -> Reply:
    """A photo during a visit becomes evidence of it; without a visit the sender is told how it can."""
    customer = turn.work.customers.get(turn.dialogue.current_customer(turn.now) or "")
    if customer is None:
        return say(turn, _without_visit(intent, turn))
    since = turn.dialogue.customer_since or turn.now
    visit = turn.work.photos.visit_under_way(turn.person.id, customer.code, since - JUST_BEFORE)
    sent = turn.work.photos.sent(turn.inbox_id or 0, intent.sha256)
    found = _fit(intent.printed, sent.sent_at if sent else turn.now, customer, turn)
    judged = Reply()
    if visit and intent.sha256 not in turn.work.photos.proves(visit.id or 0):
        _prove(visit, intent, found, turn)
        judged = verdicts.evidence_arrived(visit, turn)
    told = [f"{KINDS[intent.kind]}收到了，记在「{customer.name}」这次拜访里。", *_read_aloud(intent)]
    if found.words:
        told.append(f"核对：{'；'.join(found.words)}。")
    if found.time in ("old", "ahead") or found.place == "elsewhere":
        told.append("对不上的地方会一起给主管看；发错了的话，重新拍一张就行。")
    told.extend(_same_as(intent.before, turn))
    return say(turn, "\n".join(told)) + judged


def seen_before(intent: SeenBefore, turn: Turn) -> Reply:
    """A receipt that a record rests on already: said at once, so that nobody claims it twice by mistake."""
    told = _same_as(tuple(one for one in intent.before if one.counts), turn, "票据")
    return say(turn, "\n".join([*told, "如果是同一张票，请点“放弃”，不要重复报销。"]))


def prove_visit(row: RecordRow, turn: Turn) -> None:
    """The photos of a visit become evidence of its record; those of a shelf also of what was found there."""
    which = turn.rulebook.form_of(row.form).photos
    if row.data.get("planned") or row.customer_code is None or not which:
        return
    check_in = _check_in(row.customer_code, turn)
    since = min(check_in.at if check_in else turn.now, turn.now) - JUST_BEFORE
    # A file that was sent twice counts once, as it was sent last.
    latest = {sent.sha256: sent for sent in turn.work.photos.sent_by(turn.person.id, since)}
    customer = turn.work.customers.get(row.customer_code) if latest else None
    for sent in latest.values():
        photo = _sent_photo(sent, turn)
        if photo is None or customer is None or (which == "shelf" and not photo.goods):
            continue
        elsewhere = turn.work.photos.proves_other_customer(sent.sha256, turn.person.id, customer.code)
        if elsewhere and sent.sha256 not in sent.reuse_of:  # sent once, and for that visit
            continue
        _prove(row, photo, _fit(photo.printed, sent.sent_at, customer, turn), turn)


def _prove(row: RecordRow, photo: Photo, found: Fit, turn: Turn) -> None:
    words = "；".join([KINDS[photo.kind], *_read_aloud(photo), *found.words, *_same_as(photo.before, turn)])
    turn.work.records.prove(
        row.id or 0,
        "photo",
        words,
        photo.sha256,
        photo=photo.kind,
        printed=photo.printed.model_dump(exclude_defaults=True),
        time=found.time,
        minutes_off=found.minutes,
        place_match={"fits": True, "elsewhere": False}.get(found.place),
        reuse_of=[one.sha256 for one in photo.before],
        told="；".join(_same_as(photo.before, turn)),
    )


def _fit(printed: Printed, sent_at: datetime, customer: Customer, turn: Turn) -> Fit:
    check_in = _check_in(customer.code, turn)
    return fit(
        printed,
        sent_at=sent_at.astimezone(turn.zone),
        arrived_at=check_in.at.astimezone(turn.zone) if check_in else None,
        customer=customer,
    )


def _check_in(customer: str, turn: Turn) -> CheckInRow | None:
    """The check-in of the visit under way."""
    number = turn.dialogue.check_in
    row = turn.work.check_ins.get(number) if number else None
    fresh = turn.dialogue.current_customer(turn.now) == customer
    return row if row and fresh and row.customer_code == customer and row.state == "done" else None


def _sent_photo(sent: SentPhotoRow, turn: Turn) -> Photo | None:
    read = perception(turn.work.session, sent.sha256, "read") or {}
    before = turn.work.photos.before(sent.inbox_id, sent.sha256)
    return photo_in(Perceived(sent.sha256, "read", read, before))


def _without_visit(intent: Photo, turn: Turn) -> str:
    told = _same_as(intent.before, turn)
    if intent.kind == "other":
        return "\n".join([NOT_A_RECEIPT, *told])
    how = "要算作拜访照片，发一个位置签到，或说一句是哪家客户，比如“拜访了惠民超市”。"
    return "\n".join([f"{KINDS[intent.kind]}收到了。", *_read_aloud(intent), how, *told])


def _read_aloud(photo: Photo) -> list[str]:
    told = []
    printed = photo.printed
    stamped = [" ".join(filter(None, (printed.date, printed.time))), printed.address, printed.reporter]
    if any(stamped):
        told.append(f"水印上写着：{'，'.join(filter(None, stamped))}")
    if photo.goods:
        goods = [f"{name} {yuan(price)}" if price else name for name, price in photo.goods[:MOST_GOODS]]
        more = f" 等 {len(photo.goods)} 种" if len(photo.goods) > MOST_GOODS else ""
        told.append(f"货架上认出：{'、'.join(goods)}{more}（排面数不从照片里数，要记请说一句）")
    return told


def _same_as(before: tuple[Before, ...], turn: Turn, what: str = "照片") -> list[str]:
    """The same picture sent earlier: when, by whom and where."""
    told = []
    for one in before[:2]:
        person = turn.work.people.get(one.person)
        who = "你" if one.person == turn.person.id else person.name if person else "一位已离职的同事"
        where = f"在「{customer_name(one.customer, turn)}」" if one.customer else ""
        at = one.at.astimezone(turn.zone)
        when = f"今天 {at:%H:%M} " if at.date() == turn.local_now.date() else f"{at.month}月{at.day}日"
        told.append(f"这张{what}和{when}{who}{where}发的一样。")
    return told


def _fields(read: Mapping[str, Any]) -> dict[str, Any]:
    documents = read.get("documents") or ()
    return {key: field["value"] for key, field in documents[0]["fields"].items()} if documents else {}


def _printed(fields: Mapping[str, Any]) -> Printed:
    degrees = {key: float(fields[key]) for key in ("latitude", "longitude") if key in fields}
    words = {key: fields[key] for key in ("date", "time", "address", "reporter") if key in fields}
    return Printed(**words, **degrees)
