"""The pages in a real headless browser, on a desk and on a phone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.app import web_app
from bot.playground.server import run_platforms
from tests.playground.conftest import browser as browser
from tests.web.conftest import link_for
from tests.world import World


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS_DIR"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.xdist_group("browser")
def test_a_manager_signs_in_finds_a_record_and_signs_out(there: World, browser: Browser) -> None:
    for words in (
        "拜访了惠民超市朝阳店，见了王经理，他嫌价格太贵，意向订50箱原味酸奶，下周三之前给报价",
        "今天打车去永旺超市望京店46块5",
    ):
        there.say("liwei", words)
        there.tap("liwei", "确认")
    link, errors = link_for(there, "zhoujianguo"), []
    with run_platforms({"pages": web_app(there.house, work=False)}) as urls:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(15_000)
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(urls["pages"] + link)
        keep(page, "web-1-login")
        page.get_by_role("button", name="进入后台").click()
        expect(page.get_by_role("heading", name="周建国，你好")).to_be_visible()
        keep(page, "web-2-home")
        page.get_by_role("navigation").get_by_role("link", name="记录").click()
        expect(page.locator("tbody tr")).to_have_count(4)
        keep(page, "web-3-records")

        page.locator("select[name=form]").select_option("order_intent")
        page.get_by_role("textbox", name="客户").fill("惠民超市朝阳店")
        page.get_by_role("button", name="筛选").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        with page.expect_download() as file:
            page.get_by_role("button", name="导出 CSV").click()
        assert "SKU-YW" in Path(file.value.path()).read_text(encoding="utf-8-sig")

        page.locator("tbody a").click()
        expect(page.get_by_role("heading", name="订单意向")).to_be_visible()
        expect(page.get_by_text("意向订50箱原味酸奶").first).to_be_visible()
        keep(page, "web-4-record")
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, "web-5-record-phone")
        page.goto(urls["pages"] + "/manage/records")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, "web-6-records-phone")

        page.get_by_role("button", name="退出").click()
        expect(page.get_by_role("heading", name="已退出")).to_be_visible()
        page.goto(urls["pages"] + "/manage/records")
        expect(page.get_by_role("heading", name="请先登录")).to_be_visible()
        page.close()
    assert [e for e in errors if "401" not in e] == []


@pytest.mark.xdist_group("browser")
def test_operations_put_a_mistake_right_publish_and_go_back(there: World, browser: Browser) -> None:
    link, errors = link_for(there, "machao"), []
    with run_platforms({"pages": web_app(there.house, work=False)}) as urls:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(15_000)
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(urls["pages"] + link)
        page.get_by_role("button", name="进入后台").click()
        page.get_by_role("navigation").get_by_role("link", name="规则").click()
        page.get_by_role("link", name="forms/payment.yaml").click()
        text = page.get_by_role("textbox", name="内容")
        before = text.input_value()
        text.fill(before.replace("label: 回款/对账", "label: [回款"))
        page.get_by_role("button", name="检查并试算").click()
        expect(page.get_by_role("alert")).to_contain_text("forms/payment.yaml 第")
        keep(page, "web-rulebook-1-mistake")
        text.fill(before.replace("label: 回款/对账", "label: 收款/对账"))
        page.get_by_role("textbox", name="为什么改").fill("大家都说收款")
        page.get_by_role("button", name="检查并试算").click()
        expect(page.get_by_text("「收款/对账」改名，原来叫「回款/对账」")).to_be_visible()
        keep(page, "web-rulebook-2-trial")
        page.get_by_role("button", name="发布").click()
        expect(page.get_by_role("row", name="大家都说收款")).to_contain_text("现在用的")
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        keep(page, "web-rulebook-3-history")
        page.get_by_role("button", name="退回上一版").click()
        expect(page.get_by_text("退回：安装时的规则")).to_be_visible()
        page.close()
    assert [line for line in errors if "422" not in line] == []
