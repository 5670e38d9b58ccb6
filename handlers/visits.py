"""Check-in: a shared position becomes a visit's first proof."""

from domain.cards import Button, Card, Line
from domain.check_ins import Near, whereabouts
from domain.errors import Refusal
from domain.intents import CheckIn
from domain.messages import Action
from domain.people import Customer
from domain.positions import Position
from handlers.turn import Reply, Turn, outcome, say, show
from storage.tables import CheckInRow


def check_in(intent: CheckIn, turn: Turn) -> Reply:
    """Check the sender in at the nearest of his own customers; ask where several are as near."""
    found = whereabouts(intent.position, turn.work.customers.owned_by(turn.person.id))
    row = turn.work.check_ins.add(
        CheckInRow(
            person_id=turn.person.id,
            state="asked" if found.result == "unclear" else found.result,
            latitude=intent.position.latitude,
            longitude=intent.position.longitude,
            datum=intent.position.datum,
            accuracy=intent.position.accuracy,
            label=intent.position.label,
            at=turn.now,
            inbox_id=turn.inbox_id,
        )
    )
    if found.result == "at":
        return _arrive(row, found.near[0], turn)
    if found.result == "unclear":
        return show(turn, _which_one(row, found.near))
    return say(turn, _nowhere(found.near))


def choose(action: Action, check_in_id: int, turn: Turn) -> Reply:
    """The rep says which of the customers nearby he is at."""
    row = turn.work.check_ins.get(check_in_id)
    customer = turn.work.customers.get(action.value)
    if (
        row is None
        or row.person_id != turn.person.id
        or customer is None
        or customer.owner_id != turn.person.id
    ):
        raise Refusal("没有找到这次签到，请重新发一次位置。")
    if row.state == "done":
        already = turn.work.customers.get(row.customer_code or "")
        raise Refusal(f"这次已经在「{already.name if already else row.customer_code}」签到了。")
    near = [
        n
        for n in whereabouts(_position(row), turn.work.customers.owned_by(turn.person.id)).near
        if n.customer.code == customer.code
    ]
    if not near:
        raise Refusal(f"「{customer.name}」离你发的位置太远，请到店里再发一次位置。")
    card = Card(
        ref=f"check_in:{row.id}",
        revision=1,
        title="签到在哪家客户？",
        status=f"已在「{customer.name}」签到",
        tone="success",
    )
    return outcome(turn, card) + _arrive(row, near[0], turn)


def _arrive(row: CheckInRow, near: Near, turn: Turn) -> Reply:
    customer = near.customer
    row.customer_code, row.distance, row.state = customer.code, round(near.metres, 1), "done"
    turn.work.check_ins.add(row)
    turn.dialogue = turn.dialogue.at(customer.code, turn.now, row.id)
    warning = _warning(customer)
    return say(
        turn,
        f"已在「{customer.name}」签到，{turn.local_now:%H:%M}，距离约 {near.metres:.0f} 米。"
        f"{warning}聊完说一句就行，比如：见了王经理，订50箱原味酸奶，下周三前给报价。",
    )


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
        title="签到在哪家客户？",
        subtitle="附近有几家都很近，点一下你在的那家。",
        lines=tuple(Line(label=f"{n.metres:.0f} 米", value=n.customer.name) for n in near),
        buttons=tuple(Button(id="choose", text=n.customer.name, value=n.customer.code) for n in near),
    )


def _nowhere(near: tuple[Near, ...]) -> str:
    if not near:
        return "位置收到了。你名下还没有带位置的客户，直接说你在拜访谁就行，我照样记录。"
    far = near[0].metres
    how_far = f"{far / 1000:.1f} 公里" if far >= 1000 else f"{far:.0f} 米"
    return (
        f"位置收到了，但附近没有你的客户：最近的「{near[0].customer.name}」在 {how_far} 外。"
        "到店后再发一次位置；如果是新客户，直接说“新客户”加店名。"
    )


def _position(row: CheckInRow) -> Position:
    return Position.model_validate(
        {
            "latitude": row.latitude,
            "longitude": row.longitude,
            "datum": row.datum,
            "accuracy": row.accuracy,
            "label": row.label,
        }
    )
