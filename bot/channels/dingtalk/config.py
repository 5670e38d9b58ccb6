"""What the DingTalk channel is told. Nothing in this folder reads settings itself."""

from dataclasses import dataclass, field
from hashlib import sha256
from hmac import new as hmac
from typing import Literal

API_BASE = "https://api.dingtalk.com"
OAPI_BASE = "https://oapi.dingtalk.com"


@dataclass(frozen=True)
class DingTalkConfig:
    """One internal app of one company. Hosts are `scheme://host[:port]` without a path."""

    client_id: str
    client_secret: str = field(repr=False)
    robot_code: str = ""
    """Empty: the robot's code is the client id, as the platform does it for internal apps."""
    corp_id: str = ""
    mode: Literal["stream", "http"] = "stream"
    api_base: str = API_BASE
    oapi_base: str = OAPI_BASE
    card_template_id: str = ""
    """`….schema`; empty: cards go out as markdown."""
    event_token: str = field(default="", repr=False)
    event_aes_key: str = field(default="", repr=False)
    timestamp_window: int = 600
    """Seconds that a signed timestamp may be off. The platform's own advice is an hour; since the body is
    not signed, a captured header would be good for any body that long."""
    card_callback_secret: str = field(default="", repr=False)
    public_url: str = ""

    @property
    def robot(self) -> str:
        return self.robot_code or self.client_id

    @property
    def tenant(self) -> str:
        """From configuration alone, so that Stream and HTTP agree on it."""
        return f"{self.corp_id}:{self.robot}"

    @property
    def card_secret(self) -> str:
        """The secret that card callbacks are signed with.

        Never empty: an unsigned card endpoint would let anybody approve. Where none is configured, one is
        derived from the app secret, told to the platform on registration and checked on every callback.
        """
        if self.card_callback_secret:
            return self.card_callback_secret
        return hmac(self.client_secret.encode(), b"card callback", sha256).hexdigest()

    @property
    def card_route_key(self) -> str:
        return f"xiaofang-{sha256(self.client_id.encode()).hexdigest()[:16]}"

    @property
    def card_callback_url(self) -> str:
        return f"{self.public_url.rstrip('/')}/dingtalk/card"
