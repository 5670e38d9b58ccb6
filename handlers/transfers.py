"""Customers pass from one person to another, or into the public pool: said, shown, confirmed, audited.

For people who leave, or change their district. Administrators and operations do it for everybody, managers inside
their own teams (`config/policies/customers.yaml`).
"""

import re
from datetime import timedelta

from domain.cards import Button, Card, Line, Text, Tone
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.approvals import Transfer
from domain.intents.events import Tap
from domain.messages import Action
from domain.people import Person
from handlers.turn import Reply, Turn, View, outcome, show, tell
from nlu.dialogue.replies import reply_word
from nlu.teaching import things_named
from storage import transfers
from storage.transfers import TransferRow

ALL_OF = re.compile(
    r"^(?:请|麻烦)?(?:你)?(?:把|将)?(?P<giver>[^，。！？\s把将]{1,12}?)(?:名下|手上|手里)?的?(?:全部|所有)?(?:客户|门店)"
    r"(?:都|全都|全部|全)?(?:(?:交接|转交|移交|交|转|划|分)给(?P<taker>[^，。！？\s]{1,12}?)(?:负责|跟进|来管|管)?"
    r"|(?:放到|放回|放进|退回|转到|转入|划到)公海)[。！!]?$"
)
ONE_SHOP = re.compile(
    r"^(?:请|麻烦)?(?:你)?(?:把|将)(?P<shop>[^，。！？]{2,30}?)(?:(?:交接|转交|移交|交|转|划|分)给(?P<taker>[^，。！？\s]{1,12}?)"
    r"(?:负责|跟进|来管|管)?|(?:放到|放回|放进|退回|转到|转入|划到)公海)[。！!]?$"
)
PREVIEW_HOLDS = timedelta(days=1)
EXAMPLES = 5
PUBLIC = "公海"
BUTTONS = (
    Button(id="confirm", text="确认交接", style="primary"),
    Button(id="drop", text="不交了"),
)
ENDED = {"done": "已经交接过了", "dropped": "已经取消了"}


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """What words mean about handing customers over. Pure."""
    top = view.dialogue.top
    if top and top.kind == "transfer" and (button := reply_word(text)) in ("confirm", "drop"):
        return (Tap(action=Action(button=button, ref=f"transfer:{top.id}")),)
    if match := ALL_OF.match(text.strip()):
        return (Transfer(giver=match["giver"], taker=match["taker"] or ""),)
    match = ONE_SHOP.match(text.strip())
    shops = things_named(match["shop"], view.lexicon, view.rulebook) if match else []
    if match is None or len(shops) != 1 or not shops[0].startswith("customer:"):
        return ()
    return (Transfer(customer=shops[0].partition(":")[2], taker=match["taker"] or ""),)


def preview(intent: Transfer, turn: Turn) -> Reply:
    """Show what would pass to whom. Raises Refusal where somebody is not known, or may not do it."""
    if intent.customer:
        customer = turn.work.customers.get(intent.customer)
        if customer is None or customer.owner_id is None:
            raise Refusal("这家客户在公海里，没有负责人可以交接。要分给谁，请在客户资料里填负责人。")
        giver = _one(customer.owner_id, turn)
        owned = [(customer.code, customer.name)]
    else:
        giver = _one(intent.giver, turn)
        owned = transfers.customers_of(turn.work.session, giver.id)
    taker = _one(intent.taker, turn) if intent.taker else None
    _must_be_allowed(giver, taker, turn)
    if taker and (taker.id == giver.id or not taker.active):
        raise Refusal(f"{taker.name}{'已经离职' if not taker.active else '就是现在的负责人'}，不能交给他。")
    if not owned:
        raise Refusal(f"{giver.name} 名下没有客户，不用交接。")
    row = transfers.propose(
        turn.work.session,
        giver.id,
        taker.id if taker else None,
        [code for code, _ in owned],
        who=turn.person.id,
        now=turn.now,
    )
    turn.work.records.audit(f"transfer:{row.id}", "state", None, "proposed", f"{len(owned)} 家客户")
    turn.dialogue = turn.dialogue.opened("transfer", row.id or 0)
    return show(turn, _card(row, giver, taker, [name for _, name in owned]))


