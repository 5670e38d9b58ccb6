"""What a text means: records to write down and things to do. Pure rules, no network, milliseconds.

Every value is taken from the words and carries them; what the words leave open is asked about.
"""

import re
from datetime import datetime

from domain.forms import Form, FormField, Rulebook
from domain.intents.records import Command, Question, RecordIntent, Said, Understanding
from nlu.language.breaths import part
from nlu.language.extraction import extract
from nlu.language.heard import mend
from nlu.language.lexicon import Lexicon
from nlu.language.normalise import normalise
from nlu.language.said import choices_for
from nlu.language.spans import scan

LONGEST = 4000
"""Letters that are read of one message; more than that is no note."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def understand(
    text: str,
    *,
    now: datetime,
    lexicon: Lexicon,
    rulebook: Rulebook,
    own: frozenset[str] = frozenset(),
    customer: str | None = None,
) -> Understanding:
    """Everything that `text` means, in the order it was said.

    `now` is aware and in the company's zone. `own` are the codes of the speaker's customers, who come first where a
    name is unclear. `customer` is the code of the customer whose visit is open. Numbers and money (yuan) are JSON
    numbers: an int where whole, else a float of at most three decimals. Times are ISO 8601 with offset, days
    YYYY-MM-DD. Never raises on any text.
    """
    source = normalise(
        text[:LONGEST], rulebook.words("speech", "fillers"), rulebook.words("speech", "stutters")
    )
    source = part(mend(source, rulebook), rulebook)
    found = extract(scan(source, now, lexicon, rulebook, own), now, rulebook, customer)
    intents = tuple(_without_doubtful(i, rulebook) for i in found.intents)
    return Understanding(text=text, intents=intents, question=first_question(intents, rulebook, lexicon))


def customer_named(
    text: str, *, now: datetime, lexicon: Lexicon, rulebook: Rulebook, own: frozenset[str] = frozenset()
) -> str | None:
    """The code of the one customer that a text surely names; None where it names none, or several."""
    source = normalise(text[:LONGEST])
    named = [s.value for s in scan(source, now, lexicon, rulebook, own).spans if s.kind == "customer"]
    sure = {mention.codes[0] for mention in named if mention.sure and len(mention.codes) == 1}
    return sure.pop() if len(sure) == 1 and len(named) == 1 else None


def first_question(
    intents: tuple[RecordIntent | Command, ...], rulebook: Rulebook, lexicon: Lexicon
) -> Question | None:
    """The first thing that keeps a record from being saved: a required field that is missing or has two readings."""
    for index, intent in enumerate(intents):
        if not isinstance(intent, RecordIntent):
            continue
        form = rulebook.forms[intent.form]
        for wanted in form.fields:
            if _blocks(wanted, form, intent):
                question = ask(wanted, form, index, intent.fields.get(wanted.id), lexicon)
                return _about(question, intent)
    return None


def _about(question: Question, intent: RecordIntent) -> Question:
    """「把报价发给华联」这件事由谁负责？: of what has a title, the title says which is meant."""
    title = intent.fields.get("title")
    if title is None or question.field == "title":
        return question
    return question.model_copy(update={"ask": f"「{title.value}」{question.ask}"})


def ask(wanted: FormField, form: Form, index: int, said: Said | None, lexicon: Lexicon) -> Question:
    """The question for one field, with the readings to choose from where there are some."""
    words = wanted.ask or f"{form.label}的{wanted.label}是什么？"
    readings = said.alternatives if said else ()
    if said and wanted.type == "customer":
        words = _ask_customer(said)
    elif said and wanted.type in ("date", "datetime"):
        if readings and not _ISO.match(str(readings[0])):
            return Question(
                field=wanted.id, ask=f"{readings[0]}，请告诉我正确的日期。", form=form.key, index=index
            )
        words = f"“{said.words}”是哪一天？"
    elif said and said.words and wanted.type == "person" and not readings:
        words = f"“{said.words}”还不知道是哪位同事，{words}"
    elif said and readings:
        words = (
            f"“{said.words}”具体是多少？"
            if wanted.type in ("quantity", "money", "number")
            else f"“{said.words}”是哪一个？"
        )
    choices = choices_for(readings, lexicon, wanted.type)
    if not said and wanted.type == "choice":
        choices = tuple((c.key, c.label) for c in wanted.choices)[:5]
    return Question(field=wanted.id, ask=words, choices=choices, form=form.key, index=index)


def _ask_customer(said: Said) -> str:
    if said.alternatives:
        return f"“{said.words}”是哪家客户？"
    return f"客户名单里没有“{said.words}”，请告诉我客户的全名；如果是新客户，请说“新客户”加店名。"


def _blocks(wanted: FormField, form: Form, intent: RecordIntent) -> bool:
    said = intent.fields.get(wanted.id)
    if said is not None:
        return said.value is None
    told = {name: one.words if one.value is None else one.value for name, one in intent.fields.items()}
    return form.wants(wanted, told)


def _without_doubtful(intent: RecordIntent | Command, rulebook: Rulebook) -> RecordIntent | Command:
    """Readings that only concern an optional field are left to the rep, except impossible or unclear days."""
    form = rulebook.forms.get(intent.form if isinstance(intent, RecordIntent) else intent.intent)
    if form is None:
        return intent
    kept = {}
    for name, said in intent.fields.items():
        wanted = form.field(name)
        optional = wanted is not None and not wanted.may_be_required
        if (
            said.value is None
            and optional
            and wanted is not None
            and wanted.type in ("product", "contact", "person", "competitor")
        ):
            continue
        kept[name] = said
    return intent.model_copy(update={"fields": kept})
