"""The tables without a module of their topic. A row is how something is kept, not what it means to the domain."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from storage.columns import BIG, JSON_TYPE, Claimable, Row, document, identity, long_text, moment

UNFINISHED = text("state IN ('pending', 'claimed')")


def claim_indexes(table: str) -> tuple[Index, Index]:
    """Small partial indexes: only what is not finished yet is ever searched for work."""
    return (
        Index(
            f"ix_{table}_lane",
            "lane",
            "id",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
        Index(
            f"ix_{table}_open",
            "id",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
    )


class InboxRow(Claimable, table=True):
    """A message as it came. States: pending, claimed, waiting (for a speech model), done, failed."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "tenant", "key"),
        *claim_indexes("inbox"),
    )

    id: int | None = identity()
    channel: str
    tenant: str
    key: str
    lane: str
    kind: str
    stage: str
    """perceive (its media are fetched and read, in any order) or turn (in the order of its lane)."""
    payload: str = long_text()
    """JSON of domain.messages.Inbound; emptied once a stranger's message was answered."""
    problem: str = long_text()
    """Why its media could not be had, in the words that the sender is told."""
    suggested: str = Field(default="", sa_type=Text, nullable=False, sa_column_kwargs={"server_default": ""})
    """What a language model pointed at in its words (JSON), empty where none is configured or it gave nothing."""
    received_at: datetime = moment(index=True)
    done_at: datetime | None = moment(null=True)


class OutboxRow(Claimable, table=True):
    """A delivery. States: pending, claimed, sent, partial, unknown, failed."""

    __tablename__ = "outbox"
    __table_args__ = claim_indexes("outbox")

    id: int | None = identity()
    key: str = Field(unique=True)
    """Stable over all attempts; a second delivery with the same key is never made."""
    lane: str
    channel: str
    recipient: str
    person_id: str
    kind: str
    content: str = long_text()
    """JSON of domain.cards.Content."""
    card_ref: str = Field(default="", index=True)
    card_revision: int = 0
    closes: bool = False
    """Shows the outcome on a card that is there already, and is nothing new to the reader."""
    fallback: str = long_text()
    """Sent as text where the card cannot be changed any more, so that whoever tapped learns the outcome."""
    inbox_id: int | None = Field(default=None, sa_type=BIG, index=True)
    created_at: datetime = moment()
    first_attempt_at: datetime | None = moment(null=True)
    done_at: datetime | None = moment(null=True)
    platform_ref: str = ""


class PaceRow(Row, table=True):
    """One send that counts against a platform's frequency limits. Kept for an hour."""

    __tablename__ = "pace"
    __table_args__ = (
        Index("ix_pace_lane_at", "lane", "at"),
        Index("ix_pace_channel_at", "channel", "at"),
    )

    id: int | None = identity()
    channel: str
    lane: str
    outbox_id: int = Field(sa_type=BIG, index=True)
    at: datetime = moment()


class ChannelRow(Row, table=True):
    """The state of a whole channel: paused by the platform's word, and why."""

    __tablename__ = "channel"

    name: str = Field(primary_key=True)
    paused_until: datetime | None = moment(null=True)
    pause_reason: str = ""
    pauses: int = 0


class DueRow(Claimable, table=True):
    """Something to do at a time, once. States: pending, claimed, done, cancelled, failed."""

    __tablename__ = "due"
    __table_args__ = (
        UniqueConstraint("name", "subject", "due_at"),
        Index(
            "ix_due_open",
            "available_at",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
    )

    id: int | None = identity()
    name: str
    subject: str = Field(index=True)
    """Whom or what it is about: a person's id or a reference such as `approval:3`."""
    person_id: str
    """Whose turn it is when the time has come."""
    due_at: datetime = moment()
    payload: dict[str, Any] = document()


class ConversationRow(Row, table=True):
    """What is open between the bot and one person. `version` grows with every turn."""

    __tablename__ = "conversation"

    person_id: str = Field(primary_key=True)
    version: int = 0
    state: dict[str, Any] = document()
    updated_at: datetime = moment()


class ShownCardRow(Row, table=True):
    """A card as it lies in somebody's chat, so that it can be changed there."""

    __tablename__ = "shown_card"
    __table_args__ = (UniqueConstraint("ref", "revision", "person_id", "channel"),)

    id: int | None = identity()
    ref: str = Field(index=True)
    revision: int
    person_id: str
    channel: str
    recipient: str
    card: str
    open: bool = True
    """Still carries buttons."""


class PersonRow(Row, table=True):
    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_wecom", text("lower(wecom_userid)")),
        Index("ix_person_dingtalk", text("lower(dingtalk_userid)")),
    )

    id: str = Field(primary_key=True)
    name: str
    nicknames: list[str] = document(default=list)
    role: str = "rep"
    team: str = ""
    region: str = ""
    manager_id: str | None = Field(default=None, index=True)
    wecom_userid: str | None = Field(default=None, unique=True)
    dingtalk_userid: str | None = Field(default=None, unique=True)
    prefers: str = ""
    """The channel that this person wants unasked messages in; empty: the role's usual one."""
    active: bool = True
    timezone: str | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    hired_on: date | None = None


