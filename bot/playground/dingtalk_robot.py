"""Robot sends: batchSend, groupMessages, recall, session replies, and the files people sent."""

import json
from collections.abc import Mapping
from typing import Any

from bot.playground.dingtalk_state import FILE_LIFE, DingSent, DingState, Refused, require

Answer = dict[str, Any]

MESSAGE_KEYS: Mapping[str, tuple[str, ...]] = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("text", "title", "messageUrl"),
    "sampleActionCard": ("title", "text", "singleTitle", "singleURL"),
    "sampleActionCard2": ("title", "text", "actionTitle1", "actionURL1", "actionTitle2", "actionURL2"),
    "sampleActionCard3": ("title", "text", "actionTitle1", "actionURL1", "actionTitle3", "actionURL3"),
    "sampleActionCard4": ("title", "text", "actionTitle1", "actionURL1", "actionTitle4", "actionURL4"),
    "sampleActionCard5": ("title", "text", "actionTitle1", "actionURL1", "actionTitle5", "actionURL5"),
    "sampleActionCard6": ("title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"),
    "sampleAudio": ("mediaId", "duration"),
    "sampleFile": ("mediaId", "fileName", "fileType"),
    "sampleVideo": ("duration", "videoMediaId", "videoType", "picMediaId"),
}
MOST_USERS = 20


def batch_send(state: DingState, request: Answer) -> Answer:
    params = _message(state, request)
    users = request.get("userIds")
    require(isinstance(users, list) and users, "userIds is required", "invalidParameter.userIds")
    require(len(users or []) <= MOST_USERS, f"at most {MOST_USERS} userIds", "invalidParameter.userIds")
    named = list(dict.fromkeys(users or []))
    invalid = tuple(one for one in named if one not in state.members)
    known = [one for one in named if one in state.members]
    slowed = tuple(one for one in known if one in state.flow_controlled)
    filtered = tuple(one for one in known if one in state.filtered)
    reached = tuple(one for one in known if one not in {*slowed, *filtered})
    key = state.secret_word("pqk_")
    for who in reached:
        state.chats.add(who, request["msgKey"], params, ref=key)
    state.sent.append(
        DingSent(request, request["msgKey"], params, key, state.clock(), reached, invalid, slowed, filtered)
    )
    lists = {"invalidStaffIdList": [*invalid], "flowControlledStaffIdList": [*slowed]}
    return {"processQueryKey": key, **lists, "filteredStaffIdList": [*filtered]}


def group_send(state: DingState, request: Answer) -> Answer:
    params = _message(state, request)
    group = state.groups.get(str(request.get("openConversationId")))
    require(group, "no such conversation", "invalidParameter.openConversationId")
    assert group is not None
    key = state.secret_word("pqk_")
    for who in group[1]:
        state.chats.add(who, request["msgKey"], params | {"group": group[0]}, ref=key)
    state.sent.append(DingSent(request, request["msgKey"], params, key, state.clock(), group[1]))
    return {"processQueryKey": key}


def _message(state: DingState, request: Answer) -> Answer:
    """msgParam decoded, once robotCode, msgKey and its required fields are right."""
    require(request.get("robotCode") == state.robot_code, "no such robot", "invalidParameter.robotCode")
    kind = request.get("msgKey")
    require(kind in MESSAGE_KEYS, f"unknown msgKey {kind!r}", "invalidParameter.msgKey")
    raw = request.get("msgParam")
    require(isinstance(raw, str), "msgParam must be a JSON string", "invalidParameter.msgParam")
    try:
        params = json.loads(str(raw))
    except ValueError as broken:
        raise Refused(400, "invalidParameter.msgParam", "msgParam is not JSON") from broken
    for name in MESSAGE_KEYS[str(kind)]:
        require(
            isinstance(params, dict) and params.get(name), f"{kind} needs {name}", "invalidParameter.msgParam"
        )
    return dict(params)


def recall(state: DingState, request: Answer) -> Answer:
    keys = request.get("processQueryKeys") or []
    known = {one.key for one in state.sent}
    done = [key for key in keys if key in known]
    for key in done:
        state.chats.change_ref(key, recalled=True)
    return {"successResult": done, "failedResult": {key: "not found" for key in keys if key not in known}}


def session_reply(state: DingState, session: str, request: Answer) -> Answer:
    who, until = state.sessions.get(session, ("", state.clock()))
    if not who or until <= state.clock():
        return {"errcode": 300001, "errmsg": "session does not exist or is expired"}
    kind = str(request.get("msgtype"))
    body = request.get(kind)
    if kind not in ("text", "markdown", "actionCard") or not isinstance(body, dict):
        return {"errcode": 400002, "errmsg": "msgtype must be text, markdown or actionCard"}
    bubble = state.chats.add(who, f"session.{kind}", body)
    state.sent.append(DingSent(request, f"session.{kind}", body, bubble.id, state.clock(), (who,)))
    return {"errcode": 0, "errmsg": "ok"}


def download_address(state: DingState, request: Answer) -> Answer:
    require(request.get("robotCode") == state.robot_code, "no such robot", "invalidParameter.robotCode")
    file_id = state.codes.get(str(request.get("downloadCode")))
    require(file_id, "unknown downloadCode", "invalidParameter.downloadCode")
    link = state.secret_word("")
    state.links[link] = (str(file_id), state.clock() + FILE_LIFE)
    return {"downloadUrl": f"{state.base_url}/files/{link}"}
