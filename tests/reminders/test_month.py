"""Weeks around the new year and the national holiday: who is told what, when. The clock is simulated, nothing else."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.knowledge import Knowledge
from handlers.reminders import HINT
from storage.store import Store
from storage.tables import CheckInRow, ContactRow, CustomerRow, DueRow, PersonRow, RecordRow
from tests.databases import new_file
from tests.reminders.company import SHANGHAI, Working, failed, messages

PEOPLE = {"P1": "周建国", "P2": "李伟", "P3": "阿依古丽"}


def company(path: Path) -> Store:
    store = Store(new_file(path / "x.db"))
    with store.write() as session:
        session.add(PersonRow(id="P1", name="周建国", role="manager", dingtalk_userid="d1"))
        session.add(PersonRow(id="P2", name="李伟", manager_id="P1", wecom_userid="w2"))
        session.add(
            PersonRow(
                id="P3", name="阿依古丽", manager_id="P1", wecom_userid="w3", timezone="Asia/Urumqi",
                quiet_until=time(9),
            )
        )  # fmt: skip
        for code, name, owner, ends in (
            ("C1", "惠民超市", "P2", date(2026, 3, 14)),
            ("C2", "好邻居", "P2", None),
            ("C3", "天山商店", "P3", date(2026, 11, 6)),
        ):
            session.add(CustomerRow(code=code, name=name, owner_id=owner, contract_end=ends))
        session.add(ContactRow(customer_code="C1", name="王芳", title="店长", birthday="02-17"))
        session.add(ContactRow(customer_code="C3", name="买买提", title="老板", birthday="10-05"))
    return store


ASKS = "聊了什么发我一句就行；没去成也说一声。"


def visit(who: str, customer: str, at: datetime, form: str = "visit", **data: Any) -> RecordRow:
    """A record that somebody confirms at that time."""
    return RecordRow(
        form=form, reporter_id=who, customer_code=customer, happened_at=at, status="confirmed",
        data={"customer": customer, **data}, created_at=at, updated_at=at,
    )  # fmt: skip


def plan(who: str, customer: str, at: datetime, noted: datetime, **data: Any) -> RecordRow:
    row = visit(who, customer, at, planned=True, **data)
    row.created_at = noted
    return row


def check_in(who: str, customer: str, at: datetime) -> CheckInRow:
    return CheckInRow(person_id=who, customer_code=customer, latitude=0, longitude=0, datum="GCJ-02", at=at)


def lived(store: Store, first: date, last: date, *doing: RecordRow | CheckInRow) -> list[str]:
    """The clock goes from what is due to what is due next. What was told: person, day, his own local time, words."""
    now = [datetime.combine(first, time(0, 5), SHANGHAI)]
    worker = Working("w", store, Knowledge(), lambda: now[0])
    left = sorted(doing, key=_when)
    while now[0].date() <= last:
        with store.write() as session:
            while left and _when(left[0]) <= now[0]:
                session.add(left.pop(0))
        worker.run()
        with store.read() as session:
            due = session.scalar(select(func.min(DueRow.available_at)).where(DueRow.state == "pending"))
        step = now[0] + timedelta(minutes=100 if 6 <= now[0].hour < 21 else 600)
        now[0] = min(step, max(due.astimezone(SHANGHAI), now[0] + timedelta(seconds=1))) if due else step
    assert failed(store) == []
    with store.read() as session:
        zones = {
            p.id: ZoneInfo(p.timezone) if p.timezone else SHANGHAI for p in session.scalars(select(PersonRow))
        }
    told = sorted((at, person, words) for person, at, words in messages(store) if "【" in words)
    reports = {
        f"{at.astimezone(zones[who]):%H:%M}" for who, at, words in messages(store) if "【" not in words
    }
    assert reports == {"18:04"}  # the day's report, of those who did anything, by their own clocks
    return [
        f"{PEOPLE[person]} {at.astimezone(zones[person]):%m-%d %H:%M} {_plain(words)}"
        for at, person, words in told
    ]


def _plain(words: str) -> str:
    """In one line, without what every such message ends with."""
    return " ".join(words.replace(HINT, "").replace(ASKS, "").split())


def _when(row: RecordRow | CheckInRow) -> datetime:
    return row.created_at if isinstance(row, RecordRow) else row.at


def on(month: int, day: int, hour: int = 10, minute: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def test_the_weeks_around_the_new_year(tmp_path: Path) -> None:
    """Off from 15 to 23 February; Saturdays 14 and 28 are working days."""
    store = company(tmp_path)
    told = lived(
        store, date(2026, 2, 11), date(2026, 3, 2),
        visit("P2", "C1", on(2, 11), next_date="2026-02-13", next_step="送新价格表"),
        plan("P2", "C2", on(2, 14, 15, 0), on(2, 13), happened_at="2026-02-14T15:00:00+08:00", purpose="结账"),
        check_in("P3", "C3", on(2, 12)),
        check_in("P2", "C1", on(2, 13)),
        visit("P2", "C1", on(2, 13, 11)),
        plan("P3", "C3", on(2, 24, 0, 0), on(2, 20), happened_at="2026-02-24"),
        visit("P2", "C1", on(2, 25), form="complaint", reason="包装破损"),
        visit("P2", "C1", on(2, 28)),
    )  # fmt: skip
    assert told == [
        "周建国 02-12 08:56 【合同到期】惠民超市的合同3月14日 周六到期，还有30天，请安排续签。",
        "李伟 02-12 09:14 【合同到期】惠民超市的合同3月14日 周六到期，还有30天，请安排续签。",
        "阿依古丽 02-12 17:35 【补记提醒】 今天还没有记录的客户（1） · 天山商店（到过店）",
        "李伟 02-13 08:08 【跟进提醒】惠民超市约好今天（2月13日 周五）跟进：送新价格表",
        "李伟 02-14 08:06 【晨报】 要去的客户（1） · 15:00 好邻居（结账）",
        "李伟 02-14 17:38 【补记提醒】 今天还没有记录的客户（1） · 好邻居（有计划）",
        "李伟 02-16 09:08 【生日提醒】惠民超市的王芳店长明天（2月17日 周二）生日，记得问候一声。",
        "阿依古丽 02-24 09:09 【晨报】 要去的客户（1） · 天山商店",
        "阿依古丽 02-24 17:36 【补记提醒】 今天还没有记录的客户（1） · 天山商店（有计划）",
        "李伟 03-02 08:07 【我的周会】 过去七天（1） · 客诉/退换 1 条，拜访 1 条（1 家客户）",
        "周建国 03-02 08:40 【周会要点】 拜访（1） · 李伟 1 次 客诉/退换（1） · 惠民超市 包装破损（李伟）",
    ]  # fmt: skip
    store.close()


def test_the_weeks_around_the_national_holiday(tmp_path: Path) -> None:
    """Off from 1 to 7 October; Saturday 10 is a working day."""
    store = company(tmp_path)
    told = lived(
        store, date(2026, 9, 28), date(2026, 10, 12),
        plan("P2", "C2", on(9, 30, 0, 0), on(9, 28), happened_at="2026-09-30"),
        visit("P2", "C2", on(9, 30), next_date="2026-10-02", next_step="看陈列"),
        visit("P3", "C3", on(9, 29), form="meeting_todo", title="交客户清单", owner="P3", due="2026-10-08"),
        plan("P2", "C1", on(10, 10, 0, 0), on(10, 9), happened_at="2026-10-10"),
    )  # fmt: skip
    assert told == [
        "李伟 09-30 08:07 【晨报】 要去的客户（1） · 好邻居",
        "李伟 10-02 08:10 【跟进提醒】好邻居约好今天（10月2日 周五）跟进：看陈列",
        "李伟 10-03 08:10 【跟进提醒】好邻居约好昨天（10月2日 周五）跟进：看陈列",
        "阿依古丽 10-04 09:09 【生日提醒】天山商店的买买提老板明天（10月5日 周一）生日，记得问候一声。",
        "周建国 10-08 08:50 【合同到期】天山商店的合同11月6日 周五到期，还有29天，请安排续签。",
        "阿依古丽 10-08 09:04 【待办到期】交客户清单，今天（10月8日 周四）截止"
        " 【合同到期】天山商店的合同11月6日 周五到期，还有29天，请安排续签。",
        "阿依古丽 10-09 09:07 【晨报】 到期的待办（1） · 交客户清单（已经过了 1 天）",
        "李伟 10-10 08:10 【晨报】 要去的客户（2） · 好邻居（约的日子已经过了：看陈列） · 惠民超市",
        "阿依古丽 10-10 09:13 【晨报】 到期的待办（1） · 交客户清单（已经过了 2 天）",
        "李伟 10-10 17:37 【补记提醒】 今天还没有记录的客户（1） · 惠民超市（有计划）",
        "阿依古丽 10-12 09:07 【晨报】 到期的待办（1） · 交客户清单（已经过了 4 天）",
    ]  # fmt: skip
    store.close()
