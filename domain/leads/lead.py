"""A lead: somebody who may become a customer, and where he stands on the way."""

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from domain.values import Value

LeadState = Literal["new", "offered", "accepted", "following", "won", "lost", "pool", "merged"]
Touch = Literal["reply", "call", "visit", "note"]
EventKind = Literal[
    "received",
    "merged",
    "offered",
    "accepted",
    "passed",
    "reminded",
    "manager_told",
    "moved",
    "touched",
    "followed_up",
    "stage",
    "silent",
    "silent_told",
    "won",
    "lost",
    "returned",
    "reopened",
    "asked",
    "apart",
    "customer",
]
STATE_WORDS: dict[str, str] = {
    "new": "待分配",
    "offered": "待接收",
    "accepted": "已接收，待首次联系",
    "following": "跟进中",
    "won": "已成交",
    "lost": "已流失",
    "pool": "公海",
    "merged": "已合并",
}
EVENT_WORDS: dict[str, str] = {
    "received": "收到",
    "merged": "合并",
    "offered": "派给",
    "accepted": "接收",
    "passed": "转出",
    "reminded": "提醒",
    "manager_told": "告知上级",
    "moved": "改派",
    "touched": "首次联系",
    "followed_up": "跟进",
    "stage": "进入阶段",
    "silent": "提醒跟进",
    "silent_told": "告知上级没有跟进",
    "won": "成交",
    "lost": "流失",
    "returned": "退回公海",
    "reopened": "重新跟进",
    "asked": "问是不是同一家",
    "apart": "确认不是同一家",
    "customer": "认出是客户",
}
FIELD_WORDS: dict[str, str] = {
    "company": "公司",
    "contact": "联系人",
    "phone": "电话",
    "tax_id": "税号",
    "city": "城市",
    "district": "区",
    "address": "地址",
    "products": "产品",
    "need": "需求",
    "value": "预计金额",
    "source": "来源",
    "level": "级别",
    "customer_code": "客户编码",
    "lost_reason": "流失原因",
}
WAITING: tuple[LeadState, ...] = ("new", "offered", "accepted")
"""Nobody has been in touch yet."""
OPEN: tuple[LeadState, ...] = (*WAITING, "following", "pool")
"""May still become a customer."""

WITHDRAWN = "登记的人撤销了"
"""The reason of a loss that was none: whoever had told of the lead took it back before anybody had it."""


class Lead(Value):
    """`state` and `round` together are the token of a change: whoever changes a lead says which it found."""

    id: str
    company: str = ""
    contact: str = ""
    phone: str = ""
    """Digits alone, with the area code of a landline; an extension after a hyphen."""
    tax_id: str = ""
    city: str = ""
    district: str = ""
    address: str = ""
    products: tuple[str, ...] = ()
    """Codes of products that were asked for."""
    need: str = ""
    """In the lead's own words."""
    source: str = ""
    value: int | None = None
    """Expected, in fen."""
    level: str = ""
    """A, B, C or empty."""
    received_at: AwareDatetime
    """When the lead turned to us, as far as the source says."""
    created_at: AwareDatetime
    """When we were told of it."""
    state: LeadState = "new"
    stage: str = ""
    """The key of the stage of the SOP."""
    owner_id: str | None = None
    offered_at: datetime | None = None
    round: int = 0
    """How often it was given to somebody."""
    due_at: datetime | None = None
    """When the present step of the first-touch clock ends."""
    touched_at: datetime | None = None
    touched_by: str | None = None
    touch: Touch | None = None
    customer_code: str | None = None
    merged_into: str | None = None
    lost_reason: str = ""
    follow_ups: int = 0
    last_follow_up_at: datetime | None = None
    details: dict[str, Any] = Field(default_factory=dict)
    """Every further column of its source, and what was told of it otherwise elsewhere (`others`)."""

    @property
    def name(self) -> str:
        """How people speak of it."""
        return self.company or self.contact or self.phone or self.id


class LeadEvent(Value):
    """One entry of a lead's history."""

    lead_id: str
    at: AwareDatetime
    kind: EventKind
    person_id: str | None = None
    """Whom it is about."""
    who: str
    """Whoever did it: a person's id, or the way by which it came."""
    reason: str = ""
    details: dict[str, Any] = Field(default_factory=dict)
