"""The one place where objects meet."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from starlette.routing import BaseRoute

from bot.album import Album
from bot.alert_rounds import AlertRounds
from bot.channels.base import Accept, Channel
from bot.channels.diary import Diary
from bot.clock import Clock
from bot.courier import Courier
from bot.crew import Post
from bot.hot_words import HotWords
from bot.inbox import Inbox
from bot.invoice_status import HttpInvoiceStatus
from bot.knowledge import Knowledge
from bot.lead_rounds import LeadRounds
from bot.lessons import Lessons
from bot.perceiver import Perceiver
from bot.reminder_rounds import ReminderRounds
from bot.retention import Retention
from bot.senses import PooledSenses, config_of
from bot.sensing import Senses, Sensing
from bot.suggesting import Suggesting
from bot.tls import trusted
from bot.todo_copying import TodoCopying
from bot.webhooks import Webhooks
from bot.worker import Worker
from config.settings import Settings
from domain.messages import NEEDS_PERCEPTION, Inbound
from domain.papers import InvoicePolicy
from domain.people import Person
from domain.policies import Purpose, viewer_of
from handlers.known_companies import KnownCompanies
from nlu.senses.workers import SensePool
from storage.guarding import read_as
from storage.media import MediaStore
from storage.policies import guard_of
from storage.seeing import Seen
from storage.store import Store
from storage.workers import free_claims_of_the_dead, worker_name

PERCEIVERS = 2
"""For each sense, so that a voice note does not wait for receipts: one fetches the next file while one perceives."""

SUGGESTERS = 4
"""Threads that wait for a language model, where there is one; each at most for its two seconds."""

IDLE = 0.25
"""Seconds between looks at the database where another process may have left work."""

Now = Callable[[], datetime]
Beside = Callable[[asyncio.Event], Coroutine[None, None, None]]
"""Runs beside the web server until the event tells it to stop."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class House:
    """Everything one process needs; `close` gives all of it back."""

    settings: Settings
    now: Now
    zone: ZoneInfo
    store: Store
    media: MediaStore
    channels: dict[str, Channel]
    senses: Senses
    pool: SensePool
    """Hears, reads, cuts evidence out of pictures and makes voice playable, in processes of their own."""
    knowledge: Knowledge
    inbox: Inbox
    worker: Worker
    perceiver: Perceiver
    courier: Courier
    clock: Clock
    webhooks: Webhooks
    reminder_rounds: ReminderRounds
    alerts: AlertRounds
    lead_rounds: LeadRounds
    companies: KnownCompanies
    todo_copying: TodoCopying | None
    """None where there is no calendar to enter to-dos in."""
    calls: dict[str, threading.Event]
    routes: list[BaseRoute] = field(default_factory=list)
    background: list[Beside] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def seen_by(self, person: Person, purpose: Purpose = "review") -> Iterator[Seen]:
        """Records and customers as this person may see them."""
        with self.store.read() as session:
            rulebook, _ = self.knowledge.current(session)
        guard = guard_of(rulebook, viewer_of(person, purpose))
        with read_as(self.store, guard, self.now().astimezone(self.zone)) as session:
            yield Seen(session)

    def posts(self) -> list[Post]:
        """The threads of a working process."""
        perceiving = [
            Post(f"{sense}-{n}", partial(self.perceiver.run_once, sense), IDLE, self.calls["perceiver"])
            for sense in ("hear", "read")
            for n in range(PERCEIVERS)
        ]
        suggesting = [
            Post(f"suggester-{n}", partial(self.perceiver.run_once, "suggest"), IDLE, self.calls["suggester"])
            for n in range(SUGGESTERS if self.perceiver.suggest else 0)
        ]
        return [
            Post("worker", self.worker.run_once, IDLE, self.calls["worker"]),
            *perceiving,
            *suggesting,
            Post("courier", self.courier.run_once, IDLE, self.calls["courier"]),
            Post("clock", self.clock.run_once, 1.0),
            Post("reminders", self.reminder_rounds.run_once, 15.0),
            Post("webhooks", self.webhooks.run_once, 2.0),
            *([Post("todo-copies", self.todo_copying.run_once, 2.0)] if self.todo_copying else []),
            Post("leads", self.lead_rounds.run_once, 1.0),
            Post("alerts", self.alerts.run_once, 60.0),
            Post("model-watch", self.perceiver.wake_waiting, 15.0),
        ]

    def take_over(self) -> None:
        """Go on at once with what a process of this machine left when it was killed."""
        with self.store.write() as session:
            free_claims_of_the_dead(session, self.now())
            self.knowledge.keep(session, self.now())

    def drain(self) -> None:
        """Do all that can be done now, one thing after another, on this thread: for one-shot commands and tests."""
        while any(step() for step in self.steps()):
            pass

    def steps(self) -> tuple[Callable[[], int], ...]:
        return (
            self.perceiver.run_once,
            self.worker.run_once,
            self.reminder_rounds.run_once,
            self.lead_rounds.run_once,
            self.clock.run_once,
            self.alerts.run_once,
            self.courier.run_once,
            self.webhooks.run_once,
            *((self.todo_copying.run_once,) if self.todo_copying else ()),
        )

    def close(self) -> None:
        for close in [*self.closers, *(c.close for c in self.channels.values())]:
            close()
        self.store.close()


