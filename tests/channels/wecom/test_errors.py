from datetime import UTC, datetime

import pytest

from bot.channels.wecom.errors import delivery_error

NOW = datetime(2025, 11, 24, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("errcode", [-1, 6000, 45033])
def test_a_busy_platform_is_tried_again(errcode: int) -> None:
    error = delivery_error(errcode, "message/send", NOW)
    assert (error.permanent, error.pause_channel, error.maybe_delivered) == (False, False, False)


def test_a_spent_quota_waits_for_the_next_minute_and_then_for_the_next_hour() -> None:
    waits = [delivery_error(45009, "message/send", NOW, refusals).retry_after for refusals in (1, 2, 3, 4)]
    assert waits == [31, 31, 2371, 2371]
    assert delivery_error(45009, "message/send", NOW).pause_channel


@pytest.mark.parametrize("errcode", [40001, 40013, 40056, 48002, 60020, 301002])
def test_a_wrong_setup_pauses_the_app_and_says_what_to_do(errcode: int) -> None:
    error = delivery_error(errcode, "message/send", NOW)
    assert (error.permanent, error.pause_channel, error.retry_after) == (False, True, 300)
    assert error.code == str(errcode)
    assert "请" in str(error)


@pytest.mark.parametrize("errcode", [40003, 40007, 40058, 44004, 45002, 60011, 60111, 81013, 99999])
def test_everything_else_is_final(errcode: int) -> None:
    error = delivery_error(errcode, "message/send", NOW)
    assert (error.permanent, error.pause_channel) == (True, False)
    assert str(errcode) in str(error)
