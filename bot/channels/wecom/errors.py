"""What an errcode of the platform means for a delivery.

Decided on the number alone, since the wording changes (developer.work.weixin.qq.com/document/path/90455).
Whatever is not listed is final.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.errors import DeliveryError

STALE_TOKEN = frozenset({40014, 42001, 41001})
"""Cured by a new token, once."""

Class = Literal["retry", "wait", "setup", "final"]
"""Try again with back-off · wait for the quota's next window · the app is misconfigured · never."""

SETUP_PAUSE = 300.0
"""Seconds until a misconfigured app is asked again: somebody has to change a setting first."""


@dataclass(frozen=True)
class Meaning:
    kind: Class
    words: str


CODES: dict[int, Meaning] = {
    -1: Meaning("retry", "平台繁忙"),
    6000: Meaning("retry", "数据版本冲突"),
    45033: Meaning("retry", "接口并发调用超过限制"),
    45009: Meaning("wait", "接口调用超过频率限制"),
    40001: Meaning("setup", "应用 Secret 不正确：请在管理后台“应用管理”重新复制 wecom.secret"),
    40013: Meaning("setup", "企业 ID 不正确：请核对 wecom.corp_id（管理后台“我的企业”页底部）"),
    40014: Meaning("setup", "access_token 刷新后仍被拒绝：请核对 wecom.secret，并确认没有别的程序频繁换取"),
    41001: Meaning("setup", "缺少 access_token：请检查中间的代理是否改写了请求参数"),
    42001: Meaning("setup", "access_token 刷新后仍然过期：请核对服务器时间与 wecom.secret"),
    48002: Meaning("setup", "应用没有这个接口的权限：请在管理后台为应用开通"),
    60020: Meaning("setup", "服务器出口 IP 不在“企业可信IP”内：请在应用详情页添加"),
    301002: Meaning("setup", "应用不可用：请在管理后台启用应用，并核对 wecom.agent_id"),
    40056: Meaning("setup", "应用 ID 不正确：请核对 wecom.agent_id"),
    40003: Meaning("final", "没有这个成员"),
    60111: Meaning("final", "没有这个成员"),
    40004: Meaning("final", "文件类型不被接受"),
    40005: Meaning("final", "文件类型不被接受"),
    40006: Meaning("final", "文件大小不被接受"),
    40007: Meaning("final", "文件已过期或不存在（平台只保留 3 天）"),
    40008: Meaning("final", "消息类型不被接受"),
    40029: Meaning("final", "登录码无效或已使用"),
    40035: Meaning("final", "参数不被接受"),
    40058: Meaning("final", "参数不被接受"),
    44004: Meaning("final", "消息内容为空"),
    45002: Meaning("final", "消息内容过长"),
    50001: Meaning("final", "回调域名不是应用的可信域名"),
    60011: Meaning("final", "应用无权访问这个成员或部门：请检查应用的可见范围"),
    81013: Meaning("final", "接收人全部无效：请检查成员是否在应用的可见范围内"),
}


def delivery_error(errcode: int, call: str, now: datetime, refusals: int = 1) -> DeliveryError:
    """The error for an errcode that `call` (a path without its query) answered with.

    `refusals` counts consecutive answers of 45009: the quota is per minute and per hour, and the platform
    does not say which of them is used up; from the third on it must be the hour's.
    """
    meaning = CODES.get(errcode, Meaning("final", "平台拒绝了请求"))
    message = f"{meaning.words}（企业微信 {errcode}，{call}）"
    if meaning.kind == "retry":
        return DeliveryError(message, code=str(errcode))
    if meaning.kind == "wait":
        wait = seconds_to_next_window(now, hour=refusals > 2)
        return DeliveryError(message, retry_after=wait, pause_channel=True, code=str(errcode))
    if meaning.kind == "setup":
        return DeliveryError(message, retry_after=SETUP_PAUSE, pause_channel=True, code=str(errcode))
    return DeliveryError(message, permanent=True, code=str(errcode))


def seconds_to_next_window(now: datetime, *, hour: bool) -> float:
    """Seconds until the next minute (or hour) has begun for certain."""
    passed = now.minute * 60 + now.second if hour else now.second
    return float((3600 if hour else 60) - passed + 1)
