"""The page of records: what each person finds on it, and what he does not."""

import re

import pytest
from sqlalchemy import update
from sqlmodel import select

from bot import trail
from bot.knowledge import Knowledge
from storage.tables import RecordRow
from tests.bot.test_published_rules import publish
from tests.web.conftest import form_token, signed_in
from tests.world import World


@pytest.fixture
def busy(there: World) -> World:
    """Two reps of two teams with a visit each."""
    for who, words in (
        ("liwei", "拜访了惠民超市朝阳店，见了王经理，他嫌价格太贵，意向订50箱原味酸奶"),
        ("liuyang", "拜访了上地百货商店，没见到人"),
    ):
        there.say(who, words)
        there.tap(who, "确认")
    return there


def listed(page: str) -> set[str]:
    return set(re.findall(r"/manage/records/(\d+)", page))


def test_each_finds_what_is_his_to_see(busy: World) -> None:
    seen = {
        who: signed_in(busy, who).get("/manage/records").text
        for who in ("liwei", "zhoujianguo", "xujing", "linxiaowen", "huangrong")
    }
    assert "惠民超市朝阳店" in seen["liwei"] and "刘洋" not in seen["liwei"]
    assert listed(seen["zhoujianguo"]) == listed(seen["liwei"])
    assert "刘洋" in seen["xujing"] and "李伟" not in seen["xujing"]
    assert listed(seen["linxiaowen"]) == listed(seen["liwei"]) | listed(seen["xujing"])
    assert "没有你能看到的记录" in seen["huangrong"]


def test_a_record_shows_its_values_words_evidence_and_trail(busy: World) -> None:
    browser = signed_in(busy, "zhoujianguo")
    pages = [browser.get(f"/manage/records/{n}").text for n in listed(browser.get("/manage/records").text)]
    whole = "\n".join(pages)
    assert "原味酸奶" in whole and "50 箱" in whole
    assert "拜访了惠民超市朝阳店，见了王经理" in whole and "已确认" in whole


def test_a_claim_that_was_paid_stays_on_the_list(busy: World) -> None:
    with busy.house.store.write() as session:
        row = session.exec(select(RecordRow).where(RecordRow.reporter_id == "P101")).first()
        assert row is not None
        row.status = "paid"
        session.add(row)
        number = row.id
    browser = signed_in(busy, "zhoujianguo")
    assert str(number) in listed(browser.get("/manage/records").text)
    assert "已付款" in browser.get(f"/manage/records/{number}").text


def test_what_one_may_not_see_is_not_there(busy: World) -> None:
    others = signed_in(busy, "xujing")
    for number in listed(signed_in(busy, "liwei").get("/manage/records").text):
        answer = others.get(f"/manage/records/{number}")
        assert answer.status_code == 404 and "惠民" not in answer.text


def test_filters_find_and_say_what_they_do_not_know(busy: World) -> None:
    browser = signed_in(busy, "linxiaowen")
    page = lambda **query: browser.get("/manage/records", params=query).text  # noqa: E731
    assert "刘洋" not in page(form="order_intent") and "李伟" in page(form="order_intent")
    assert "李伟" not in page(person="刘洋").partition("<tbody>")[2]
    assert "没有找到业务员" in page(person="某某")
    assert "李伟" in page(customer="惠民超市朝阳店") and "刘洋" not in page(customer="惠民超市朝阳店")
    assert "没有你能看到的记录" in page(until="2020-01-01")
    assert "看不懂日期" in page(since="昨天")


def test_a_customer_that_is_not_ones_own_is_not_named_by_the_filter(busy: World) -> None:
    page = signed_in(busy, "liwei").get("/manage/records", params={"customer": "上地百货商店"}).text
    assert "你能看到的客户里，没有" in page


def test_pages_follow_one_another_without_gap_or_repetition(there: World) -> None:
    from tests.permissions.company import some_records

    some_records(there.house.store, "P101", 65, now=there.clock())
    browser, path, found = signed_in(there, "liwei"), "/manage/records", []
    while path:
        page = browser.get(path).text
        found += re.findall(r'<td><a href="/manage/records/(\d+)"', page)
        after = re.search(r'href="(/manage/records\?[^"]*before=\d+)">下一页', page)
        path = after[1].replace("&amp;", "&") if after else ""
    assert len(found) == len(set(found)) == 65


def test_an_export_holds_what_is_seen_and_is_on_record(busy: World) -> None:
    from sqlmodel import select

    from storage.tables import AuditRow

    browser = signed_in(busy, "zhoujianguo")
    token = form_token(browser.get("/manage/records").text)
    file = browser.post("/manage/records/export", data={"csrf": token, "form": "visit"})
    assert file.headers["content-type"].startswith("text/csv")
    assert "惠民" in file.text or "C0001" in file.text
    assert "P105" not in file.text
    with busy.house.store.read() as session:
        row = session.exec(select(AuditRow).where(AuditRow.subject == "export:visit")).one()
    assert (row.who, row.new) == ("P002", 1)


def test_history_follows_the_customer_but_nothing_else_of_its_writer(there: World) -> None:
    """A colleague of another team wrote of a customer that is mine: I see that, and his other records not."""
    for words in ("拜访了惠民超市朝阳店，没见到人", "拜访了上地百货商店，没见到人"):
        there.say("liuyang", words)
        there.tap("liuyang", "确认")
    page = signed_in(there, "liwei").get("/manage/records").text
    assert "惠民超市朝阳店" in page and "刘洋" in page and "上地百货商店" not in page


def test_records_of_a_form_that_is_gone_are_listed_and_shown(busy: World) -> None:
    with busy.house.store.write() as session:
        session.execute(update(RecordRow).values(form="gone"))
        found = trail.recent(session, busy.house.knowledge.current(session), busy.clock(), busy.house.zone)
    browser = signed_in(busy, "zhoujianguo")
    numbers = listed(browser.get("/manage/records").text)
    assert numbers and all("gone" in browser.get(f"/manage/records/{n}").text for n in numbers)
    assert "gone" in {record["label"] for message in found for record in message["records"]}


def test_what_was_published_elsewhere_decides_what_is_seen_and_exported(busy: World) -> None:
    browser, house = signed_in(busy, "huangrong"), busy.house
    token = form_token(browser.get("/manage/records").text)
    publish(house.store, "forms/damage.yaml", b"", "key: damage\nlabel: 报损\n".encode())
    publish(house.store, "policies/team.yaml", b"trainer: own", b"trainer: company")
    house.knowledge = Knowledge()
    assert listed(browser.get("/manage/records").text)
    house.knowledge = Knowledge()
    file = browser.post("/manage/records/export", data={"csrf": token, "form": "damage"})
    assert file.headers["content-type"].startswith("text/csv")