class CustomerRow(Row, table=True):
    __tablename__ = "customer"

    code: str = Field(primary_key=True)
    name: str = Field(index=True)
    aliases: list[str] = document(default=list)
    city: str = ""
    district: str = ""
    address: str = ""
    level: str = ""
    owner_id: str | None = Field(default=None, index=True)
    latitude: float | None = None
    longitude: float | None = None
    datum: str = "GCJ-02"
    status: str = "active"
    contract_end: date | None = Field(default=None, index=True)


class ContactRow(Row, table=True):
    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("customer_code", "name"),)

    id: int | None = identity()
    customer_code: str = Field(index=True)
    name: str
    title: str = ""
    mobile: str = ""
    birthday: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    """`05-06`: month and day."""


class ProductRow(Row, table=True):
    __tablename__ = "product"

    code: str = Field(primary_key=True)
    name: str
    aliases: list[str] = document(default=list)
    unit: str = "箱"
    pack_size: int | None = None
    list_price: int | None = None
    floor_price: int | None = None


class CompetitorRow(Row, table=True):
    __tablename__ = "competitor"

    name: str = Field(primary_key=True)
    aliases: list[str] = document(default=list)


class DealerRow(Row, table=True):
    __tablename__ = "dealer"

    code: str = Field(primary_key=True)
    name: str
    details: dict[str, Any] = document()


class MasterDataRow(Row, table=True):
    """Counts the changes of people, customers, products and competitors; what is built from them is rebuilt."""

    __tablename__ = "master_data"

    id: int = Field(default=1, primary_key=True)
    version: int = 0


class ProposalRow(Row, table=True):
    """Records shown to a rep on one card and not yet his. States: open, confirmed, dropped, expired, undone."""

    __tablename__ = "proposal"

    id: int | None = identity()
    person_id: str = Field(index=True)
    revision: int = 1
    state: str = "open"
    question: dict[str, Any] | None = Field(default=None, sa_type=JSON_TYPE)
    asked: int = 0
    inbox_id: int | None = Field(default=None, sa_type=BIG)
    created_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)


class RecordRow(Row, table=True):
    """States: proposed, confirmed, submitted, approved, rejected, dropped, expired, undone."""

    __tablename__ = "record"
    __table_args__ = (Index("ix_record_reporter_happened", "reporter_id", "happened_at"),)

    id: int | None = identity()
    proposal_id: int | None = Field(default=None, sa_type=BIG, index=True)
    form: str = Field(index=True)
    form_version: int = 1
    reporter_id: str
    customer_code: str | None = Field(default=None, index=True)
    visit_id: int | None = Field(default=None, sa_type=BIG, index=True)
    happened_at: datetime = moment()
    status: str = "proposed"
    data: dict[str, Any] = document()
    sources: dict[str, str] = document()
    """By field id: the words, or the place on a picture, or the tap that the value came from."""
    checks: list[dict[str, Any]] = document(default=list)
    """JSON of domain.checks.Check: what does not fit on the paper that proves the record."""
    revision: int = 1
    inbox_id: int | None = Field(default=None, sa_type=BIG, index=True)
    created_at: datetime = moment(index=True)
    updated_at: datetime = moment()


class EvidenceRow(Row, table=True):
    __tablename__ = "evidence"

    id: int | None = identity()
    record_id: int = Field(sa_type=BIG, index=True)
    kind: str
    """text, voice, receipt, photo, position."""
    words: str = long_text()
    sha256: str | None = Field(default=None, index=True)
    details: dict[str, Any] = document()
    inbox_id: int | None = Field(default=None, sa_type=BIG)


class AuditRow(Row, table=True):
    """Append-only: who changed what, when and why."""

    __tablename__ = "audit"

    id: int | None = identity()
    subject: str = Field(index=True)
    """`record:12`, `approval:3`, `customer:C001`."""
    field: str
    old: Any = Field(default=None, sa_type=JSON_TYPE, nullable=True)
    new: Any = Field(default=None, sa_type=JSON_TYPE, nullable=True)
    who: str
    why: str = ""
    at: datetime = moment()
    inbox_id: int | None = Field(default=None, sa_type=BIG, index=True)


