"""Local WeCom and DingTalk, and one web page that shows both: everything runs on loopback, with no credentials.

Written from the protocol notes only; imports nothing of `bot.channels`, so that a misreading there is not
repeated here. What others use:

    wecom = FakeWeCom(
        corp_id=, agent_id=, secret=, token=, aes_key=, callback_url=, clock=,
        members={"wang": "王芳"}, transport=None, answer_seconds=5.0, verify_seconds=1.0, seed=1)
    wecom.app                                   ASGI app of /cgi-bin/... (mount at the root of a host)
    await wecom.verify_url()                    -> Delivery
    await wecom.say(userid, text)               -> Delivery     also: send_image(userid, content, name),
                                                   send_voice(userid, content, fmt="amr"), send_file(userid, content,
                                                   name), send_location(userid, lat, lng, label), enter(userid),
                                                   subscribe(userid), menu(userid, key), report_location(userid, lat,
                                                   lng, precision)
    await wecom.click(userid, task_id, key, selected={"question": ["option"]}, spelling="OptionIds")
    await wecom.push(inner)                     -> Delivery     any inner message; up to 4 attempts
    await wecom.push_bad(inner, "signature")    -> Attempt      also receiver, stale, padding, length, base64, xml, huge
    await wecom.push_shuffled(inners)           out of order;   await wecom.replay(times=3) all so far, in random order
    wecom.text(userid, text), wecom.event(userid, name, **fields)   build an inner message without sending it
    wecom.fail_next("message/send", errcode=45009, times=2)
    wecom.sent: list[WeComSent]                 .raw .msgid .delivered .dropped .invalid .repeated .cut .response_code
    wecom.shown(userid): list[Bubble]           what this member sees, cards in their present state
    wecom.pushed: list[Delivery]; wecom.calls: list[Call]; wecom.issue_code(userid); wecom.expire_token(errcode=42001)
    wecom.upload(kind, content, name) -> media_id
    wecom.set_callback_url(url), wecom.set_base_url(url)

    dingtalk = FakeDingTalk(
        client_id=, client_secret=, robot_code=, corp_id=, clock=, members={"zhao": "赵敏"}, mode="stream",
        robot_url="", event_url="", event_token="", event_aes_key="", groups={"cid1": ("华北区", ("zhao",))},
        transport=None, card_seconds=2.0, ack_seconds=5.0, seed=1)
    dingtalk.app                                ASGI app of both hosts (api and oapi), files and the WebSocket
    await dingtalk.say(userid, text)            -> Delivery     also: send_picture(userid, content), send_audio(userid,
                                                   content, recognition=None), send_file(userid, content, name),
                                                   send_rich(userid, parts), send_raw(userid, msgtype, **body)
    await dingtalk.click(userid, out_track_id, action_id, params=None) -> Click
    await dingtalk.push_event("user_leave_org", {...}); await dingtalk.check_url()   -> Delivery
    await dingtalk.push_bad(userid, text, "sign")    -> Attempt (HTTP mode)   also stale, garbage, huge, other_robot
    await dingtalk.redeliver(delivery)          the same push once more
    await dingtalk.tick()                       what is due by the clock: resends, closing, pings
    await dingtalk.disconnect(); dingtalk.half_open(); dingtalk.connections
    dingtalk.fail_next("/v1.0/robot/oToMessages/batchSend", status=403, code="Forbidden.AccessDenied.QpsLimitForApi")
    dingtalk.flow_controlled, dingtalk.filtered: set[str]; dingtalk.undeliverable: set[str]
    dingtalk.sent: list[DingSent]; dingtalk.cards: dict[out_track_id, DingCard]; dingtalk.clicks: list[Click]
    dingtalk.events, dingtalk.todos: dict; dingtalk.union_id(userid); dingtalk.shown(userid): list[Bubble]
    await dingtalk.tell_changes()               what was changed in calendars and to-dos, to subscribers (also by tick)
    dingtalk.agenda(userid), dingtalk.tick_off(task_id), dingtalk.change_todo(task_id, subject=, dueTime=),
    dingtalk.move_event(event_id, day), dingtalk.delete_event(event_id); dingtalk.denied.add("Calendar.Event")
    dingtalk.set_robot_url(url), dingtalk.set_base_url(url), dingtalk.expire_tokens(), dingtalk.targets (URLs, limits)

    fail_next(path, *, times=1, errcode=None, errmsg="", status=None, code="", delay=0.0, drop=False)
        drop: the call is carried out, then the connection is cut (time-out after success).

    with run_platforms({"wecom": wecom, "dingtalk": dingtalk, "page": page}) as urls: urls["wecom"] == "http://127.0.0.1:PORT"
        (server.py: loopback, one background thread; pass the fakes themselves: they learn their address and are ticked)

    playground_app(wecom, dingtalk, people=[Person], clock=PlaygroundClock(), trail=, customers=[Place], samples=Path)
        (page.py) Person(id, name, role, wecom_userid="", dingtalk_userid=""), Place(name, lat, lng, note=""); the clock
        (clock.py) is called for now and has advance(timedelta); give the same one to the fakes and to the bot
"""
