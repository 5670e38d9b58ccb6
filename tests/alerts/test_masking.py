"""An alert tells nobody what the policies do not show him of other people's records."""

from datetime import UTC, datetime

from sqlmodel import select

from config.rulebook import load
from domain.alerts import Alert
from domain.forms import FormField, Rulebook
from domain.people import Person
from handlers.alert_trials import trial_of
from handlers.alerts import over_records, told
from handlers.customer_facts import Day
from nlu.language.lexicon import Lexicon
from storage.store import Store
from storage.tables import RecordRow
from tests.alerts import shop

NOBODY = Lexicon([], [], [], [], [])
NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
TELLING = Alert(
    key="low",
    label="底价",
    about="record",
    triggers=("quote",),
    when="price > 1",
    tell=("operations", "manager", "reporter"),
    words="底价{floor_price}元，{result}",
)


def quoted(store: Store) -> Rulebook:
    """A company with a quote of a floor price, and the rulebook that tells of it."""
    shop.found(store)
    with store.write() as session:
        said = {"floor_price": 55, "price": 60, "result": "他知道五十五块的底"}
        row = RecordRow(form="quote", reporter_id="P2", happened_at=NOW, status="confirmed", data=said)
        row.sources = {"floor_price": "五十五块"}
        row.created_at = row.updated_at = NOW
        session.add(row)
    rules = load()
    floor = FormField(id="floor_price", label="底价", type="money")
    quote = rules.forms["quote"]
    fields = (*(f for f in quote.fields if f.id != floor.id), floor)
    forms = {**rules.forms, "quote": quote.model_copy(update={"fields": fields})}
    return rules.model_copy(update={"forms": forms, "alerts": {"low": TELLING}, "version": "with-floor"})


def test_whoever_may_not_see_a_sum_is_alerted_without_it(sqlite_store: Store) -> None:
    rules = quoted(sqlite_store)
    with sqlite_store.write() as session:
        rows = session.exec(select(RecordRow)).all()
        fired = over_records(session, rules, NOBODY, Day(NOW.date(), shop.ZONE), rows)
        reply = told(session, fired, rules, NOW, shop.ZONE)
    words = {one.to: str(one.content) for one in reply.outgoing}
    assert "底价＊＊＊元" in words["P3"] and "五十五" not in words["P3"]
    assert "底价55元，他知道五十五块的底" in words["P1"] and "底价55元" in words["P2"]


def test_whoever_may_not_see_what_the_condition_looks_at_does_not_learn_it_from_being_alerted(
    sqlite_store: Store,
) -> None:
    rules = quoted(sqlite_store)
    below = TELLING.model_copy(update={"when": "floor_price < 60", "words": "有一份报价要看"})
    rules = rules.model_copy(update={"alerts": {"low": below}, "version": "by-condition"})
    with sqlite_store.write() as session:
        rows = session.exec(select(RecordRow)).all()
        fired = over_records(session, rules, NOBODY, Day(NOW.date(), shop.ZONE), rows)
        reply = told(session, fired, rules, NOW, shop.ZONE)
        operations = Person(id="P3", name="", role="operations")
        (trial,) = trial_of(session, below, (rules, NOBODY), operations, NOW)
    assert sorted(one.to for one in reply.outgoing) == ["P1", "P2"], "his manager and himself"
    assert "看不到的内容" in trial and "会提醒" not in trial


def test_a_trial_shows_its_author_only_what_he_may_see(sqlite_store: Store) -> None:
    rules = quoted(sqlite_store)
    with sqlite_store.read() as session:
        shown = {
            role: trial_of(session, TELLING, (rules, NOBODY), Person(id=role, name="", role=role), NOW)
            for role in ("operations", "manager")
        }
    assert "底价＊＊＊元" in shown["operations"][0] and "五十五" not in shown["operations"][0]
    assert "底价55元" in shown["manager"][0]
