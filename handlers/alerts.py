"""Alerts go off: every day over all customers, and as records are saved. Each is told once a subject and period."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from sqlmodel import Session

from domain.alerts import PEOPLE, Alert, Watches
from domain.cards import Text
from domain.facts import facts_of
from domain.forms import Rulebook
from domain.hiding import hide
from domain.people import Person
from domain.policies import hidden_fields, viewer_of
from handlers.customer_facts import CHEAP, Day, Facts, of_customers
from handlers.turn import Reply, Turn, tell
from nlu.language.lexicon import Lexicon
from storage.alerts import first_time
from storage.people import People
from storage.tables import RecordRow

_READY: dict[str, Watches] = {}


def watches(rules: Rulebook) -> Watches:
    """The alerts of this rulebook, compiled once for each version."""
    ready = _READY.get(rules.version)
    if ready is None:
        if len(_READY) > 8:
            _READY.clear()
        ready = _READY[rules.version] = Watches(rules.alerts, rules.forms)
    return ready


@dataclass(frozen=True)
class Fired:
    alert: Alert
    subject: str
    facts: Facts
    form: str = ""
    """Of the record that it is about; this and the rest empty where it is about a customer."""
    reporter: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    def tells_by_firing(self, reader: Person, rules: Rulebook) -> bool:
        """Whether this person would learn from the alert alone what he is not shown of other people's records: its
        condition looks at that. He is left out then."""
        if reader.id == self.reporter:
            return False
        return looks_at_hidden(self.alert, self.form, reader, rules)

    def words_for(self, reader: Person, rules: Rulebook) -> str:
        """What it says to this person: without what he is not shown of other people's records."""
        facts = self.facts
        if reader.id != self.reporter:
            hidden = hidden_fields(rules.policies, rules.forms.get(self.form), viewer_of(reader))
            facts, _, _ = hide(facts, self.sources, hidden)
        return f"【{self.alert.label}】{self.alert.said(facts)}"


def looks_at_hidden(alert: Alert, form: str, reader: Person, rules: Rulebook) -> bool:
    """Whether its condition looks at what this person is not shown in others' records of the form."""
    hidden = hidden_fields(rules.policies, rules.forms.get(form), viewer_of(reader))
    return bool(hidden) and not hidden.isdisjoint(alert.condition(rules.forms).names)


def over_customers(
    session: Session, rules: Rulebook, lexicon: Lexicon, day: Day, trigger: str, codes: set[str] | None = None
) -> Iterator[Fired]:
    """Every alert about customers that `trigger` sets off and whose condition holds today."""
    found = watches(rules)
    needs = found.needs(trigger)
    if not needs:
        return

    def worth(facts: Facts) -> bool:
        return found.may_meet(trigger, facts, CHEAP)

    for facts in of_customers(session, rules, day, needs, codes=codes, worth=worth):
        for alert in found.met(trigger, facts):
            if alert.about == "customer":
                yield Fired(alert, f"customer:{facts['customer.code']}", _named(facts, lexicon))


def _named(facts: Facts, lexicon: Lexicon) -> Facts:
    """With the product's name in place of its code, for people to read."""
    product = lexicon.products.get(facts.get("stock_product") or "")
    return facts | {"stock_product": product.name} if product else facts


def over_records(
    session: Session, rules: Rulebook, lexicon: Lexicon, day: Day, rows: Iterable[RecordRow]
) -> Iterator[Fired]:
    """Every alert that these records set off."""
    for row in rows:
        about_records = [a for a in rules.alerts.values() if row.form in a.triggers and a.about == "record"]
        about_customers = [
            a for a in rules.alerts.values() if row.form in a.triggers and a.about == "customer"
        ]
        codes = {row.customer_code} if row.customer_code else set()
        if about_records:
            known = next(iter(of_customers(session, rules, day, (), codes=codes)), {}) if codes else {}
            facts = _record_facts(row, rules, known, day)
            for alert in watches(rules).met(row.form, facts):
                if alert.about == "record":
                    named = _read(facts, row, lexicon)
                    yield Fired(alert, f"record:{row.id}", named, row.form, row.reporter_id, row.sources)
        if about_customers and codes and not row.data.get("planned"):
            yield from over_customers(session, rules, lexicon, day, row.form, codes)


def _record_facts(row: RecordRow, rules: Rulebook, customer: Facts, day: Day) -> Facts:
    own = facts_of(rules.form_of(row.form), row.data)
    about = {"today": day.today, "form": row.form, "reporter": row.reporter_id, **customer}
    return {**about, **own, **({"customer": customer["customer"]} if customer else {})}


def _read(facts: Facts, row: RecordRow, lexicon: Lexicon) -> Facts:
    """With names in place of codes, for people to read."""
    tables: Mapping[str, Mapping[str, Any]] = {
        "product": lexicon.products,
        "reporter": lexicon.people,
        "owner": lexicon.people,
    }
    named = {key: known.name for key, t in tables.items() if (known := t.get(str(facts.get(key) or "")))}
    return facts | named


# telling -----------------------------------------------------------------------------------------------------


def told(session: Session, fired: Iterable[Fired], rules: Rulebook, now: datetime, zone: tzinfo) -> Reply:
    """Tell everybody whom it concerns what was not told yet. Runs in the transaction that sends it."""
    people = People(session)
    today = now.astimezone(zone).date()
    reply = Reply()
    for one in fired:
        words = {
            person.id: one.words_for(person, rules)
            for person in _recipients(one, people)
            if not one.tells_by_firing(person, rules)
        }
        period = one.alert.period(one.facts, today)
        kept = "\n".join(dict.fromkeys(words.values()))
        if words and first_time(
            session, one.alert.key, one.subject, period, told=list(words), words=kept, now=now
        ):
            reply += sum((tell(who, Text(text=said)) for who, said in words.items()), Reply())
    return reply


def _recipients(fired: Fired, people: People) -> Iterator[Person]:
    owner, reporter = fired.facts.get("customer.owner"), fired.reporter
    first = people.get(owner or reporter or "")
    meant: dict[str, Callable[[], list[str | None]]] = {
        "owner": lambda: [owner],
        "reporter": lambda: [reporter],
        "manager": lambda: [first.manager_id if first else None],
    }
    for word in (*fired.alert.tell, *fired.alert.also):
        if word in meant:
            ids = meant[word]()
        elif word in PEOPLE:
            ids = [p.id for p in people.with_role(word)]
        else:
            ids = [word]
        yield from (person for i in ids if i and (person := people.get(i)))


def saved(rows: Iterable[RecordRow], turn: Turn) -> Reply:
    """What follows as these records count, or are changed."""
    forms = {trigger for alert in turn.rulebook.alerts.values() for trigger in alert.triggers}
    counting = [
        row for row in rows if row.form in forms and row.status in ("confirmed", "submitted", "approved")
    ]
    if not counting:
        return Reply()
    turn.work.session.flush()
    day = Day(turn.local_now.date(), turn.zone)
    fired = over_records(turn.work.session, turn.rulebook, turn.lexicon, day, counting)
    return told(turn.work.session, fired, turn.rulebook, turn.now, turn.zone)
