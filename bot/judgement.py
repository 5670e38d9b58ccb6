"""What an answer from our own public address says about the way between the platform and us. Pure.

Each judge takes what came back and returns words that name the trap: proxies that turn the echo into JSON, add
quotes, a byte-order mark or a newline, redirect, or put a login page in front; a serve that runs with other settings.
"""

import json
from dataclasses import dataclass, field

from bot.channels.envelope import WORDS

OUR_REFUSALS = {
    WORDS["signature"]: (
        "小访收到了，但 token 对不上",
        "正在运行的 serve 和这里读的不是同一份设置：改好后重启 serve。"
        "平台那边填的 token 也要和 wecom.token 一模一样",
    ),
    WORDS["malformed"]: (
        "小访收到了，但解不开内容：aes_key 对不上",
        "正在运行的 serve 用的是另一个 aes_key：重启 serve，并核对平台那边的 EncodingAESKey（43 个字符）",
    ),
    WORDS["receiver"]: (
        "小访收到了，但企业 ID 对不上",
        "正在运行的 serve 用的是另一个 wecom.corp_id：核对“我的企业 → 企业 ID”，再重启 serve",
    ),
    "timestamp is more than": (
        "小访收到了，但时间差得太多",
        "两台机器的时钟不一致：打开时间同步（chrony 或 systemd-timesyncd）",
    ),
    "is missing": (
        "小访收到了，但地址里的参数丢了",
        "反向代理转发时去掉了“?”后面的部分：nginx 的 proxy_pass 后面不要带路径，或写上 $is_args$args",
    ),
    "inbox is busy": ("小访收到了，但数据库一时写不进去", "检查磁盘空间和数据库；平台会重发，消息不会丢"),
    "no XML": ("小访收到了，但正文被改过", "反向代理或防火墙改写了请求正文：对 /wecom/callback 关掉正文改写"),
    "body is over": ("小访收到了，但正文太大", "反向代理改写了请求正文：对 /wecom/callback 关掉正文改写"),
}
"""What our own program says when it refuses; `bot.channels.wecom.callback`."""

FAILURES = {
    "dns": ("域名解析不到", "检查 public_url 的拼写和域名的 DNS 记录；刚改过的话等它生效"),
    "refused": ("连接被拒绝", "这个地址的端口没有程序在听：启动反向代理，检查端口和防火墙"),
    "timeout": ("没有在规定时间内应答", "检查防火墙、安全组有没有放行，serve 有没有在运行；平台最多等 5 秒"),
    "certificate": (
        "HTTPS 证书不被信任",
        "换上受信任的证书（含中间证书），检查有没有过期、域名对不对；平台不接受自签名证书",
    ),
    "tls": ("HTTPS 握手失败", "这个端口可能不是 HTTPS，或 TLS 版本太旧：检查反向代理的证书设置"),
    "broken": ("连接在应答中途断开", "检查反向代理的日志；也可能是防火墙拦掉了"),
    "unreachable": ("连不上", "检查 public_url、网络和防火墙"),
}

GATEWAY = {
    502: "反向代理通了，但它后面没有小访：启动 xiaofang serve，核对代理转发的地址和 listen 一致",
    503: "反向代理说服务不可用：启动 xiaofang serve，检查代理的后端设置",
    504: "反向代理等小访超时：检查 serve 是否卡住，以及代理转发的地址",
}
PATH_HINT = "反向代理要把 {path} 原样转发给小访，不加也不去掉前缀"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Seen:
    """One answer, or why there was none. Header names in lower case."""

    url: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    ip: str = ""
    tls: str = ""
    failure: str = ""
    """A key of FAILURES; empty where an answer came."""
    why: str = ""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def html(self) -> bool:
        start = self.body.removeprefix(BOM).lstrip()[:200].lower()
        return self.content_type == "text/html" or start.startswith((b"<!doctype html", b"<html"))


@dataclass(frozen=True)
class Verdict:
    ok: bool
    words: str
    remedy: str = ""
    warning: bool = False
    """Right, but close to going wrong."""


