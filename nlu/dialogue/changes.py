"""From a value and its place to the changes that it makes."""

import re
from collections.abc import Iterator

from domain.intents.records import RecordIntent, Said
from domain.intents.talk import Change
from nlu.dialogue.places import Place, said_at
from nlu.language.numbers import NUMBER, exact
from nlu.language.quantities import Quantity
from nlu.language.said import said_value
from nlu.language.spans import Scan, Span

_BARE = re.compile(rf"(?:{NUMBER.pattern})$")


def changes_at(place: Place, new: Span, records: tuple[RecordIntent, ...]) -> list[Change]:
    """The value at its place; a quantity brings its unit along where that differs."""
    said = said_at(new, place, records)
    if said is None:
        return []
    changes = [Change(index=place.index, field=place.field.id, said=said)]
    unit = records[place.index].fields.get("unit")
    if (
        isinstance(new.value, Quantity)
        and place.field.id == "quantity"
        and (unit is None or unit.value != new.value.unit)
    ):
        unit_said = Said(value=new.value.unit, words=new.words)
        changes.append(Change(index=place.index, field="unit", said=unit_said))
    return changes


def everywhere(new: Span, places: list[Place]) -> list[Change]:
    """Another customer is another customer for everything that was said of the old one."""
    said = said_value(new, None, done=True)
    return [Change(index=p.index, field=p.field.id, said=said) for p in places] if said else []


def bare_numbers(seen: Scan) -> Iterator[Span]:
    """数量改成60: a number without a unit, only at the end of the text."""
    end = len(seen.masked.rstrip("，。！吧了的 "))
    match = _BARE.search(seen.masked[:end])
    if match and (value := exact(match.group())) is not None:
        words = seen.words(match.start(), match.end())
        yield Span(match.start(), match.end(), "bare", value, words, match.start())


def applied(changes: list[Change], records: tuple[RecordIntent, ...]) -> tuple[RecordIntent, ...]:
    """The records as they are once the changes are made."""
    changed = list(records)
    for change in changes:
        record = changed[change.index]
        fields = {key: said for key, said in record.fields.items() if key != change.field}
        if change.said.value is not None or change.said.alternatives:
            fields[change.field] = change.said
        changed[change.index] = record.model_copy(update={"fields": fields})
    return tuple(changed)
