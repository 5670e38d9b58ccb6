"""`doctor`: everything that can be wrong with an installation, each with what to do about it.

A finding is ok, warn (works, but somebody will be surprised) or bad (blocks: exit code 1).
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from bot.channels.base import Channel, Probe
from config import rulebook
from config.settings import Llm, Settings
from domain.flows.working_time import WorkingTime
from domain.leads.rules import LeadRules
from nlu.language.holidays import is_workday
from nlu.suggesting.request import Request
from storage import lead_loads, migrate, queues, stock_books, todo_copies
from storage.store import Store
from storage.tables import PersonRow

State = Literal["ok", "warn", "bad"]

LITTLE = 2 * 1024**3
TOO_LITTLE = 200 * 1024**2
OLD = timedelta(minutes=10)
SHORTEST_SECRET = 16
MOST_NAMED = 10

ELSEWHERE = frozenset({"dingtalk.stream"})
"""Probes about the process that serves, which this one is not."""

SURPRISES = frozenset({"dingtalk.card_template", "dingtalk.calendar", "dingtalk.todo"})
"""Probes that block nothing when they fail."""


@dataclass(frozen=True)
class Finding:
    name: str
    state: State
    words: str
    remedy: str = ""


def examine(
    settings: Settings,
    store: Store,
    *,
    now: datetime,
    models: Callable[[], dict[str, tuple[bool, str]]],
    channels: Callable[[], dict[str, Channel]],
) -> Iterator[Finding]:
    """Finding after finding, the quick ones first. What cannot be looked at because of a finding is left out."""
    yield from platforms(settings)
    yield from disk(settings)
    rules = list(_rulebook(settings))
    yield from rules
    for name, (ok, words) in models().items():
        remedy = "" if ok else f"运行 xiaofang models fetch {name}；没有模型时语音会先存着，文字照常处理"
        yield Finding(f"models.{name}", "ok" if ok else "warn", words, remedy)
    reachable = list(database(store))
    yield from reachable
    if all(one.state == "ok" for one in reachable):
        with store.read() as session:
            yield from people(session)
            yield sample_stock(session)
            if rules[-1].state == "ok":
                yield from leads_in(session, settings, now)
            yield from work(session, settings, now)
    if all(one.state != "bad" for one in [*rules, *reachable]):
        yield from _probes(channels)
    if settings.llm:
        yield language_model(settings.llm)


def platforms(settings: Settings) -> Iterator[Finding]:
    if not settings.wecom and not settings.dingtalk:
        yield Finding(
            "settings", "bad", "没有设置任何平台", "填写 wecom 或 dingtalk 一节，见 docs/settings.md"
        )
        return
    yield Finding("settings", "ok", "设置没有问题")
    needs_url = settings.wecom or (settings.dingtalk and settings.dingtalk.mode == "http")
    if needs_url and not settings.public_url:
        yield Finding("settings.public_url", "bad", "没有设置 public_url", "写上平台访问本机的 https 地址")
    elif needs_url and not settings.public_url.startswith("https://"):
        words = f"public_url 不是 https：{settings.public_url}"
        yield Finding("settings.public_url", "warn", words, "正式使用请配 HTTPS；平台和浏览器定位都要求它")
    if not settings.company.titles:
        words = "没有填写 company.titles，无法核对发票抬头"
        yield Finding("settings.titles", "warn", words, "在 company.titles 里写上公司的发票抬头")


def disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.media_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        words = f"媒体文件夹 {folder} 不能写（{error.strerror}）"
        yield Finding("disk", "bad", words, "检查 media_dir、文件夹的属主和磁盘空间")
        return
    state: State = "bad" if free < TOO_LITTLE else "warn" if free < LITTLE else "ok"
    remedy = "" if state == "ok" else "清理磁盘，或把 media_dir 换到更大的盘"
    yield Finding("disk", state, f"媒体文件夹 {folder} 可写，剩余 {free / 1024**3:.1f} GB", remedy)


def database(store: Store) -> Iterator[Finding]:
    where = store.url.render_as_string(hide_password=True)
    if store.sqlite and store.url.database and not Path(store.url.database).exists():
        yield Finding("database", "bad", f"还没有数据库 {where}", "运行 xiaofang migrate")
        return
    try:
        current, newest = migrate.versions(store)
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield Finding("database", "bad", f"连不上 {where}：{why}", "检查 database_url，数据库是否在运行")
        return
    yield Finding("database", "ok", f"数据库可用：{where}")
    if current != newest:
        words = f"数据库版本是 {current or '空的'}，程序需要 {newest}"
        yield Finding("migrations", "bad", words, "运行 xiaofang migrate")
    else:
        yield Finding("migrations", "ok", f"数据库版本 {newest}，是最新的")


def people(session: Session) -> Iterator[Finding]:
    """Who cannot be reached, and who has nobody above him."""
    everybody = [p for p in session.exec(select(PersonRow).order_by(PersonRow.id)) if p.active]
    if not everybody:
        yield Finding("people", "bad", "还没有导入人员", "运行 xiaofang import people FILE.csv")
        return
    yield Finding("people", "ok", f"在册 {len(everybody)} 人")
    known = {p.id for p in everybody}
    mute = [p for p in everybody if not p.wecom_userid and not p.dingtalk_userid]
    orphans = [p for p in everybody if p.manager_id and p.manager_id not in known]
    alone = [p for p in everybody if p.role == "rep" and not p.manager_id]
    if mute:
        words = f"{_named(mute)} 没有平台账号，发不了也收不到消息"
        yield Finding("people.channels", "warn", words, "补上 wecom_userid 或 dingtalk_userid 再导入")
    if orphans:
        words = f"{_named(orphans)} 的上级不在册，审批会送不到人"
        yield Finding("people.manager", "warn", words, "改正 manager_id 再导入")
    if alone:
        words = f"{_named(alone)} 没有上级，费用没有人审"
        yield Finding("people.manager", "warn", words, "补上 manager_id 再导入")


def _named(some: list[PersonRow]) -> str:
    more = f" 等 {len(some)} 人" if len(some) > MOST_NAMED else ""
    return "、".join(f"{p.name}（{p.id}）" for p in some[:MOST_NAMED]) + more


def sample_stock(session: Session) -> Finding:
    """Whether the balances are the sums of the ledger."""
    wrong = stock_books.differences(session)
    if not wrong:
        return Finding("stock", "ok", "样品库存和流水对得上")
    words = f"{'、'.join(wrong[:MOST_NAMED])} 的库存和流水对不上"
    remedy = "有人绕过程序改过数据库；请从备份核对这些产品，再用 xiaofang import stock 导入盘点数"
    return Finding("stock", "bad", words, remedy)


def leads_in(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    """By which ways leads come, whether anybody may be given them, and whether they are given out."""
    secret, form = settings.leads.webhook_secret.get_secret_value(), settings.leads.form_source
    if secret and len(secret) < SHORTEST_SECRET:
        words = f"leads.webhook_secret 只有 {len(secret)} 个字符，容易被猜到"
        yield Finding("leads.webhook", "warn", words, "和对方换一个至少 16 个字符的密钥")
    ways = ["文件", "聊天", "名片", *(["推送"] if secret else []), *(["公开表单"] if form else [])]
    off = [
        *([] if secret else ["推送没开（leads.webhook_secret）"]),
        *([] if form else ["表单没开（leads.form_source）"]),
    ]
    yield Finding("leads.in", "ok", f"线索从{'、'.join(ways)}进来" + "".join(f"；{words}" for words in off))
    rules, zone = rulebook.load(settings.rulebook_dir), ZoneInfo(settings.company.timezone)
    yield from _who_gets_leads(session, rules.leads, now, zone)
    waiting = lead_loads.oldest_new(session)
    working = WorkingTime(rules.office, zone, is_workday)
    patience = timedelta(minutes=rules.leads.first_touch.nobody)
    if waiting and working.between(waiting, now) > patience:
        words = f"有线索从 {waiting.astimezone(zone):%m-%d %H:%M} 起一直没派出去"
        remedy = "确认 xiaofang serve 在运行（只开 --only web 的进程不派线索），再看下面谁能接"
        yield Finding("leads.dispatch", "warn", words, remedy)
    else:
        yield Finding("leads.dispatch", "ok", "没有积压的线索")


def _who_gets_leads(session: Session, rules: LeadRules, now: datetime, zone: ZoneInfo) -> Iterator[Finding]:
    """Whether every region has somebody, and those who are named in the rules are there."""
    noon = now.astimezone(zone).replace(hour=11)  # whatever the hour, nobody's night
    there = lead_loads.at_work(session, "rep", noon, zone)
    if not there:
        words = "没有一个业务员能接线索：都请假了、离职了，或者没有平台账号"
        yield Finding("leads.people", "bad", words, "导入人员（role 写 rep，补上平台账号），见 docs/leads.md")
        return
    regions = {person.region for person in there}
    empty = [name for name in rules.regions.areas if name not in regions]
    if empty:
        words = f"{'、'.join(empty[:MOST_NAMED])} 现在没有人能接线索，会派给别的片区"
        yield Finding("leads.regions", "warn", words, "核对人员的 region 和 leads.yaml 的 areas，或者补人")
    known = {*(person.id for person in there), *(person.team for person in there)}
    for number, only in enumerate(rules.only, 1):
        if known.isdisjoint((*only.people, *only.teams)):
            words = f"leads.yaml 里 only 的第 {number} 条只给 {'、'.join((*only.people, *only.teams))}，现在没有人能接"
            yield Finding("leads.only", "warn", words, "改这一条，或者等人回来；这些线索会一直等着")
    yield Finding("leads.people", "ok", f"{len(there)} 个业务员能接线索")


def work(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    """How the queues stand, and what the channels last did."""
    late = {
        name: figures["oldest_seconds"]
        for name, figures in queues.depths(session, now).items()
        if figures["oldest_seconds"] > OLD.total_seconds()
    }
    for name, seconds in late.items():
        words = f"{name} 里最早的一件已经等了 {seconds / 60:.0f} 分钟"
        yield Finding(f"queue.{name}", "warn", words, "确认 xiaofang serve 在运行，并看它的日志")
    if not late:
        yield Finding("queues", "ok", "没有积压")
    if waiting := queues.waiting_notes(session):
        words = (
            f"{waiting['count']} 段语音在等语音模型，最早的一段是 {waiting['since']} 收到的：{waiting['why']}"
        )
        remedy = "运行 xiaofang models fetch speech（模型坏了加 --again）；模型到位后会按先后自动处理"
        yield Finding("queue.voice", "warn", words, remedy)
    if settings.dingtalk:
        yield from to_dos(session, now)
    names = [name for name in ("wecom", "dingtalk") if getattr(settings, name)]
    for name, state in queues.channel_states(session, names).items():
        if until := state.get("paused_until"):
            words = f"发送暂停到 {until}：{state['because']}"
            yield Finding(f"{name}.paused", "warn", words, "按原因处理后会自己恢复")
        last = state["last_verified_inbound"]
        words = f"最近一条验签通过的消息：{last}" if last else "还没有收到过验签通过的消息"
        remedy = "" if last else "运行 xiaofang doctor --live 一步步看卡在哪里"
        yield Finding(f"{name}.inbound", "ok" if last else "warn", words, remedy)


def to_dos(session: Session, now: datetime) -> Iterator[Finding]:
    """The copies of to-dos in DingTalk that could not be made or changed."""
    stuck = todo_copies.stuck(session, now)
    if not stuck:
        yield Finding("todos", "ok", "会议待办和钉钉里的日程、待办没有对不上的")
        return
    last = stuck[-1]
    of_them = len({one.record_id for one in stuck})
    words = f"{of_them} 条会议待办还没能和钉钉对上，最近一条是记录 {last.record_id}：{last.error}"
    remedy = "按原因处理，之后最多一天会自己重试；急的话在小访里改一下那条待办（例如改日期），马上就试"
    yield Finding("todos", "warn", words, remedy)


def _rulebook(settings: Settings) -> Iterator[Finding]:
    try:
        found = rulebook.load(settings.rulebook_dir)
    except rulebook.RulebookError as error:
        words = f"规则有 {len(error.problems)} 处问题，第一处：{error.problems[0]}"
        yield Finding("rulebook", "bad", words, "运行 xiaofang rulebook check 看全部问题")
        return
    yield Finding("rulebook", "ok", f"规则没有问题，{len(found.forms)} 张表单，版本 {found.version}")


def language_model(given: Llm) -> Finding:
    """Ask the optional model one small thing; without its answer everything works by the rules alone."""
    from bot.llm import Model

    model = Model(given.base_url, given.model, given.api_key.get_secret_value())
    try:
        answered = model.ask(Request("只回答 JSON。", "<x>{}</x>")) is not None
    finally:
        model.close()
    where = f"语言模型 {given.model}（{given.base_url}）"
    if answered:
        return Finding("llm", "ok", f"{where}按要求回答了")
    remedy = "检查 llm.base_url（通常以 /v1 结尾）、model 和 api_key；不影响使用，规则照常理解"
    return Finding("llm", "warn", f"{where}没有在 2 秒内按要求回答", remedy)


def _probes(channels: Callable[[], dict[str, Channel]]) -> Iterator[Finding]:
    for channel in channels().values():
        for probe in channel.probe():
            if probe.name not in ELSEWHERE:
                yield of_probe(probe)


def of_probe(probe: Probe) -> Finding:
    state: State = "ok" if probe.ok else "warn" if probe.name in SURPRISES else "bad"
    return Finding(probe.name, state, probe.words, probe.remedy)
