"""Leads and their history: of two who change the same one, only the first does."""

from datetime import UTC, datetime

from domain.leads.lead import Lead
from storage.leads import Leads
from storage.store import Store

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)


def lead(key: str = "L1", **values: object) -> Lead:
    return Lead.model_validate(
        {"id": key, "company": "喜乐汇超市", "received_at": NOW, "created_at": NOW, **values}
    )


def test_a_lead_is_added_once_and_begins_its_history(store: Store) -> None:
    with store.write() as session:
        leads = Leads(session, who="P101", now=NOW)
        given = lead(phone="13900000001", products=("SKU-YW",), details={"来源页": "首页"})
        assert leads.add(given, way="chat") is True
        assert leads.add(given.model_copy(update={"company": "别家"})) is False
        assert leads.get("L1") == given
        assert [(e.kind, e.who, e.details) for e in leads.events("L1")] == [
            ("received", "P101", {"way": "chat"})
        ]
        assert leads.known_by(phone="13900000001") == [given]
        assert leads.known_by() == []


def test_of_two_who_take_a_lead_only_the_first_has_it(store: Store) -> None:
    with store.write() as session:
        leads = Leads(session, who="dispatch", now=NOW)
        leads.add(lead())
        seen = leads.get("L1")
        assert seen is not None
        offer = {"state": "offered", "owner_id": "P101", "round": 1}
        taken = leads.change(seen, "offered", offer, person_id="P101", score={"region": 40})
        assert taken is not None and (taken.state, taken.owner_id, taken.round) == ("offered", "P101", 1)
        assert leads.change(seen, "offered", {**offer, "owner_id": "P102"}, person_id="P102") is None
        assert [(e.kind, e.person_id) for e in leads.events("L1")] == [
            ("received", None),
            ("offered", "P101"),
        ]
        assert [one.id for one in leads.of("P101", ("offered",))] == ["L1"]
        assert leads.of(None, ("offered",)) == []


def test_merging_is_both_or_neither(store: Store) -> None:
    with store.write() as session:
        leads = Leads(session, who="P101", now=NOW)
        first, second = lead(), lead("L2", contact="钱店长")
        for one in (first, second):
            leads.add(one)
        moved = leads.change(second, "offered", {"state": "offered", "round": 1})
        assert moved is not None
        assert leads.merge(second, first, {"contact": "钱店长"}, reason="电话相同") is None
        assert leads.get("L1") == first
        kept = leads.merge(moved, first, {"contact": "钱店长"}, reason="电话相同")
        assert kept is not None and kept.contact == "钱店长"
        gone = leads.get("L2")
        assert gone is not None and (gone.state, gone.merged_into) == ("merged", "L1")
        assert leads.survivor("L2") == kept
        assert [e.kind for e in leads.events("L1")] == ["received", "merged"]
