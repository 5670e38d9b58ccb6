"""The life of a change: drafted, published, picked up without a restart, taken back; and never the bot down."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

import config
from bot.knowledge import Knowledge
from config.rulebook import RulebookError
from domain.errors import Refusal
from domain.people import Person
from handlers import publishing
from handlers.dry_run import dry_run
from handlers.publishing import InForce
from nlu.language.matching import compiled
from storage import rulebooks
from storage.people import bump_master_version
from storage.store import Store
from storage.tables import AuditRow, CustomerRow, EvidenceRow, InboxRow, PersonRow, RecordRow
from tests.conftest import TestClock

OPERATIONS = Person(id="P202", name="马超", role="operations", wecom_userid="machao")
NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
DAMAGE = """
key: damage
label: 报损
cues: ["报损[了]{goods}"]
fields:
  - {id: product, label: 产品, type: product, required: true, ask: 哪个产品？}
  - {id: quantity, label: 数量, type: quantity, required: true, ask: 多少？}
  - {id: reason, label: 原因, type: text, ask: 为什么？}
"""
Edit = Callable[[dict[str, bytes]], dict[str, bytes]]


def written(text: str, name: str = "forms/damage.yaml") -> Edit:
    return lambda files: {**files, name: text.encode()}


def publish(store: Store, knowledge: Knowledge, edit: Edit, why: str = "试试") -> int:
    with store.write() as session:
        held = knowledge.in_force(session)
        draft = publishing.draft(session, edit(dict(held.files)), held, who="P202", why=why, now=NOW)
        return publishing.publish(session, draft.row.id or 0, held, who="P202", now=NOW).id or 0


def holds(store: Store, knowledge: Knowledge) -> InForce:
    with store.read() as session:
        return knowledge.in_force(session)


def keep(store: Store, **data: object) -> int:
    with store.write() as session:
        row = RecordRow(
            form="damage",
            reporter_id="P1",
            happened_at=NOW,
            status="confirmed",
            data=data,
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(row)
        session.flush()
        return row.id or 0


def data_of(store: Store, record_id: int) -> dict[str, object]:
    with store.read() as session:
        row = session.get(RecordRow, record_id)
        assert row is not None
        return row.data


def test_another_process_picks_a_publication_up_without_a_restart(store: Store) -> None:
    mine, other = Knowledge(), Knowledge()
    assert "damage" not in holds(store, other).rules.forms
    publish(store, mine, written(DAMAGE))
    assert holds(store, other).rules.forms["damage"].label == "报损"
    publish(store, mine, written(DAMAGE.replace("label: 报损", "label: 损耗")))
    assert holds(store, other).rules.forms["damage"].label == "损耗"
    assert holds(store, other).rules.forms["damage"].version == 2
    with store.write() as session:
        publishing.roll_back(session, mine.in_force(session), who="P202", now=NOW)
    assert holds(store, other).rules.forms["damage"].label == "报损"
    with store.read() as session:
        told = [(c.kind, c.who, c.why) for c, _ in rulebooks.history(session)]
    assert told == [("rolled_back", "P202", "退回：试试"), *[("published", "P202", "试试")] * 2]


def test_step_by_step_back_to_the_installation_and_what_has_data_stays_readable(sqlite_store: Store) -> None:
    knowledge = Knowledge()
    before = holds(sqlite_store, knowledge).rules.version
    publish(sqlite_store, knowledge, written(DAMAGE))
    publish(sqlite_store, knowledge, written(DAMAGE.replace("label: 报损", "label: 损耗")))
    record = keep(sqlite_store, product="A", quantity=3)
    for label, retired in (("报损", False), ("报损", True)):
        with sqlite_store.write() as session:
            publishing.roll_back(session, knowledge.in_force(session), who="P202", now=NOW)
        form = holds(sqlite_store, knowledge).rules.forms["damage"]
        assert (form.label, form.retired) == (label, retired)
    with sqlite_store.write() as session, pytest.raises(Refusal, match="没有更早的版本"):
        publishing.roll_back(session, knowledge.in_force(session), who="P202", now=NOW)
    assert data_of(sqlite_store, record) == {"product": "A", "quantity": 3}
    with sqlite_store.read() as session:
        trail = session.exec(select(AuditRow).where(AuditRow.subject == "rulebook")).all()
    assert [row.old == before for row in trail] == [True, False, False, False]


def test_of_two_who_go_back_from_the_same_page_the_second_is_told_that_it_was_done(
    sqlite_store: Store,
) -> None:
    knowledge = Knowledge()
    publish(sqlite_store, knowledge, written(DAMAGE))
    publish(sqlite_store, knowledge, written(DAMAGE.replace("label: 报损", "label: 损耗")))
    with sqlite_store.read() as session:
        last = rulebooks.in_force(session)
    assert last is not None

    def back() -> None:
        with sqlite_store.write() as session:
            publishing.roll_back(session, knowledge.in_force(session), who="P202", now=NOW, base=last.id)

    back()
    with pytest.raises(Refusal, match="规则又有人改过，没有退回"):
        back()
    assert holds(sqlite_store, knowledge).rules.forms["damage"].label == "报损"


def test_of_two_drafts_on_the_same_rules_one_is_published(sqlite_store: Store) -> None:
    knowledge = Knowledge()
    with sqlite_store.write() as session:
        held = knowledge.in_force(session)
        drafts = [
            publishing.draft(session, written(text)(dict(held.files)), held, who="P202", why="", now=NOW)
            for text in (DAMAGE, DAMAGE.replace("报损", "损耗"))
        ]
        publishing.publish(session, drafts[0].row.id or 0, held, who="P202", now=NOW)
    with sqlite_store.write() as session:
        held = knowledge.in_force(session)
        with pytest.raises(Refusal, match="规则又改过"):
            publishing.publish(session, drafts[1].row.id or 0, held, who="P202", now=NOW)
        with pytest.raises(Refusal, match="已经处理过"):
            publishing.publish(session, drafts[0].row.id or 0, held, who="P202", now=NOW)


def test_two_who_publish_at_the_same_moment_do_not_undo_each_other(store: Store) -> None:
    knowledge = Knowledge()
    with store.write() as session:
        held = knowledge.in_force(session)
        drafts = [
            publishing.draft(
                session, written(text)(dict(held.files)), held, who="P202", why="", now=NOW
            ).row.id
            for text in (DAMAGE, DAMAGE.replace("报损", "损耗"))
        ]

    def publish_second() -> None:
        with store.write() as session, pytest.raises(Refusal, match="规则又改过"):
            publishing.publish(session, drafts[1] or 0, held, who="P203", now=NOW)

    with ThreadPoolExecutor(1) as beside:
        with store.write() as session:
            publishing.publish(session, drafts[0] or 0, held, who="P202", now=NOW)
            session.flush()
            second = beside.submit(publish_second)
            wait([second], timeout=0.5)  # it has to be held up until the first is through
        second.result()


def test_a_draft_with_mistakes_is_refused_with_all_of_them_and_changes_nothing(sqlite_store: Store) -> None:
    knowledge = Knowledge()
    form = DAMAGE.replace("ask: 哪个产品？", "").replace(
        "ask: 为什么？", "required_when: quantty > 9, ask: 为什么？"
    )
    alert = (
        "key: big\nlabel: 大\nabout: record\ntriggers: [damage]\nwhen: quantity > '9'\nwords: '{nobody}'\n"
    )
    with pytest.raises(RulebookError) as raised:
        both = written(alert, "alerts/big.yaml")
        publish(sqlite_store, knowledge, lambda files: both(written(form)(files)))
    found = [(p.file, p.line, p.words) for p in raised.value.problems]
    assert [(file, line) for file, line, _ in found] == [
        ("alerts/big.yaml", 5),
        ("alerts/big.yaml", 6),
        ("forms/damage.yaml", 6),
        ("forms/damage.yaml", 8),
    ]
    assert "是不是 quantity？" in found[-1][2]
    assert "damage" not in holds(sqlite_store, knowledge).rules.forms


def test_deleting_hides_and_bringing_back_shows_the_data_again(sqlite_store: Store) -> None:
    knowledge = Knowledge()
    publish(sqlite_store, knowledge, written(DAMAGE))
    record = keep(sqlite_store, product="A", quantity=3, reason="摔了")
    publish(
        sqlite_store,
        knowledge,
        written(DAMAGE.replace("  - {id: reason, label: 原因, type: text, ask: 为什么？}\n", "")),
    )
    reason = holds(sqlite_store, knowledge).rules.forms["damage"].field("reason")
    assert reason is not None and reason.hidden
    publish(
        sqlite_store,
        knowledge,
        lambda files: {n: raw for n, raw in files.items() if n != "forms/damage.yaml"},
    )
    assert holds(sqlite_store, knowledge).rules.forms["damage"].retired
    publish(sqlite_store, knowledge, written(DAMAGE))
    form = holds(sqlite_store, knowledge).rules.forms["damage"]
    assert not form.retired and not any(field.hidden for field in form.fields)
    assert data_of(sqlite_store, record) == {"product": "A", "quantity": 3, "reason": "摔了"}


def test_data_follow_a_changed_type_or_the_change_is_refused(sqlite_store: Store) -> None:
    knowledge = Knowledge()
    publish(sqlite_store, knowledge, written(DAMAGE))
    good, bad = keep(sqlite_store, reason="12"), keep(sqlite_store, reason="摔了")
    as_number = DAMAGE.replace("label: 原因, type: text", "label: 原因, type: number")
    with pytest.raises(Refusal, match=f"「原因」有 1 条，比如记录 {bad}") as refused:
        publish(sqlite_store, knowledge, written(as_number))
    assert "摔了" not in refused.value.words, "whoever publishes need not be somebody who sees the values"
    with sqlite_store.write() as session:
        row = session.get(RecordRow, bad)
        assert row is not None
        row.data = {"reason": "7.5"}
    publish(sqlite_store, knowledge, written(as_number))
    assert (data_of(sqlite_store, good), data_of(sqlite_store, bad)) == ({"reason": 12}, {"reason": 7.5})


def test_a_folder_that_somebody_broke_never_takes_the_bot_down(sqlite_store: Store, tmp_path: Path) -> None:
    own = tmp_path / "rules"
    for folder in ("forms", "lexicon"):
        shutil.copytree(Path(config.__file__).parent / folder, own / folder)
    (own / "forms/damage.yaml").write_text(DAMAGE, encoding="utf-8")
    started = Knowledge(own)
    with sqlite_store.write() as session:
        started.keep(session, NOW)
    (own / "forms/damage.yaml").write_text("key: [", encoding="utf-8")
    again = Knowledge(own)
    assert holds(sqlite_store, again).rules.forms["damage"].label == "报损"
    assert "forms/damage.yaml" in again.problems[0]


@pytest.mark.parametrize(
    ("text", "carried"),
    [("key: [", {}), (DAMAGE.replace("报损", "损耗"), {"of_a_newer_program": 1})],
)
def test_a_published_version_that_cannot_be_read_gives_way_to_the_last_good_one(
    sqlite_store: Store, text: str, carried: dict[str, object]
) -> None:
    publish(sqlite_store, Knowledge(), written(DAMAGE))
    publish_unreadable(sqlite_store, text, carried)
    other = Knowledge()
    assert holds(sqlite_store, other).rules.forms["damage"].label == "报损"
    assert other.problems


def publish_unreadable(store: Store, text: str, carried: dict[str, object]) -> int:
    """A version as an older program might find it."""
    with store.write() as session:
        broken = rulebooks.keep(
            session,
            "x",
            {"forms/damage.yaml": text.encode()},
            own={},
            carried=carried,
            state="published",
            who="",
            why="",
            now=NOW,
        )
        broken.own = broken.files
        rulebooks.change(session, broken.id or 0, "published", who="P202", why="", now=NOW)
        return broken.id or 0


def test_a_version_that_cannot_be_read_any_more_is_refused_in_words(sqlite_store: Store) -> None:
    knowledge = Knowledge()
    publish(sqlite_store, knowledge, written(DAMAGE))
    unreadable = publish_unreadable(sqlite_store, "key: [", {})
    with sqlite_store.read() as session:
        held = publishing.held(session)
    assert held is not None and held.rules.forms["damage"].label == "报损"
    last = publish(sqlite_store, knowledge, written(DAMAGE.replace("报损", "损耗")))
    with sqlite_store.write() as session:
        with pytest.raises(Refusal, match=f"版本 {unreadable} 现在读不了"):
            publishing.roll_back(session, knowledge.in_force(session), unreadable, who="P202", now=NOW)
        draft = rulebooks.version(session, last)
        assert draft is not None
        draft.state, draft.carried, draft.base = "draft", {"of_a_newer_program": 1}, 3
        session.flush()
        with pytest.raises(Refusal, match=f"版本 {last} 现在读不了"):
            publishing.publish(session, last, knowledge.in_force(session), who="P202", now=NOW)


def test_what_could_not_be_looked_up_once_is_looked_up_again(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sqlite_store, Knowledge(), written(DAMAGE))
    other = Knowledge()
    with monkeypatch.context() as away, pytest.raises(OperationalError):
        away.setattr(rulebooks, "laid_over", _gone)
        holds(sqlite_store, other)
    assert "damage" in holds(sqlite_store, other).rules.forms


def _gone(*_: object) -> None:
    raise OperationalError("SELECT", None, Exception("the server went away"))


def test_a_dry_run_shows_messages_and_records_that_would_come_out_differently(
    sqlite_store: Store, clock: TestClock
) -> None:
    knowledge = Knowledge()
    publish(sqlite_store, knowledge, written(DAMAGE))
    keep(sqlite_store, product="A", quantity=3)
    with sqlite_store.write() as session:
        session.add(PersonRow(id="P202", name="马超", role="operations", wecom_userid="machao"))
        session.add(CustomerRow(code="C1", name="惠民超市"))
        bump_master_version(session)
        for number, text in enumerate(("你好", "在惠民超市耗损登记5箱")):
            session.add(
                InboxRow(
                    channel="wecom", tenant="", key=str(number), lane="x", kind="text", stage="turn",
                    payload=f'{{"sender": "machao", "text": "{text}"}}', received_at=NOW, available_at=NOW,
                )
            )  # fmt: skip
    with sqlite_store.read() as session:
        held = knowledge.in_force(session)
        _, lexicon = knowledge.current(session)
        stricter = DAMAGE.replace('cues: ["', 'cues: ["耗损登记", "').replace(
            "ask: 为什么", "required: true, ask: 为什么"
        )
        new = config.rulebook.read(written(stricter)(dict(held.files)))
        here = NOW.astimezone(ZoneInfo("Asia/Shanghai"))
        found = dry_run(session, held.rules, new, lexicon, OPERATIONS, here)
    assert (found.messages, found.changed) == (2, 1)
    assert found.examples[0].text == "在惠民超市耗损登记5箱" and "报损" in found.examples[0].after
    assert any("「报损」有 1 条按新规则存不了：缺「原因」" in words for words in found.records)
    assert "「报损」说法增加 1 条，减少 0 条" in found.changes


def test_a_dry_run_counts_what_others_wrote_and_shows_it_only_where_it_became_a_record_that_he_sees(
    sqlite_store: Store,
) -> None:
    knowledge = Knowledge()
    publish(sqlite_store, knowledge, written(DAMAGE))
    told = {n: f"在惠民超市耗损登记{n}箱" for n in (3, 4, 5)}
    with sqlite_store.write() as session:
        session.add(CustomerRow(code="C1", name="惠民超市"))
        bump_master_version(session)
        for number, text in told.items():
            session.add(
                InboxRow(
                    id=number, channel="wecom", tenant="", key=str(number), lane="x", kind="text", stage="turn",
                    payload=f'{{"sender": "li", "text": "{text}"}}', received_at=NOW, available_at=NOW,
                )
            )  # fmt: skip
    recorded, secret = keep(sqlite_store, quantity=4), keep(sqlite_store, quantity=5, floor_price=55)
    with sqlite_store.write() as session:
        for record, message in ((recorded, 4), (secret, 5)):
            row = session.get(RecordRow, record)
            assert row
            row.inbox_id = message
            session.add(EvidenceRow(record_id=record, kind="voice", words=f"我悄悄说耗损登记{message}箱"))
    with sqlite_store.read() as session:
        held = knowledge.in_force(session)
        _, lexicon = knowledge.current(session)
        new = config.rulebook.read(
            written(DAMAGE.replace('cues: ["', 'cues: ["耗损登记", "'))(dict(held.files))
        )
        here = NOW.astimezone(ZoneInfo("Asia/Shanghai"))
        found = dry_run(session, held.rules, new, lexicon, OPERATIONS, here)
    assert (found.messages, found.changed) == (3, 3)
    assert [example.text for example in found.examples] == [told[4]]


def test_publishing_an_alert_makes_no_cue_anew_and_a_changed_form_does(sqlite_store: Store) -> None:
    knowledge = Knowledge()
    before = compiled(holds(sqlite_store, knowledge).rules)
    alert = "key: big\nlabel: 大\nabout: record\ntriggers: [order]\nwhen: quantity > 100\ntell: [manager]\nwords: 大\n"
    publish(sqlite_store, knowledge, written(alert, "alerts/big.yaml"))
    assert compiled(holds(sqlite_store, knowledge).rules) is before
    publish(sqlite_store, knowledge, written(DAMAGE))
    assert compiled(holds(sqlite_store, knowledge).rules) is not before
