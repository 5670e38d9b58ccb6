"""From the words that a model pointed at to records. A value is what the rules read in those words, never what a
model says it is; words that are not in the text are dropped, and so is everything that they would have filled.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.forms import FormField, Rulebook
from domain.intents.records import Command, RecordIntent, Said, Understanding
from nlu.dialogue.places import TYPES
from nlu.language.lexicon import Lexicon
from nlu.language.matching import compiled
from nlu.language.normalise import normalise
from nlu.language.quantities import Quantity
from nlu.language.said import said_value
from nlu.language.spans import Scan, Span, scan
from nlu.suggesting.request import Candidates, Pointed, PointedField, PointedRecord
from nlu.understanding import first_question

READ_BY_GRAMMAR = frozenset({"quantity", "number", "money", "date", "datetime", "competitor", "person"})
LONGEST_WORDS = 60
OBJECTIONS = ("price", "trust", "timing")


@dataclass(frozen=True)
class Vetting:
    """All that it takes to judge what a model pointed at in one text."""

    text: str
    now: datetime
    lexicon: Lexicon
    rulebook: Rulebook
    own: frozenset[str]
    candidates: Candidates

    def joined(self, rules: Understanding, pointed: Pointed) -> Understanding:
        """What the rules understood, with empty fields filled and missed records added.

        Nothing that the rules found is changed. A question or command stays one: then nothing is added.
        """
        records = [i for i in rules.intents if isinstance(i, RecordIntent)]
        if not records and any(isinstance(i, Command) and i.intent != "chitchat" for i in rules.intents):
            return rules
        others = tuple(i for i in rules.intents if not isinstance(i, RecordIntent))
        for suggested in self.records(pointed):
            self._join(records, suggested)
        intents = (*records, *(i for i in others if not records or i.intent != "chitchat"))
        question = rules.question or first_question(tuple(records), self.rulebook, self.lexicon)
        return Understanding(text=rules.text, intents=intents, question=question)

    def records(self, pointed: Pointed) -> Iterator[RecordIntent]:
        """The records that are left when everything unproven is dropped."""
        denied = {m.key for m in compiled(self.rulebook).negatives.find(self._scan(self.text).masked)}
        for one in pointed.records:
            form = self.rulebook.forms.get(one.form)
            if form is None or not form.cues or form.key in denied:
                continue
            fields = self._fields(one)
            if any(said.words for said in fields.values()):
                words = max((said.words for said in fields.values()), key=len)
                yield RecordIntent(form=form.key, fields=fields, words=words)

    def _join(self, records: list[RecordIntent], suggested: RecordIntent) -> None:
        same = next((i for i, r in enumerate(records) if _about_the_same(r, suggested)), None)
        if same is not None:
            fields = {**suggested.fields, **records[same].fields}
            records[same] = records[same].model_copy(update={"fields": fields})
            return
        spent = {said.words for r in records for said in r.fields.values() if _is_number(said)}
        if any(_is_number(said) and said.words in spent for said in suggested.fields.values()):
            return  # the rules read this number as something else
        records.append(suggested)

    def _fields(self, one: PointedRecord) -> dict[str, Said]:
        found: dict[str, Said] = {}
        form = self.rulebook.forms[one.form]
        for pointed in one.fields:
            field = form.field(pointed.field)
            quote = pointed.quote.strip()
            if field is None or field.hidden or not quote or quote not in self.text:
                continue
            if len(quote) <= LONGEST_WORDS:
                found |= self._value(field, quote, pointed)
        return found

    def _value(self, field: FormField, quote: str, pointed: PointedField) -> dict[str, Said]:
        if field.type in READ_BY_GRAMMAR:
            return self._read(field, quote)
        reader = self._readers().get(field.type)
        said = reader(field, quote, pointed.key) if reader else None
        return {field.id: said} if said else {}

    def _readers(self) -> dict[str, Callable[[FormField, str, str], Said | None]]:
        return {
            "customer": lambda f, quote, key: self._named("customer", quote, key, self.candidates.customers),
            "product": lambda f, quote, key: self._named("product", quote, key, self.candidates.products),
            "choice": lambda f, quote, key: (
                Said(value=key, words=quote) if key in {c.key for c in f.choices} else None
            ),
            "objections": lambda f, quote, key: Said(value=[key], words=quote) if key in OBJECTIONS else None,
            "flag": lambda f, quote, key: Said(value=True, words=quote) if key == "true" else None,
            "contact": lambda f, quote, key: Said(value=quote, words=quote) if len(quote) <= 8 else None,
            "text": lambda f, quote, key: Said(value=quote, words=quote),
        }

    def _read(self, field: FormField, quote: str) -> dict[str, Said]:
        """A number or date as our own grammar reads it; nothing where it reads none, or several."""
        spans = [s for s in self._scan(quote).spans if field.type in TYPES.get(s.kind, ())]
        said = said_value(spans[0], field, done=field.id == "happened_at") if len(spans) == 1 else None
        if said is None:
            return {}
        found = {field.id: said}
        if isinstance(spans[0].value, Quantity) and field.id == "quantity" and spans[0].value.unit:
            found["unit"] = Said(value=spans[0].value.unit, words=said.words)
        return found

    def _named(self, kind: str, quote: str, key: str, candidates: dict[str, str]) -> Said | None:
        """A name that our own lists recognise; another candidate is only ever asked about."""
        spans: list[Span] = [s for s in self._scan(quote).spans if s.kind == kind]
        said = said_value(spans[0], None, done=True) if len(spans) == 1 else None
        if said is not None and (said.value is not None or said.alternatives):
            return said
        return Said(value=None, words=quote, alternatives=(key,)) if key in candidates else None

    def _scan(self, text: str) -> Scan:
        return scan(normalise(text), self.now, self.lexicon, self.rulebook, self.own)


def _about_the_same(known: RecordIntent, suggested: RecordIntent) -> bool:
    return known.form == suggested.form and all(
        _agree(known.fields.get(key), suggested.fields.get(key)) for key in ("customer", "product")
    )


def _agree(known: Said | None, suggested: Said | None) -> bool:
    return known is None or suggested is None or suggested.value is None or known.value == suggested.value


def _is_number(said: Said) -> bool:
    return isinstance(said.value, int | float) and not isinstance(said.value, bool)
