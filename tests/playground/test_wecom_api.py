import json
from datetime import timedelta

import httpx
import pytest

from bot.playground.clock import PlaygroundClock
from bot.playground.wecom import FakeWeCom
from tests.playground.peers import CORP, Calls, text_to

pytestmark = pytest.mark.anyio


@pytest.fixture
def calls(wecom: FakeWeCom) -> Calls:
    return Calls(wecom.app, "http://wecom.test")


async def test_the_token_repeats_until_it_expires(calls: Calls, clock: PlaygroundClock) -> None:
    first = await calls.wecom_token()
    clock.advance(timedelta(seconds=7199))
    assert await calls.wecom_token() == first
    clock.advance(timedelta(seconds=1))
    assert await calls.wecom_token() != first


async def test_a_wrong_secret_is_40001_and_a_wrong_company_40013(calls: Calls) -> None:
    for params, code in [
        ({"corpid": CORP, "corpsecret": "no"}, 40001),
        ({"corpid": "ww", "corpsecret": "x"}, 40013),
    ]:
        assert (await calls.http.get("/cgi-bin/gettoken", params=params)).json()["errcode"] == code


async def test_tokens_are_missing_unknown_or_expired(
    calls: Calls, wecom: FakeWeCom, clock: PlaygroundClock
) -> None:
    assert (await calls.http.get("/cgi-bin/user/get")).json()["errcode"] == 41001
    assert (await calls.wecom("user/get", access_token="made-up"))["errcode"] == 40014
    await calls.wecom_token()
    wecom.expire_token(40014)
    assert (await calls.wecom("user/get"))["errcode"] == 40014
    await calls.wecom_token()
    clock.advance(timedelta(hours=3))
    assert (await calls.wecom("user/get"))["errcode"] == 42001


@pytest.mark.parametrize("code", [40014, 42001, 45009, 60020, -1])
async def test_a_switch_makes_the_next_calls_fail(calls: Calls, wecom: FakeWeCom, code: int) -> None:
    wecom.fail_next("message/send", errcode=code, times=2)
    codes = [(await calls.wecom("message/send", text_to("WangFang", "早")))["errcode"] for _ in range(3)]
    assert codes == [code, code, 0]
    assert len(wecom.shown("wangfang")) == 1


async def test_a_dropped_line_still_carried_the_message_out(calls: Calls, wecom: FakeWeCom) -> None:
    wecom.fail_next("message/send", drop=True)
    with pytest.raises(httpx.RemoteProtocolError):
        await calls.wecom("message/send", text_to("WangFang", "早"))
    assert [bubble.body["content"] for bubble in wecom.shown("WangFang")] == ["早"]


async def test_an_http_500_is_answered_once(calls: Calls, wecom: FakeWeCom) -> None:
    await calls.wecom_token()
    wecom.fail_next("user/get", status=500)
    params = {"access_token": calls.token, "userid": "WangFang"}
    statuses = [(await calls.http.get("/cgi-bin/user/get", params=params)).status_code for _ in range(2)]
    assert statuses == [500, 200]


async def test_members_are_found_without_regard_to_case(calls: Calls) -> None:
    assert (await calls.wecom("user/get", userid="wangfang"))["name"] == "王芳"
    assert (await calls.wecom("user/get", userid="nobody"))["errcode"] == 60111
    assert (await calls.wecom("department/list"))["department"][0]["id"] == 1


async def test_a_login_code_works_once_and_for_five_minutes(
    calls: Calls, wecom: FakeWeCom, clock: PlaygroundClock
) -> None:
    code = wecom.issue_code("WangFang")
    assert (await calls.wecom("auth/getuserinfo", code=code))["userid"] == "WangFang"
    assert (await calls.wecom("auth/getuserinfo", code=code))["errcode"] == 40029
    late = wecom.issue_code("WangFang")
    clock.advance(timedelta(minutes=5))
    assert (await calls.wecom("auth/getuserinfo", code=late))["errcode"] == 40029


async def test_the_login_page_sends_the_browser_back_with_a_code(calls: Calls) -> None:
    query = {"redirect_uri": "http://bot.test/manage?x=1", "state": "s", "as": "lilei"}
    back = await calls.http.get("/connect/oauth2/authorize", params=query)
    target = httpx.URL(back.headers["location"])
    assert (target.host, target.params["state"], target.params["x"]) == ("bot.test", "s", "1")
    assert (await calls.wecom("auth/getuserinfo", code=target.params["code"]))["userid"] == "LiLei"


async def test_the_two_tickets_differ_and_repeat(calls: Calls) -> None:
    corp = await calls.wecom("get_jsapi_ticket")
    app = await calls.wecom("ticket/get", type="agent_config")
    assert corp["ticket"] != app["ticket"]
    assert (await calls.wecom("get_jsapi_ticket"))["ticket"] == corp["ticket"]


async def _upload(calls: Calls, kind: str, name: str, content: bytes) -> dict[str, object]:
    query = {"access_token": calls.token or await calls.wecom_token(), "type": kind}
    answer = await calls.http.post("/cgi-bin/media/upload", params=query, files={"media": (name, content)})
    found: dict[str, object] = answer.json()
    return found


async def test_uploaded_media_comes_back_whole_in_parts_and_only_three_days(
    calls: Calls, clock: PlaygroundClock
) -> None:
    stored = await _upload(calls, "file", "清单.pdf", b"0123456789")
    assert isinstance(stored["created_at"], str)
    query = {"access_token": calls.token, "media_id": str(stored["media_id"])}
    whole = await calls.http.get("/cgi-bin/media/get", params=query)
    assert (whole.content, whole.headers["content-type"]) == (b"0123456789", "application/pdf")
    assert (
        "清单.pdf".encode()
        in whole.headers.raw[[n for n, _ in whole.headers.raw].index(b"content-disposition")][1]
    )
    part = await calls.http.get("/cgi-bin/media/get", params=query, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    clock.advance(timedelta(days=3))
    await calls.wecom_token()
    gone = await calls.http.get("/cgi-bin/media/get", params=query | {"access_token": calls.token})
    assert (gone.status_code, gone.json()["errcode"]) == (200, 40007)


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("sticker", b"123456", 40004),
        ("image", b"GIF89a....", 40005),
        ("voice", b"RIFFxxxx", 40005),
        ("file", b"12345", 40006),
        ("voice", b"#!AMR\n" + b"0" * (2 << 20), 40006),
    ],
)
async def test_media_that_is_refused(calls: Calls, kind: str, content: bytes, code: int) -> None:
    assert (await _upload(calls, kind, "x.bin", content))["errcode"] == code


async def test_the_rfc_5987_form_of_a_file_name_is_no_file_name(calls: Calls) -> None:
    await calls.wecom_token()
    body = b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename*=UTF-8''a.pdf\r\n\r\n123456\r\n--b--\r\n"
    answer = await calls.http.post(
        "/cgi-bin/media/upload",
        params={"access_token": calls.token, "type": "file"},
        content=body,
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert answer.json()["errcode"] == 41005


async def test_a_body_that_is_no_json_is_47001(calls: Calls) -> None:
    await calls.wecom_token()
    answer = await calls.http.post(
        "/cgi-bin/message/send", params={"access_token": calls.token}, content=b"{"
    )
    assert json.loads(answer.text)["errcode"] == 47001