def confirm(action: Action, transfer_id: int, turn: Turn) -> Reply:
    row = _mine(transfer_id, turn)
    giver, taker = _one(row.from_id, turn), _one(row.to_id, turn) if row.to_id else None
    _must_be_allowed(giver, taker, turn)
    if turn.now - row.created_at > PREVIEW_HOLDS:
        raise Refusal("这张预览是一天以前的，客户可能变了。请重新说一次，我再列给你看。")
    if not transfers.decide(turn.work.session, row, "done", turn.now):
        raise Refusal(f"这次交接{ENDED[row.state]}。")
    turn.dialogue = turn.dialogue.closed("transfer", transfer_id)
    moved = transfers.carry_out(turn.work.records, row)
    turn.work.records.audit(f"transfer:{row.id}", "state", "proposed", "done", f"交接 {len(moved)} 家")
    names = [_name(code, turn) for code in moved]
    left = len(row.codes) - len(moved)
    status = f"已交接 {len(moved)} 家" + (f"，{left} 家已经不归 {giver.name}，没有动" if left else "")
    whom = taker.name if taker else PUBLIC
    reply = outcome(turn, _card(row, giver, taker, names, status, "success"))
    told = f"{turn.person.name} 把 {giver.name} 的 {len(moved)} 家客户交给了{whom}：{_some(names)}。"
    for person in (taker, giver):
        if person and person.active and person.id != turn.person.id:
            reply += tell(person.id, Text(text=told))
    return reply


def drop(action: Action, transfer_id: int, turn: Turn) -> Reply:
    row = _mine(transfer_id, turn)
    if not transfers.decide(turn.work.session, row, "dropped", turn.now):
        raise Refusal(f"这次交接{ENDED[row.state]}。")
    turn.dialogue = turn.dialogue.closed("transfer", transfer_id)
    turn.work.records.audit(f"transfer:{row.id}", "state", "proposed", "dropped")
    giver, taker = _one(row.from_id, turn), _one(row.to_id, turn) if row.to_id else None
    names = [_name(code, turn) for code in row.codes]
    return outcome(turn, _card(row, giver, taker, names, "没有交接", "warning"))


def _one(words: str, turn: Turn) -> Person:
    found = transfers.people_named(turn.work.session, words)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(f"我不知道“{words}”是谁。请说全名，或者通讯录里的编号。")
    raise Refusal(
        f"“{words}”有 {len(found)} 个人：{'、'.join(f'{p.name}（{p.id}）' for p in found)}。请说编号。"
    )


def _must_be_allowed(giver: Person, taker: Person | None, turn: Turn) -> None:
    rule, me = turn.rulebook.policies.customers, turn.person
    if me.role in rule.hand_over_by:
        return
    if me.role not in rule.hand_over_in_team_by:
        raise Refusal("客户交接要由管理员、运营或经理来做，请找他们。")
    team = transfers.below(turn.work.session, me.id)
    outside = [p.name for p in (giver, taker) if p and p.id not in team]
    if outside or taker is None:
        who = "、".join(outside) or PUBLIC
        raise Refusal(f"经理只能在自己的团队里交接，{who}不在里面。请找管理员或运营。")


def _mine(transfer_id: int, turn: Turn) -> TransferRow:
    row = turn.work.session.get(TransferRow, transfer_id)
    if row is None or row.who != turn.person.id:
        raise Refusal("没有找到这次交接，请重新说一次。")
    return row


def _card(
    row: TransferRow,
    giver: Person,
    taker: Person | None,
    names: list[str],
    status: str = "",
    tone: Tone = "info",
) -> Card:
    left = "" if giver.active else "（已离职）"
    return Card(
        ref=f"transfer:{row.id}",
        revision=1,
        title="客户交接",
        subtitle="" if status else "确认后马上换负责人，历史记录跟着客户走",
        lines=(
            Line(label="从", value=f"{giver.name}{left}"),
            Line(label="交给", value=taker.name if taker else PUBLIC),
            Line(label="客户", value=f"{len(names)} 家：{_some(names)}"),
        ),
        status=status,
        tone=tone,
        buttons=() if status else BUTTONS,
    )


def _some(names: list[str]) -> str:
    return "、".join(names[:EXAMPLES]) + ("等" if len(names) > EXAMPLES else "")


def _name(code: str, turn: Turn) -> str:
    known = turn.lexicon.customers.get(code)
    return known.name if known else code
