"""The page of customers: the colour of each, what it rests on, and nothing of what is not one's own."""

from tests.web.conftest import signed_in
from tests.world import World


def test_customers_are_shown_with_their_colour_and_what_it_rests_on(there: World) -> None:
    there.say("zhaoyiming", "康乐便利店王店长离职了")
    there.tap("zhaoyiming", "确认")
    own = signed_in(there, "zhaoyiming")
    page = own.get("/manage/customers").text
    assert "鲜丰水果店五棵松店" in page and "和竞品签了独家（客户资料）" in page
    assert (
        "联系人王店长已离职" in page and "你记的客户建档/状态变更 #1" in page and "/manage/records/1" in page
    )
    assert "惠民超市朝阳店" not in page
    red = own.get("/manage/customers", params={"colour": "red"}).text
    assert "鲜丰水果店五棵松店" in red and "康乐便利店" not in red
    named = own.get("/manage/customers", params={"words": "康乐"}).text
    assert "康乐便利店" in named and "鲜丰水果店五棵松店" not in named
    above = signed_in(there, "d-xujing").get("/manage/customers").text
    assert "鲜丰水果店五棵松店" in above and "赵一鸣记的" in above
