"""What a read picture means as an expense. Pure: from the JSON of a perception to record intents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.intents.records import Question, RecordIntent, Said
from domain.papers import Paper

EXPENSE_KINDS = frozenset(
    {
        "invoice_digital",
        "invoice_vat",
        "receipt_till",
        "receipt_taxi",
        "receipt_toll",
        "itinerary",
        "hotel_folio",
    }
)
FIELDS = {
    "total": "amount",
    "seller_name": "seller_name",
    "category": "category",
    "invoice_number": "invoice_number",
    "city": "city",
}
"""Field of a document → field of the expense form."""
KIND_WORDS = {
    "receipt_taxi": "出租车",
    "receipt_toll": "通行费",
    "hotel_folio": "住宿",
    "itinerary": "行程单",
}
"""What a kind of receipt says by itself about what was bought."""

IDENTIFIES = {
    "invoice_number": "number",
    "invoice_code": "code",
    "seller_name": "seller",
    "buyer_name": "buyer",
    "buyer_tax_id": "buyer_tax_id",
    "date": "day",
    "time": "time",
    "total": "total",
}
"""Field of a document → field of a paper."""

SOURCES = {"qr": "二维码", "text": "PDF 原文", "ocr": "票面文字", "xml": "电子原件", "ofd": "电子原件"}

NOT_A_RECEIPT = (
    "图片收到了，但没有认出票据。如果是要报销，请把小票或发票拍平、拍全再发一张；"
    "如果是拜访照片，说一句是哪家客户就行。"
)
NO_AMOUNT = Question(field="amount", ask="这张票据的金额没认清，一共多少钱？", form="expense")


def expenses_in(read: dict[str, Any], now: datetime) -> list[tuple[RecordIntent, Paper]]:
    """One expense for each receipt on the picture. Only what was read with certainty is filled in."""
    if not read.get("readable"):
        return []
    documents = [d for d in read.get("documents", ()) if d["kind"] in EXPENSE_KINDS]
    return [(_expense(document, now), paper_of(document, index)) for index, document in enumerate(documents)]


def _expense(document: dict[str, Any], now: datetime) -> RecordIntent:
    read = document["fields"]
    fields = {
        ours: Said(value=_value(theirs, read[theirs]["value"]), words=_source(read[theirs]))
        for theirs, ours in FIELDS.items()
        if theirs in read
    }
    if "date" in read:
        fields["happened_at"] = Said(value=_when(read, now), words=_source(read["date"]))
    if items := _items(document):
        fields["items"] = Said(value=items, words=_source(read.get("items", {})))
    return RecordIntent(form="expense", fields=fields)


def _items(document: dict[str, Any]) -> str:
    """What was bought, as far as the receipt says."""
    listed = document["fields"].get("items", {}).get("value") or []
    names = [str(item.get("name", "")) for item in listed if isinstance(item, dict)]
    return "、".join(filter(None, (KIND_WORDS.get(document["kind"], ""), *names)))[:200]


def paper_of(document: dict[str, Any], index: int = 0) -> Paper:
    """What identifies the receipt in the company's books, and what it breaks by itself."""
    read = document["fields"]
    said = {ours: str(read[theirs]["value"]) for theirs, ours in IDENTIFIES.items() if theirs in read}
    places = {field: str(value.get("source", "")) for field, value in read.items()}
    judged = {"index": index, "places": places, "checks": document.get("checks", ())}
    return Paper.model_validate(said | judged)


def _value(field: str, value: Any) -> Any:
    return float(value) if field == "total" else value


def _when(read: dict[str, Any], now: datetime) -> str:
    """The day on the receipt, with its time where one is printed, in the company's zone."""
    clock = str(read["time"]["value"])[:5] if "time" in read else "00:00"
    return datetime.fromisoformat(f"{read['date']['value']}T{clock}").replace(tzinfo=now.tzinfo).isoformat()


def _source(read: dict[str, Any]) -> str:
    origin = str(read.get("source", "")).partition(" ")[0]
    return SOURCES.get(origin, "票面文字")


def why_nothing(read: dict[str, Any]) -> str:
    """What the sender is told about a picture that made no record."""
    return str(read.get("ask") or NOT_A_RECEIPT)


def question_for(records: Sequence[RecordIntent]) -> Question | None:
    """Without an amount an expense cannot be saved."""
    for index, record in enumerate(records):
        if "amount" not in record.fields:
            return NO_AMOUNT.model_copy(update={"index": index})
    return None
