"""The page driven in a real headless browser over loopback, with the echo bot behind it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.playground import dingtalk_office
from bot.playground.clock import PlaygroundClock
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.page import Person, Place, playground_app
from bot.playground.server import run_platforms
from bot.playground.wecom import FakeWeCom
from tests.playground.echo import EchoBot
from tests.playground.peers import AES_KEY, CORP

PEOPLE = [
    Person("p1", "王芳", "业务员", wecom_userid="WangFang"),
    Person("p2", "李雷", "业务员", wecom_userid="LiLei"),
    Person("p3", "赵敏", "大区经理", dingtalk_userid="zhao", calendar_userid="zhao"),
    Person("p4", "钱多多", "财务", dingtalk_userid="qian"),
]
SHOPS = [
    Place("惠民超市朝阳店", 39.9219, 116.4436),
    Place("好邻居便利店", 39.9231, 116.4470),
    Place("永旺超市望京店", 39.9962, 116.4689),
    Place("万家福超市", 39.9105, 116.4102),
    Place("佳美便利店", 39.9333, 116.4512),
]


@dataclass
class Scene:
    page: Page
    bot: EchoBot
    wecom: FakeWeCom
    dingtalk: FakeDingTalk
    url: str
    errors: list[str]

    def phone(self, side: str) -> Any:
        return self.page.locator(f".seat.{side}")

    def write(self, side: str, words: str) -> None:
        self.phone(side).locator("textarea").fill(words)
        self.phone(side).locator("textarea").press("Enter")


@pytest.fixture
def scene(browser: Browser, clock: PlaygroundClock) -> Iterator[Scene]:
    bot = EchoBot()
    wecom, dingtalk = _fakes(clock)
    app = playground_app(
        wecom, dingtalk, people=PEOPLE, clock=clock, trail=lambda: list(bot.trail), customers=SHOPS
    )
    with run_platforms({"bot": bot.app, "wecom": wecom, "dingtalk": dingtalk, "page": app}) as urls:
        bot.wecom, bot.dingtalk = urls["wecom"], urls["dingtalk"]
        wecom.set_callback_url(f"{urls['bot']}/wecom/callback")
        dingtalk.set_robot_url(f"{urls['bot']}/dingtalk/robot")
        route = {"callbackUrl": f"{urls['bot']}/dingtalk/card", "apiSecret": "s"}
        dingtalk.state.card_routes["echo"] = route
        context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["microphone"])
        page = context.new_page()
        page.set_default_timeout(10_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.on("request", lambda sent: _stay_home(sent.url, errors))
        page.goto(urls["page"])
        yield Scene(page, bot, wecom, dingtalk, urls["page"], errors)
        context.close()
    assert errors == []


def _stay_home(url: str, errors: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "blob:", "data:")):
        errors.append(f"asked for {url}")


def _fakes(clock: PlaygroundClock) -> tuple[FakeWeCom, FakeDingTalk]:
    wecom = FakeWeCom(
        corp_id=CORP,
        agent_id=1000002,
        secret="app-secret",
        token="QDG6eK",
        aes_key=AES_KEY,
        callback_url="",
        clock=clock,
        members={"WangFang": "王芳", "LiLei": "李雷"},
    )
    dingtalk = FakeDingTalk(
        client_id="dingapp",
        client_secret="ding-secret",
        robot_code="dingapp",
        corp_id="dingcorp",
        clock=clock,
        members={"zhao": "赵敏", "qian": "钱多多"},
        mode="http",
    )
    return wecom, dingtalk


def shoot(scene: Scene, name: str) -> None:
    """Keeps a picture where SCREENSHOTS_DIR says, for people to look at."""
    folder = os.environ.get("SCREENSHOTS_DIR")
    if folder:
        scene.page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_newcomer_sees_two_phones_and_what_to_do(scene: Scene) -> None:
    expect(scene.page.get_by_role("heading", name="企业微信")).to_be_visible()
    expect(scene.page.get_by_role("heading", name="钉钉")).to_be_visible()
    expect(scene.page.locator("#now")).to_have_text("11月23日 周一 10:07")
    expect(scene.page.get_by_text("从左边的手机开始")).to_be_visible()
    expect(scene.phone("wecom").locator(".who")).to_be_visible()
    shoot(scene, "1-start")


def test_a_chip_becomes_a_card_a_tap_becomes_an_approval_and_a_decision(scene: Scene) -> None:
    scene.phone("wecom").locator(".chip", has_text="记一次拜访").click()
    card = scene.phone("wecom").locator(".card")
    expect(card).to_contain_text("惠民超市朝阳店")
    expect(scene.page.locator(".effect")).to_contain_text("订50箱")
    shoot(scene, "2-proposed")
    card.locator("select").select_option("today")
    card.get_by_role("button", name="确认").click()
    expect(card.get_by_role("button", name="已确认")).to_be_disabled()
    expect(card.locator("select")).to_have_value("today")
    click = next(one for one in scene.bot.heard if one.get("Event") == "template_card_event")
    assert click["SelectedItems"]["SelectedItem"] == {
        "QuestionKey": "when",
        "OptionIds": {"OptionId": "today"},
    }

    ding = scene.phone("dingtalk").locator(".card")
    expect(ding).to_contain_text("小票第 7 行")
    shoot(scene, "3-approval")
    ding.get_by_role("button", name="同意").click()
    expect(ding.locator(".pill")).to_have_text("已同意")
    expect(ding.locator("button.act")).to_have_count(0)
    expect(ding).to_contain_text("由赵敏处理 expense:7")
    shoot(scene, "4-decided")


def test_pictures_recordings_and_samples_are_sent(scene: Scene) -> None:
    phone = scene.phone("wecom")
    phone.locator(".chip", has_text="餐饮小票").click()
    expect(phone.locator(".pic img")).to_be_visible()
    phone.locator(".chip", has_text="语音记拜访").click()
    expect(phone.locator(".voice")).to_have_count(1)
    phone.locator(".mic").click()
    expect(phone.locator(".mic.on")).to_be_visible()
    phone.locator(".mic").click()
    expect(phone.locator(".voice")).to_have_count(2)
    expect(phone.get_by_text("收到voice")).to_have_count(2)
    formats = [one["Format"] for one in scene.bot.heard if one.get("MsgType") == "voice"]
    assert formats == ["amr", "webm"]
    shoot(scene, "5-media")


def test_a_place_is_picked_on_the_plan(scene: Scene) -> None:
    phone = scene.phone("wecom")
    phone.locator(".more").click()
    phone.locator('[data-entry="位置"]').click()
    plan = scene.page.locator("#map")
    plan.locator('.shop[data-name="好邻居便利店"] circle').click()
    shoot(scene, "6-map")
    plan.get_by_role("button", name="发送位置").click()
    expect(phone.locator(".place")).to_contain_text("好邻居便利店")
    expect(phone.get_by_text("收到location 好邻居便利店")).to_be_visible()
    place = next(one for one in scene.bot.heard if one.get("MsgType") == "location")
    assert abs(float(place["Location_X"]) - 39.9231) < 1e-5
    assert abs(float(place["Location_Y"]) - 116.4470) < 1e-5


def test_markup_in_messages_stays_text(scene: Scene) -> None:
    nasty = "<img src=x onerror=alert(1)>]]><b>粗</b>"
    scene.write("wecom", nasty)
    expect(scene.phone("wecom").locator(".row.mine .bubble")).to_have_text(nasty)
    expect(scene.phone("wecom").locator(".row:not(.mine) .bubble")).to_have_text(f"收到：{nasty}")
    expect(scene.page.locator(".heard")).to_have_text(nasty)
    scene.wecom.chats.add(
        "WangFang", "markdown", {"content": "[点我](javascript:alert(1)) <script>alert(2)</script>"}
    )
    rich = scene.phone("wecom").locator(".bubble.rich")
    expect(rich).to_contain_text("<script>alert(2)</script>")
    expect(rich.locator("a")).to_have_count(0)


def test_every_card_kind_is_drawn(scene: Scene) -> None:
    options = [{"id": "a", "text": "价格"}, {"id": "b", "text": "信任", "is_checked": True}]
    base: dict[str, Any] = {"task_id": "t", "main_title": {"title": "哪种异议", "desc": "可多选"}}
    go = {"submit_button": {"text": "提交", "key": "go"}}
    box = {"question_key": "q", "mode": 1, "option_list": options}
    pick = {"question_key": "s", "title": "时间", "option_list": options}
    cards = [
        {
            **base,
            "card_type": "text_notice",
            "emphasis_content": {"title": "3", "desc": "家待拜访"},
            "quote_area": {"quote_text": "引用"},
            "jump_list": [{"type": 1, "title": "去看", "url": "https://x.test"}],
        },
        {**base, **go, "card_type": "vote_interaction", "checkbox": box},
        {
            **base,
            **go,
            "card_type": "multiple_interaction",
            "select_list": [pick, {**pick, "question_key": "s2"}],
        },
    ]
    for card in cards:
        scene.wecom.chats.add("WangFang", "template_card", card)
    for number, body in enumerate(
        [
            {"title": "日报", "text": "### 今日\n- 拜访 **3** 家\n> 备注"},
            {"title": "提醒", "text": "请处理", "singleTitle": "查看", "singleURL": "https://x.test"},
        ]
    ):
        scene.dingtalk.chats.add("zhao", ["sampleMarkdown", "sampleActionCard"][number], body)
    phone = scene.phone("wecom")
    expect(phone.locator(".card")).to_have_count(3)
    expect(phone.locator('.options input[type="checkbox"]')).to_have_count(2)
    expect(phone.locator(".card select")).to_have_count(2)
    expect(phone.get_by_role("link", name="去看")).to_have_attribute("rel", "noopener noreferrer")
    expect(scene.phone("dingtalk").locator("li strong")).to_have_text("3")
    expect(scene.phone("dingtalk").get_by_role("link", name="查看")).to_be_visible()
    shoot(scene, "7-cards")


def test_unread_marks_stand_on_whoever_is_not_looked_at(scene: Scene) -> None:
    scene.wecom.chats.add("LiLei", "text", {"content": "该去好邻居便利店了"})
    mark = scene.phone("wecom").locator('[data-user="LiLei"] b')
    expect(mark).to_have_text("1")
    scene.phone("wecom").locator('[data-user="LiLei"]').click()
    expect(scene.phone("wecom").locator(".bubble")).to_have_text("该去好邻居便利店了")
    expect(mark).to_have_count(0)


def test_the_clock_is_moved_by_its_buttons(scene: Scene) -> None:
    scene.page.get_by_role("button", name="+1 小时").click()
    expect(scene.page.locator("#now")).to_have_text("11月23日 周一 11:07")
    scene.page.get_by_role("button", name="到明早 8 点").click()
    expect(scene.page.locator("#now")).to_have_text("11月24日 周二 08:00")


def test_a_bot_that_is_not_there_is_told_on_the_phone(scene: Scene) -> None:
    scene.wecom.set_callback_url("http://127.0.0.1:9/wecom/callback")
    scene.write("wecom", "在吗")
    expect(scene.phone("wecom").locator(".fail")).to_contain_text(
        "连不上小访（127.0.0.1:9），请确认服务已启动"
    )
    expect(scene.phone("wecom").locator(".line.bad")).to_be_visible()
    shoot(scene, "8-unreachable")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (1024, 768), (800, 900), (390, 844)])
def test_nothing_overflows_sideways(scene: Scene, width: int, height: int) -> None:
    scene.page.set_viewport_size({"width": width, "height": height})
    scene.write("wecom", "拜访" + "很长的一句话" * 30 + "a" * 200)
    expect(scene.phone("wecom").locator(".card")).to_be_visible()
    assert scene.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(scene, f"9-{width}")


def test_a_to_do_is_ticked_in_the_calendar_strip(scene: Scene) -> None:
    union = scene.dingtalk.union_id("zhao")
    link = {"appUrl": "https://x.test", "pcUrl": "https://x.test"}
    task = {"subject": "把报价发给永旺", "sourceId": "t1", "executorIds": [union], "detailUrl": link}
    todo = dingtalk_office.create_todo(scene.dingtalk.state, union, task)
    strip = scene.phone("dingtalk").locator(".agenda")
    expect(strip.locator("summary")).to_have_text("钉钉日历 0 · 待办 1")
    strip.locator("summary").click()
    strip.locator("input[type=checkbox]").check()
    expect(strip.locator("summary")).to_have_text("钉钉日历 0 · 待办 0")
    assert scene.dingtalk.todos[todo["id"]]["done"] is True
