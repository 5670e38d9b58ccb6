"""The count of changes that everything known by name is rebuilt on."""

from storage.people import bump_master_version, master_version
from storage.store import Store
from storage.tables import MasterDataRow


def test_two_who_change_names_at_once_are_counted_as_two(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        bump_master_version(session)
        before = session.get_one(MasterDataRow, 1)
        session.expunge(before)
    with sqlite_store.write() as session:
        bump_master_version(session)
    with sqlite_store.write() as session:
        session.add(before)  # as it was seen before the other wrote
        bump_master_version(session)
    with sqlite_store.read() as session:
        assert master_version(session) == 3
