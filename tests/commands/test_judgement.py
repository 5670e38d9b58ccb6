"""What each answer of our public address means: every trap by its name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import judgement
from bot.channels.envelope import WORDS
from bot.judgement import FAILURES, Seen, Verdict

PLAIN, SEALED = b"4561255354251345929", b"fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9q=="
URL = "https://x.example.com/wecom/callback"


def seen(status: int = 200, body: bytes = PLAIN, seconds: float = 0.1, **headers: str) -> Seen:
    kind = headers.pop("content_type", "text/plain; charset=utf-8")
    return Seen(URL, status, {"content-type": kind, **headers}, body, seconds, "203.0.113.7", "TLSv1.3")


def echo(answer: Seen) -> Verdict:
    return judgement.echo(answer, PLAIN, SEALED)


def test_the_plain_echo_in_time_is_right() -> None:
    verdict = echo(seen())
    assert verdict.ok
    assert not verdict.warning
    assert "100 毫秒" in verdict.words


def test_the_right_echo_after_the_second_that_the_platform_waits_is_a_warning() -> None:
    verdict = echo(seen(seconds=1.5))
    assert verdict.ok
    assert verdict.warning
    assert "平台只等 1 秒" in verdict.words


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (seen(body=b'"' + PLAIN + b'"'), "多了一对引号"),
        (seen(body=b'{"code":0,"data":"' + PLAIN + b'"}', content_type="application/json"), "被包成了 JSON"),
        (seen(body=b"\xef\xbb\xbf" + PLAIN), "前后多了BOM"),
        (seen(body=PLAIN + b"\n"), "前后多了换行"),
        (seen(body=b" " + PLAIN + b"\r\n"), "前后多了换行、空格"),
        (seen(body=b"\xef\xbb\xbf" + PLAIN + b"\n"), "前后多了BOM、换行"),
        (seen(body=b"echo: " + PLAIN), "被加了别的内容"),
        (seen(body=SEALED), "没有解密的 echostr"),
        (seen(body=b""), "应答是空的"),
        (seen(body=b"ok"), "不是 echostr 的明文"),
        (seen(body=b"<!DOCTYPE html><form><input type=password>", content_type="text/html"), "登录页"),
        (seen(body=b"\xef\xbb\xbf\n<html>Welcome to nginx!", content_type="text/html"), "网页"),
        (seen(301, b"", location="https://x.example.com/"), "被跳转（301）到 https://x.example.com/"),
        (seen(302, b"", location="/login"), "被跳转（302）到 /login"),
        (seen(404, b"Not Found"), "小访在运行，但没有 /wecom/callback"),
        (seen(404, b"<html>404</html>", content_type="text/html"), "这个地址答 404"),
        (seen(405, b"Method Not Allowed"), "这个地址答 405"),
        (seen(502, b"<html>502 Bad Gateway"), "反向代理答 502"),
        (seen(503, b""), "反向代理答 503"),
        (seen(504, b""), "反向代理答 504"),
        (seen(500, b"Internal Server Error"), "服务器出错（500）"),
        (seen(401, b"Unauthorized"), "在到达小访以前就被拒绝了（401）"),
        (seen(403, b"Forbidden by WAF"), "在到达小访以前就被拒绝了（403）"),
        (seen(401, WORDS["signature"].encode()), "token 对不上"),
        (seen(400, WORDS["malformed"].encode()), "aes_key 对不上"),
        (seen(403, WORDS["receiver"].encode()), "企业 ID 对不上"),
        (seen(401, b"timestamp is more than 600 s off: check the server's clock"), "时间差得太多"),
        (seen(400, b"msg_signature, timestamp, nonce or the encrypted part is missing"), "参数丢了"),
        (seen(503, b"inbox is busy, send it again"), "数据库一时写不进去"),
        (seen(413, b"body is over 1048576 bytes"), "正文太大"),
        (seen(204, b""), "应答是 204"),
    ],
)
def test_each_trap_is_named_with_a_remedy(answer: Seen, said: str) -> None:
    verdict = echo(answer)
    assert not verdict.ok
    assert said in verdict.words
    assert verdict.remedy


@pytest.mark.parametrize("failure", FAILURES)
def test_no_answer_is_told_with_its_reason_by_every_judge(failure: str) -> None:
    nothing = Seen(URL, failure=failure, why="detail")
    for verdict in (
        echo(nothing),
        judgement.health(nothing),
        judgement.callback(nothing),
        judgement.robot(nothing, nothing),
    ):
        assert not verdict.ok
        assert verdict.words == f"{FAILURES[failure][0]}（detail）"
        assert verdict.remedy == FAILURES[failure][1]


def test_http_that_is_sent_to_https_is_told_to_change_the_address() -> None:
    answer = replace(
        seen(301, b"", location="https://x.example.com/wecom/callback"), url=URL.replace("https", "http")
    )
    assert "都改成 https://" in echo(answer).remedy


@pytest.mark.parametrize("body", [b"success", b""])
def test_an_event_is_taken_with_success_or_nothing(body: bytes) -> None:
    assert judgement.callback(seen(body=body)).ok


@pytest.mark.parametrize(
    ("answer", "ok", "said"),
    [
        (seen(body=b'"success"'), True, "被加了引号"),
        (seen(body=b"success\n"), True, "被加了引号、空白或 BOM"),
        (seen(body=b'{"errcode":0}'), False, "不是小访的 success"),
        (seen(body=b"success", seconds=6), True, "平台只等 5 秒"),
        (seen(401, WORDS["signature"].encode()), False, "token 对不上"),
        (seen(400, b"body is no XML of the platform: x"), False, "正文被改过"),
    ],
)
def test_what_comes_back_for_an_event(answer: Seen, ok: bool, said: str) -> None:
    verdict = judgement.callback(answer)
    assert verdict.ok == ok
    assert said in verdict.words
    assert verdict.remedy
    assert verdict.warning == ok


def test_the_health_page_tells_whose_machine_it_is() -> None:
    assert judgement.health(seen(body=b"ok")).ok
    other = judgement.health(seen(body=b'{"status":"UP"}'))
    assert not other.ok
    assert "不是小访" in other.words


RIGHT, WRONG = seen(400, b""), seen(403, b"")


@pytest.mark.parametrize(
    ("right", "wrong", "ok", "said"),
    [
        (RIGHT, WRONG, True, "client_secret 一致"),
        (WRONG, WRONG, False, "连正确的签名也拒绝"),
        (RIGHT, RIGHT, False, "签名错误的请求没有被拒绝（400）"),
        (seen(200, b""), seen(200, b""), False, "签名错误的请求没有被拒绝（200）"),
        (seen(200, b""), WRONG, False, "签名正确的请求得到 200"),
        (seen(404, b"Not Found"), WRONG, False, "小访在运行，但没有 /dingtalk/robot"),
        (seen(403, b"Forbidden"), seen(403, b"Forbidden"), False, "在到达小访以前就被拒绝了"),
        (seen(400, b"<html>400 nginx"), WRONG, False, "网页"),
    ],
)
def test_the_robot_address_is_asked_twice(right: Seen, wrong: Seen, ok: bool, said: str) -> None:
    verdict = judgement.robot(right, wrong)
    assert verdict.ok == ok
    assert said in verdict.words


@given(
    st.builds(
        Seen,
        url=st.just(URL),
        status=st.integers(100, 599),
        headers=st.dictionaries(st.sampled_from(["content-type", "location", "server"]), st.text()),
        body=st.binary() | st.just(PLAIN),
        seconds=st.floats(0, 60),
        failure=st.sampled_from(["", *FAILURES]),
    )
)
def test_every_answer_gets_a_verdict_and_only_the_exact_echo_passes(answer: Seen) -> None:
    verdict = echo(answer)
    assert verdict.words
    assert verdict.ok == (
        answer.failure == "" and answer.status == 200 and answer.body == PLAIN and not answer.html
    )
    for other in (judgement.health(answer), judgement.callback(answer), judgement.robot(answer, answer)):
        assert other.words
        assert other.ok or other.remedy
