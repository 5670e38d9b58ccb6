"""Training on a page: the team's skills and gates, calibration, the objections of the field, and the ramp."""

from datetime import timedelta

from starlette.responses import Response
from starlette.routing import Route

from bot.web.pages import Asked, page
from bot.wiring import House
from coaching.path import TYPES
from handlers import training_figures as figures
from handlers.wording import OBJECTIONS
from storage import training

ROLES = ("trainer", "manager", "director", "operations", "admin")
SINCE = timedelta(days=180)


def routes(house: House) -> list[Route]:
    return [Route("/training", page(house, show))]


def show(asked: Asked) -> Response:
    asked.must_be(*ROLES)
    house, now = asked.house, asked.now
    coach = house.worker.coach()
    with house.seen_by(asked.person) as seen:
        talks = training.talks_by_person(seen.session, now - SINCE)
        people = [p for p in training.learners(seen.session) if p.id in talks or p.hired_on]
        team = [figures.learner(p, talks.get(p.id, []), coach, now, house.zone) for p in people]
        appeals = figures.agreement(training.appeals(seen.session), coach)
    with house.store.read() as session:
        field = figures.in_the_field(session, coach, now)
        ramp = figures.ramp_in_words(figures.first_orders(session, now, house.zone))
    return asked.html(
        "training.html",
        team=team,
        types=[OBJECTIONS[kind] for kind in TYPES],
        appeals=appeals,
        field=field,
        days=figures.FIELD_DAYS,
        ramp=ramp,
    )
