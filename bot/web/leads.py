"""Leads on a page: a list by state, and one lead with everything that happened to it. Read through the policies."""

from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.lead_figures import EVERYBODY, by_team
from bot.web.pages import Asked, page
from bot.wiring import House
from domain.leads.capacity import limits_of
from domain.leads.first_touch import IN_TIME, UP_TO
from domain.leads.lead import EVENT_WORDS, FIELD_WORDS, STATE_WORDS
from domain.leads.merging import OTHERS
from domain.people import Person
from handlers.lead_cards import masked
from handlers.leads_mine import KNOWN, waited
from handlers.wording import yuan
from storage import lead_loads
from storage.lead_tables import HELD_STATES, LeadRow

MOST = 200
DAYS = (7, 30)
FIGURES_FOR = ("manager", "director", "operations", "admin")
DETAIL_WORDS = {
    "earlier": "以前的线索",
    "reporter": "登记人",
    "title": "职务",
    "phone_as_told": "原来写的电话",
    "tax_id_as_told": "原来写的税号",
}
TONES = {"won": "success", "following": "success", "accepted": "info", "offered": "info", "lost": "danger"}


def routes(house: House) -> list[Route]:
    return [
        Route("/leads", page(house, listed)),
        Route("/leads/figures", page(house, in_figures)),
        Route("/leads/{id}", page(house, one)),
    ]


def listed(asked: Asked) -> Response:
    state = asked.query.get("state", "")
    with asked.house.seen_by(asked.person) as seen:
        rows = seen.leads(states=(state,) if state in STATE_WORDS else (), limit=MOST)
        people, _ = seen.names((row.owner_id for row in rows if row.owner_id), ())
        lines = [_line(row, people, asked) for row in rows]
    counts = asked.person.role in FIGURES_FOR
    return asked.html("leads.html", lines=lines, states=STATE_WORDS, state=state, most=MOST, figures=counts)


def one(asked: Asked) -> Response:
    with asked.house.seen_by(asked.person) as seen:
        row = seen.lead(asked.request.path_params["id"])
        if row is None:
            raise HTTPException(404)
        events = seen.lead_events(row.id)
        named = {row.owner_id, *(e.person_id for e in events), *(e.who for e in events)}
        people, _ = seen.names((key for key in named if key), ())
        fields = _fields(row, asked.person)
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


def in_figures(asked: Asked) -> Response:
    """How soon leads are reached, and how much everybody holds: of those that this person sees."""
    asked.must_be(*FIGURES_FOR)
    days = next((n for n in DAYS if asked.query.get("days") == str(n)), DAYS[-1])
    with asked.house.store.read() as session:
        rules, _ = asked.house.knowledge.current(session)
        at_hand = {person.id for person in lead_loads.at_work(session, "rep", asked.now, asked.house.zone)}
    with asked.house.seen_by(asked.person) as seen:
        people = {key: (name, team) for key, name, team in lead_loads.everybodys_teams(seen.session)}
        leads = lead_loads.created_since(seen.session, asked.now - timedelta(days=days))
        held = lead_loads.held_now(seen.session)
    team_of = {key: team or name for key, (name, team) in people.items()}
    teams = by_team(leads, team_of, rules, asked.now, asked.house.zone)
    named = {lead.id: lead.name or lead.id for lead in leads}
    missed = [(key, named[key]) for key in teams[EVERYBODY].missed_high_value]
    loads = [
        {
            "name": people[key][0],
            "team": people[key][1],
            "counts": {state: count for state in HELD_STATES if (count := states.get(state))},
            "held": sum(states.values()),
            "most": limits_of(key, rules.leads.capacity).open,
            "away": key not in at_hand,
        }
        for key, states in sorted(held.items(), key=lambda one: -sum(one[1].values()))
        if key in people
    ]
    shown: dict[str, Any] = {
        "days": days,
        "choices": DAYS,
        "teams": teams,
        "up_to": UP_TO,
        "in_time": IN_TIME,
        "states": STATE_WORDS,
    }
    return asked.html("lead_figures.html", missed=missed[:MOST], loads=loads, **shown)


def _fields(row: LeadRow, person: Person) -> list[tuple[str, str]]:
    """Everything that is known of it, in words; the phone of one that he has not taken yet is on his card."""
    known = {name: getattr(row, name) for name in FIELD_WORDS if getattr(row, name)}
    if row.owner_id == person.id and row.state not in KNOWN and row.phone:
        known["phone"] = masked(row.phone)
    known |= {"value": yuan(row.value / 100)} if row.value else {}
    known |= {"products": "、".join(row.products)} if row.products else {}
    fields = [(FIELD_WORDS[name], str(value)) for name, value in known.items()]
    for name, value in row.details.items():
        if name == OTHERS:
            fields += [
                (f"另外说的{FIELD_WORDS.get(key, key.removeprefix('details.'))}", "、".join(map(str, others)))
                for key, others in value.items()
                if not (key == "phone" and known.get("phone") != row.phone)
            ]
        else:
            fields.append(
                (DETAIL_WORDS.get(name, str(name)), "、".join(value) if _are_words(value) else str(value))
            )
    return fields


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


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
