"""Signing in by a link from the chat: who gets in, for how long, and what every page carries."""

from collections.abc import Iterator

import httpx
from sqlmodel import select

from storage.sign_in import SignInLinkRow, WebSessionRow
from tests.web.conftest import browser_of, form_token, link_for, signed_in
from tests.world import World


def test_a_link_from_the_chat_signs_its_person_in(there: World) -> None:
    browser = signed_in(there, "zhoujianguo")
    page = browser.get("/manage/").text
    assert "周建国，你好" in page and "经理" in page


def test_looking_at_a_link_does_not_use_it_up(there: World) -> None:
    link, browser = link_for(there, "liwei"), browser_of(there)
    for _ in range(3):  # messengers look at links by themselves
        assert "进入后台" in browser.get(link).text
    assert "李伟，你好" in browser.post(link).text


def test_a_link_works_once(there: World) -> None:
    link = link_for(there, "liwei")
    assert browser_of(there).post(link).status_code == 200
    again = browser_of(there).post(link)
    assert again.status_code == 403 and "链接已经失效" in again.text
    assert "set-cookie" not in again.headers


def test_a_link_runs_out_and_a_newer_one_replaces_it(there: World) -> None:
    old = link_for(there, "liwei")
    new = link_for(there, "liwei")
    assert browser_of(there).post(old).status_code == 403
    there.clock.forward(minutes=5)
    assert browser_of(there).post(new).status_code == 403
    assert browser_of(there).get(new).status_code == 403


def test_the_database_holds_digests_only(there: World) -> None:
    link = link_for(there, "liwei")
    browser = browser_of(there)
    browser.post(link)
    with there.house.store.read() as session:
        kept = [
            session.exec(select(SignInLinkRow)).one().digest,
            session.exec(select(WebSessionRow)).one().digest,
        ]
    assert link.rpartition("/")[2] not in kept and browser.cookies["xiaofang"] not in kept


def test_nobody_gets_in_without_signing_in(there: World) -> None:
    browser = browser_of(there)
    browser.cookies.set("xiaofang", "made-up", path="/manage")
    answer = browser.get("/manage/")
    assert answer.status_code == 401 and "请先登录" in answer.text


def test_an_idle_session_ends_and_a_busy_one_goes_on_until_its_end(there: World) -> None:
    browser = signed_in(there, "liwei")
    for _ in range(23):
        there.clock.forward(minutes=29)
        assert browser.get("/manage/").status_code == 200
    there.clock.forward(minutes=31)
    assert browser.get("/manage/").status_code == 401
    busy = signed_in(there, "liwei")
    for _ in range(26):
        there.clock.forward(minutes=28)
        last = busy.get("/manage/").status_code
    assert last == 401


def test_whoever_left_the_company_is_signed_out(there: World) -> None:
    from storage.tables import PersonRow

    browser = signed_in(there, "liwei")
    with there.house.store.write() as session:
        row = session.get(PersonRow, "P101")
        assert row is not None
        row.active = False
    assert browser.get("/manage/").status_code == 401


def test_signing_out_needs_the_form_of_this_session(there: World) -> None:
    browser, other = signed_in(there, "liwei"), signed_in(there, "zhoujianguo")
    foreign = form_token(other.get("/manage/").text)
    own = form_token(browser.get("/manage/").text)
    assert browser.post("/manage/logout").status_code == 403
    assert browser.post("/manage/logout", data={"csrf": foreign}).status_code == 403
    for lie in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert browser.post("/manage/logout", data={"csrf": own}, headers=lie).status_code == 403
    kept = browser.cookies["xiaofang"]
    assert browser.post("/manage/logout", data={"csrf": own}).status_code == 200
    browser.cookies.set("xiaofang", kept, path="/manage")
    assert browser.get("/manage/").status_code == 401


