"""What the platform is answered."""

from typing import Any

WORKING = "已收到，正在处理…"


def card_answer(fresh: bool) -> dict[str, Any]:
    """The immediate answer to a tap, due within 2 s: the person who tapped sees the effect at once.

    Only that person's private view changes; the true state follows by an update. A repeated tap changes
    nothing, since no update would come to take the waiting state away again.
    """
    if not fresh:
        return {}
    return {
        "userPrivateData": {"cardParamMap": {"status": WORKING, "buttons": "[]"}},
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
    }
