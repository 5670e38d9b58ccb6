"""The rulebook's page: who may, a mistake with its line, a trial, publishing, and one tap back."""

import re
from urllib.parse import unquote

from starlette.testclient import TestClient

from tests.web.conftest import form_token, signed_in
from tests.world import World

ALERT = """key: big_order
label: 大单
about: record
triggers: [order]
when: quantity > 100
tell: [manager]
words: "{reporter}记了一张大单：{quantity}{unit}"
"""


def send(browser: TestClient, path: str, **fields: str) -> str:
    token = form_token(browser.get("/manage/rulebook").text)
    return browser.post(path, data={"csrf": token, **fields}).text


def test_only_operations_and_admins_get_in(there: World) -> None:
    assert signed_in(there, "liwei").get("/manage/rulebook").status_code == 403
    assert "规则" not in signed_in(there, "zhoujianguo").get("/manage/").text


def test_a_change_goes_from_a_mistake_to_a_trial_to_everybody_and_back(there: World) -> None:
    browser = signed_in(there, "machao")
    assert "forms/order.yaml" in browser.get("/manage/rulebook").text
    new = {"name": "alerts/big_order.yaml", "why": "看住大单"}
    wrong = send(browser, "/manage/rulebook/file", text=ALERT.replace("quantity >", "quantty >"), **new)
    assert "alerts/big_order.yaml 第 5 行" in wrong and "是不是 quantity？" in wrong
    tried = send(browser, "/manage/rulebook/file", text=ALERT, **new)
    assert "新提醒「大单」" in tried and "过去30天的 0 条记录" in tried and "看住大单" in tried
    number = re.search(r'action="(/manage/rulebook/draft/\d+)"', tried)
    assert number
    after = send(browser, number[1], action="publish")
    assert "现在用的" in after and "看住大单" in after and "马超" in after
    assert "已经处理过" in send(browser, number[1], action="publish")
    there.say("liwei", "惠民超市朝阳店订了120箱原味酸奶")
    there.tap("liwei", "确认")
    assert "李伟记了一张大单：120箱" in there.last("d-zhoujianguo")
    back = send(browser, "/manage/rulebook/rollback", base=last_change(browser))
    assert "退回：安装时的规则" in back and "name=alerts/big_order" not in back


def test_a_name_that_is_no_file_of_a_rulebook_is_refused(there: World) -> None:
    browser = signed_in(there, "machao")
    for name in (
        "../settings.yaml",
        "forms/../x.yaml",
        "other/x.yaml",
        "forms/x.txt",
        "alerts/Big.yaml",
        "office",
        "",
    ):
        assert browser.get("/manage/rulebook/file", params={"name": name}).status_code == 403


def test_a_rule_that_is_one_file_is_changed_like_any_other(there: World) -> None:
    browser = signed_in(there, "machao")
    listed = re.findall(r"file\?name=([\w./%]+)", browser.get("/manage/rulebook").text)
    assert "stock.yaml" in listed
    for name in listed:
        assert browser.get("/manage/rulebook/file", params={"name": unquote(name)}).status_code == 200


def test_what_was_published_while_somebody_typed_is_not_undone(there: World) -> None:
    browser = signed_in(there, "machao")
    page = browser.get("/manage/rulebook/file", params={"name": "alerts/big_order.yaml"}).text
    seen = base_on(page)
    new = {"name": "alerts/big_order.yaml", "text": ALERT, "why": "看住大单"}
    tried = send(browser, "/manage/rulebook/file", base=seen, **new)
    draft = re.search(r"/manage/rulebook/draft/(\d+)", tried)
    assert draft
    send(browser, draft[0], action="publish")
    later = {**new, "text": ALERT.replace("100", "200")}
    assert "规则又改过" in send(browser, "/manage/rulebook/file", base=seen, **later)
    assert "规则又改过" in send(browser, "/manage/rulebook/file", **later)
    assert "规则又改过" in send(browser, "/manage/rulebook/file", draft=draft[1], base=seen, **later)
    fresh = base_on(browser.get("/manage/rulebook/file", params={"name": "alerts/big_order.yaml"}).text)
    assert "版本" in send(browser, "/manage/rulebook/file", base=fresh, **later)


def base_on(page: str) -> str:
    found = re.search(r'name="base" value="(\d*)"', page)
    assert found
    return found[1]


def last_change(browser: TestClient) -> str:
    """The change that the page of the rulebook was drawn for, as its forms send it."""
    found = re.search(r'name="base" value="(\d+)"', browser.get("/manage/rulebook").text)
    assert found
    return found[1]
