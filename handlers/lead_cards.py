"""A lead as its owner, and his manager, see it.

The phone stands on the card of whoever took the lead; on all others, also those of a lead that moved on, it is masked.
"""

from collections.abc import Sequence

from domain.cards import Button, Card, Line, Tone
from domain.leads.lead import Lead
from handlers.turn import Turn
from handlers.wording import yuan

TAKE = Button(id="take", text="接手", style="primary")
CALL = Button(id="call", text="打电话")
PASS = Button(id="pass", text="转出")
OFFERED, ACCEPTED, REMINDED, TOLD = range(4)
"""What a card of one round is for; with the round it is the card's revision."""
PER_ROUND = 10


def revision(lead: Lead, purpose: int) -> int:
    return lead.round * PER_ROUND + purpose


def round_of(card_revision: int) -> int:
    return card_revision // PER_ROUND


def lead_card(
    lead: Lead,
    turn: Turn,
    *,
    title: str,
    purpose: int = OFFERED,
    subtitle: str = "",
    note: str = "",
    status: str = "",
    tone: Tone = "info",
    buttons: Sequence[Button] = (),
    phone: bool = False,
) -> Card:
    number = lead.phone if phone else masked(lead.phone)
    products = "、".join(
        known.name if (known := turn.lexicon.products.get(code)) else code for code in lead.products
    )
    value = f"预计 {yuan(lead.value / 100)}" if lead.value else ""
    rows = (
        ("联系人", " ".join(filter(None, (lead.contact, number)))),
        ("地区", " ".join(filter(None, (lead.city, lead.district)))),
        ("需求", lead.need),
        ("产品", products),
        ("来源", " ".join(filter(None, (lead.source, f"{lead.level}级" if lead.level else "", value)))),
    )
    return Card(
        ref=f"lead:{lead.id}",
        revision=revision(lead, purpose),
        title=f"{title}：{lead.name}",
        subtitle=subtitle,
        lines=tuple(Line(label=label, value=value) for label, value in rows if value),
        note=note,
        status=status,
        tone=tone,
        buttons=tuple(buttons),
    )


def masked(phone: str) -> str:
    """13900000001 → 139****0001"""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "*" * len(phone)


def closed_card(
    lead: Lead, turn: Turn, status: str, tone: Tone = "info", of_round: int | None = None
) -> Card:
    """What becomes of every card about the lead: without buttons, with what happened."""
    shown = lead if of_round is None else lead.model_copy(update={"round": of_round})
    return lead_card(shown, turn, title="线索", status=status, tone=tone)
