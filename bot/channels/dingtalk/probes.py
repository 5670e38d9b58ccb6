"""What `doctor` and `/readyz` are told about the DingTalk side."""

from collections.abc import Callable

from bot.channels.base import Probe
from bot.channels.dingtalk.client import DingTalkClient
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.stream import StreamState
from domain.errors import DeliveryError

SKEW = 60.0

HOSTS = {"api": "新版接口", "oapi": "旧版接口"}

STREAM_WORDS = {
    "stopped": "Stream 未启动",
    "connecting": "Stream 正在连接",
    "connected": "Stream 已连接",
    "refused": "Stream 被钉钉拒绝",
    "unreachable": "Stream 连不上钉钉",
}


NOTHING = "xiaofang-doctor"
"""The name of nobody, and of nothing of his: what is done to it changes nothing, and is refused without the right."""
CALENDAR = f"/v1.0/calendar/users/{NOTHING}/calendars/primary/events/{NOTHING}"
TASKS = f"/v1.0/todo/users/{NOTHING}/tasks/{NOTHING}"
RIGHTS = (
    (
        "dingtalk.calendar",
        CALENDAR,
        "日历",
        "日程写、日程读的权限（Calendar.Event.Write、Calendar.Event.Read）",
    ),
    ("dingtalk.todo", TASKS, "待办", "待办写、待办读的权限（Todo.Todo.Write、Todo.Todo.Read）"),
)


def probe(
    config: DingTalkConfig,
    client: DingTalkClient,
    stream: Callable[[], StreamState] | None,
    register: Callable[[], None],
) -> list[Probe]:
    """Asks for a token on both hosts, registers the card address in HTTP mode. Never raises."""
    found = [_token(name, error, config) for name, error in client.calls.check_tokens().items()]
    found.append(_clock(client.calls.clock_skew))
    found.append(_robot(config))
    found.append(_template(config))
    ready = all(one.ok for one in found[:2])
    found += [_right(client, *asked) for asked in RIGHTS] if ready else []
    if config.mode == "http":
        found.append(_registration(config, register, ready=ready))
    if stream is not None:
        found.append(_stream(stream()))
    return found


def _token(name: str, error: DeliveryError | None, config: DingTalkConfig) -> Probe:
    host = config.api_base if name == "api" else config.oapi_base
    details = {"host": host}
    if error is None:
        return Probe(f"dingtalk.token.{name}", True, f"{HOSTS[name]}凭证有效", details=details)
    details["code"] = error.code
    if error.code == "unreachable":
        remedy = f"检查本机能否访问 {host}，以及代理设置"
    elif error.code == "60020" or "ipnot" in error.code.lower():
        remedy = "在钉钉开发者后台的应用设置里，把本机的出口 IP 加入可信 IP"
    else:
        remedy = "核对 dingtalk.client_id 与 dingtalk.client_secret 是否来自同一个应用，并且没有被重置"
    return Probe(f"dingtalk.token.{name}", False, f"{HOSTS[name]}取不到凭证：{error}", remedy, details)


def _clock(skew: float | None) -> Probe:
    if skew is None:
        return Probe("dingtalk.clock", True, "还没有和钉钉核对过时钟")
    ok = abs(skew) <= SKEW
    words = f"本机时钟与钉钉相差 {abs(skew):.0f} 秒"
    remedy = "" if ok else "打开本机的时间同步（NTP）；时钟不准时，钉钉的回调会被当作过期拒绝"
    return Probe("dingtalk.clock", ok, words, remedy, {"seconds": f"{skew:.1f}"})


def _robot(config: DingTalkConfig) -> Probe:
    words = f"机器人编码 {config.robot}" + ("" if config.robot_code else "（未填写，按 client_id 使用）")
    return Probe("dingtalk.robot", True, words, details={"robot_code": config.robot})


def _template(config: DingTalkConfig) -> Probe:
    given = config.card_template_id
    if given.endswith(".schema"):
        return Probe("dingtalk.card_template", True, "已配置卡片模板", details={"id": given})
    words = "卡片模板 ID 应以 .schema 结尾" if given else "没有卡片模板，卡片会以文字形式发送，不能点按钮"
    remedy = (
        "按 docs/dingtalk-card-template.json 在钉钉卡片平台建立模板，把模板 ID 填到 dingtalk.card_template_id"
    )
    return Probe("dingtalk.card_template", False, words, remedy)


def _right(client: DingTalkClient, name: str, path: str, what: str, rights: str) -> Probe:
    """Whether the app may read and write; that there is no such thing is the answer that is hoped for."""
    for method in ("GET", "DELETE"):
        try:
            client.calls.call(method, path, params={"operatorId": NOTHING} if method == "DELETE" else None)
        except DeliveryError as error:
            if error.code == "unreachable" or error.pause_channel:
                return Probe(
                    name, False, f"没能查到{what}的权限：{error}", "先解决网络和凭证问题，再运行一次"
                )
            if "permissiondenied" in error.code.lower().replace("_", "") or error.code == "60011":
                remedy = f"在钉钉开发者后台 → 权限管理申请{rights}，再发布一个版本"
                return Probe(
                    name, False, f"应用没有{what}的权限，会议待办写不进钉钉", remedy, {"code": error.code}
                )
    return Probe(name, True, f"应用可以读写{what}")


def _registration(config: DingTalkConfig, register: Callable[[], None], *, ready: bool) -> Probe:
    name, details = "dingtalk.card_callback", {"url": config.card_callback_url}
    if not config.public_url.startswith("https://") and config.api_base.startswith("https://"):
        return Probe(
            name, False, "HTTP 模式需要公网 https 地址", "填写 public_url，或改用 mode: stream", details
        )
    if not ready:
        return Probe(name, False, "没有凭证，无法登记卡片回调地址", "先解决凭证问题", details)
    try:
        register()
    except DeliveryError as error:
        remedy = "在钉钉开发者后台为应用申请卡片权限，并检查已登记的回调地址"
        return Probe(name, False, f"卡片回调地址登记失败：{error}", remedy, details)
    return Probe(name, True, "卡片回调地址已登记", details=details)


def _stream(state: StreamState) -> Probe:
    connected = state.status == "connected"
    words = STREAM_WORDS[state.status]
    if state.last_error and not connected:
        words += f"：{state.last_error}"
    remedies = {
        "refused": "核对 client_id 与 client_secret；在开发者后台把机器人消息接收方式设为 Stream 并发布应用版本",
        "unreachable": "检查本机能否访问钉钉的网关与 WebSocket，以及代理设置",
    }
    details = {"since": state.since.isoformat()}
    if state.last_frame:
        details["last_frame"] = state.last_frame.isoformat()
    if state.last_message:
        details["last_message"] = state.last_message.isoformat()
    return Probe(
        "dingtalk.stream", state.status == "connected", words, remedies.get(state.status, ""), details
    )
