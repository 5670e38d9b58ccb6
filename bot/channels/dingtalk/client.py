"""The DingTalk endpoints that we use: robot, files, cards, people. Calendar and to-dos go through `calls`.

Blocking; made from courier and worker threads; safe to share among them. Every call raises DeliveryError
and nothing else.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import httpx

from bot.channels.base import Download
from bot.channels.dingtalk.calls import TIMEOUT, Calls, Json, utcnow
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.failures import unreachable
from bot.channels.dingtalk.files import fetch_file
from bot.channels.dingtalk.payload import nested, text
from domain.errors import DeliveryError

RECIPIENTS = 20


@dataclass(frozen=True)
class RobotSent:
    """What became of a robot message. The lists are people that did not get it although the call succeeded."""

    query_key: str
    invalid: tuple[str, ...] = ()
    flow_controlled: tuple[str, ...] = ()
    filtered: tuple[str, ...] = ()


class DingTalkClient:
    """`monotonic` and `utcnow` are the clock, for tests."""

    def __init__(
        self,
        config: DingTalkConfig,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        utcnow: Callable[[], datetime] = utcnow,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._config = config
        self._monotonic = monotonic
        self.calls = Calls(config, monotonic=monotonic, utcnow=utcnow, timeout=timeout)
        self._people_lock = threading.Lock()
        self._union_ids: dict[str, str] = {}
        self._user_ids: dict[str, str] = {}

    def close(self) -> None:
        self.calls.http.close()

    # robot messages and files

    def send_robot(self, user_ids: list[str], msg_key: str, msg_param: str) -> RobotSent:
        """1:1 messages to at most 20 people. The platform knows no idempotency key here: a call without an
        answer raises DeliveryError(maybe_delivered=True)."""
        if len(user_ids) > RECIPIENTS:
            raise ValueError(
                f"{len(user_ids)} recipients in one call, DingTalk takes {RECIPIENTS}: split them"
            )
        body = {
            "robotCode": self._config.robot,
            "userIds": user_ids,
            "msgKey": msg_key,
            "msgParam": msg_param,
        }
        answer = self.calls.call("POST", "/v1.0/robot/oToMessages/batchSend", body, repeatable=False)
        return RobotSent(
            query_key=text(answer, "processQueryKey"),
            invalid=_people(answer, "invalidStaffIdList"),
            flow_controlled=_people(answer, "flowControlledStaffIdList"),
            filtered=_people(answer, "filteredStaffIdList"),
        )

    def upload(self, kind: Literal["image", "voice", "file", "video"], name: str, content: bytes) -> str:
        """The platform's id of the uploaded file."""
        answer = self.calls.call_old(
            "POST", "/media/upload", params={"type": kind}, files={"media": (name or "file", content)}
        )
        media_id = text(answer, "media_id")
        if not media_id:
            raise unreachable("media/upload", "the answer has no media_id")
        return media_id

    def download(self, download_code: str) -> Download:
        """The file behind a downloadCode, at most 25 MB."""
        path = "/v1.0/robot/messageFiles/download"
        answer = self.calls.call(
            "POST", path, {"downloadCode": download_code, "robotCode": self._config.robot}
        )
        url = text(answer, "downloadUrl")
        if not url:
            raise DeliveryError(
                "DingTalk named no address for the file: it is gone", permanent=True, code="gone"
            )
        return fetch_file(self.calls.http, self._config, url, self._monotonic)

    # cards

    def create_card(self, body: Json) -> Json:
        """createAndDeliver. Repeating it with the same outTrackId neither changes nor doubles the card."""
        return self.calls.call("POST", "/v1.0/card/instances/createAndDeliver", body)

    def update_card(self, body: Json) -> Json:
        return self.calls.call("PUT", "/v1.0/card/instances", body)

    def register_card_callback(self, url: str, secret: str) -> None:
        """Makes `url` the address for taps. The platform keeps an older registration silently unless forced,
        so what it says is compared."""
        body = {"callbackRouteKey": self._config.card_route_key, "callbackUrl": url, "apiSecret": secret}
        for force in (False, True):
            answer = self.calls.call("POST", "/v1.0/card/callbacks/register", {**body, "forceUpdate": force})
            result = nested(answer, "result")
            if text(result, "callbackUrl") == url and text(result, "apiSecret") == secret:
                return
        raise DeliveryError(
            "DingTalk keeps another address for card callbacks although told to replace it: "
            "delete the registration in the console",
            permanent=True,
            code="callback_not_registered",
        )

    # people

    def union_id(self, user_id: str) -> str:
        """The person's id in calendars and to-dos. Cached until `forget_person`."""
        with self._people_lock:
            known = self._union_ids.get(user_id.lower())
        if known:
            return known
        answer = self.calls.call_old("POST", "/topapi/v2/user/get", {"userid": user_id, "language": "zh_CN"})
        found = text(nested(answer, "result"), "unionid")
        if not found:
            raise DeliveryError(
                "DingTalk names no unionId for this person", permanent=True, code="no_union_id"
            )
        self._remember(user_id, found)
        return found

    def user_id(self, union_id: str) -> str:
        with self._people_lock:
            known = self._user_ids.get(union_id)
        if known:
            return known
        answer = self.calls.call_old("POST", "/topapi/user/getbyunionid", {"unionid": union_id})
        found = text(nested(answer, "result"), "userid")
        if not found:
            raise DeliveryError("DingTalk names no userId for this person", permanent=True, code="no_user_id")
        self._remember(found, union_id)
        return found

    def forget_person(self, user_id: str) -> None:
        """To be called on `user_leave_org`: the id may be given to somebody else."""
        with self._people_lock:
            union_id = self._union_ids.pop(user_id.lower(), None)
            if union_id is not None:
                self._user_ids.pop(union_id, None)

    def _remember(self, user_id: str, union_id: str) -> None:
        with self._people_lock:
            self._union_ids[user_id.lower()] = union_id
            self._user_ids[union_id] = user_id


def _people(answer: Json, name: str) -> tuple[str, ...]:
    found = answer.get(name)
    return tuple(str(one) for one in found) if isinstance(found, list) else ()
