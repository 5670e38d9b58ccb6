"""Check-in and check-out: shared positions become a visit's first proof."""

from datetime import timedelta

from domain.cards import Button, Card, Line
from domain.check_ins import MOST_CHOICES, Near, Whereabouts, metres_to, place_of, whereabouts
from domain.dialogue import VISIT_LASTS
from domain.errors import Refusal
from domain.intents.visits import CheckIn, CheckOut
from domain.messages import Action
from domain.people import Customer
from domain.visits import Place
from handlers import lead_touch, verdicts
from handlers.turn import Reply, Turn, outcome, say, show
from handlers.visit_facts import places_of
from storage.tables import CheckInRow
from storage.visits import position_of

CLAIMABLE_METRES = 5000
"""How far from its place a customer is still offered: the master data may be wrong, and the rep right."""
AROUND = 0.03
"""Degrees: a few kilometres, more than the datums differ by."""
NEXT_DOOR = "要在旁边另一家签到，再发一次位置就行。"
TITLE = "签到在哪家客户？"


def check_in(intent: CheckIn, turn: Turn) -> Reply:
    """Check the sender in at the nearest of his own customers; ask where several are as near, or none is."""
    here = _visit_under_way(turn)
    row = turn.work.check_ins.add(_row(intent, turn))
    own = turn.work.customers.owned_by(turn.person.id)
    learned = turn.work.places.of(c.code for c in own if c.position is None)
    found = whereabouts(intent.position, own, turn.rulebook.authenticity.place, learned)
    if here and any(n.customer.code == here.customer_code for n in found.near if found.result != "nowhere"):
        return _again(row, here, turn) + (say(turn, NEXT_DOOR) if len(found.near) > 1 else Reply())
    if found.result == "at":
        return _arrive(row, found.near[0].customer, found.near[0], "near", turn)
    row.state = "asked" if found.result == "unclear" else "nowhere"
    turn.work.check_ins.add(row)
    if found.result == "unclear":
        return show(turn, _which_one(row, found.near))
    return _nowhere(row, found, own, learned, turn)


def choose(action: Action, check_in_id: int, turn: Turn) -> Reply:
    """The rep says at which of his customers he is."""
    row = turn.work.check_ins.get(check_in_id)
    customer = turn.work.customers.get(action.value)
    if (
        row is None
        or row.person_id != turn.person.id
        or customer is None
        or customer.owner_id != turn.person.id
    ):
        raise Refusal("没有找到这次签到，请重新发一次位置。")
    if row.state not in ("asked", "nowhere"):
        already = turn.work.customers.get(row.customer_code or "")
        raise Refusal(f"这次已经在「{already.name if already else row.customer_code}」签到了。")
    place = places_of([customer.code], turn).get(customer.code)
    near = None
    if place is not None:
        near = Near(customer=customer, metres=metres_to(position_of(row), place.position), place=place)
    status = f"已在「{customer.name}」签到"
    card = Card(ref=f"check_in:{row.id}", revision=1, title=TITLE, status=status, tone="success")
    return outcome(turn, card) + _arrive(row, customer, near, "tapped", turn)


def check_out(intent: CheckOut, turn: Turn) -> Reply:
    """The rep says that he has left."""
    here = _visit_under_way(turn)
    if here is None:
        raise Refusal("今天还没有在哪家签到，没法签退。到店先发一个位置就行。")
    return _leave(here, turn)


def _row(intent: CheckIn, turn: Turn) -> CheckInRow:
    return CheckInRow(
        person_id=turn.person.id,
        latitude=intent.position.latitude,
        longitude=intent.position.longitude,
        datum=intent.position.datum,
        accuracy=intent.position.accuracy,
        label=intent.position.label,
        at=turn.work.check_ins.received_at(turn.inbox_id) or turn.now,
        sent_at=intent.sent_at,
        device=intent.device,
        inbox_id=turn.inbox_id,
    )


def _visit_under_way(turn: Turn) -> CheckInRow | None:
    """Where this person checked in last and did not leave yet."""
    until = turn.now + timedelta(seconds=1)
    recent = turn.work.check_ins.between(turn.person.id, turn.now - VISIT_LASTS, until)
    return recent[-1] if recent and recent[-1].left_at is None and recent[-1].customer_code else None


def _again(row: CheckInRow, here: CheckInRow, turn: Turn) -> Reply:
    """The same customer once more: a departure, or the same arrival twice when it comes right after."""
    row.state, row.customer_code, row.chosen = "left", here.customer_code, "near"
    turn.work.check_ins.add(row)
    minutes = (row.at - here.at).total_seconds() / 60
    if minutes < turn.rulebook.authenticity.movement.shortest_minutes:
        customer = turn.work.customers.get(here.customer_code or "")
        name = customer.name if customer else here.customer_code
        return say(
            turn, f"{here.at.astimezone(turn.zone):%H:%M} 已在「{name}」签到。走的时候再发一次位置就是签退。"
        )
    return _leave(here, turn)


