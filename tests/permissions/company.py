"""Records for tests and probes, written straight into the tables."""

from datetime import datetime, timedelta

from storage.store import Store
from storage.tables import RecordRow


def some_records(store: Store, reporter: str, count: int, *, now: datetime) -> None:
    with store.write() as session:
        session.add_all(
            RecordRow(
                form="visit",
                reporter_id=reporter,
                happened_at=now - timedelta(minutes=number),
                status="confirmed",
                data={"result": f"第{number}次"},
                created_at=now,
                updated_at=now,
            )
            for number in range(count)
        )
