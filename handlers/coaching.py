"""Help in the moment."""

from datetime import datetime

from coaching.coach import Coach
from coaching.retrieval import Found
from domain.forms import Rulebook
from nlu.language.heard import objection_types
from nlu.language.lexicon import Lexicon
from nlu.language.normalise import normalise
from nlu.understanding import understand

MOST = 3


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
    report = any(i.intent not in ("objection_help", "chitchat") for i in meant)
    return coach.index.search(said, top=top, heard=heard, success=success, report=report, surely=surely)
