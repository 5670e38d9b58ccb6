"""The optional language model: any endpoint that speaks OpenAI's interface. It gets two seconds, and no tools.

When it fails several times in a row it is left alone for a while (a circuit breaker), so that a model that is down
costs nobody a second. Imported only where one is configured: the client takes a second or more to load.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from openai import AsyncOpenAI
from pydantic_ai import Agent, PromptedOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from nlu.suggesting.request import Pointed, Request

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 2.0
FAILURES_BEFORE_REST = 3
REST_SECONDS = 60.0


@dataclass
class Breaker:
    """Closed after a success; open for a rest after several failures; then one try decides."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    rests_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self) -> bool:
        with self._lock:
            if self.failures < FAILURES_BEFORE_REST:
                return True
            if self.clock() < self.rests_until:
                return False
            self.rests_until = self.clock() + REST_SECONDS  # this one tries, the others wait for its result
            return True

    def succeeded(self) -> None:
        with self._lock:
            self.failures = 0

    def failed(self) -> None:
        with self._lock:
            self.failures += 1
            self.rests_until = self.clock() + REST_SECONDS


class Model:
    """Asks the model for what it would point at. Call it from any thread but an event loop's."""

    def __init__(self, base_url: str, model: str, api_key: str, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breaker()
        # Without an address and a key of its own the client would take those of the process's environment.
        self._client = AsyncOpenAI(
            base_url=base_url, api_key=api_key or "none", timeout=DEADLINE_SECONDS, max_retries=0
        )
        self._agent = Agent(
            OpenAIChatModel(model, provider=OpenAIProvider(openai_client=self._client)),
            output_type=PromptedOutput(Pointed),
            retries=0,
            model_settings={"temperature": 0.0, "max_tokens": 1500},
        )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="llm", daemon=True).start()

    def ask(self, request: Request) -> Pointed | None:
        """None where the model is down, slow, at rest, or answers with anything else than what was asked for."""
        if not self.breaker.allows():
            return None
        try:
            answer = asyncio.run_coroutine_threadsafe(self._run(request), self._loop).result()
        except Exception as error:  # the client, HTTP and the schema each raise their own
            self.breaker.failed()
            log.info("the language model gave no usable answer: %s", type(error).__name__)
            return None
        self.breaker.succeeded()
        return answer

    async def _run(self, request: Request) -> Pointed:
        asked = self._agent.run(request.message, instructions=request.instructions)
        return (await asyncio.wait_for(asked, DEADLINE_SECONDS)).output

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
