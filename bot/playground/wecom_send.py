"""message/send, message/update_template_card and message/recall."""

import copy
from typing import Any

from bot.playground.wecom_limits import INTERACTIVE, MEDIA_TYPES, Refused, check_card, checked_body, require
from bot.playground.wecom_state import RECALL_WINDOW, SentCard, WeComSent, WeComState

Answer = dict[str, Any]


def send(state: WeComState, request: Answer) -> Answer:
    require(request.get("agentid") == state.agent_id, "invalid agentid", 40056)
    valid, invalid, bad_parties, bad_tags = _receivers(state, request)
    again = state.repeated_msgid(request)
    shown, cut = checked_body(request)
    if again is not None:
        # The notes say only that the copy is dropped; without a response_code is the harder case for a caller.
        state.sent.append(WeComSent(request, shown, again, state.clock(), (), repeated=True))
        return _sent_answer(again)
    if request["msgtype"] in MEDIA_TYPES | {"video"}:
        require(state.fresh_media(shown["media_id"]), "invalid media_id", 40007)
    require(valid, "user & party & tag all invalid", 81013)
    card = shown if request["msgtype"] == "template_card" else None
    if card and card.get("task_id"):
        require(state.callback_url, "the app has no callback url")
        require(card["task_id"] not in state.cards, "task_id was used before")
    sent = _deliver(state, request, shown, tuple(cut), valid, invalid)
    state.sent.append(sent)
    state.remember_body(request, sent.msgid)
    answer = _sent_answer(sent.msgid, invaliduser=invalid, invalidparty=bad_parties, invalidtag=bad_tags)
    return answer | ({"response_code": sent.response_code} if sent.response_code else {})


def _receivers(state: WeComState, request: Answer) -> tuple[list[str], tuple[str, ...], list[str], list[str]]:
    """Members who are meant and exist, members who do not (lower-cased), unknown parties and tags."""
    users, parties, tags = (_split(request.get(name)) for name in ("touser", "toparty", "totag"))
    require(users or parties or tags, "touser, toparty and totag are all empty", 40035)
    require(len(users) <= 1000, "touser takes at most 1000", 40058)
    require(len(parties) <= 100 and len(tags) <= 100, "toparty and totag take at most 100", 40058)
    everybody = "@all" in users or "1" in parties
    named = [] if "@all" in users else users
    invalid = tuple(one.lower() for one in named if state.member(one) is None)
    found = list(state.members) if everybody else [who for one in named if (who := state.member(one))]
    return list(dict.fromkeys(found)), invalid, [one for one in parties if one != "1"], tags


def _split(value: object) -> list[str]:
    return [one for one in str(value or "").split("|") if one]


def _deliver(
    state: WeComState,
    request: Answer,
    shown: Answer,
    cut: tuple[str, ...],
    valid: list[str],
    invalid: tuple[str, ...],
) -> WeComSent:
    msgid = state.secret_word("msg")
    room = {who: state.take_room(who) for who in valid}
    delivered = tuple(who for who, fits in room.items() if fits)
    kind = request["msgtype"]
    calls_back = kind == "template_card" and (shown["card_type"] in INTERACTIVE or shown.get("action_menu"))
    for who in delivered:
        state.chats.add(who, kind, copy.deepcopy(shown), ref=msgid)
    if calls_back:
        state.cards[shown["task_id"]] = SentCard(msgid, shown["task_id"], copy.deepcopy(shown), delivered)
    dropped = tuple(who for who, fits in room.items() if not fits)
    code = state.new_code(msgid) if calls_back else ""
    return WeComSent(
        request, shown, msgid, state.clock(), delivered, dropped, invalid, cut=cut, response_code=code
    )


def _sent_answer(
    msgid: str, invaliduser: tuple[str, ...] = (), invalidparty: Any = (), invalidtag: Any = ()
) -> Answer:
    lists = {"invaliduser": invaliduser, "invalidparty": invalidparty, "invalidtag": invalidtag}
    joined = {name: "|".join(found) for name, found in lists.items()}
    return {"errcode": 0, "errmsg": "ok", **joined, "unlicenseduser": "", "msgid": msgid}


