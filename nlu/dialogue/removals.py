"""What shall not be: 去掉联系人 takes a field away, 样品那条不要了 a whole record."""

import re
from dataclasses import dataclass

from domain.forms import Rulebook
from domain.intents.records import RecordIntent, Said
from domain.intents.talk import Change
from nlu.dialogue.places import Place, all_places, forms_named, names_of
from nlu.language.matching import word_pattern
from nlu.language.spans import LETTERS, Scan

LONGEST = 16
_AFTERWARDS = re.compile(r"(?:不要了|不要|去掉|删掉|删了|删除|不算|不记了|不记)[吧了啊]?$")
_BEFOREHAND = re.compile(r"^(?:把|请把)?(?:去掉|删掉|删了|删除|划掉|不要|不用记|别记|不记|取消|拿掉)")
_PADDING = re.compile(
    rf"[，。！\s{LETTERS['product']}{LETTERS['quantity']}]|把|请|这|那|一|条|项|个|行|的|记录|里面|里|了|吧"
)


@dataclass(frozen=True)
class Removal:
    changes: tuple[Change, ...] = ()
    drops: tuple[int, ...] = ()


def removal(seen: Scan, records: tuple[RecordIntent, ...], rulebook: Rulebook) -> Removal | None:
    """What the text takes away; None where it takes nothing away or does not say clearly what."""
    said = seen.masked.strip("，。！ ")
    verb = _BEFOREHAND.search(said) or _AFTERWARDS.search(said)
    if verb is None or len(said) > LONGEST:
        return None
    what = (said[: verb.start()] + said[verb.end() :]).strip("，。！ ")
    by_product = _of_product(seen, records)
    if by_product is not None and not _PADDING.sub("", what):
        return Removal(drops=(by_product,))
    if field := _field_named(what, records, rulebook):
        return Removal(changes=tuple(_nothing(p) for p in field))
    named = forms_named(seen, records, rulebook)
    of_form = [i for i, record in enumerate(records) if record.form in named]
    if len(of_form) == 1 and _only_names(what, rulebook.forms[records[of_form[0]].form].label):
        return Removal(drops=(of_form[0],))
    return None


def _of_product(seen: Scan, records: tuple[RecordIntent, ...]) -> int | None:
    """The one record of the product that is named."""
    codes = {span.value[0] for span in seen.spans if span.kind == "product" and len(span.value) == 1}
    found = [i for i, r in enumerate(records) if "product" in r.fields and r.fields["product"].value in codes]
    return found[0] if len(codes) == 1 and len(found) == 1 else None


def _field_named(what: str, records: tuple[RecordIntent, ...], rulebook: Rulebook) -> list[Place]:
    """The filled places whose field is called so; several only where it is the same field of several records."""
    name = _PADDING.sub("", what)
    filled = [p for p in all_places(records, rulebook) if p.said is not None and name in names_of(p.field)]
    optional = [p for p in filled if not p.field.required]
    return optional if len({p.field.id for p in optional}) == 1 else []


def _only_names(what: str, label: str) -> bool:
    return not _PADDING.sub("", word_pattern((label, label[:2], label[2:] or label)).sub("", what))


def _nothing(place: Place) -> Change:
    return Change(index=place.index, field=place.field.id, said=Said(value=None))
