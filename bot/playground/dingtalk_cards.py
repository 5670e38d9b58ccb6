"""Interactive cards: create and deliver, update, the answer to a click, and callback registration."""

from typing import Any

from bot.playground.dingtalk_state import DingCard, DingState, Params, card_body, require, string_params

Answer = dict[str, Any]

DELIVERY_MODELS = {"IM_ROBOT": "imRobotOpenDeliverModel", "IM_GROUP": "imGroupOpenDeliverModel"}


def create_and_deliver(state: DingState, request: Answer) -> Answer:
    """success:true at the top can go with a failed deliverResult: each space is judged by itself."""
    for name in ("cardTemplateId", "outTrackId", "openSpaceId"):
        require(isinstance(request.get(name), str) and request[name], f"{name} is required", f"param.{name}")
    callback_type = str(request.get("callbackType", "HTTP"))
    require(callback_type in ("STREAM", "HTTP"), "callbackType is STREAM or HTTP", "param.callbackType")
    public = string_params((request.get("cardData") or {}).get("cardParamMap"), "cardData")
    private = _private(state, request)
    track = request["outTrackId"]
    known = state.cards.get(track)
    if known:
        known.creations += 1
    else:
        known = DingCard(
            track,
            request["cardTemplateId"],
            public,
            private,
            callback_type,
            str(request.get("callbackRouteKey", "")),
            request,
        )
        state.cards[track] = known
    results = [_deliver(state, known, space, request) for space in request["openSpaceId"].split(";")]
    return {"success": True, "result": {"outTrackId": track, "deliverResults": results}}


def _private(state: DingState, request: Answer) -> dict[str, Params]:
    """privateData by userId, also where it came keyed by unionId."""
    by_union = request.get("userIdType") == 2
    found = {}
    for who, data in (request.get("privateData") or {}).items():
        userid = state.user_of_union(who) if by_union else who
        if userid:
            found[userid] = string_params((data or {}).get("cardParamMap"), f"privateData.{who}")
    return found


def _deliver(state: DingState, card: DingCard, space: str, request: Answer) -> Answer:
    kind, _, target = space.removeprefix("dtv1.card//").partition(".")
    failed = _obstacle(state, space, kind, target, request)
    carrier = state.secret_word("carrier_")
    result = {"spaceType": kind, "spaceId": target, "success": not failed, "errorMsg": failed}
    if failed or space in card.spaces:
        return result | {"carrierId": "" if failed else carrier}
    card.spaces.append(space)
    members = (target,) if kind == "IM_ROBOT" else state.groups[target][1]
    for who in members:
        if who not in card.members:
            card.members.append(who)
            state.chats.add(who, "card", card_body(card, who), ref=card.out_track_id)
    return result | {"carrierId": carrier}


def _obstacle(state: DingState, space: str, kind: str, target: str, request: Answer) -> str:
    if not space.startswith("dtv1.card//") or kind not in DELIVERY_MODELS:
        return "spaceType.notSupported"
    model = request.get(DELIVERY_MODELS[kind]) or {}
    if kind == "IM_ROBOT" and model.get("spaceType") != "IM_ROBOT":
        return "param.imRobotOpenDeliverModel.spaceType"
    if kind == "IM_GROUP" and model.get("robotCode") != state.robot_code:
        return "param.imGroupOpenDeliverModel.robotCode"
    if target not in (state.members if kind == "IM_ROBOT" else state.groups):
        return "spaceId.illegal"
    return "user.refused" if target in state.undeliverable else ""


def update(state: DingState, request: Answer) -> Answer:
    """Overwrites all variables unless updateCardDataByKey says otherwise."""
    card = state.cards.get(str(request.get("outTrackId")))
    require(card, "no card with this outTrackId", "param.outTrackId.notExist")
    assert card is not None
    options = request.get("cardUpdateOptions") or {}
    if request.get("cardData") is not None:
        public = string_params(request["cardData"].get("cardParamMap"), "cardData")
        card.public = {**card.public, **public} if options.get("updateCardDataByKey") else public
    for who, params in _private(state, request).items():
        by_key = options.get("updatePrivateDataByKey")
        card.private[who] = {**card.private.get(who, {}), **params} if by_key else params
    card.updates += 1
    state.show_card(card)
    return {"success": True, "result": True}


def apply_answer(state: DingState, card: DingCard, userid: str, answer: Answer) -> None:
    """The answer to a click; `userPrivateData` is the clicker's and is not keyed by user."""
    private = answer.get("userPrivateData")
    update(
        state,
        {
            "outTrackId": card.out_track_id,
            "cardData": answer.get("cardData"),
            "privateData": {userid: private} if private else None,
            "cardUpdateOptions": answer.get("cardUpdateOptions"),
        },
    )


def register_callback(state: DingState, request: Answer) -> Answer:
    """A known key keeps its old registration unless forceUpdate is set."""
    key, url = str(request.get("callbackRouteKey") or ""), str(request.get("callbackUrl") or "")
    require(key and url, "callbackRouteKey and callbackUrl are required", "param.callback")
    if key not in state.card_routes or request.get("forceUpdate"):
        secret = str(request.get("apiSecret") or state.secret_word("cs_"))
        state.card_routes[key] = {"callbackUrl": url, "apiSecret": secret}
    return {"success": True, "result": dict(state.card_routes[key])}