def update_card(state: WeComState, request: Answer) -> Answer:
    """Changes the card shown to the named members; the code is spent by the first accepted call.

    The errcode for an unusable code is not in the notes: 40058 (parameter) stands for it.
    """
    require(request.get("agentid") == state.agent_id, "invalid agentid", 40056)
    button, card = request.get("button"), request.get("template_card")
    require(bool(button) != bool(card), "exactly one of button and template_card")
    code = state.codes.get(str(request.get("response_code")))
    if code is None or code.used or code.until <= state.clock():
        raise Refused(40058, "response_code is unknown, used or expired")
    if card:
        check_card(card)
    else:
        require((button or {}).get("replace_name"), "button.replace_name is required")
    named = list(request.get("userids") or [])
    require(len(named) <= 1000, "userids takes at most 1000")
    receivers = [sent.delivered for sent in state.sent if sent.msgid == code.msgid and not sent.repeated]
    got = {who.casefold(): who for row in receivers for who in row}
    chosen = (
        list(got) if request.get("atall") or request.get("partyids") else [one.casefold() for one in named]
    )
    require(chosen, "userids, partyids, tagids and atall are all empty")
    lying = {who: state.chats.find(who, code.msgid) for who in got.values()}
    require(
        all(can_change(b.body) for b in lying.values() if b), "this card cannot be updated any more", 40058
    )
    code.used = True
    for one in chosen:
        if one in got:
            _show_update(state, got[one], code.msgid, button, card)
    return {"errcode": 0, "errmsg": "ok", "invaliduser": [one for one in chosen if one not in got]}


def can_change(card: Answer) -> bool:
    """Cards of buttons and choices, and notices with a menu; a plain notice stays as it is."""
    return card.get("card_type") not in ("text_notice", "news_notice") or bool(card.get("action_menu"))


def _show_update(state: WeComState, who: str, msgid: str, button: Answer | None, card: Answer | None) -> None:
    bubble = state.chats.find(who, msgid)
    if bubble is None:
        return
    body = copy.deepcopy(card) if card else {**bubble.body, "replace_text": (button or {})["replace_name"]}
    if card and "task_id" not in card:
        body["task_id"] = bubble.body.get("task_id", "")
    state.chats.change(who, bubble.id, body=body)


def show_passive_update(state: WeComState, who: str, task_id: str, reply: Answer) -> None:
    """`update_button` and `update_template_card` in a passive reply: for the clicker only."""
    sent = state.cards.get(task_id)
    if sent is None:
        return
    if reply.get("MsgType") == "update_button":
        _show_update(state, who, sent.msgid, {"replace_name": reply["Button"]["ReplaceName"]}, None)
    else:
        _show_update(state, who, sent.msgid, None, card_from_passive(reply["TemplateCard"]))


NAMES = {
    "KeyName": "keyname",
    "CheckBox": "checkbox",
    "ActionList": "action_list",
    "ButtonList": "button_list",
    "JumpList": "jump_list",
    "SelectList": "select_list",
    "OptionList": "option_list",
    "HorizontalContentList": "horizontal_content_list",
    "VerticalContentList": "vertical_content_list",
}
NUMBERS = frozenset({"type", "style", "desc_color", "mode"})


def card_from_passive(element: Any, name: str = "") -> Any:
    """PascalCase tags as the fields of the JSON card; repeated elements always as lists."""
    if isinstance(element, list):
        return [card_from_passive(one, name) for one in element]
    if not isinstance(element, dict):
        return int(element) if name in NUMBERS and element.isdigit() else element
    found = {}
    for tag, value in element.items():
        field = NAMES.get(tag) or "".join("_" + c.lower() if c.isupper() else c for c in tag).lstrip("_")
        child = card_from_passive(value, field)
        found[field] = child if not field.endswith("_list") or isinstance(child, list) else [child]
    return found


def recall(state: WeComState, request: Answer) -> Answer:
    sent = next((one for one in state.sent if one.msgid == request.get("msgid") and not one.repeated), None)
    require(sent, "invalid msgid", 40058)
    assert sent is not None
    require(state.clock() - sent.at <= RECALL_WINDOW, "older than 24 hours", 40058)
    state.chats.change_ref(sent.msgid, recalled=True)
    return {"errcode": 0, "errmsg": "ok"}
