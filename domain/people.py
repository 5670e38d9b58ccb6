"""The people of the company and the things they sell to, as understanding and rules need them."""

from datetime import date, time
from typing import Literal
from zoneinfo import ZoneInfo

from domain.positions import Position
from domain.push_times import QUIET_FROM, QUIET_UNTIL, Quiet
from domain.values import Value

LUNAR_BIRTHDAY = "农历"
Role = Literal["rep", "manager", "director", "finance", "operations", "trainer", "admin"]
ROLE_WORDS: dict[str, str] = {
    "rep": "业务员",
    "manager": "经理",
    "director": "总监",
    "finance": "财务",
    "operations": "销售运营",
    "trainer": "培训",
    "admin": "管理员",
}
CustomerStatus = Literal["active", "closed", "contact_left", "competitor_exclusive", "dormant"]


class Person(Value):
    id: str
    name: str
    nicknames: tuple[str, ...] = ()
    role: Role = "rep"
    team: str = ""
    region: str = ""
    manager_id: str | None = None
    wecom_userid: str | None = None
    dingtalk_userid: str | None = None
    active: bool = True
    timezone: str | None = None
    """Where his clock differs from the company's."""
    quiet_from: time | None = None
    quiet_until: time | None = None
    """The hours in which he wants nothing unasked, where he said other ones than the usual."""

    hired_on: date | None = None
    """The first day with the company, where it is known: the path of a new hire counts from it."""

    @property
    def quiet(self) -> Quiet:
        return Quiet(start=self.quiet_from or QUIET_FROM, end=self.quiet_until or QUIET_UNTIL)

    def zone(self, company: ZoneInfo) -> ZoneInfo:
        return ZoneInfo(self.timezone) if self.timezone else company

    def userid(self, channel: str) -> str | None:
        """How that channel's directory spells this person's id."""
        return {"wecom": self.wecom_userid, "dingtalk": self.dingtalk_userid}.get(channel)


class Customer(Value):
    code: str
    name: str
    aliases: tuple[str, ...] = ()
    city: str = ""
    district: str = ""
    address: str = ""
    level: str = ""
    owner_id: str | None = None
    position: Position | None = None
    status: CustomerStatus = "active"
    contract_end: date | None = None


class Contact(Value):
    customer: str
    """The customer's code."""
    name: str
    title: str = ""
    mobile: str = ""
    birthday: str = ""
    """`05-06`: month and day, every year; by the lunar calendar `农历08-15`."""


class Product(Value):
    code: str
    name: str
    aliases: tuple[str, ...] = ()
    unit: str = "箱"
    pack_size: int | None = None
    list_price: int | None = None
    """Fen."""
    floor_price: int | None = None
    """Fen."""


class Competitor(Value):
    name: str
    aliases: tuple[str, ...] = ()
