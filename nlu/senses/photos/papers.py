"""Papers look alike: two receipts of one shop differ in nothing but their figures."""

from collections.abc import Mapping
from typing import Any

NO_PAPERS = frozenset({"watermark_photo", "shelf_photo", "business_card", "other"})
TELLING = ("invoice_number", "total", "date", "time", "seller_name")
ENOUGH = 2
"""So many of the telling fields have to be read, alike, on both."""


def may_be_one_paper(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether what was read on two pictures that look alike allows them to be the same picture.

    Both are the JSON of a Read. True for photos that are no papers; papers must say the same.
    """
    if one.get("kind", "other") in NO_PAPERS and other.get("kind", "other") in NO_PAPERS:
        return True
    a, b = _values(one), _values(other)
    shared = [key for key in TELLING if key in a and key in b]
    return len(shared) >= ENOUGH and all(a[key] == b[key] for key in shared)


def _values(read: Mapping[str, Any]) -> dict[str, Any]:
    documents = read.get("documents") or ()
    return {key: field["value"] for key, field in documents[0]["fields"].items()} if documents else {}
