"""The credential under a simulated clock."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.channels.wecom.tokens import Credential
from domain.errors import DeliveryError


class Platform:
    """Hands out t1, t2, … for two hours each; `seconds` is its clock."""

    def __init__(self) -> None:
        self.asked = 0
        self.seconds = 0.0
        self.failure: DeliveryError | None = None
        self.credential = Credential(self.fetch, lambda: self.seconds)

    def fetch(self) -> tuple[str, float]:
        self.asked += 1
        if self.failure:
            raise self.failure
        return f"t{self.asked}", 7200.0


@pytest.fixture
def platform() -> Platform:
    return Platform()


def test_it_is_fetched_once_and_renewed_five_minutes_early(platform: Platform) -> None:
    assert [platform.credential.get(), platform.credential.get()] == ["t1", "t1"]
    platform.seconds = 6899
    assert platform.credential.get() == "t1"
    platform.seconds = 6900
    assert platform.credential.get() == "t2"


def test_of_many_threads_one_fetches_and_the_others_take_what_it_got() -> None:
    inside, go = threading.Event(), threading.Event()
    asked = []

    def slow() -> tuple[str, float]:
        asked.append(threading.get_ident())
        inside.set()
        go.wait(10)
        return "t", 7200.0

    credential = Credential(slow, lambda: 0.0)
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(credential.get) for _ in range(8)]
        inside.wait(10)
        go.set()
        assert {one.result() for one in waiting} == {"t"}
    assert len(asked) == 1


def test_threads_that_were_refused_with_the_same_one_renew_it_once(platform: Platform) -> None:
    old = platform.credential.get()
    assert [platform.credential.get(unlike=old) for _ in range(5)] == ["t2"] * 5


def test_a_wrong_secret_is_asked_about_ever_more_rarely(platform: Platform) -> None:
    platform.failure = DeliveryError("secret", pause_channel=True, retry_after=300, code="40001")
    moments = []
    for second in range(4000):
        platform.seconds = second
        before = platform.asked
        with pytest.raises(DeliveryError) as refused:
            platform.credential.get()
        assert refused.value.pause_channel
        assert refused.value.code == "40001"
        if platform.asked > before:
            moments.append(second)
    assert moments == [0, 15, 45, 105, 225, 465, 945, 1845, 2745, 3645]


def test_a_corrected_secret_is_noticed_when_somebody_insists(platform: Platform) -> None:
    platform.failure = DeliveryError("secret", pause_channel=True)
    with pytest.raises(DeliveryError):
        platform.credential.get()
    platform.failure = None
    with pytest.raises(DeliveryError):
        platform.credential.get()
    assert platform.credential.get(insist=True) == "t2"
    assert platform.credential.get() == "t2"


def test_a_broken_line_is_no_refusal_and_is_tried_again_at_once(platform: Platform) -> None:
    platform.failure = DeliveryError("network", code="network")
    with pytest.raises(DeliveryError):
        platform.credential.get()
    platform.failure = None
    assert platform.credential.get() == "t2"
