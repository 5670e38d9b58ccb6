"""What `doctor` and `/readyz` want to know of the platform's side of the setup, each with its remedy."""

from collections.abc import Callable

from bot.channels.base import Probe
from bot.channels.wecom.client import WeComClient
from domain.errors import DeliveryError

MOST_SKEW = 60.0
"""Seconds; callbacks are refused at ten minutes."""

# What answers a request to a path that it does not have, as a simulator may.
NOT_OFFERED = "http404"

REMEDIES = {
    "40001": "管理后台 → 应用管理 → 本应用 → Secret，重新复制到 wecom.secret",
    "40013": "管理后台 → 我的企业 → 企业 ID，复制到 wecom.corp_id",
    "40056": "管理后台 → 应用管理 → 本应用 → AgentId，复制到 wecom.agent_id",
    "48002": "管理后台 → 应用管理 → 本应用，开通所需的接口权限",
    "60011": "管理后台 → 应用管理 → 本应用 → 可见范围，加入需要使用的部门或成员",
    "60020": "管理后台 → 应用管理 → 本应用 → 企业可信IP，加入这台服务器的出口 IP；"
    "出口 IP 会变的网络请走固定出口的代理",
    "301002": "管理后台 → 应用管理 → 本应用，启用应用，并核对 wecom.agent_id",
    "network": "检查这台服务器能否访问 wecom.api_base，需要代理时设置 HTTPS_PROXY",
    "timeout": "检查网络与代理；平台在 15 秒内没有应答",
}


def probe(client: WeComClient) -> list[Probe]:
    """Never raises. What depends on a token is not asked where there is none."""
    found = [_checked("wecom.token", lambda: _token(client)), _checked("wecom.clock", lambda: _clock(client))]
    if found[0].ok:
        found.append(_checked("wecom.trusted_ip", lambda: _trusted_ip(client)))
        found.append(_checked("wecom.agent", lambda: _agent(client)))
    return found


def _checked(name: str, ask: Callable[[], Probe]) -> Probe:
    try:
        return ask()
    except DeliveryError as failed:
        return Probe(name, False, str(failed), REMEDIES.get(failed.code, ""), {"code": failed.code})


def _token(client: WeComClient) -> Probe:
    client.token.get(insist=True)
    return Probe("wecom.token", True, "企业 ID 与 Secret 有效，已取得 access_token")


def _clock(client: WeComClient) -> Probe:
    skew = client.skew()
    details = {"seconds": f"{skew:+.0f}"}
    if abs(skew) <= MOST_SKEW:
        return Probe("wecom.clock", True, f"与企业微信的时间相差 {abs(skew):.0f} 秒", details=details)
    words = f"服务器时间比企业微信{'快' if skew > 0 else '慢'} {abs(skew):.0f} 秒，超过 10 分钟时回调会被拒绝"
    return Probe("wecom.clock", False, words, "打开服务器的时间同步（chrony 或 systemd-timesyncd）", details)


def _trusted_ip(client: WeComClient) -> Probe:
    """Any call but `gettoken` is refused with 60020 from an address that is not listed."""
    client.get("get_jsapi_ticket")
    return Probe("wecom.trusted_ip", True, "这台服务器的出口 IP 可以调用企业微信")


def _agent(client: WeComClient) -> Probe:
    try:
        answer = client.get("agent/get", agentid=client.config.agent_id)
    except DeliveryError as failed:
        if failed.code == NOT_OFFERED:
            return Probe("wecom.agent", True, "平台没有提供应用查询，已跳过")
        raise
    name = str(answer.get("name", ""))
    if answer.get("close"):
        return Probe("wecom.agent", False, f"应用“{name}”已停用", REMEDIES["301002"])
    ranges = (("allow_userinfos", "user"), ("allow_partys", "partyid"), ("allow_tags", "tagid"))
    if not any((answer.get(group) or {}).get(inside) for group, inside in ranges):
        return Probe("wecom.agent", False, f"应用“{name}”的可见范围是空的", REMEDIES["60011"])
    return Probe("wecom.agent", True, f"应用“{name}”可用", details={"name": name})
