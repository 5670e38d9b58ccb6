"""What words do to proposed records: 改成60箱, 客户是永旺超市望京店, 去掉联系人, or an answer to what was asked.

A correction names a new value, and by its type, its unit, a label, a form, a product or the old value, where it goes.
Where two places fit, it is asked; nothing is overwritten on a guess.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from domain.forms import Rulebook
from domain.intents.records import Question, RecordIntent, Said
from domain.intents.talk import Change
from nlu.dialogue.answers import answer, beside, chosen, typed, waiting
from nlu.dialogue.changes import applied, bare_numbers, changes_at, everywhere
from nlu.dialogue.places import Place, all_places, names_of, places_for, which
from nlu.dialogue.removals import removal
from nlu.language.extraction import extract
from nlu.language.lexicon import Lexicon
from nlu.language.matching import word_pattern
from nlu.language.normalise import normalise
from nlu.language.spans import Scan, Span, scan
from nlu.understanding import first_question, understand

LONGEST = 200
LONGEST_TEXT_VALUE = 60
SKIPPED = "待补"
"""Stands in for a value that was not given, so that the next question is looked for behind it."""
_CLAUSE = re.compile(r"[，。！；,!;]")


@dataclass(frozen=True)
class Correction:
    """`changes` to make, records to drop and to add; `question` is what is still open afterwards."""

    changes: tuple[Change, ...] = ()
    question: Question | None = None
    drops: tuple[int, ...] = ()
    adds: tuple[RecordIntent, ...] = ()


@dataclass(frozen=True)
class Reader:
    """Corrects the records of one proposal; all that it takes to understand a text."""

    records: tuple[RecordIntent, ...]
    question: Question | None
    now: datetime
    lexicon: Lexicon
    rulebook: Rulebook
    own: frozenset[str] = frozenset()

    def correct(self, text: str) -> Correction | None:
        """What `text` changes in the records; None where it is no correction and no answer to the question."""
        if not self.records or len(text) > LONGEST:
            return None
        seen = self._scan(text)
        if self.question and self.question.index < len(self.records):
            answered = self._answer(text, seen, self.question)
            if answered:
                return answered
        if taken := removal(seen, self.records, self.rulebook):
            return Correction(taken.changes, drops=taken.drops)
        return self._new_text(seen) or self._new_value(seen)

    def pick(self, value: str) -> Correction | None:
        """A choice of the open question was tapped."""
        question = self.question
        label = dict(question.choices).get(value) if question else None
        if question is None or label is None or question.index >= len(self.records):
            return None
        if question.pending:
            return self.put(question.pending, value)
        field = self.rulebook.forms[self.records[question.index].form].field(question.field)
        if field is None:
            return None
        said = Said(value=typed(field, value), words=f"点选：{label}")
        return self._made(
            [
                Change(index=i, field=field.id, said=said)
                for i in waiting(self.records, question, self.rulebook)
            ]
        )

    def skip(self) -> Question | None:
        """What is asked next where the open question stays without an answer."""
        if self.question is None or self.question.index >= len(self.records):
            return None
        unsaid = Change(index=self.question.index, field=self.question.field, said=Said(value=SKIPPED))
        return first_question(applied([unsaid], self.records), self.rulebook, self.lexicon)

    def put(self, words: str, key: str) -> Correction | None:
        """The value that waited for its place (`Question.pending`) at the place of this key."""
        seen = self._scan(words)
        place = next((p for p in all_places(self.records, self.rulebook) if p.key == key), None)
        if place is None:
            return None
        if place.field.type == "text":
            return self._made([_as_text(words, place)])
        spans = [*seen.spans, *bare_numbers(seen)]
        return self._made(changes_at(place, spans[0], self.records)) if spans else None

    def _scan(self, text: str) -> Scan:
        words = self.rulebook.words
        source = normalise(text, words("speech", "fillers"), words("speech", "stutters"))
        return scan(source, self.now, self.lexicon, self.rulebook, self.own, both_sides=True)

    # answers --------------------------------------------------------------------------------------------------

    def _answer(self, text: str, seen: Scan, question: Question) -> Correction | None:
        """The whole text, or its first clause with more behind it (惠民朝阳店，他还订了20箱)."""
        if question.pending:
            picked = chosen(seen.source.text.strip("，。！？ "), question)
            return self.put(question.pending, picked) if picked else None
        if whole := self._answered(seen, question):
            return self._made(self._with_more(whole, seen, question))
        head, tail = _first_clause(text)
        changes = self._answered(self._scan(head), question) if tail else []
        if not changes:
            return None
        customer = applied(changes, self.records)[question.index].fields.get("customer")
        told = self._told(tail, customer.value if customer else None)
        return self._made(changes if told else self._with_more(changes, self._scan(tail), question), told)

    def _answered(self, seen: Scan, question: Question) -> list[Change]:
        return answer(seen, self.records, question, self.lexicon, self.rulebook, self.own)

    def _with_more(self, changes: list[Change], seen: Scan, question: Question) -> list[Change]:
        """The answer, and the values that were told beside it."""
        used = {change.said.words for change in changes}
        spans = [span for span in seen.spans if span.words not in used]
        changed = applied(changes, self.records)
        return changes + beside(spans, changed, question.index, self.rulebook, self.now)

    def _told(self, text: str, customer: str | None) -> tuple[RecordIntent, ...]:
        meaning = understand(
            text,
            now=self.now,
            lexicon=self.lexicon,
            rulebook=self.rulebook,
            own=self.own,
            customer=customer,
        )
        return tuple(i for i in meaning.intents if isinstance(i, RecordIntent))

    # corrections ----------------------------------------------------------------------------------------------

    def _new_text(self, seen: Scan) -> Correction | None:
        """下一步改成送样品, 科目改成餐费: other words for a field that is called by its name."""
        found: list[tuple[Place, str]] = []
        marks = word_pattern(self.rulebook.words("speech", "changes")).pattern
        for place in all_places(self.records, self.rulebook):
            if place.field.type == "choice":
                found += self._new_choice(place, seen, marks)
            elif place.field.type == "text":
                lead = word_pattern(names_of(place.field), f"(?:{marks}|[：:])").match(seen.source.text)
                value = seen.source.words(lead.end(), len(seen.source.text)) if lead else ""
                found += [(place, value.strip("，。！ “”"))] if value else []
        found = [(place, value) for place, value in found if place.said] or found
        if not found or not 0 < len(found[0][1]) <= LONGEST_TEXT_VALUE:
            return None
        place, value = found[0]
        if len(found) > 1:
            return Correction(question=which([p for p, _ in found], value, self.records, self.rulebook))
        if place.field.type == "choice":
            said = Said(value=value, words=seen.source.text)
            return self._made([Change(index=place.index, field=place.field.id, said=said)])
        return self._made([_as_text(value, place)])

    def _new_choice(self, place: Place, seen: Scan, marks: str) -> list[tuple[Place, str]]:
        """The choice whose label, or the one label of which a part, is said after the field's name."""
        lead = word_pattern(names_of(place.field), f"(?:{marks}|[：:])").match(seen.source.text)
        said = seen.source.words(lead.end(), len(seen.source.text)).strip("，。！ “”") if lead else ""
        labels = {choice.label: choice.key for choice in place.field.choices}
        fitting = (
            [said] if said in labels else [label for label in labels if len(said) >= 2 and said in label]
        )
        return [(place, labels[fitting[0]])] if len(fitting) == 1 else []

    def _new_value(self, seen: Scan) -> Correction | None:
        asked = self._asked_change(seen)
        if asked is None:
            return None
        new, old, cued = asked
        if not cued and extract(seen, self.now, self.rulebook, None).intents:
            return None
        places = places_for(seen, new, old, self.records, self.rulebook)
        if not places:
            return None
        if new.kind == "customer":
            return self._made(everywhere(new, places))
        if len(places) > 1:
            return Correction(question=which(places, new.words, self.records, self.rulebook))
        return self._made(changes_at(places[0], new, self.records))

    def _asked_change(self, seen: Scan) -> tuple[Span, Span | None, bool] | None:
        """(new value, old value, whether a word of change was said)."""
        marks = self.rulebook.words("speech", "changes") + self.rulebook.words("speech", "corrections")
        spans = sorted([*seen.spans, *bare_numbers(seen)], key=lambda s: s.at)
        if not spans:
            return None
        whole = re.sub(r"[，。！\s吧的啊呢]", "", seen.masked)
        if len(spans) == 1 and len(whole) == (
            1 if spans[0].kind != "bare" else spans[0].end - spans[0].start
        ):
            return spans[0], None, False
        found = [(m.start(), m.end()) for m in word_pattern(marks).finditer(seen.masked)]
        if not found:
            return None
        start, end = found[-1]
        after = [s for s in spans if s.at >= end]
        if not after:
            return None
        before = [s for s in spans if s.at < start and s.kind == after[0].kind and s.value != after[0].value]
        return after[0], (before[-1] if before else None), True

    def _made(self, changes: list[Change], adds: tuple[RecordIntent, ...] = ()) -> Correction | None:
        """The correction with what is still open once it is made. A doubtful value is asked about, not written."""
        if not changes:
            return None
        changed = (*applied(changes, self.records), *adds)
        question = first_question(changed, self.rulebook, self.lexicon)
        sure = tuple(c for c in changes if c.said.value is not None)
        if not sure and question is None:
            return None
        return Correction(sure, question, adds=adds)


def _as_text(words: str, place: Place) -> Change:
    return Change(index=place.index, field=place.field.id, said=Said(value=words, words=words))


def _first_clause(text: str) -> tuple[str, str]:
    match = _CLAUSE.search(text)
    return (text[: match.start()], text[match.end() :].strip()) if match else (text, "")
