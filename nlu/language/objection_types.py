"""Which types of objection the cues of the lexicon hear in a text, whoever it is told of."""

from datetime import datetime

from domain.forms import Rulebook
from nlu.language.lexicon import Lexicon
from nlu.language.matching import compiled
from nlu.language.normalise import normalise
from nlu.language.spans import scan


def objection_types(text: str, now: datetime, lexicon: Lexicon, rulebook: Rulebook) -> frozenset[str]:
    """price, trust, timing; empty where none was heard."""
    source = normalise(text, rulebook.words("speech", "fillers"), rulebook.words("speech", "stutters"))
    masked = scan(source, now, lexicon, rulebook, frozenset()).masked
    cues = compiled(rulebook)
    void = list(cues.not_objections.find(masked))
    return frozenset(
        match.key
        for match in cues.objections.find(masked)
        if not any(v.key == match.key and v.solid & match.solid for v in void)
    )
