import threading

import pytest

from bot.channels.dingtalk.failures import failure, verdict
from bot.channels.dingtalk.tokens import REFUSED, Token
from domain.errors import DeliveryError


class Platform:
    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.error: DeliveryError | None = None

    def fetch(self) -> tuple[str, float]:
        self.asked += 1
        if self.error:
            raise self.error
        return f"token{self.asked}", 7200.0

    def clock(self) -> float:
        return self.now


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def token(platform: Platform) -> Token:
    return Token(platform.fetch, platform.clock)


def test_a_token_is_asked_for_once_and_renewed_five_minutes_early(platform: Platform, token: Token) -> None:
    assert [token.get(), token.get()] == ["token1", "token1"]
    platform.now = 6899
    assert token.get() == "token1"
    platform.now = 6900
    assert token.get() == "token2"


def test_many_threads_ask_the_platform_once(platform: Platform, token: Token) -> None:
    found: list[str] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        found.append(token.get())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, platform.asked) == (["token1"] * 8, 1)


def test_refusing_an_old_token_keeps_the_new_one(platform: Platform, token: Token) -> None:
    token.refuse(token.get())
    assert token.get() == "token2"
    token.refuse("token1")
    assert (token.get(), platform.asked) == ("token2", 2)


def test_a_failed_early_renewal_falls_back_on_the_token_that_still_lives(
    platform: Platform, token: Token
) -> None:
    token.get()
    platform.error = DeliveryError("down")
    platform.now = 7000
    assert token.get() == "token1"
    platform.now = 7200
    with pytest.raises(DeliveryError):
        token.get()


def test_wrong_credentials_are_not_shown_again_for_a_while(platform: Platform, token: Token) -> None:
    platform.error = DeliveryError("wrong", pause_channel=True)
    for _ in range(5):
        with pytest.raises(DeliveryError):
            token.get()
    assert platform.asked == 1
    platform.now = REFUSED
    platform.error = None
    assert token.get() == "token2"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, "40014", "token"),
        (200, "42001", "token"),
        (200, "33001", "token"),
        (401, "InvalidAuthentication", "token"),
        (200, "60020", "pause"),
        (200, "90020", "pause"),
        (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "pause"),
        (400, "invalidClientIdOrSecret", "pause"),
        (403, "Forbidden.AccessDenied.QpsLimitForApi", "slow"),
        (200, "90002", "slow"),
        (429, "", "slow"),
        (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", "wait"),
        (200, "60011", "wait"),
        (200, "-1", "again"),
        (503, "ServiceUnavailable", "again"),
        (500, "unknownError", "again"),
        (200, "400002", "final"),
        (400, "invalidParameter.userIds", "final"),
        (400, "param.error", "final"),
        (200, "60121", "final"),
    ],
)
def test_every_known_code_has_one_meaning(status: int, code: str, expected: str) -> None:
    assert verdict(status, code) == expected


def test_used_up_quota_pauses_the_app_for_an_hour_at_a_time() -> None:
    error = failure("a call", 403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "limit")
    assert (error.permanent, error.pause_channel, error.retry_after) == (False, True, 3600.0)


def test_an_untrusted_address_names_the_remedy() -> None:
    assert "trusted IP" in str(failure("a call", 200, "60020", "not allowed"))


def test_a_wrong_parameter_is_final() -> None:
    error = failure("a call", 400, "invalidParameter.userIds", "bad")
    assert (error.permanent, error.pause_channel, error.retry_after) == (True, False, None)
