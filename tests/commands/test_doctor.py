"""The doctor's findings, each with a remedy."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Channel, Probe
from bot.channels.terminal import TerminalChannel
from bot.doctor import Finding, examine
from config.settings import Settings
from storage import migrate
from storage.claims import insert_new
from storage.leads import Leads
from storage.store import Store
from storage.tables import ChannelRow, InboxRow, PersonRow
from tests.leads.some import a_lead

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MODELS = {"speech": (True, "有"), "reading": (True, "有")}


class Probed(TerminalChannel):
    """A channel whose platform says what the test wants."""

    def __init__(self, *probes: Probe) -> None:
        super().__init__()
        self.probes = list(probes)

    def probe(self) -> list[Probe]:
        return self.probes


def given(tmp_path: Path, **changes: Any) -> Settings:
    wecom = {"corp_id": "ww1", "agent_id": 7, "secret": "s", "token": "t", "aes_key": AES_KEY}
    whole = {
        "public_url": "https://x.example.com",
        "company": {"titles": ("青禾",)},
        "wecom": wecom,
        "media_dir": tmp_path / "media",
        "database_url": f"sqlite:///{tmp_path}/x.db",
    }
    return Settings.model_validate(whole | changes)


def examined(
    settings: Settings,
    store: Store,
    probes: tuple[Probe, ...] = (),
    models: dict[str, tuple[bool, str]] = MODELS,
) -> dict[str, Finding]:
    channels: Callable[[], dict[str, Channel]] = lambda: {"wecom": Probed(*probes)}  # noqa: E731
    return {
        one.name: one for one in examine(settings, store, now=NOW, models=lambda: models, channels=channels)
    }


def staffed(store: Store) -> Store:
    with store.write() as session:
        session.add(PersonRow(id="M", name="周建国", role="manager", dingtalk_userid="d"))
        session.add(PersonRow(id="R", name="李伟", manager_id="M", wecom_userid="w", region="北京西区"))
        session.add(PersonRow(id="R2", name="张敏", manager_id="M", wecom_userid="v", region="北京东区"))
        insert_new(
            session,
            InboxRow,
            channel="wecom",
            tenant="t",
            key="k",
            lane="l",
            kind="text",
            stage="turn",
            payload="{}",
            problem="",
            state="done",
            available_at=NOW,
            received_at=NOW,
            attempts=0,
            error="",
        )
    return store


def test_an_installation_in_order_has_nothing_but_good_findings(tmp_path: Path, sqlite_store: Store) -> None:
    found = examined(given(tmp_path), staffed(sqlite_store), (Probe("wecom.token", True, "有效"),))
    assert {name: one.state for name, one in found.items() if one.state != "ok"} == {}
    assert {
        "settings",
        "disk",
        "rulebook",
        "models.speech",
        "models.reading",
        "database",
        "migrations",
        "leads.in",
        "leads.people",
        "leads.dispatch",
        "people",
        "queues",
        "stock",
        "wecom.inbound",
        "wecom.token",
    } == set(found)
    assert "2026-03-10T02:07:00+00:00" in found["wecom.inbound"].words


@pytest.mark.parametrize(
    ("changes", "name", "state"),
    [
        ({"wecom": None}, "settings", "bad"),
        ({"public_url": ""}, "settings.public_url", "bad"),
        ({"public_url": "http://x.example.com"}, "settings.public_url", "warn"),
        ({"company": {}}, "settings.titles", "warn"),
        ({"media_dir": Path("/proc/nobody/media")}, "disk", "bad"),
        ({"rulebook_dir": Path("/proc")}, "rulebook", "bad"),
    ],
)
def test_what_is_wrong_with_the_settings_is_found(
    tmp_path: Path, sqlite_store: Store, changes: dict[str, Any], name: str, state: str
) -> None:
    found = examined(given(tmp_path, **changes), sqlite_store)[name]
    assert found.state == state
    assert found.remedy


def test_a_database_that_is_not_there_is_found_and_not_made(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/sub/none.db")
    found = examined(given(tmp_path), store)
    assert (found["database"].state, found["database"].remedy) == ("bad", "运行 xiaofang migrate")
    assert not (tmp_path / "sub/none.db").exists()
    assert "people" not in found


def test_an_empty_database_wants_a_migration(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    found = examined(given(tmp_path), Store(f"sqlite:///{tmp_path}/x.db"))
    assert found["database"].state == "ok"
    assert (found["migrations"].state, found["migrations"].remedy) == ("bad", "运行 xiaofang migrate")
    assert "people" not in found


def test_a_server_that_cannot_be_reached_is_told_without_the_password(tmp_path: Path) -> None:
    found = examined(given(tmp_path), Store("postgresql://u:geheim@127.0.0.1:9/x"))["database"]
    assert found.state == "bad"
    assert "127.0.0.1" in found.words
    assert "geheim" not in found.words


def test_a_missing_model_is_a_surprise_and_blocks_nothing(tmp_path: Path, sqlite_store: Store) -> None:
    found = examined(given(tmp_path), sqlite_store, models={"speech": (False, "还没有")})["models.speech"]
    assert found.state == "warn"
    assert "xiaofang models fetch speech" in found.remedy


def test_people_nobody_can_reach_and_people_without_a_manager_are_named(
    tmp_path: Path, sqlite_store: Store
) -> None:
    with sqlite_store.write() as session:
        session.add(PersonRow(id="A", name="甲"))
        session.add(PersonRow(id="B", name="乙", manager_id="gone", wecom_userid="b"))
        session.add(PersonRow(id="gone", name="走了", active=False))
    with_people = examine(given(tmp_path), sqlite_store, now=NOW, models=lambda: MODELS, channels=dict)
    said = [one.words for one in with_people if one.name.startswith("people.")]
    assert said == [
        "甲（A） 没有平台账号，发不了也收不到消息",
        "乙（B） 的上级不在册，审批会送不到人",
        "甲（A） 没有上级，费用没有人审",
    ]


def test_nobody_at_all_blocks(tmp_path: Path, sqlite_store: Store) -> None:
    assert examined(given(tmp_path), sqlite_store)["people"].state == "bad"


def test_work_that_lies_and_channels_that_pause_are_found(tmp_path: Path, sqlite_store: Store) -> None:
    staffed(sqlite_store)
    with sqlite_store.write() as session:
        row = session.get_one(InboxRow, 1)
        row.state, row.available_at = "pending", NOW - timedelta(minutes=42)
        session.add(
            ChannelRow(
                name="wecom", paused_until=NOW, pause_reason="60020 caller IP is not trusted", pauses=1
            )
        )
    found = examined(given(tmp_path), sqlite_store)
    assert "42 分钟" in found["queue.inbox"].words
    assert "60020" in found["wecom.paused"].words


@pytest.mark.parametrize(
    ("probe", "state"),
    [
        (Probe("wecom.trusted_ip", False, "60020", "加入可信 IP"), "bad"),
        (Probe("wecom.token", False, "40001", "重新复制 Secret"), "bad"),
        (Probe("dingtalk.card_template", False, "没有模板", "建立模板"), "warn"),
    ],
)
def test_what_the_platform_says_is_passed_on_with_its_remedy(
    tmp_path: Path, sqlite_store: Store, probe: Probe, state: str
) -> None:
    found = examined(given(tmp_path), staffed(sqlite_store), (probe,))[probe.name]
    assert (found.state, found.words, found.remedy) == (state, probe.words, probe.remedy)


def test_the_stream_of_another_process_is_no_finding(tmp_path: Path, sqlite_store: Store) -> None:
    probe = Probe("dingtalk.stream", False, "Stream 未启动")
    assert "dingtalk.stream" not in examined(given(tmp_path), staffed(sqlite_store), (probe,))


def test_migrations_of_a_fresh_store_are_the_newest(sqlite_store: Store) -> None:
    current, newest = migrate.versions(sqlite_store)
    assert current == newest


def test_whether_leads_come_in_and_reach_somebody(tmp_path: Path, sqlite_store: Store) -> None:
    store = staffed(sqlite_store)
    found = examined(given(tmp_path), store)
    assert found["leads.in"].state == "ok" and "推送没开" in found["leads.in"].words
    assert found["leads.people"].words == "2 个业务员能接线索"
    with store.write() as session:
        row = session.get(PersonRow, "R2")
        assert row is not None
        row.active = False
    found = examined(given(tmp_path), store)
    assert found["leads.regions"].words.startswith("北京东区 现在没有人能接线索")
    with store.write() as session:
        known = Leads(session, who="test", now=NOW)
        known.add(a_lead("L1", created_at=NOW - timedelta(hours=20)))
        row = session.get(PersonRow, "R")
        assert row is not None
        row.wecom_userid = None
    leads = {"webhook_secret": "short", "form_source": "官网"}
    found = examined(given(tmp_path, leads=leads), store)
    assert found["leads.webhook"].state == "warn" and "公开表单" in found["leads.in"].words
    assert found["leads.people"].state == "bad" and found["leads.dispatch"].state == "warn"
    assert all(one.remedy for one in found.values() if one.state != "ok")
