"""What one self-built app of one corp needs to be known by."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WeComConfig:
    """Secrets are left out of the representation, so that a printed configuration gives nothing away."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    api_base: str = "https://qyapi.weixin.qq.com"
    """Scheme, host and port; every call and every download goes there."""
    public_url: str = ""
    """Where a card without buttons leads when it is tapped."""
    timestamp_window: int = 600
    """Seconds that a callback's timestamp may be off, either way."""

    @property
    def tenant(self) -> str:
        return f"{self.corp_id}:{self.agent_id}"
