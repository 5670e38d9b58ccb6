"""Rows read back as what was told: understanding works on intents and knows no tables."""

from collections.abc import Iterable

from domain.intents.records import RecordIntent, Said
from storage.tables import RecordRow


def as_told(rows: Iterable[RecordRow]) -> tuple[RecordIntent, ...]:
    """Each record with its values and the words that they came from."""
    return tuple(
        RecordIntent(
            form=row.form,
            fields={
                key: Said(value=value, words=row.sources.get(key, "")) for key, value in row.data.items()
            },
        )
        for row in rows
    )
