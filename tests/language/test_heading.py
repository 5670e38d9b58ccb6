"""Where somebody is going, and what only sounds like it."""

import pytest

from nlu.language.heading import asks_about_this_one, asks_for_order, going_to


@pytest.mark.parametrize(
    ("text", "shop"),
    [
        ("我去华联", "华联"),
        ("下一站永旺", "永旺"),
        ("现在过去惠民", "惠民"),
        ("我现在去惠民超市朝阳店。", "惠民超市朝阳店"),
        ("在去永旺的路上", "永旺"),
    ],
)
def test_somebody_says_where_he_is_going(text: str, shop: str) -> None:
    assert going_to(text) == shop


@pytest.mark.parametrize(
    "text",
    ["我去了华联", "去过永旺", "明天去永旺", "下一站去哪", "我去华联见王经理，订50箱", "下午去永旺谈铺货"],
)
def test_what_was_done_or_is_planned_is_left_to_the_records(text: str) -> None:
    assert going_to(text) == ""


@pytest.mark.parametrize(
    "text", ["今天怎么跑", "帮我排一下今天的路线", "今天先跑哪家？", "今天怎么跑比较顺路"]
)
def test_somebody_asks_for_an_order(text: str) -> None:
    assert asks_for_order(text)


@pytest.mark.parametrize("text", ["今天跑了三家", "今天怎么样", "他们路线排好了", "今天先跑惠民，再去永旺"])
def test_records_and_other_questions_are_no_order(text: str) -> None:
    assert not asks_for_order(text)


def test_this_one_is_the_customer_of_the_talk() -> None:
    assert asks_about_this_one("这个客户怎么样？") and not asks_about_this_one("这个价格怎么样")
