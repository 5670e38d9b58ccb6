"""What positions and clocks say for and against a visit. Pure rules: (visit, settings) → findings."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.authenticity import Authenticity, Finding
from domain.check_ins import grade, metres_to
from domain.visits import Fix, Visit


def place(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """The distance to the customer's place: pass, review or fail."""
    if visit.fix is None:
        yield Finding(code="no_position", side="missing", words="没有现场位置")
        return
    ref = (visit.fix.ref,)
    if visit.place is None:
        yield Finding(code="no_place", side="missing", words="这家还没有登记位置，没法比对", evidence=ref)
        return
    graded, metres = grade(visit.fix.position, visit.place, settings.place)
    at = f"签到位置离店{_far(metres)}" + (f"（{visit.place.words}）" if visit.place.words else "")
    if graded == "pass":
        yield Finding(code="near", side="for", words=at, evidence=ref)
    elif _accepted(visit, settings):
        yield Finding(code="accepted_spot", side="for", words=f"{at}，上级认可过这个位置", evidence=ref)
    elif graded == "review":
        yield Finding(code="unsure", side="against", words=f"{at}，在定位误差的边缘", evidence=ref)
    else:
        code = "far" if visit.place.source == "master" else "far_from_learned"
        yield Finding(code=code, side="against", words=at, evidence=ref)