class ApprovalRow(Row, table=True):
    """One decision at one step of a flow. States: pending, approved, rejected, cancelled, passed_on."""

    __tablename__ = "approval"

    id: int | None = identity()
    record_id: int = Field(sa_type=BIG, index=True)
    flow_id: int | None = Field(default=None, sa_type=BIG, index=True)
    step: int = 0
    approver_id: str = Field(index=True)
    behalf: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """For whom he stands in."""
    added_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Who wanted his word as well."""
    state: str = "pending"
    reason: str = long_text()
    revision: int = 1
    created_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)


class CheckInRow(Row, table=True):
    __tablename__ = "check_in"

    id: int | None = identity()
    person_id: str = Field(index=True)
    customer_code: str | None = None
    state: str = "done"
    """done; asked while several customers are near; nowhere while none is; left for the position of a departure;
    forgotten, and without coordinates, once they are past their days."""
    chosen: str = ""
    """How the customer is known: near, tapped, said (in the visit's own words)."""
    latitude: float = Field(index=True)
    longitude: float
    datum: str
    accuracy: float | None = None
    label: str = ""
    distance: float | None = None
    """Metres to the customer's place."""
    at: datetime = moment(index=True)
    sent_at: datetime | None = moment(null=True)
    """By the platform's or the phone's clock."""
    left_at: datetime | None = moment(null=True)
    device: str = ""
    inbox_id: int | None = Field(default=None, sa_type=BIG)


class MediaRow(Row, table=True):
    """A file in our own store, named by its content."""

    __tablename__ = "media"

    sha256: str = Field(primary_key=True)
    size: int
    name: str = ""
    content_type: str = ""
    created_at: datetime = moment()


class MessageMediaRow(Row, table=True):
    """Which files came with which message."""

    __tablename__ = "message_media"

    inbox_id: int = Field(primary_key=True, sa_type=BIG)
    position: int = Field(primary_key=True)
    sha256: str


class PerceptionRow(Row, table=True):
    """What was heard or read, once for each content: the same bytes are never perceived twice."""

    __tablename__ = "perception"

    sha256: str = Field(primary_key=True)
    sense: str = Field(primary_key=True)
    """hear or read."""
    result: dict[str, Any] = document()
    created_at: datetime = moment()


class InvoiceRow(Row, table=True):
    """A receipt or invoice that somebody showed, one row for each paper. States: shown, claimed."""

    __tablename__ = "invoice"
    __table_args__ = (Index("ix_invoice_seller_day", "seller", "day"),)

    id: int | None = identity()
    key: str = Field(unique=True)
    """Which paper it is: domain.papers.Paper.key."""
    seller: str = ""
    """As domain.papers.plain_name leaves it."""
    day: str = ""
    total: str = ""
    person_id: str
    record_id: int = Field(sa_type=BIG, index=True)
    """The record that claims it, or, as long as it is only shown, the one that showed it."""
    sha256: str = ""
    state: str = "shown"
    shown_at: datetime = moment()


class CardHandleRow(Row, table=True):
    """An unused one-time code for changing a card: one came with sending it, one more with each tap."""

    __tablename__ = "card_handle"
    __table_args__ = (UniqueConstraint("channel", "card", "handle"),)

    id: int | None = identity()
    channel: str
    card: str
    """The platform's name for the card."""
    handle: str
    at: datetime = moment()


class LearnedPlaceRow(Row, table=True):
    """Where a customer is, from confirmed visits; used only where the master data say nothing."""

    __tablename__ = "learned_place"

    customer_code: str = Field(primary_key=True)
    latitude: float
    longitude: float
    datum: str
    spread: float
    """Metres within which the visits lie that taught it."""
    visits: int
    taught_by: list[str] = document(default=list)
    """`check_in:3`, …"""
    updated_at: datetime = moment()


class VisitVerdictRow(Row, table=True):
    """How far a visit is believed. A new version whenever more is known, until somebody has decided.

    States: told (nothing to decide), waiting (for the manager), accepted, refused, replaced, withdrawn.
    """

    __tablename__ = "visit_verdict"
    __table_args__ = (UniqueConstraint("record_id", "version"),)

    id: int | None = identity()
    record_id: int = Field(sa_type=BIG, index=True)
    version: int = 1
    check_in_id: int | None = Field(default=None, sa_type=BIG)
    score: int
    level: str
    reasons: list[dict[str, Any]] = document(default=list)
    """domain.authenticity.Finding."""
    rulebook: str
    """The version of the rules by which it was judged."""
    state: str = "told"
    reviewer_id: str | None = Field(default=None, index=True)
    answer: str = long_text()
    """What the rep said to it."""
    answered_at: datetime | None = moment(null=True)
    overruled_by: str | None = None
    reason: str = long_text()
    created_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)
