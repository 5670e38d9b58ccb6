"""The demo as a visitor uses it: a real browser, the real bot, real OCR, real speech."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

READY = re.compile(r"http://127\.0\.0\.1:(\d+)")
SLOW = 40_000
"""Milliseconds. The first picture waits for the OCR engine to start, on a machine that may be busy."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-u", "-m", "bot.cli", "demo", "--port", port, "--directory", str(directory)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := READY.search(line):
                yield found[0]
                break
        else:
            pytest.fail("the demo ended before it printed its address")
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    yield page
    page.close()


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS_DIR"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.timeout(180)
@pytest.mark.xdist_group("browser")
def test_a_day_of_a_rep_and_his_manager(page: Page) -> None:
    wecom, dingtalk, panel = (page.locator(part) for part in (".seat.wecom", ".seat.dingtalk", ".panel"))

    page.get_by_text("发位置签到").click()
    chooser = page.locator("dialog#map")
    chooser.get_by_role("button", name="惠民超市朝阳店").first.click()
    chooser.get_by_role("button", name="发送位置").click()
    expect(wecom.get_by_text("已在「惠民超市朝阳店」签到")).to_be_visible(timeout=SLOW)

    page.get_by_text("语音记拜访").click()
    expect(wecom.get_by_role("button", name="确认").last).to_be_visible(timeout=SLOW)
    expect(wecom.get_by_text("订单意向").last).to_be_visible(timeout=SLOW)
    wecom.get_by_role("button", name="确认").last.click()
    expect(wecom.get_by_text("已保存").last).to_be_visible(timeout=SLOW)
    expect(panel.get_by_text("已确认").first).to_be_visible(timeout=SLOW)

    page.get_by_text("出租车票").click()
    expect(wecom.get_by_text("¥46.50").last).to_be_visible(timeout=SLOW)
    wecom.get_by_role("button", name="确认").last.click()
    expect(dingtalk.get_by_role("button", name="同意").last).to_be_visible(timeout=SLOW)
    keep(page, "demo-approval")
    dingtalk.get_by_role("button", name="同意").last.click()
    expect(dingtalk.get_by_text("周建国已通过").last).to_be_visible(timeout=SLOW)
    expect(wecom.get_by_text("周建国已通过").last).to_be_visible(timeout=SLOW)
    keep(page, "demo-approved")