def health(seen: Seen) -> Verdict:
    """GET /healthz: whether what answers at the public address is our program at all."""
    if not seen.failure and seen.status in (401, 403, 404):
        words = f"公网地址有应答，但没有转发 /healthz（{seen.status}）；不影响回调，下面几步才算数"
        return Verdict(True, words, "想在这里看得更清楚，就让反向代理也转发 /healthz", warning=True)
    if trouble := _not_ours(seen, "/healthz"):
        return trouble
    if seen.status == 200 and seen.body == b"ok":
        return Verdict(True, "公网地址后面是小访")
    return Verdict(
        False,
        f"公网地址有应答（{seen.status}），但不是小访",
        "域名可能指到了别的网站：核对反向代理的 server_name 和转发地址",
    )


def echo(seen: Seen, expected: bytes, sealed: bytes) -> Verdict:
    """GET of the callback address: the plain text of `echostr`, and nothing else, within a second.

    `sealed` is the echostr that was sent.
    """
    if trouble := _not_ours(seen, "/wecom/callback") or _refused(seen):
        return trouble
    body = seen.body
    if body == expected:
        return _in_time(seen, 1.0, "地址验证通过：原样答出了 echostr 的明文")
    if body == sealed:
        words = "答出的是没有解密的 echostr"
        return Verdict(False, words, "这个地址后面不是小访，而是一个照抄参数的程序：核对转发地址")
    if body == b"":
        return Verdict(False, "应答是空的", "反向代理吞掉了正文，或这个地址是一个空页面：核对转发地址")
    if body.removeprefix(BOM).strip() == expected:
        return Verdict(False, f"答案前后多了{_around(body, expected)}", _UNTOUCHED)
    if expected in body and _is_json(body):
        quotes = body.removeprefix(BOM).strip() == b'"' + expected + b'"'
        what = "多了一对引号（被当成 JSON 输出）" if quotes else "被包成了 JSON"
        return Verdict(False, f"答案{what}", _UNTOUCHED)
    if expected in body:
        return Verdict(False, "答案前后被加了别的内容", _UNTOUCHED)
    return Verdict(False, "答出来的不是 echostr 的明文", _UNTOUCHED)


_UNTOUCHED = (
    "反向代理、网关或云函数改写了应答：对 /wecom/callback 关掉改写、统一返回格式和压缩，让正文一个字节也不变"
)


def callback(seen: Seen) -> Verdict:
    """POST of an encrypted event: `success`, or nothing, within five seconds."""
    if trouble := _not_ours(seen, "/wecom/callback") or _refused(seen):
        return trouble
    if seen.body in (b"success", b""):
        return _in_time(seen, 5.0, "加密事件被收下：验签、解密、入库都通过")
    if seen.body.removeprefix(BOM).strip().strip(b'"') == b"success":
        return Verdict(True, "加密事件被收下，但应答被加了引号、空白或 BOM", _UNTOUCHED, warning=True)
    return Verdict(False, "有应答，但不是小访的 success", _UNTOUCHED)


def robot(right: Seen, wrong: Seen) -> Verdict:
    """POST of a body that is no message, once rightly and once wrongly signed.

    Ours refuses the first for its body (400) and the second for its signature (403), both with an empty answer.
    """
    for seen in (right, wrong):
        if trouble := _not_ours(seen, "/dingtalk/robot", ours=(400, 403)):
            return trouble
    if (right.status, wrong.status) == (400, 403) and not right.body and not wrong.body:
        return _in_time(right, 5.0, "签名正确的收下检查、签名错误的拒绝：client_secret 一致")
    if right.status == 403 and wrong.status == 403 and not right.body:
        return Verdict(
            False,
            "小访（或它前面的防火墙）连正确的签名也拒绝",
            "正在运行的 serve 用的是另一个 dingtalk.client_secret，或时钟差得太多：重启 serve，核对密钥和时间同步",
        )
    if wrong.status != 403:
        return Verdict(
            False,
            f"签名错误的请求没有被拒绝（{wrong.status}）",
            "这个地址后面不是小访，或应答被代理改写：核对 /dingtalk/robot 的转发地址",
        )
    return Verdict(
        False,
        f"签名正确的请求得到 {right.status}，应当是 400",
        "反向代理改写了请求头或应答：请让 timestamp 和 sign 两个请求头原样通过",
    )


