"""Help in the moment: what to say to an objection, and whether it helped."""

from datetime import datetime

from coaching.coach import Coach
from coaching.retrieval import Found, success_rates
from domain.cards import Button, Card
from domain.coaching import ObjectionCard, filled
from domain.errors import Refusal
from domain.forms import Rulebook
from domain.intents.records import Command
from domain.messages import Action
from handlers.turn import Reply, Turn, outcome, say, show
from handlers.wording import customer_name
from nlu.language.lexicon import Lexicon
from nlu.language.normalise import normalise
from nlu.language.objection_types import objection_types
from nlu.understanding import understand
from storage.tables import RecordRow

MOST = 3
NOT_ABOUT_A_CUSTOMER = frozenset(
    ("practise", "query_leads", "query_day", "query_customer", "daily_report", "help", "undo", "expense")
)
"""Commands that are never an objection. A record may be an objection that was misunderstood."""
SIGNS = "①②③"
TELLING = 8
"""Letters of a question that says what it is about: it gets the nearest cards, though none fits well."""
LATEST = 3
"""Records of the customer that may tell which product the talk is about."""
WHAT_DID_HE_SAY = "客户原话是怎么说的？比如“他说比蒙牛贵怎么回”“老板说做不了主怎么办”，我给你三句能直接用的。"
WHICH_HELPED = "哪一句用得上？点一下，没人用的会往后排。"
UNKNOWN_CARD = "这张话术已经从库里拿掉了，不用再评。"
ALREADY = "这次的三句你已经评过了，谢谢。"


def objection_help(intent: Command, turn: Turn) -> Reply:
    """The three best cards for the customer's words, filled with what is known of him, and how to rate them.

    A bare “怎么回” is about the objection of what was told last.
    """
    rows = _told_last(turn)
    found = _cards(intent.words, turn) or _cards(_objection_in(rows), turn)
    if not found and len(intent.words) >= TELLING:
        found = _cards(intent.words, turn, surely=True)
    if not found:
        return say(turn, WHAT_DID_HE_SAY)
    known = _known(intent.words, rows, turn)
    told = [as_said(one.card, known) for one in found]
    lines = [
        f"{sign} {card['line']}\n追问：{card['question']}\n拿给他看：{card['proof']}"
        for sign, card in zip(SIGNS, told, strict=False)
    ]
    return say(turn, "\n\n".join(lines)) + show(turn, _rating_card(told, turn.inbox_id or 0))


def useful(action: Action, occasion: int, turn: Turn) -> Reply:
    return _rated(action, occasion, turn, useful=True)


def useless(action: Action, occasion: int, turn: Turn) -> Reply:
    return _rated(action, occasion, turn, useful=False)


def cards_for(
    text: str,
    coach: Coach,
    now: datetime,
    lexicon: Lexicon,
    rulebook: Rulebook,
    *,
    top: int = MOST,
    success: dict[str, float] | None = None,
    surely: bool = False,
) -> list[Found]:
    """The best cards for what was said, best first; empty where it is no objection."""
    said = normalise(text, rulebook.words("speech", "fillers"), rulebook.words("speech", "stutters")).text
    heard = objection_types(text, now, lexicon, rulebook)
    meant = understand(text, now=now, lexicon=lexicon, rulebook=rulebook).intents
    if any(i.intent in NOT_ABOUT_A_CUSTOMER for i in meant):
        return []
    report = any(i.intent == "record" for i in meant)
    return coach.index.search(said, top=top, heard=heard, success=success, report=report, surely=surely)


def as_said(card: ObjectionCard, known: dict[str, str]) -> dict[str, str]:
    """The card in words, its blanks filled with what is known of this customer."""
    return {
        "id": card.id,
        "type": card.type,
        "line": filled(card.line, known),
        "question": filled(card.question, known),
        "proof": filled(card.proof, known),
    }


def _cards(text: str, turn: Turn, *, surely: bool = False) -> list[Found]:
    if not text:
        return []
    success = success_rates(turn.work.feedback.counts())
    return cards_for(
        text, turn.coach(), turn.local_now, turn.lexicon, turn.rulebook, success=success, surely=surely
    )


def _told_last(turn: Turn) -> list[RecordRow]:
    """The records of the open proposal, else the latest of the customer whom the talk is about."""
    top = turn.dialogue.top
    if top and top.kind == "proposal":
        return turn.work.records.of_proposal(top.id)
    customer = turn.dialogue.current_customer(turn.now)
    return turn.work.records.of_customer(customer, turn.person.id, limit=LATEST) if customer else []


def _objection_in(rows: list[RecordRow]) -> str:
    """The customer's words where one of the records has an objection."""
    return next((row.sources.get("objections", "") for row in rows if row.data.get("objections")), "")


def _known(text: str, rows: list[RecordRow], turn: Turn) -> dict[str, str]:
    """What can be filled in: from the words, else from the records. Nothing is guessed."""
    names = turn.lexicon.find(text, turn.lexicon.owned_by(turn.person.id))
    said = {name.kind: name.keys[0] for name in names if len(name.keys) == 1}
    product = said.get("product") or next((str(r.data["product"]) for r in rows if r.data.get("product")), "")
    customer = said.get("customer") or next((r.customer_code for r in rows if r.customer_code), None)
    known_product = turn.lexicon.products.get(product)
    return {
        "product": known_product.name if known_product else "",
        "competitor": said.get("competitor", ""),
        "customer": customer_name(customer, turn) if customer else "",
        "contact": next((str(r.data["contact"]) for r in rows if r.data.get("contact")), ""),
    }


def _rating_card(told: list[dict[str, str]], occasion: int) -> Card:
    buttons = [
        Button(id=which, text=f"{sign}{label}", value=card["id"])
        for sign, card in zip(SIGNS, told, strict=False)
        for which, label in (("useful", "有用"), ("useless", "没用"))
    ]
    return Card(ref=f"objection:{occasion}", revision=0, title=WHICH_HELPED, buttons=tuple(buttons))


def _rated(action: Action, occasion: int, turn: Turn, *, useful: bool) -> Reply:
    card = turn.coach().library.card(action.value)
    if card is None:
        raise Refusal(UNKNOWN_CARD)
    if not turn.work.feedback.keep(card.id, useful=useful, occasion=occasion):
        raise Refusal(ALREADY)
    good, n = turn.work.feedback.counts()[card.id]
    status = f"记下了：{'有用' if useful else '没用'}（{n} 次评价里 {good} 次有用）"
    return outcome(turn, Card(ref=f"objection:{occasion}", revision=0, title=WHICH_HELPED, status=status))