def test_every_answer_carries_the_security_headers(there: World) -> None:
    browser = signed_in(there, "liwei")
    for path in ("/manage/", "/manage/nothing", "/manage/static/manage.css", "/manage/login/x"):
        headers = browser.get(path).headers
        assert headers["cache-control"] == "no-store", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_the_cookie_is_for_the_server_alone(there: World) -> None:
    answer = browser_of(there).post(link_for(there, "liwei"), follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/manage" in cookie


def test_without_an_address_the_chat_says_what_is_missing(there: World) -> None:
    object.__setattr__(there.house.worker, "public_url", "")
    there.say("liwei", "管理后台")
    assert "public_url" in there.last("liwei")


def test_wecom_itself_signs_its_members_in(there: World) -> None:
    browser = browser_of(there)
    sent = browser.get("/manage/wecom", headers={"user-agent": "Mozilla wxwork/4.1"}, follow_redirects=False)
    asked = httpx.URL(sent.headers["location"])
    assert (
        asked.host == "open.weixin.qq.com" and asked.params["redirect_uri"] == "http://bot/manage/wecom/back"
    )
    back = {"state": asked.params["state"], "code": there.wecom.issue_code("xujing")}
    assert "许静，你好" in browser.get("/manage/wecom/back", params=back).text
    assert browser.get("/manage/wecom/back", params=back).status_code == 403, (
        "the code, and the state, hold once"
    )


def test_a_login_that_another_browser_began_signs_nobody_in(there: World) -> None:
    attacker, victim = browser_of(there), browser_of(there)
    begun = attacker.get("/manage/wecom", follow_redirects=False)
    state = httpx.URL(begun.headers["location"]).params["state"]
    back = {"state": state, "code": there.wecom.issue_code("xujing")}
    assert victim.get("/manage/wecom/back", params=back).status_code == 403
    assert victim.get("/manage/").status_code == 401


def test_a_member_whom_we_do_not_know_is_not_let_in(there: World) -> None:
    browser = browser_of(there)
    begun = browser.get("/manage/wecom", follow_redirects=False)
    state = httpx.URL(begun.headers["location"]).params["state"]
    answer = browser.get(
        "/manage/wecom/back", params={"state": state, "code": there.wecom.issue_code("luren")}
    )
    assert answer.status_code == 403 and "通讯录里还没有你" in answer.text


def test_a_form_that_is_too_long_is_not_even_read(there: World) -> None:
    browser = browser_of(there)
    long = browser.post("/manage/logout", data={"csrf": "x" * 2_100_000})
    assert long.status_code == 413 and "拆成几次" in long.text

    def parts() -> Iterator[bytes]:
        yield b"csrf=x"

    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/manage/logout", content=parts(), headers=headers).status_code == 413
    many = [(f"f{n}", (None, "x")) for n in range(300)]
    assert browser.post("/manage/logout", files=many).status_code == 400


def test_a_token_of_other_letters_is_a_wrong_token(there: World) -> None:
    assert signed_in(there, "liwei").post("/manage/logout", data={"csrf": "令牌"}).status_code == 403


def test_a_number_that_nothing_can_have_is_not_found(there: World) -> None:
    browser = signed_in(there, "machao")
    token = form_token(browser.get("/manage/").text)
    for number in (str(2**63), "9" * 5000, "x"):
        assert browser.get(f"/manage/records/{number}").status_code == 404
        assert browser.get("/manage/records", params={"before": number}).status_code == 200
        assert browser.get(f"/manage/rulebook/draft/{number}").status_code == 403
        file = {"name": "forms/order.yaml", "draft": number}
        assert browser.get("/manage/rulebook/file", params=file).status_code == 200
        fields = {"csrf": token, "decision": "approve"}
        assert browser.post(f"/manage/approvals/{number}", data=fields).status_code == 403
        fields = {"csrf": token, "version": number}
        back = browser.post("/manage/rulebook/rollback", data=fields)
        assert back.status_code == 403 and "没有这个版本" in back.text
