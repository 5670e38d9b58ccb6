"""A company of any size for benchmarks and kill tests: reps with customers of their own, and their messages."""

from datetime import datetime

from sqlmodel import Session

from bot.inbox import COLUMNS, INTO, row_of
from domain.messages import Inbound
from storage.people import bump_master_version
from storage.store import Store
from storage.tables import CompetitorRow, CustomerRow, PersonRow, ProductRow

PLACES = "朝阳海淀丰台通州大兴昌平顺义房山"
KINDS = ("超市", "便利店", "生活超市", "食杂店", "量贩店")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


def rep_id(number: int) -> str:
    return f"rep{number:03d}"


def shop_name(rep: int, shop: int) -> str:
    """A different name for each pair of numbers."""
    head = SURNAMES[rep % len(SURNAMES)] + "福鑫达旺顺和源隆"[shop % 8] + PLACES[(rep // 20) * 2 % 16 :][:2]
    return f"{head}{KINDS[(rep + shop) % len(KINDS)]}{rep:02d}{shop:02d}店"


def found(store: Store, *, reps: int, shops: int, now: datetime) -> None:
    """Write the company's people, customers and products into an empty database."""
    with store.write() as session:
        session.add(PersonRow(id="boss", name="孙磊", role="manager", wecom_userid="boss"))
        for rep in range(reps):
            name = SURNAMES[rep % len(SURNAMES)] + "明华强丽敏静涛超"[rep % 8]
            userid = rep_id(rep)
            session.add(PersonRow(id=userid, name=name, wecom_userid=userid, manager_id="boss"))
            _shops(session, rep, shops)
        for code, name in (("P01", "原味酸奶"), ("P02", "草莓酸奶"), ("P03", "纯牛奶")):
            session.add(ProductRow(code=code, name=name))
        session.add(CompetitorRow(name="蒙牛"))
        bump_master_version(session)


def _shops(session: Session, rep: int, shops: int) -> None:
    for shop in range(shops):
        session.add(
            CustomerRow(
                code=f"C{rep:03d}{shop:03d}",
                name=shop_name(rep, shop),
                owner_id=rep_id(rep),
                latitude=39.9 + rep * 0.001,
                longitude=116.4 + shop * 0.01,
            )
        )


def visit_note(rep: int, shop: int, boxes: int) -> str:
    return f"拜访了{shop_name(rep, shop)}王经理，他说价格比蒙牛贵，意向订{boxes}箱原味酸奶，下周三之前给报价"


def fill(store: Store, tenant: str, count: int, *, reps: int, shops: int, now: datetime) -> None:
    """Messages that wait in the inbox: visit notes, each followed by its confirmation."""
    mark = "?" if store.sqlite else "%s"
    rows = []
    for number in range(count):
        rep, pair = (number // 2) % reps, number // 2
        message = Inbound(
            channel="wecom",
            tenant=tenant,
            key=f"fill{number}",
            sender=rep_id(rep),
            kind="text",
            sent_at=now,
            text="确认" if number % 2 else visit_note(rep, pair % shops, pair % 90 + 1),
        )
        rows.append(row_of(message, now, sqlite=store.sqlite))
    with store.transaction() as connection:
        connection.exec_driver_sql(f"{INTO}({', '.join([mark] * len(COLUMNS))})", rows)
