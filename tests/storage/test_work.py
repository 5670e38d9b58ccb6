"""What a handler wrote before it refused is taken back, and nothing else."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from domain.errors import Refusal
from storage.store import Store
from storage.tables import AuditRow, ProposalRow
from storage.work import Work, work_of

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def proposals(work: Work) -> dict[int, str]:
    return {row.id or 0: row.state for row in work.session.exec(select(ProposalRow))}


def test_a_refused_attempt_leaves_what_was_there_before_and_nothing_of_its_own(store: Store) -> None:
    with store.write() as session:
        work = work_of(session, who="rep", now=NOW, inbox_id=1)
        with work.attempt():
            kept = work.records.propose(None)
            kept_id = kept.id or 0
        with pytest.raises(Refusal), work.attempt():
            row = work.records.proposal(kept_id)
            assert row is not None
            assert work.records.close(row, "confirmed")
            row.revision = 9
            work.records.propose(None)
            work.records.audit("proposal:9", "state", None, "open")
            raise Refusal("不行")
        with work.attempt():
            again = work.records.proposal(kept_id)
            assert again is not None
            assert (again.state, again.revision) == ("open", 1)
            work.records.audit(f"proposal:{kept_id}", "state", None, "open")
    with store.read() as session:
        work = work_of(session, who="rep", now=NOW, inbox_id=1)
        assert proposals(work) == {kept_id: "open"}
        assert [row.subject for row in session.exec(select(AuditRow))] == [f"proposal:{kept_id}"]


def test_a_proposal_is_closed_once(store: Store) -> None:
    with store.write() as session:
        work = work_of(session, who="rep", now=NOW, inbox_id=1)
        row = work.records.propose(None)
        assert work.records.close(row, "confirmed")
        assert (row.state, row.decided_at) == ("confirmed", NOW)
        assert not work.records.close(row, "dropped")
        assert row.state == "confirmed"
    with store.read() as session:
        assert list(proposals(work_of(session, who="rep", now=NOW, inbox_id=1)).values()) == ["confirmed"]
