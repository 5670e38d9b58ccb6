"""The pictures that both reading engines are given, and what one of them reads.

`python -m tests.paddle.samples` prints, as JSON, what rapidocr reads in them and where its models are.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nlu.senses.documents import ReadingEngine
from nlu.senses.reading import read
from tests.senses.receipts import as_jpeg, invoice, taxi, till

NOW = datetime(2026, 3, 21, tzinfo=UTC)
PLAYGROUND = Path(__file__).parents[2] / "bot" / "playground" / "samples"


def pictures() -> dict[str, bytes]:
    drawn = {"taxi": as_jpeg(taxi()), "till": as_jpeg(till()), "invoice": as_jpeg(invoice())}
    return drawn | {file.name: file.read_bytes() for file in sorted(PLAYGROUND.glob("receipt_*.jpg"))}


def fields(engine: ReadingEngine) -> dict[str, Any]:
    """Kind and single values of each picture, whichever engine read them."""
    found = {}
    for name, picture in pictures().items():
        seen = read(picture, engine, NOW)
        documents = [{key: value.text for key, value in one.fields.items()} for one in seen.documents]
        found[name] = {"kind": seen.kind, "readable": seen.readable, "documents": documents}
    return found


def main() -> None:
    import rapidocr

    from nlu.senses.engines.rapidocr import RapidReader

    bundled = Path(str(rapidocr.__file__)).parent / "models"
    json.dump({"models": str(bundled), "fields": fields(RapidReader())}, sys.stdout)


if __name__ == "__main__":
    main()
