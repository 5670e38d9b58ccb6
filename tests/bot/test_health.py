"""What an administrator sees of a running bot."""

import asyncio
from pathlib import Path

import httpx
import pytest

from bot.app import web_app
from tests.conftest import TestClock
from tests.world import World, world


def get(there: World, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(web_app(there.house, work=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_ready_tells_models_channels_and_queues(tmp_path: Path, clock: TestClock) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        there.say("liwei", "帮助")
        answer = get(there, "/readyz")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["database"], body["migrations"], body["models"]) == ("ok", "ok", {"speech": "ok"})
    assert body["channels"]["wecom"] == {"last_verified_inbound": "2026-03-10T02:07:00+00:00"}
    assert body["queues"]["inbox"] == {"states": {"done": 1}, "oldest_seconds": 0.0}


def test_a_missing_speech_model_is_told_and_does_not_make_the_bot_unready(
    tmp_path: Path, clock: TestClock
) -> None:
    speech = {"model_dir": str(tmp_path / "nothing")}
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, speech=speech) as there:
        answer = get(there, "/readyz")
    assert answer.status_code == 200
    assert "models fetch speech" in answer.json()["models"]["speech"]


def test_a_paused_channel_is_told_with_its_reason(tmp_path: Path, clock: TestClock) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        there.wecom.fail_next("message/send", errcode=60020, times=9)
        there.say("liwei", "帮助")
        told = get(there, "/readyz").json()["channels"]["wecom"]
    assert "60020" in told["because"]
    assert told["paused_until"] > "2026-03-10T02:07"


def test_a_database_that_is_too_old_makes_the_bot_unready(tmp_path: Path, clock: TestClock) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        with there.house.store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM alembic_version")
        answer = get(there, "/readyz")
    assert answer.status_code == 503
    assert "xiaofang migrate" in answer.json()["migrations"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics"])
def test_the_other_pages_answer(path: str, tmp_path: Path, clock: TestClock) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        assert get(there, path).status_code == 200
