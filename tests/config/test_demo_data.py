"""The demo company has exactly the columns that an import reads."""

import csv
from pathlib import Path

import pytest

import config

DEMO = Path(config.__file__).parent / "demo"
COLUMNS = {
    "people": "id,name,nicknames,role,team,region,manager_id,wecom_userid,dingtalk_userid",
    "customers": "code,name,aliases,city,district,address,level,owner_id,lat,lng,datum,status",
    "products": "code,name,aliases,unit,pack_size,list_price,floor_price",
    "competitors": "name,aliases",
    "stock": "product,on_hand",
}


def _rows(name: str) -> list[dict[str, str]]:
    with (DEMO / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("name", "columns"), COLUMNS.items())
def test_a_list_has_its_columns_and_no_cell_too_many(name: str, columns: str) -> None:
    for row in _rows(name):
        assert list(row) == columns.split(",")


def test_every_reference_points_to_somebody() -> None:
    people = {p["id"] for p in _rows("people")}
    products = {p["code"] for p in _rows("products")}
    assert {p["manager_id"] for p in _rows("people")} <= people | {""}
    assert {c["owner_id"] for c in _rows("customers")} <= people
    assert {s["product"] for s in _rows("stock")} == products


def test_the_company_of_the_speech_clips_is_there() -> None:
    assert {"惠民超市朝阳店", "好邻居便利店", "永旺超市望京店", "万家福超市", "佳美便利店"} <= {
        c["name"] for c in _rows("customers")
    }
    assert {"原味酸奶", "草莓酸奶", "纯牛奶"} <= {p["name"] for p in _rows("products")}
    assert {"蒙牛", "伊利"} <= {c["name"] for c in _rows("competitors")}


def test_every_shop_lies_in_beijing_as_far_as_its_place_is_known() -> None:
    placed = [row for row in _rows("customers") if row["lat"]]
    assert len(placed) == len(_rows("customers")) - 1, "one is there to be learned"
    for row in placed:
        assert 39.4 < float(row["lat"]) < 41.1
        assert 115.4 < float(row["lng"]) < 117.6