def _leave(here: CheckInRow, turn: Turn) -> Reply:
    here.left_at = turn.now
    turn.work.check_ins.add(here)
    customer = turn.work.customers.get(here.customer_code or "")
    minutes = (turn.now - here.at).total_seconds() // 60
    words = f"已离开「{customer.name if customer else here.customer_code}」，停留 {minutes:.0f} 分钟。"
    return say(turn, words) + verdicts.position_arrived(here, turn)


def _arrive(row: CheckInRow, customer: Customer, near: Near | None, chosen: str, turn: Turn) -> Reply:
    row.customer_code, row.state, row.chosen = customer.code, "done", chosen
    row.distance = round(near.metres, 1) if near else None
    turn.work.check_ins.add(row)
    turn.dialogue = turn.dialogue.at(customer.code, turn.now, row.id)
    arrived = f"已在「{customer.name}」签到，{row.at.astimezone(turn.zone):%H:%M}"
    reply = say(
        turn,
        f"{arrived}，{_how_far(near, turn)}{_warning(customer)}"
        "聊完说一句就行，比如：见了王经理，订50箱原味酸奶，下周三前给报价。",
    )
    return reply + lead_touch.visited(customer.code, turn) + verdicts.position_arrived(row, turn)


def _how_far(near: Near | None, turn: Turn) -> str:
    if near is None:
        return "这家还没有登记位置，先记下这次的，多来几次我就认得了。"
    beside = f"（{near.place.words}）" if near.place.words else ""
    if near.metres > CLAIMABLE_METRES or near.metres > turn.rulebook.authenticity.place.reach_metres + (
        near.place.spread + turn.rulebook.authenticity.place.accuracy_cap_metres
    ):
        return f"离登记的位置有{_metres(near.metres)}{beside}，先按你说的记下，确认拜访后会请上级看一眼。"
    return f"距离约{_metres(near.metres)}{beside}。"


def _warning(customer: Customer) -> str:
    """What the master data says against this customer, in words."""
    return {
        "contact_left": "注意：这家的联系人已离职，先问清楚现在谁负责。",
        "competitor_exclusive": "注意：这家已和竞品签了独家。",
        "dormant": "注意：这家很久没有下单了。",
    }.get(customer.status, "")


def _which_one(row: CheckInRow, near: tuple[Near, ...]) -> Card:
    return Card(
        ref=f"check_in:{row.id}",
        revision=1,
        title=TITLE,
        subtitle="附近有几家都很近，点一下你在的那家。",
        lines=tuple(Line(label=_metres(n.metres).strip(), value=n.customer.name) for n in near),
        buttons=tuple(_button(n.customer) for n in near),
    )


def _nowhere(
    row: CheckInRow, found: Whereabouts, own: list[Customer], learned: dict[str, Place], turn: Turn
) -> Reply:
    """None of his customers is known to be here: perhaps one whose place nobody knows yet, or a colleague's."""
    placeless = [c for c in own if place_of(c, learned) is None and c.status != "closed"]
    claimable = [n.customer for n in found.near if n.metres <= CLAIMABLE_METRES]
    choices = [*placeless[: MOST_CHOICES - len(claimable)], *claimable]
    words = f"位置收到了，{_nearest(found.near)}{_colleagues(row, turn)}"
    if not choices:
        return say(turn, f"{words}到店后再发一次位置；如果是新客户，直接说“新客户”加店名。")
    card = Card(
        ref=f"check_in:{row.id}",
        revision=1,
        title=TITLE,
        subtitle="在下面就点一下，不在就直接说店名",
        buttons=tuple(_button(c) for c in choices),
    )
    return say(turn, words) + show(turn, card)


def _nearest(near: tuple[Near, ...]) -> str:
    if not near:
        return "你名下还没有带位置的客户。"
    return f"但附近没有你的客户：最近的「{near[0].customer.name}」在{_metres(near[0].metres)}外。"


def _colleagues(row: CheckInRow, turn: Turn) -> str:
    """A colleague's customer that is right here."""
    others = [
        c
        for c in turn.lexicon.customers.values()
        if c.position
        and abs(c.position.latitude - row.latitude) < AROUND
        and abs(c.position.longitude - row.longitude) < AROUND
        and c.owner_id not in (None, turn.person.id)
    ]
    found = whereabouts(position_of(row), others, turn.rulebook.authenticity.place, {})
    if found.result == "nowhere":
        return ""
    nearest = found.near[0].customer
    owner = turn.work.people.get(nearest.owner_id or "")
    whose = owner.name if owner else "同事"
    return f"「{nearest.name}」就在这里，是{whose}的客户；替他跑的话直接说“拜访了{nearest.name}”。"


def _button(customer: Customer) -> Button:
    return Button(id="choose", text=customer.name, value=customer.code)


def _metres(metres: float) -> str:
    return f" {metres / 1000:.1f} 公里" if metres >= 1000 else f" {metres:.0f} 米"