def _not_ours(seen: Seen, path: str, ours: tuple[int, ...] = (400, 401, 403, 413)) -> Verdict | None:
    """What went wrong before the request reached our program; None where the program itself may have answered."""
    if seen.failure:
        words, remedy = FAILURES[seen.failure]
        return Verdict(False, words + (f"（{seen.why}）" if seen.why else ""), remedy)
    if 300 <= seen.status < 400:
        return _redirect(seen)
    if seen.status in GATEWAY and not _our_refusal(seen):
        return Verdict(False, f"反向代理答 {seen.status}", GATEWAY[seen.status])
    if seen.status == 404 and seen.body in (b"Not Found", b'{"detail":"Not Found"}'):
        return Verdict(
            False,
            f"小访在运行，但没有 {path}",
            "正在运行的 serve 没有这个平台的设置（改过设置后要重启），或代理去掉了路径前缀。"
            + PATH_HINT.format(path=path),
        )
    if seen.status in (404, 405):
        return Verdict(False, f"这个地址答 {seen.status}", PATH_HINT.format(path=path))
    if seen.html:
        what = "登录页" if b"password" in seen.body.lower() or b"login" in seen.body.lower() else "网页"
        return Verdict(
            False,
            f"答出来的是一个{what}（{seen.status}），不是小访",
            f"反向代理的登录、人机验证或默认站点挡在前面：对 {path} 放行，不要求登录",
        )
    if seen.status >= 500 and not _our_refusal(seen):
        return Verdict(False, f"服务器出错（{seen.status}）", "看反向代理和 serve 的日志")
    if (
        seen.status in (401, 403, 407, 429)
        and not _our_refusal(seen)
        and not (seen.status in ours and seen.body == b"")
    ):
        return Verdict(
            False,
            f"在到达小访以前就被拒绝了（{seen.status}）",
            f"防火墙、IP 白名单、登录或限流挡在前面：对 {path} 放行平台的请求",
        )
    return None


def _redirect(seen: Seen) -> Verdict:
    target = seen.headers.get("location", "")
    to_https = seen.url.startswith("http://") and target.startswith("https://")
    words = f"被跳转（{seen.status}）到 {target or '别处'}；平台不跟着跳"
    if to_https:
        return Verdict(False, words, "把 public_url 和平台里填的地址都改成 https:// 开头")
    return Verdict(False, words, "对这个路径关掉跳转（www、结尾斜杠、登录），或把 public_url 改成最终的地址")


def _refused(seen: Seen) -> Verdict | None:
    """A refusal in our own program's words, or a status that is not 200."""
    if found := _our_refusal(seen):
        return Verdict(False, *found)
    if seen.status != 200:
        return Verdict(False, f"应答是 {seen.status}，应当是 200", "看反向代理和 serve 的日志")
    return None


def _our_refusal(seen: Seen) -> tuple[str, str] | None:
    if seen.status == 200 or seen.html:
        return None
    text = seen.body.decode("utf-8", "replace")
    return next((words for said, words in OUR_REFUSALS.items() if said in text), None)


def _in_time(seen: Seen, limit: float, words: str) -> Verdict:
    if seen.seconds <= limit:
        return Verdict(True, f"{words}，用了 {seen.seconds * 1000:.0f} 毫秒")
    return Verdict(
        True,
        f"{words}，但用了 {seen.seconds:.1f} 秒，平台只等 {limit:.0f} 秒",
        "检查反向代理到小访的网络和服务器负载",
        warning=True,
    )


def _around(body: bytes, expected: bytes) -> str:
    extra = []
    if body.startswith(BOM):
        extra.append("BOM")
    before, _, after = body.removeprefix(BOM).partition(expected)
    if b"\n" in before + after or b"\r" in before + after:
        extra.append("换行")
    if b" " in before + after or b"\t" in before + after:
        extra.append("空格")
    return "、".join(extra) or "空白"


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body.removeprefix(BOM))
    except ValueError:
        return False
    return True
