"""The web process: the platforms' callbacks and the pages about the bot's own health. It mounts routes, no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute, Router

from bot import health, lead_form, lead_gate
from bot.crew import Crew
from bot.web import site
from bot.wiring import House


def web_app(house: House, *, work: bool = True, extra_routes: list[BaseRoute] | None = None) -> Router:
    """`work`: also perceive, take turns, deliver and keep the clock in this process.

    A bare router: the callback path is measured, and the server answers 500 for bugs by itself.
    """

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        stop = asyncio.Event()
        if work:
            await asyncio.to_thread(house.take_over)
        crew = Crew(house.posts() if work else [])
        crew.start()
        beside = [asyncio.create_task(run(stop)) for run in house.background]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*beside, return_exceptions=True)
            await house.inbox.close()
            await asyncio.to_thread(crew.stop)

    return Router(
        routes=[
            *house.routes,
            *health.routes(house),
            *lead_gate.routes(house),
            *lead_form.routes(house),
            *site.routes(house),
            *(extra_routes or []),
        ],
        lifespan=lifespan,
    )
