"""Decisions on a page: what waits for whoever is signed in, as on his cards, decided by the same rules.

A decision here is a turn like a tap in the chat: one wins, everybody's card shows it.
"""

from collections.abc import Callable

from sqlmodel import Session
from starlette.responses import Response
from starlette.routing import Route

from bot.post import Cause, Sender, post
from bot.web.pages import Asked, go_to, number, page
from bot.wiring import House
from domain.errors import Refusal
from domain.intents.approvals import Reason
from domain.messages import Action
from handlers import approvals
from handlers.turn import Reply, Turn
from storage import conversations
from storage.work import work_of

LONGEST_REASON = 200


def routes(house: House) -> list[Route]:
    return [
        Route("/approvals", page(house, listed)),
        Route("/approvals/{id}", page(house, decided), methods=["POST"]),
    ]


def listed(asked: Asked) -> Response:
    with asked.house.store.read() as session:
        turn = _turn(asked, session)
        waiting = approvals.waiting_cards(turn)
    return asked.html("approvals.html", waiting=waiting)


def decided(asked: Asked) -> Response:
    """Agree, or refuse with a reason. Raises Refusal where the matter is no longer his or already decided."""
    approval = number(asked.request.path_params["id"])
    reason = str(asked.form.get("reason", "")).strip()[:LONGEST_REASON]
    wanted = str(asked.form.get("decision", ""))
    if wanted == "reject" and not reason:
        raise Refusal("驳回要写原因，申请人会看到。请返回补上。")
    doing: dict[str, Callable[[Turn], Reply]] = {
        "approve": lambda turn: approvals.approve(Action(button="approve", ref=""), approval, turn),
        "reject": lambda turn: approvals.reject_because(Reason(approval=approval, words=reason), turn),
    }
    if wanted not in doing:
        raise Refusal("没有看懂要做什么，请返回再点一次。")
    with asked.house.store.write() as session:
        turn = _turn(asked, session)
        with turn.work.attempt():
            reply = doing[wanted](turn)
        cause = Cause(f"web:approval:{approval}:{wanted}", asked.now, asked.house.zone)
        post(session, reply, Sender(turn.person.id), cause)
    asked.house.calls["courier"].set()
    return go_to("/manage/approvals")


def _turn(asked: Asked, session: Session) -> Turn:
    house, person = asked.house, asked.person
    rulebook, lexicon = house.knowledge.current(session)
    dialogue, _ = conversations.load(session, person.id)
    work = work_of(session, who=person.id, now=asked.now, inbox_id=None)
    return Turn(asked.now, house.zone, person, "web", None, dialogue, rulebook, lexicon, work)