def build(
    settings: Settings,
    *,
    now: Now = utc_now,
    channels: dict[str, Channel] | None = None,
    pool: SensePool | None = None,
) -> House:
    """Put the house together. `channels` adds to those that the settings name; a `pool` given is not closed."""
    store = Store(settings.database_url)
    zone = ZoneInfo(settings.company.timezone)
    name = worker_name()
    calls = {role: threading.Event() for role in ("worker", "perceiver", "suggester", "courier")}
    media = MediaStore(Path(settings.media_dir))
    knowledge = Knowledge(settings.rulebook_dir)
    lessons = Lessons(settings.rulebook_dir)
    closers: list[Callable[[], None]] = []
    if pool is None:
        pool = sense_pool(settings)
        closers.append(pool.close)
    senses = _senses(settings, pool, store, now, closers)

    def arrived() -> None:
        calls["worker"].set()
        calls["perceiver"].set()
        calls["suggester"].set()

    suggest = _suggesting(settings, store, knowledge, closers)
    perceives = NEEDS_PERCEPTION | {"text"} if suggest else NEEDS_PERCEPTION
    inbox = Inbox(store, now, arrived, perceives=perceives)
    routes: list[BaseRoute] = []
    background: list[Beside] = []
    ways = {**(channels or {}), **_channels(settings, inbox.accept, now, routes, background)}
    companies = KnownCompanies()
    senders = ThreadPoolExecutor(max(1, len(ways)), thread_name_prefix="courier")
    closers.append(senders.shutdown)
    files = Sensing(store, media, Album(store), senses, ways, now)
    return House(
        settings=settings,
        now=now,
        zone=zone,
        store=store,
        media=media,
        channels=ways,
        senses=senses,
        pool=pool,
        knowledge=knowledge,
        inbox=inbox,
        perceiver=Perceiver(name, store, files, now, zone, calls["worker"].set, suggest),
        worker=Worker(
            name,
            store,
            knowledge,
            now,
            zone,
            calls["courier"].set,
            invoice_policy(settings),
            lessons,
            settings.public_url,
            companies,
        ),
        courier=Courier(name, store, media, ways, now, zone, senders, pool.cut),
        clock=Clock(
            name,
            store,
            knowledge,
            now,
            zone,
            calls["courier"].set,
            Retention(store, media, knowledge, zone).run_daily,
            lessons,
        ),
        webhooks=_webhooks(settings, name, store, now, closers),
        reminder_rounds=ReminderRounds(store, knowledge, now, zone),
        alerts=AlertRounds(store, knowledge, now, zone, calls["courier"].set),
        lead_rounds=LeadRounds(store, knowledge, now, zone, calls["courier"].set),
        companies=companies,
        todo_copying=TodoCopying(name, store, knowledge, diary, now, zone, calls["courier"].set)
        if (diary := _diary(settings, ways, zone))
        else None,
        calls=calls,
        routes=routes,
        background=background,
        closers=closers,
    )


def _senses(
    settings: Settings, pool: SensePool, store: Store, now: Now, closers: list[Callable[[], None]]
) -> PooledSenses:
    url = settings.invoices.status_url
    status = HttpInvoiceStatus(url) if url else None
    if status is not None:
        closers.append(status.close)
    return PooledSenses(pool, HotWords(store, now), status)


