"""Imports: what is taken, what is refused and why, and that doing it again changes nothing."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel, select

from bot import imports
from bot.csv_files import FileRefused, decode
from bot.import_columns import COLUMNS
from storage import receivables
from storage.lead_tables import LeadRow
from storage.people import master_version
from storage.receivables import ReceivableRow
from storage.stock import Stock
from storage.stock_tables import StockBalanceRow
from storage.store import Store
from storage.tables import ContactRow, CustomerRow, DealerRow, PersonRow, ProductRow
from tests.databases import new_file

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
PEOPLE = "id,name,nicknames,role,team,region,manager_id,wecom_userid,dingtalk_userid\n"
CUSTOMERS = "code,name,aliases,city,district,address,level,owner_id,lat,lng,datum,status\n"
DEMO = Path(__file__).parents[2] / "config" / "demo"


def take(store: Store, kind: str, text: str | bytes) -> imports.Report:
    content = text.encode() if isinstance(text, str) else text
    return imports.load(kind, content, store, now=NOW)


def refused(store: Store, kind: str, text: str) -> list[str]:
    return [str(one) for one in take(store, kind, text).refused]


def rows(store: Store, row: type[SQLModel]) -> dict[Any, Any]:
    with store.read() as session:
        found = [one.model_dump() for one in session.exec(select(row))]
    key = next(kind.key for kind in imports.KINDS.values() if kind.row is row)
    return {one[key]: one for one in found}


def test_people_come_in_with_lists_and_folded_wecom_ids(store: Store) -> None:
    report = take(
        store,
        "people",
        PEOPLE + "P1,周建国,老周|周经理,Manager,一队,华北,,ZhouJianguo,Ding-Z\nP2,李伟,,,,,P1,LiWei,\n",
    )
    assert (report.added, report.changed, report.unchanged, report.refused) == (2, 0, 0, [])
    found = rows(store, PersonRow)
    assert found["P1"]["nicknames"] == ["老周", "周经理"]
    assert found["P1"]["role"] == "manager"
    assert found["P1"]["wecom_userid"] == "zhoujianguo"
    assert found["P1"]["dingtalk_userid"] == "Ding-Z"
    assert (found["P2"]["role"], found["P2"]["manager_id"]) == ("rep", "P1")


def test_the_same_file_twice_changes_nothing_and_leaves_the_version_alone(store: Store) -> None:
    for kind in imports.KINDS:
        assert take(store, kind, (DEMO / f"{kind}.csv").read_bytes()).refused == []
    with store.read() as session:
        version = master_version(session)
    for kind in imports.KINDS:
        again = take(store, kind, (DEMO / f"{kind}.csv").read_bytes())
        assert (again.added, again.changed) == (0, 0)
        assert again.unchanged > 0
    with store.read() as session:
        assert master_version(session) == version > 0


def test_a_column_left_out_stays_and_an_empty_cell_empties(store: Store) -> None:
    take(store, "products", "code,name,aliases,unit,list_price\nA,酸奶,原味,杯,4.50\n")
    report = take(store, "products", "code,name,list_price\nA,酸奶,\n")
    assert (report.changed, report.added) == (1, 0)
    found = rows(store, ProductRow)["A"]
    assert (found["unit"], found["aliases"], found["list_price"]) == ("杯", ["原味"], None)


def test_prices_are_kept_in_fen(store: Store) -> None:
    take(store, "products", 'code,name,list_price,floor_price,pack_size\nA,酸奶,"1,042.50",￥38.5,12\n')
    found = rows(store, ProductRow)["A"]
    assert (found["list_price"], found["floor_price"], found["pack_size"]) == (104250, 3850, 12)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("P1,,,,,,,,", "name 是空的"),
        ("P1,甲,,boss,,,,,", "role “boss”不可用，只能是 rep、manager"),
        ("P1,甲,,,,,P9,,", "manager_id “P9”不在人员里"),
        ("P1,甲,,,,,P1,,", "上级关系成了一个圈：P1 → P1"),
        ("P1,甲,,,,,,a b,", "wecom_userid “a b”不像平台的成员账号"),
        ("P1,甲,,,,,,@all,", "wecom_userid “@all”不像平台的成员账号"),
        ("P1,甲,,,", "有 5 格，表头有 9 列"),
        ("P1,甲,,,,,,,,多", "有 10 格，表头有 9 列"),
        (f"P1,{'长' * 10001},,,,,,,", "name 超过 10000 个字"),
    ],
)
def test_a_person_that_cannot_be_is_refused_with_its_line(sqlite_store: Store, row: str, said: str) -> None:
    found = refused(sqlite_store, "people", PEOPLE + "\n" + row + "\nP8,乙,,,,,,,\n")
    assert len(found) == 1
    assert found[0].startswith("第 3 行：")
    assert said in found[0]
    assert set(rows(sqlite_store, PersonRow)) == {"P8"}


def test_a_ring_of_managers_is_refused_whole_and_whoever_hangs_on_it_too(sqlite_store: Store) -> None:
    found = refused(
        sqlite_store,
        "people",
        PEOPLE + "A,甲,,,,,B,,\nB,乙,,,,,C,,\nC,丙,,,,,A,,\nD,丁,,,,,A,,\nE,戊,,,,,,,\n",
    )
    assert [line.partition("：")[0] for line in found] == ["第 2 行", "第 3 行", "第 4 行", "第 5 行"]
    assert "A → B → C → A" in found[0]
    assert "“A”不在人员里" in found[3]
    assert set(rows(sqlite_store, PersonRow)) == {"E"}


def test_a_ring_closed_by_somebody_already_known_is_refused(sqlite_store: Store) -> None:
    take(sqlite_store, "people", PEOPLE + "A,甲,,,,,,,\nB,乙,,,,,A,,\n")
    assert "A → B → A" in refused(sqlite_store, "people", PEOPLE + "A,甲,,,,,B,,\n")[0]


def test_a_platform_id_belongs_to_one_person(store: Store) -> None:
    take(store, "people", PEOPLE + "A,甲,,,,,,wa,da\n")
    found = refused(store, "people", PEOPLE + "B,乙,,,,,,WA,\nC,丙,,,,,,wc,\nD,丁,,,,,,WC,\nE,戊,,,,,,,da\n")
    assert found == [
        "第 2 行：企业微信账号“wa”已经是 A 的了。",
        "第 4 行：企业微信账号“wc”已经是 C 的了。",
        "第 5 行：钉钉账号“da”已经是 A 的了。",
    ]


def test_platform_ids_may_change_hands_within_one_file(store: Store) -> None:
    take(store, "people", PEOPLE + "A,甲,,,,,,wa,da\nB,乙,,,,,,wb,\n")
    report = take(store, "people", PEOPLE + "A,甲,,,,,,wb,\nB,乙,,,,,,wa,da\n")
    assert report.refused == []
    found = rows(store, PersonRow)
    assert [found[p]["wecom_userid"] for p in "AB"] == ["wb", "wa"]
    assert [found[p]["dingtalk_userid"] for p in "AB"] == [None, "da"]


def test_the_same_key_twice_in_a_file_counts_once(sqlite_store: Store) -> None:
    found = refused(sqlite_store, "competitors", "name,aliases\n蒙牛,\n伊利,\n蒙牛,纯甄\n")
    assert found == ["第 4 行：“蒙牛”和第 2 行重复。"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("C1,店,,,,,,P9,,,,", "owner_id “P9”不在人员里"),
        ("C1,店,,,,,,,39.9,,,", "lat 和 lng 要么都写"),
        ("C1,店,,,,,,,116.4,39.9,,", "lat 116.4 超出了 ±90 度"),
        ("C1,店,,,,,,,87.6,43.8,,", "像是写反了"),
        ("C1,店,,,,,,,0,0,,", "那里是大海"),
        ("C1,店,,,,,,,nan,116,,", "lat “nan”不是数字"),
        ("C1,店,,,,,,,1e999,116,,", "lat 1e999 超出了"),
        ("C1,店,,,,,,,39.9,116.4,WGS,", "datum “WGS”不可用，只能是 GCJ-02、WGS-84、BD-09"),
        ("C1,店,,,,,,,,,,open", "status “open”不可用"),
    ],
)
def test_a_customer_that_cannot_be_is_refused(sqlite_store: Store, row: str, said: str) -> None:
    found = refused(sqlite_store, "customers", CUSTOMERS + row + "\n")
    assert len(found) == 1
    assert said in found[0]


def test_a_place_keeps_its_datum_under_the_name_that_maps_use(sqlite_store: Store) -> None:
    take(sqlite_store, "customers", CUSTOMERS + "C1,甲,,,,,,,39.9,116.4,wgs84,\nC2,乙,,,,,,,39.9,116.4,,\n")
    found = rows(sqlite_store, CustomerRow)
    assert [found[c]["datum"] for c in ("C1", "C2")] == ["WGS-84", "GCJ-02"]
    assert found["C1"]["latitude"] == 39.9


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("products", "code,name,list_price,floor_price\nA,奶,30,36\n", "底价 36.00 高于标价 30.00"),
        ("products", "code,name,list_price\nA,奶,30.555\n", "最多两位小数"),
        ("products", "code,name,list_price\nA,奶,-1\n", "不是金额"),
        ("products", "code,name,pack_size\nA,奶,1.5\n", "应当是 1 到 100000 的整数"),
        ("stock", "product,on_hand\nZ,3\n", "没有产品“Z”"),
        ("stock", "product,on_hand\nA,-3\n", "不小于 0"),
        ("stock", "product,on_hand\nA,\n", "on_hand 是空的"),
    ],
)
def test_goods_that_cannot_be_are_refused(sqlite_store: Store, kind: str, text: str, said: str) -> None:
    if kind == "stock":
        take(sqlite_store, "products", "code,name\nA,奶\n")
    assert said in refused(sqlite_store, kind, text)[0]


def test_stock_is_stamped_when_it_changes(sqlite_store: Store) -> None:
    take(sqlite_store, "products", "code,name\nA,奶\n")
    take(sqlite_store, "stock", "product,on_hand\nA,60.50\n")
    imports.load("stock", b"product,on_hand\nA,61\n", sqlite_store, now=NOW.replace(hour=5))
    with sqlite_store.read() as session:
        counted = session.exec(select(StockBalanceRow)).one()
    assert (counted.on_hand, counted.counted_at.hour) == (Decimal(61), 5)


def test_stock_is_counted_lot_by_lot_and_a_pack_stays_while_there_is_any(sqlite_store: Store) -> None:
    take(sqlite_store, "products", "code,name,pack_size\nA,奶,12\n")
    lots = "product,on_hand,lot,expires_on\nA,2,L1,2026-06-30\nA,3,L2,2026年7月1日\n"
    assert take(sqlite_store, "stock", lots).added == 2
    assert take(sqlite_store, "stock", lots).unchanged == 2
    assert take(sqlite_store, "stock", "product,on_hand,lot\nA,2.5,L1\n").changed == 1
    with sqlite_store.read() as session:
        found = [(r.lot, r.on_hand, str(r.expires_on)) for r in session.exec(select(StockBalanceRow))]
    assert found == [("L1", 30, "2026-06-30"), ("L2", 36, "2026-07-01")]
    assert "和第 2 行重复" in refused(sqlite_store, "stock", "product,on_hand,lot\nA,2,L1\nA,2,L1\n")[0]
    assert "不是日期" in refused(sqlite_store, "stock", "product,on_hand,expires_on\nA,2,2026-02-30\n")[0]
    assert "不能改 pack_size" in refused(sqlite_store, "products", "code,name,pack_size\nA,奶,24\n")[0]
    take(sqlite_store, "stock", "product,on_hand,lot\nA,0,L1\nA,0,L2\n")
    assert take(sqlite_store, "products", "code,name,pack_size\nA,奶,24\n").changed == 1


def test_a_count_below_what_requests_hold_is_refused(sqlite_store: Store) -> None:
    take(sqlite_store, "products", "code,name,pack_size\nA,奶,12\n")
    take(sqlite_store, "stock", "product,on_hand\nA,2\n")
    with sqlite_store.write() as session:
        Stock(session, who="P1", now=NOW, inbox_id=None).reserve(1, "A", Decimal(13), NOW.date())
    assert "先发货或驳回" in refused(sqlite_store, "stock", "product,on_hand\nA,1\n")[0]
    assert take(sqlite_store, "stock", "product,on_hand\nA,1.5\n").changed == 1


def test_dealers_and_leads_keep_every_further_column(sqlite_store: Store) -> None:
    take(sqlite_store, "dealers", "code,name,contact\nD1,京东方,何志强\n")
    take(sqlite_store, "leads", "id,name,source,活动\nL1,喜乐汇,官网,糖酒会\n")
    assert rows(sqlite_store, DealerRow)["D1"]["details"] == {"contact": "何志强"}
    lead = rows(sqlite_store, LeadRow)["L1"]
    assert (lead["company"], lead["source"], lead["created_at"]) == ("喜乐汇", "官网", NOW)
    assert lead["details"] == {"活动": "糖酒会"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_every_office_are_understood(sqlite_store: Store, encoding: str, delimiter: str) -> None:
    text = "\r\n".join(
        delimiter.join(row) for row in (("name", "aliases"), ("蒙牛", "特仑苏|纯甄"), ("", ""))
    )
    report = take(sqlite_store, "competitors", text.encode(encoding))
    assert (report.added, report.refused) == (1, [])


def test_a_quoted_cell_over_several_lines_counts_as_the_line_it_begins_on(sqlite_store: Store) -> None:
    take(sqlite_store, "people", PEOPLE)
    text = CUSTOMERS + 'C1,店,,,,"一层\n二层",,,,,,\nC2,,,,,,,,,,,\n'
    assert refused(sqlite_store, "customers", text) == ["第 4 行：name 是空的。"]
    assert rows(sqlite_store, CustomerRow)["C1"]["address"] == "一层\n二层"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04zip", "这是 Excel 文件"),
        (b"\xd0\xcf\x11\xe0old", "这是 Excel 文件"),
        (b"\x81\xff\xff", "看不懂文件的编码"),
        (b"a\0b", "看不懂文件的编码"),
        ("id,姓名\n1,甲".encode(), "不认识的列“姓名”；缺少列“name”"),
        (b"id,nmae\n1,x", "不认识的列“nmae”（是不是 name？）"),
        (b"id,name,name\n1,x,y", "列“name”写了两次"),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_refused_whole(
    sqlite_store: Store, content: bytes, said: str
) -> None:
    with pytest.raises(FileRefused) as error:
        take(sqlite_store, "people", content)
    assert said in error.value.words
    assert rows(sqlite_store, PersonRow) == {}


def test_a_long_file_is_written_in_several_transactions(sqlite_store: Store) -> None:
    done: list[int] = []
    text = "name\n" + "".join(f"竞品{n}\n" for n in range(1203))
    imports.load("competitors", text.encode(), sqlite_store, now=NOW, progress=done.append)
    assert done == [500, 500, 203]
    with sqlite_store.read() as session:
        assert master_version(session) == 3


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=9), max_size=6))
def test_no_file_of_people_raises_and_every_row_is_accounted_for(cells: list[list[str]]) -> None:
    import csv
    import io
    import tempfile

    text = io.StringIO()
    csv.writer(text).writerows([[c.name for c in COLUMNS["people"]], *cells])
    with tempfile.TemporaryDirectory() as folder:
        store = Store(new_file(Path(folder) / "x.db"))
        report = take(store, "people", text.getvalue())
        given_rows = sum(any(cell.strip() for cell in row) for row in cells)
        assert report.added + len(report.refused) == given_rows
        again = take(store, "people", text.getvalue())
        assert (again.added, again.changed, again.unchanged) == (0, 0, report.added)
        store.close()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_what_was_saved_as_utf8_is_read_as_utf8(text: str) -> None:
    assert decode(text.encode("utf-8-sig")) == text


def test_dates_to_be_reminded_of_come_with_customers_contacts_and_people(sqlite_store: Store) -> None:
    take(sqlite_store, "people", "id,name,timezone\nP1,古丽,Asia/Urumqi\n")
    take(sqlite_store, "customers", "code,name,contract_end\nC1,惠民,2026年6月30日\nC2,好邻居,\n")
    given = "customer,name,birthday\nC1,王芳,1980-05-06\nC1,李强,2月29日\nC2,王芳,\nC2,赵红,农历腊月廿三\n"
    assert take(sqlite_store, "contacts", given).added == 4
    with sqlite_store.read() as session:
        born = {(c.customer_code, c.name): c.birthday for c in session.exec(select(ContactRow))}
    assert born.pop(("C2", "赵红")) == "农历12-23"
    assert born == {("C1", "王芳"): "05-06", ("C1", "李强"): "02-29", ("C2", "王芳"): ""}
    assert str(rows(sqlite_store, CustomerRow)["C1"]["contract_end"]) == "2026-06-30"
    assert rows(sqlite_store, PersonRow)["P1"]["timezone"] == "Asia/Urumqi"


HEADING = "customer,number,amount,due,as_of\n"


def owed(store: Store) -> dict[str, int]:
    with store.read() as session:
        return {row.number: row.amount for row in session.exec(select(ReceivableRow))}


def test_a_list_of_receivables_is_the_whole_list_of_what_is_open(sqlite_store: Store) -> None:
    take(sqlite_store, "customers", "code,name\nC1,惠民\n")
    first = f"{HEADING}C1,INV1,800.50,2026-01-05,2026-03-08\nC1,INV2,500,2026/3/1,2026-03-08\n"
    assert take(sqlite_store, "receivables", first).added == 2
    assert take(sqlite_store, "receivables", first).unchanged == 2
    assert owed(sqlite_store) == {"INV1": 80050, "INV2": 50000}
    take(sqlite_store, "receivables", f"{HEADING}C1,INV2,200,2026-03-01,2026-03-09\n")
    assert owed(sqlite_store) == {"INV2": 20000}
    with sqlite_store.read() as session:
        assert str(receivables.as_of(session)) == "2026-03-09"


def test_where_a_row_is_refused_nothing_is_taken_for_paid(sqlite_store: Store) -> None:
    take(sqlite_store, "customers", "code,name\nC1,惠民\n")
    take(sqlite_store, "receivables", f"{HEADING}C1,INV1,800,2026-01-05,2026-03-08\n")
    given = f"{HEADING}C1,INV2,5,2026-03-01,2026-03-09\nC9,INV1,5,2026-03-01,2026-03-09\n"
    assert len(take(sqlite_store, "receivables", given).refused) == 1
    assert set(owed(sqlite_store)) == {"INV1", "INV2"}


def test_an_old_list_of_receivables_opens_no_paid_debt_again(sqlite_store: Store) -> None:
    take(sqlite_store, "customers", "code,name\nC1,惠民\n")
    take(sqlite_store, "receivables", f"{HEADING}C1,INV2,5,2026-03-01,2026-03-09\n")
    (refused,) = take(sqlite_store, "receivables", f"{HEADING}C1,INV1,5,2026-03-01,2026-03-08\n").refused
    assert "旧" in refused.words and set(owed(sqlite_store)) == {"INV2"}


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("people", "id,name,timezone\nP1,李,火星\n", "不是时区"),
        ("contacts", "customer,name,birthday\nC1,王芳,13-40\n", "不是生日"),
        ("contacts", "customer,name,birthday\nC1,王芳,农历十三月初一\n", "不是农历生日"),
        ("contacts", "customer,name\nC9,王芳\n", "没有客户“C9”"),
    ],
)
def test_a_wrong_zone_birthday_or_customer_is_refused(
    sqlite_store: Store, kind: str, text: str, said: str
) -> None:
    assert said in refused(sqlite_store, kind, text)[0]
