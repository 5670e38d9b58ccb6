"""Decisions on a page follow the same rules as those in the chat."""

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import form_token, signed_in
from tests.world import World


@pytest.fixture
def claimed(there: World) -> World:
    there.say("liwei", "今天打车去永旺超市花了四十六块五")
    there.tap("liwei", "确认")
    return there


def decide(browser: TestClient, approval: int, **form: str) -> tuple[int, str]:
    token = form_token(browser.get("/manage/approvals").text)
    answer = browser.post(f"/manage/approvals/{approval}", data={"csrf": token, **form})
    return answer.status_code, answer.text


def test_what_waits_is_shown_with_everything_the_card_has_and_decided_there(claimed: World) -> None:
    browser = signed_in(claimed, "zhoujianguo")
    shown = browser.get("/manage/approvals").text
    for words in ("费用报销待审批 · 李伟", "¥46.50", "市内交通费", "3月个人剩 1953.5 元", "同意", "驳回"):
        assert words in shown
    assert decide(browser, 1, decision="approve")[0] == 200
    claimed.settle()
    assert "周建国已通过。接下来等 孙丽" in claimed.last("liwei")
    assert claimed.buttons("d-zhoujianguo") == [] and claimed.buttons("d-sunli") == ["同意", "驳回"]
    assert "现在没有等你审批的单子" in browser.get("/manage/approvals").text


def test_a_refusal_needs_its_reason_and_the_applicant_reads_it(claimed: World) -> None:
    browser = signed_in(claimed, "zhoujianguo")
    status, told = decide(browser, 1, decision="reject")
    assert status == 403 and "驳回要写原因" in told
    assert decide(browser, 1, decision="reject", reason="请补充事由")[0] == 200
    claimed.settle()
    assert "周建国已驳回：请补充事由" in claimed.last("liwei")


def test_nobody_decides_what_is_not_his_or_was_decided_before(claimed: World) -> None:
    browser = signed_in(claimed, "sunli")
    status, told = decide(browser, 1, decision="approve")
    assert status == 403 and "不归你审批" in told
    boss = signed_in(claimed, "zhoujianguo")
    claimed.tap("d-zhoujianguo", "同意")
    status, told = decide(boss, 1, decision="reject", reason="晚了")
    assert status == 403 and "已经通过了" in told
