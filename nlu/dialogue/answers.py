"""Words as the answer to a proposal's open question, and whatever is told in the same breath."""

import re
from datetime import datetime

from domain.forms import FormField, Rulebook
from domain.intents.records import Question, RecordIntent, Said
from domain.intents.talk import Change
from nlu.dialogue.changes import bare_numbers, changes_at
from nlu.dialogue.places import TYPES, Place
from nlu.language.lexicon import Lexicon
from nlu.language.mentions import Mention
from nlu.language.numbers import exact
from nlu.language.said import said_value
from nlu.language.spans import Scan, Span

_SIGNS = "，。！？ "
_PADDING = re.compile(r"[，。！？\s是就的了吧啊呢在给大概一共总共差不多应该]")
LONGEST_ANSWER = 24
MOST_SPARE = 4
"""Letters beside the value that an answer may have before it is taken for something else."""


def answer(
    seen: Scan,
    records: tuple[RecordIntent, ...],
    question: Question,
    lexicon: Lexicon,
    rulebook: Rulebook,
    own: frozenset[str],
) -> list[Change]:
    """The text as an answer to the question; empty where it is none."""
    field = rulebook.forms[records[question.index].form].field(question.field)
    words = seen.source.text.strip(_SIGNS)
    if field is None or not words or len(words) > LONGEST_ANSWER:
        return []
    place = Place(question.index, field, records[question.index].fields.get(field.id))
    picked = chosen(words, question)
    if picked is not None:
        return [Change(index=place.index, field=field.id, said=Said(value=typed(field, picked), words=words))]
    span = _fitting(seen, field, lexicon, own, words)
    if span is None:
        return []
    if field.type == "customer":
        said = said_value(span, field, done=True)
        return (
            [Change(index=i, field=field.id, said=said) for i in waiting(records, question, rulebook)]
            if said
            else []
        )
    return changes_at(place, span, records)


def beside(
    spans: list[Span], records: tuple[RecordIntent, ...], index: int, rulebook: Rulebook, now: datetime
) -> list[Change]:
    """Values told beside an answer (王经理，下周三送): each goes to the one empty field that takes it."""
    changes: list[Change] = []
    for span in spans:
        empty = [
            changes_at(Place(index, field, None), span, records)
            for field in rulebook.forms[records[index].form].fields
            if field.type in TYPES.get(span.kind, ())
            and not field.hidden
            and field.id not in records[index].fields
        ]
        fitting = [made for made in empty if made and _in_its_time(made[0], records[index], now)]
        changes += fitting[0] if len(fitting) == 1 else []
    return changes


def _in_its_time(change: Change, record: RecordIntent, now: datetime) -> bool:
    """What happened lies behind us, every other date of a record ahead; a plan happens ahead as well."""
    value = change.said.value
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return True
    ahead = value[:10] >= now.date().isoformat()
    return ahead != (change.field == "happened_at" and "planned" not in record.fields)


def chosen(words: str, question: Question) -> str | None:
    """Which of the choices is meant: 第一个, the label itself, or a part that only one label has."""
    ordinal = re.fullmatch(r"第?([一二三四五12345])(?:个|家|项|处)?", words)
    if ordinal and question.choices and (words.startswith("第") or len(words) == 1):
        number = int(exact(ordinal[1]) or 0)
        return question.choices[number - 1][0] if 0 < number <= len(question.choices) else None
    exactly = [value for value, label in question.choices if words == label]
    if exactly or not question.pending:
        return exactly[0] if exactly else None
    core = re.sub(r"(?:那|这)?(?:个|条|一条|一个|的)+$", "", words)
    partly = [value for value, label in question.choices if len(core) >= 2 and core in label]
    return partly[0] if len(partly) == 1 else None


def typed(field: FormField, value: str) -> float | int | str:
    """A choice comes as text; numbers and money become numbers again."""
    if field.type not in ("quantity", "money", "number"):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def waiting(records: tuple[RecordIntent, ...], question: Question, rulebook: Rulebook) -> list[int]:
    """The records that the answer is for: a customer is the answer for all that wait for the same one."""
    if question.field != "customer":
        return [question.index]
    asked = _words(records[question.index])
    return [
        i
        for i, record in enumerate(records)
        if rulebook.forms[record.form].field("customer") and _unknown(record) and _words(record) == asked
    ]


def _unknown(record: RecordIntent) -> bool:
    said = record.fields.get("customer")
    return said is None or said.value is None


def _words(record: RecordIntent) -> str:
    said = record.fields.get("customer")
    return said.words if said else ""


def _fitting(seen: Scan, field: FormField, lexicon: Lexicon, own: frozenset[str], words: str) -> Span | None:
    """The one value of the text that the field can take, as long as hardly anything else is said."""
    spare = _PADDING.sub("", seen.masked)
    fitting = [s for s in seen.spans if field.type in TYPES.get(s.kind, ()) and s.at >= 0]
    if len(fitting) == 1 and len(spare) <= MOST_SPARE:
        return fitting[0]
    if fitting:
        return None
    if field.type in ("quantity", "money", "number") and len(spare) <= MOST_SPARE + 2:
        bare = next(bare_numbers(seen), None)
        return bare if bare and bare.start == 0 else None
    if field.type == "customer" and len(words) <= 16 and not seen.spans:
        link = lexicon.link(words, own)
        if link.code or link.candidates:
            codes = (link.code,) if link.code else link.candidates
            return Span(0, len(words), "customer", Mention(codes, words, link.code is not None), words, 0)
    if field.type in ("contact", "text") and len(words) <= 12 and not seen.spans:
        return Span(0, len(words), "text", words, words, 0)
    return None
