"""What comes next about a lead: the step of the SOP with its sentences, and what is offered there."""

from datetime import timedelta

from domain.cards import Card
from domain.leads.lead import Lead
from domain.leads.stages import Stage, sentences
from handlers import objection_taps
from handlers.company import working_time
from handlers.lead_cards import lead_card
from handlers.turn import Turn

STEP = 9
"""What a card about the next step is for: see `handlers.lead_cards.revision`."""


def step_card(lead: Lead, stage: Stage, turn: Turn, *, title: str = "下一步", subtitle: str = "") -> Card:
    """What to do, by when, how to say it; taps for the objections that are met here."""
    since = lead.last_follow_up_at or lead.touched_at or lead.created_at
    due = working_time(turn).after(since, timedelta(hours=stage.within)).astimezone(turn.zone)
    late = "（已经过了）" if due < turn.now else ""
    spoken = "\n".join(f"“{words}”" for words in said(lead, stage, turn))
    ask = f"要报价就说“给{lead.name}报个价，…50箱”。" if stage.quote else ""
    card = lead_card(
        lead,
        turn,
        purpose=STEP,
        title=title,
        subtitle=subtitle or f"{stage.label}：{stage.do}",
        note="\n".join(
            filter(None, [f"{due:%m月%d日 %H:%M} 前{late}；已跟进 {lead.follow_ups} 次。", spoken, ask])
        ),
        buttons=objection_taps.buttons(stage.objections),
        phone=True,
    )
    return card.model_copy(
        update={"ref": f"leadstep:{lead.id}", "revision": turn.inbox_id or lead.follow_ups}
    )


def said(lead: Lead, stage: Stage, turn: Turn) -> list[str]:
    products = (turn.lexicon.products.get(code) for code in lead.products)
    owner = turn.work.people.get(lead.owner_id) if lead.owner_id else None
    known = {
        "company": lead.company,
        "contact": lead.contact,
        "need": lead.need,
        "rep": owner.name if owner else "",
        "product": "、".join(product.name for product in products if product),
    }
    return sentences(stage, known)
