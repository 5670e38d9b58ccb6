"""Web login and the page signature. Every call raises DeliveryError."""

from dataclasses import dataclass
from hashlib import sha1
from typing import Literal
from urllib.parse import urlencode

from bot.channels.wecom.client import WeComClient
from bot.channels.wecom.config import WeComConfig

AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
SSO = "https://login.work.weixin.qq.com/wwlogin/sso/login"


@dataclass(frozen=True)
class Login:
    """Who a login code stands for. An outsider has no userid."""

    userid: str = ""
    user_ticket: str = ""
    external_userid: str = ""


@dataclass(frozen=True)
class PageSignature:
    """What `wx.config` (ticket `corp`) or `wx.agentConfig` (ticket `app`) is given."""

    timestamp: int
    nonce: str
    signature: str


def getuserinfo(client: WeComClient, code: str) -> Login:
    """Whom a login code stands for; a code holds once and for 5 minutes (permanent error 40029 else)."""
    answer = client.get("auth/getuserinfo", code=code)
    return Login(
        userid=str(answer.get("userid", "")).lower(),
        user_ticket=str(answer.get("user_ticket", "")),
        external_userid=str(answer.get("external_userid", "")),
    )


def login_url(config: WeComConfig, redirect: str, state: str) -> str:
    """Where a browser inside WeCom is sent to come back to `redirect` with `code` and `state`."""
    query = {
        "appid": config.corp_id,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
        "agentid": config.agent_id,
    }
    return f"{AUTHORIZE}?{urlencode(query)}#wechat_redirect"


def desktop_login_url(config: WeComConfig, redirect: str, state: str) -> str:
    """The same for a browser outside WeCom, which shows a code to scan."""
    query = {"login_type": "CorpApp", "appid": config.corp_id, "agentid": config.agent_id}
    return f"{SSO}?{urlencode({**query, 'redirect_uri': redirect, 'state': state})}"


def page_signature(
    client: WeComClient, url: str, timestamp: int, nonce: str, kind: Literal["corp", "app"] = "corp"
) -> PageSignature:
    """The signature that lets a page of ours at `url` ask for the phone's position. Seconds."""
    ticket = client.tickets[kind].get()
    return PageSignature(timestamp, nonce, sign(ticket, url, timestamp, nonce))


def sign(ticket: str, url: str, timestamp: int, nonce: str) -> str:
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return sha1(text.encode()).hexdigest()