def _channels(
    settings: Settings, accept: Accept, now: Now, routes: list[BaseRoute], background: list[Beside]
) -> dict[str, Channel]:
    """Those that the settings name, with the addresses that they are called at."""
    found: dict[str, Channel] = {}
    if settings.wecom:
        found["wecom"] = _wecom(settings, accept, now, routes)
    if settings.dingtalk:
        found["dingtalk"] = _dingtalk(settings, accept, now, routes, background)
    return found


def _diary(settings: Settings, ways: dict[str, Channel], zone: ZoneInfo) -> Diary | None:
    """The calendar that to-dos are entered in: DingTalk's, where it is set up."""
    if not settings.dingtalk:
        return None
    from bot.channels.dingtalk.channel import DingTalkChannel
    from bot.channels.dingtalk.diary import DingTalkDiary

    channel = ways["dingtalk"]
    assert isinstance(channel, DingTalkChannel)
    return DingTalkDiary(
        channel.client, zone, settings.public_url and f"{settings.public_url}/manage/records"
    )


def _webhooks(
    settings: Settings, name: str, store: Store, now: Now, closers: list[Callable[[], None]]
) -> Webhooks:
    client = httpx.Client(verify=trusted())
    closers.append(client.close)
    given = settings.webhook
    url, secret = (given.url, given.secret.get_secret_value()) if given else ("", "")
    return Webhooks(name, store, url, secret, now, client)


def sense_pool(settings: Settings) -> SensePool:
    """The processes that hear and read; none is started before it is needed."""
    return SensePool(config_of(settings))


def _suggesting(
    settings: Settings, store: Store, knowledge: Knowledge, closers: list[Callable[[], None]]
) -> Callable[[str, Person], str] | None:
    """None where no language model is configured: its client is not even imported then."""
    if settings.llm is None:
        return None
    from bot.llm import Model

    model = Model(settings.llm.base_url, settings.llm.model, settings.llm.api_key.get_secret_value())
    closers.append(model.close)
    return Suggesting(model, store, knowledge)


def invoice_policy(settings: Settings) -> InvoicePolicy:
    """What the company demands of receipts and invoices."""
    return InvoicePolicy(
        titles=settings.company.titles,
        tax_ids=settings.company.tax_ids,
        oldest_days=settings.invoices.oldest_days,
        last_year_until=settings.invoices.last_year_until,
    )


def _wecom(settings: Settings, accept: Accept, now: Now, routes: list[BaseRoute]) -> Channel:
    from bot.channels.wecom import callback
    from bot.channels.wecom.channel import WeComChannel
    from bot.channels.wecom.config import WeComConfig

    given = settings.wecom
    assert given is not None
    config = WeComConfig(
        corp_id=given.corp_id,
        agent_id=given.agent_id,
        secret=given.secret.get_secret_value(),
        token=given.token.get_secret_value(),
        aes_key=given.aes_key.get_secret_value(),
        api_base=given.api_base,
        public_url=settings.public_url,
        timestamp_window=given.timestamp_window,
    )
    routes.extend(callback.routes(config, accept, now))
    return WeComChannel(config)


def _dingtalk(
    settings: Settings,
    accept: Accept,
    now: Now,
    routes: list[BaseRoute],
    background: list[Beside],
) -> Channel:
    from bot.channels.dingtalk import callback
    from bot.channels.dingtalk.channel import DingTalkChannel
    from bot.channels.dingtalk.config import DingTalkConfig
    from bot.channels.dingtalk.stream import StreamSupervisor

    given = settings.dingtalk
    assert given is not None
    config = DingTalkConfig(
        client_id=given.client_id,
        client_secret=given.client_secret.get_secret_value(),
        robot_code=given.robot_code,
        corp_id=given.corp_id,
        mode=given.mode,
        api_base=given.api_base,
        oapi_base=given.oapi_base,
        card_template_id=given.card_template_id,
        event_token=given.event_token.get_secret_value(),
        event_aes_key=given.event_aes_key.get_secret_value(),
        timestamp_window=given.timestamp_window,
        public_url=settings.public_url,
    )

    async def accept_and_notice(inbound: Inbound) -> bool:
        channel.notice(inbound)
        return await accept(inbound)

    stream = StreamSupervisor(config, accept_and_notice) if config.mode == "stream" else None
    channel = DingTalkChannel(config, stream=stream.state if stream else None)
    routes.extend(callback.routes(config, accept_and_notice, now))
    if stream:
        background.append(stream.run)
    return channel
