"""What a failed call means for the sender.

    again      the platform's trouble: try again soon
    slow       too many calls: try again after a while
    wait       somebody has to grant or set up something for this one call
    pause      the whole app is affected: secret, trusted IP, monthly quota
    token      the access token: fetched anew once, then `pause`
    final      the call itself is wrong and stays wrong

The old host answers 200 with a numeric `errcode`, the new one 4xx/5xx with a `code` in words. Only codes
decide, never messages: their wording changes. Source: open.dingtalk.com error code pages and
help.dingtalk.io/open/development/call-frequency-limit.
"""

from typing import Literal

from domain.errors import DeliveryError

Verdict = Literal["again", "slow", "wait", "pause", "token", "final"]

OLD_HOST: dict[str, Verdict] = {
    "-1": "again",
    "40001": "token",
    "40014": "token",
    "42001": "token",
    "33001": "token",
    "40013": "pause",
    "40035": "pause",
    "40089": "pause",
    "60020": "pause",
    "90020": "pause",
    "60011": "wait",
    **{str(code): "slow" for code in range(90001, 90019)},
}

NEW_HOST: tuple[tuple[str, Verdict], ...] = (
    # looked for in the lower-cased code, first hit decides
    ("apicountlimit", "pause"),
    ("ipnotinwhite", "pause"),
    ("ipnotallow", "pause"),
    ("clientidorsecret", "pause"),
    ("invalidappkey", "pause"),
    ("invalidappsecret", "pause"),
    ("authfailed", "pause"),
    ("qpslimit", "slow"),
    ("throttling", "slow"),
    ("flowcontrol", "slow"),
    ("toomanyrequests", "slow"),
    ("permissiondenied", "wait"),
    ("invalidauthentication", "token"),
    ("accesstoken", "token"),
    ("serviceunavailable", "again"),
    ("systemerror", "again"),
)

QUOTA = ("90020", "apicountlimit")

HOUR = 3600.0
SECONDS: dict[Verdict, float | None] = {
    "again": None,
    "slow": 5.0,
    "wait": 600.0,
    "pause": 300.0,
    "token": 300.0,
    "final": None,
}

REMEDIES: tuple[tuple[str, str], ...] = (
    ("60020", "add this server's outgoing address to the app's trusted IPs"),
    ("ipnot", "add this server's outgoing address to the app's trusted IPs"),
    ("90020", "the company's monthly API quota is used up: buy more or wait for the next month"),
    ("apicountlimit", "the company's monthly API quota is used up: buy more or wait for the next month"),
    ("60011", "apply for the permission that the message names"),
    ("permissiondenied", "apply for the permission that the message names"),
    ("clientidorsecret", "check dingtalk.client_id and dingtalk.client_secret"),
    ("40089", "check dingtalk.client_id and dingtalk.client_secret"),
)


def verdict(status: int, code: str) -> Verdict:
    """`code` is a number in text from the old host, words from the new one, empty where neither was there."""
    if code in OLD_HOST:
        return OLD_HOST[code]
    folded = code.lower().replace("_", "")
    for part, found in NEW_HOST:
        if part in folded:
            return found
    if status == 429:
        return "slow"
    if status >= 500 or status == 408:
        return "again"
    return "token" if status == 401 else "final"


def failure(
    what: str, status: int, code: str, message: str, retry_after: float | None = None
) -> DeliveryError:
    """The error for a refused call. `message` is the platform's, already free of secrets."""
    found = verdict(status, code)
    folded = code.lower().replace("_", "")
    seconds = SECONDS[found] if retry_after is None else retry_after
    if any(part in folded for part in QUOTA):
        seconds = HOUR  # nobody tells when the month's quota is raised: look once an hour
    remedy = next((words for part, words in REMEDIES if part in folded), "")
    told = f"DingTalk refused {what}: HTTP {status} {code} {message}".rstrip()
    return DeliveryError(
        f"{told}; {remedy}" if remedy else told,
        permanent=found == "final",
        retry_after=seconds if found != "final" else None,
        pause_channel=found in ("pause", "token"),
        code=code or str(status),
    )


def unknown_outcome(what: str, reason: str) -> DeliveryError:
    return DeliveryError(
        f"DingTalk gave no answer to {what} ({reason}): it may have been done",
        maybe_delivered=True,
        code="unknown",
    )


def unreachable(what: str, reason: str) -> DeliveryError:
    return DeliveryError(f"DingTalk was not reached for {what} ({reason})", code="unreachable")
