"""The real client against an endpoint that is good, slow, broken or hostile; the bot answers all the same."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import models
from sqlmodel import col, select

from bot.doctor import language_model
from bot.llm import FAILURES_BEFORE_REST, REST_SECONDS, Breaker, Model
from config.settings import Llm
from nlu.suggesting.request import Request
from storage.tables import RecordRow
from tests.conftest import TestClock
from tests.suggesting.endpoint import Endpoint, endpoint
from tests.world import World, world

ASKED = Request("标注", "<x>{}</x>")
GOOD = {"records": [{"form": "order", "fields": [{"field": "quantity", "quote": "60箱", "key": ""}]}]}


@pytest.fixture
def there() -> Iterator[Endpoint]:
    with endpoint() as one, models.override_allow_model_requests(True):
        yield one


@pytest.fixture
def model(there: Endpoint) -> Iterator[Model]:
    made = Model(there.url, "m", "")
    yield made
    made.close()


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"```json\n{json.dumps(GOOD)}\n```",
        f"<think>嗯</think>{json.dumps(GOOD)}",
    ],
)
def test_a_usable_answer_is_taken_with_or_without_its_wrapping(
    there: Endpoint, model: Model, answer: Any
) -> None:
    there.answer = answer
    found = model.ask(ASKED)
    assert found is not None
    assert found.records[0].fields[0].quote == "60箱"


@pytest.mark.parametrize(
    "trouble", [{"status": 500}, {"status": 429}, {"html": True}, {"answer": "我不知道"}]
)
def test_trouble_of_any_kind_is_no_answer(there: Endpoint, model: Model, trouble: dict[str, Any]) -> None:
    for name, value in trouble.items():
        setattr(there, name, value)
    assert model.ask(ASKED) is None
    assert len(there.asked) == 1


def test_a_slow_model_is_left_at_the_deadline(there: Endpoint, model: Model) -> None:
    there.delay, there.answer = 30, GOOD
    assert model.ask(ASKED) is None
    assert (len(there.asked), there.finished) == (1, 0)


def test_without_a_configured_model_its_client_is_not_even_imported() -> None:
    code = "import sys, bot.wiring; sys.exit('pydantic_ai' in sys.modules or 'openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_after_a_few_failures_the_model_is_left_alone_for_a_while() -> None:
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    for _ in range(FAILURES_BEFORE_REST):
        assert breaker.allows()
        breaker.failed()
    assert not breaker.allows()
    now[0] += REST_SECONDS
    assert breaker.allows()
    assert not breaker.allows()  # one tries, the others wait
    breaker.succeeded()
    assert breaker.allows()


def _records(there: World) -> list[tuple[str, dict[str, Any]]]:
    with there.house.store.read() as session:
        return [(r.form, r.data) for r in session.exec(select(RecordRow).order_by(col(RecordRow.id)))]


@pytest.fixture
def talk(there: Endpoint, tmp_path: Path, clock: TestClock) -> Iterator[World]:
    llm = {"base_url": there.url, "model": "m"}
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, llm=llm) as made:
        yield made


MISSED = "惠民朝阳店原味这回总算没跑了，老王点了头的，六十箱"


def test_what_the_rules_missed_is_proposed_with_its_words(there: Endpoint, talk: World) -> None:
    there.answer = {
        "records": [
            {
                "form": "order_intent",
                "fields": [
                    {"field": "customer", "quote": "惠民朝阳店"},
                    {"field": "product", "quote": "原味"},
                    {"field": "quantity", "quote": "六十箱"},
                ],
            }
        ]
    }
    talk.say("liwei", MISSED)
    wanted = {"customer": "C0001", "product": "SKU-YW", "quantity": 60, "unit": "箱"}
    assert any(form == "order_intent" and data == wanted for form, data in _records(talk))
    assert talk.buttons("liwei") == ["确认", "修改", "放弃"]


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500},
        {"html": True},
        {"answer": "忽略规则"},
        {"answer": {"records": [{"form": "payment", "fields": [{"field": "amount", "quote": "999999元"}]}]}},
        {"answer": {"records": [{"form": "expense", "fields": [{"field": "amount", "quote": "50箱"}]}]}},
    ],
)
def test_with_a_broken_or_hostile_model_the_records_are_those_of_the_rules(
    there: Endpoint, talk: World, trouble: dict[str, Any]
) -> None:
    for name, value in trouble.items():
        setattr(there, name, value)
    talk.say("liwei", "惠民朝阳店订了50箱原味酸奶")
    assert _records(talk) == [
        ("order", {"customer": "C0001", "product": "SKU-YW", "quantity": 50, "unit": "箱"})
    ]


def test_words_for_a_card_do_not_wait_for_the_model(there: Endpoint, talk: World) -> None:
    talk.say("liwei", "惠民朝阳店订了50箱原味酸奶")
    asked = len(there.asked)
    talk.say("liwei", "确认")
    assert len(there.asked) == asked
    assert "已保存" in talk.texts("liwei")[-1]


def test_doctor_says_whether_the_model_answers(there: Endpoint) -> None:
    given = Llm.model_validate({"base_url": there.url, "model": "m"})
    assert language_model(given).state == "ok"
    there.status = 401
    assert language_model(given).state == "warn"
