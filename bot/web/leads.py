"""Leads on a page: a list by state, and one lead with everything that happened to it. Read through the policies."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.web.pages import Asked, page
from bot.wiring import House
from domain.leads.lead import EVENT_WORDS, STATE_WORDS
from handlers.leads_mine import waited
from storage.lead_tables import LeadRow

MOST = 200
TONES = {"won": "success", "following": "success", "accepted": "info", "offered": "info", "lost": "danger"}
LABELS = {
    "contact": "联系人",
    "phone": "电话",
    "tax_id": "税号",
    "city": "城市",
    "district": "区",
    "address": "地址",
    "need": "需求",
    "source": "来源",
    "level": "级别",
    "customer_code": "客户编码",
    "lost_reason": "流失原因",
}


def routes(house: House) -> list[Route]:
    return [Route("/leads", page(house, listed)), Route("/leads/{id}", page(house, one))]


def listed(asked: Asked) -> Response:
    state = asked.query.get("state", "")
    with asked.house.seen_by(asked.person) as seen:
        rows = seen.leads(states=(state,) if state in STATE_WORDS else (), limit=MOST)
        people, _ = seen.names((row.owner_id for row in rows if row.owner_id), ())
        lines = [_line(row, people, asked) for row in rows]
    return asked.html("leads.html", lines=lines, states=STATE_WORDS, state=state, most=MOST)


def one(asked: Asked) -> Response:
    with asked.house.seen_by(asked.person) as seen:
        row = seen.lead(asked.request.path_params["id"])
        if row is None:
            raise HTTPException(404)
        events = seen.lead_events(row.id)
        named = {row.owner_id, *(e.person_id for e in events), *(e.who for e in events)}
        people, _ = seen.names((key for key in named if key), ())
        fields = [(label, getattr(row, name)) for name, label in LABELS.items() if getattr(row, name)]
        fields += [("产品", "、".join(row.products))] if row.products else []
        fields += [(str(name), str(value)) for name, value in row.details.items()]
        history = [
            {
                "at": event.at.astimezone(asked.house.zone),
                "what": EVENT_WORDS.get(event.kind, event.kind),
                "whom": people.get(event.person_id or "", event.person_id or ""),
                "who": people.get(event.who, event.who),
                "reason": event.reason,
            }
            for event in events
        ]
        line = _line(row, people, asked)
    return asked.html("lead.html", lead=line, fields=fields, history=history)


def _line(row: LeadRow, people: dict[str, str], asked: Asked) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.company or row.contact or row.id,
        "contact": row.contact,
        "place": " ".join(filter(None, [row.city, row.district])),
        "owner": people.get(row.owner_id or "", row.owner_id or "（还没有人）"),
        "state": STATE_WORDS.get(row.state, row.state),
        "tone": TONES.get(row.state, ""),
        "at": row.received_at.astimezone(asked.house.zone),
        "waited": waited(asked.now - row.received_at) if not row.touched_at else "",
        "merged_into": row.merged_into,
    }