def accuracy(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    stated = visit.fix.position.accuracy if visit.fix else None
    if visit.fix and stated is not None and stated > settings.place.vague_metres:
        words = f"定位很不准：误差{_far(stated)}，只按 {settings.place.accuracy_cap_metres:.0f} 米算"
        yield Finding(code="vague", side="against", words=words, evidence=(visit.fix.ref,))


def teleport(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """Faster than anybody travels, to or from the neighbouring check-ins.

    Only positions shared at customers count for the short distance: on the train nobody is at a customer's. And who
    was at a customer's spent a few minutes there, which are not on the way.
    """
    here = visit.fix
    if here is None:
        return
    before = max((f for f in visit.own if f.at < here.at), key=lambda f: f.at, default=None)
    after = min((f for f in visit.own if f.at > here.at), key=lambda f: f.at, default=None)
    for other in filter(None, (before, after)):
        if _too_fast(here, other, settings):
            minutes = here.after(other).total_seconds() / 60
            words = f"{minutes:.0f} 分钟里换到了{_far(metres_to(here.position, other.position))}外"
            yield Finding(code="teleport", side="against", words=words, evidence=(here.ref, other.ref))
            return


def _too_fast(one: Fix, other: Fix, settings: Authenticity) -> bool:
    limits = settings.movement
    slack = settings.place.slack(one.position.accuracy) + settings.place.slack(other.position.accuracy)
    metres = metres_to(one.position, other.position) - slack
    minutes = one.after(other).total_seconds() / 60
    if _speed(metres, minutes) > limits.top_speed and metres > limits.short_metres:
        return True
    if other.customer is None or other.customer == one.customer or minutes > limits.short_minutes:
        return False
    return (
        metres > limits.short_metres
        and _speed(metres, minutes - limits.shortest_minutes) > limits.short_speed
    )


def _speed(metres: float, minutes: float) -> float:
    """Kilometres an hour."""
    return metres / 1000 / max(minutes, 0.5) * 60


def same_point(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """The very same coordinates on several days: no phone measures them twice, but a map has them ready to pick.

    Whoever picks the customer's own entry in the map's list may well be there: such a position proves as little as
    none, and nobody is suspected of it. Other picked points are asked about a day before they count against him.
    """
    here = visit.fix
    if here is None or _accepted(visit, settings):
        return
    same = [f for f in visit.own if f.same_point(here) and f.measured == here.measured]
    zone = visit.happened_at.tzinfo
    days = len({f.at.astimezone(zone).date() for f in (here, *same)})
    refs = (here.ref, *(f.ref for f in same))
    limits = settings.movement
    if here.measured and days >= limits.same_point_days:
        words = f"{days} 天的位置一模一样（手机每次定位都会有偏差）"
        yield Finding(code="same_point", side="against", words=words, evidence=refs)
    elif not here.measured and days >= limits.picked_point_days - 1:
        if here.names(visit.called):
            words = f"{days} 天都是从地图列表里选的店，不是手机定位，证明不了人在店里。下次请发当前位置"
            yield Finding(code="not_measured", side="missing", words=words, evidence=refs)
        elif days < limits.picked_point_days:
            words = f"{days} 天的位置一模一样，像是在地图上选的。下次请发手机定位的当前位置"
            yield Finding(code="not_measured", side="missing", words=words, evidence=refs)
        else:
            words = f"{days} 天的位置一模一样（可能是在地图上选的点）"
            yield Finding(code="picked_point", side="against", words=words, evidence=refs)


def shared_point(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """Two people on one day at the very same coordinates, or with the same device."""
    here = visit.fix
    if here is None:
        return
    day = here.at.astimezone(visit.happened_at.tzinfo).date()
    same = [
        f
        for f in visit.others
        if f.same_point(here) and f.at.astimezone(visit.happened_at.tzinfo).date() == day
    ]
    if same:
        words = "和同事的位置一模一样，一位小数都不差"
        yield Finding(code="shared_point", side="against", words=words, evidence=(here.ref, same[0].ref))
    device = [f for f in visit.others if f.device and f.device == here.device]
    if device:
        words = "这台手机也给别的同事签过到"
        yield Finding(code="device_shared", side="against", words=words, evidence=(here.ref, device[0].ref))


def one_spot(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """Several customers from one spot, where their places do not explain it; or one after another without a pause."""
    here = visit.fix
    if here is None:
        return
    limits = settings.movement
    near = [f for f in visit.own if f.customer and f.customer != visit.customer]
    within = timedelta(hours=limits.spot_hours)
    from_here = [
        f
        for f in near
        if here.after(f) <= within
        and metres_to(here.position, f.position) <= limits.spot_metres
        and not _explained(f, visit, settings)
    ]
    if _customers(from_here) + 1 >= limits.spot_customers and not _passes(visit, settings):
        words = f"在同一个地方签了 {_customers(from_here) + 1} 家客户"
        yield Finding(code="one_spot", side="against", words=words, evidence=_refs(here, from_here))
    crowd = _crowd(here, near, timedelta(minutes=limits.batch_minutes))
    if _customers(crowd) + 1 >= limits.batch_customers:
        words = f"{limits.batch_minutes:.0f} 分钟里连着签了 {_customers(crowd) + 1} 家客户"
        yield Finding(code="batch", side="against", words=words, evidence=_refs(here, crowd))


def dwell(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    here = visit.fix
    if here is None or here.left_at is None:
        return
    minutes = (here.left_at - here.at).total_seconds() / 60
    if minutes < settings.movement.shortest_minutes:
        words = f"只停留了 {minutes:.0f} 分钟"
        yield Finding(code="short_dwell", side="against", words=words, evidence=(here.ref,))
    else:
        yield Finding(code="dwell", side="for", words=f"停留了 {minutes:.0f} 分钟", evidence=(here.ref,))


def clocks(visit: Visit, settings: Authenticity) -> Iterator[Finding]:
    """Visits at night, and messages whose own time is not ours."""
    at = (visit.fix.at if visit.fix else visit.happened_at).astimezone(visit.happened_at.tzinfo)
    if not settings.hours.start <= at.hour + at.minute / 60 < settings.hours.end:
        refs = (visit.fix.ref,) if visit.fix else ()
        yield Finding(
            code="outside_hours", side="against", words=f"不在工作时间（{at:%H:%M}）", evidence=refs
        )
    if visit.fix and visit.fix.sent_at:
        late = (visit.fix.at - visit.fix.sent_at).total_seconds() / 60
        if abs(late) > settings.skew_minutes:
            sent = _clock(visit.fix.sent_at, visit)
            words = (
                f"手机上 {sent} 发的位置，{at:%H:%M} 才收到" if late > 0 else f"手机的钟快了 {-late:.0f} 分钟"
            )
            yield Finding(code="clock_skew", side="against", words=words, evidence=(visit.fix.ref,))


def _far(metres: float) -> str:
    return f" {metres / 1000:.1f} 公里" if metres >= 1000 else f" {metres:.0f} 米"


def _clock(at: datetime, visit: Visit) -> str:
    return f"{at.astimezone(visit.happened_at.tzinfo):%H:%M}"


def _accepted(visit: Visit, settings: Authenticity) -> bool:
    """The manager accepted an earlier visit of this customer from here."""
    return visit.fix is not None and any(
        metres_to(visit.fix.position, spot) <= settings.learning.agree_metres for spot in visit.accepted
    )


def _passes(visit: Visit, settings: Authenticity) -> bool:
    return (
        visit.fix is not None
        and visit.place is not None
        and grade(visit.fix.position, visit.place, settings.place)[0] == "pass"
    )


def _explained(fix: Fix, visit: Visit, settings: Authenticity) -> bool:
    """That customer's place is known to be here: a shopping centre, an office tower."""
    known = visit.places.get(fix.customer or "")
    return known is not None and grade(fix.position, known, settings.place)[0] == "pass"


def _crowd(here: Fix, near: list[Fix], within: timedelta) -> list[Fix]:
    """The largest set of check-ins that fell, together with this one, into so short a time."""
    starts = [f for f in (here, *near) if f.at <= here.at and here.after(f) <= within]
    windows = [[f for f in near if f.at >= s.at and f.after(s) <= within] for s in starts]
    return max(windows, key=_customers, default=[])


def _customers(fixes: list[Fix]) -> int:
    return len({f.customer for f in fixes})


def _refs(here: Fix, others: list[Fix]) -> tuple[str, ...]:
    return (here.ref, *(f.ref for f in others))
