"""Photographs, papers and voice on the page of a record: who opens them, as what, until when, and what is on record."""

import re
from datetime import timedelta

from sqlmodel import select

from storage.tables import AuditRow, EvidenceRow, RecordRow
from tests.web.conftest import signed_in
from tests.world import SAMPLES, World

RECEIPT = (SAMPLES / "receipt_taxi.jpg").read_bytes()


def links(there: World, who: str, part: str = "") -> list[str]:
    browser = signed_in(there, who)
    records = re.findall(r"/manage/records/(\d+)", browser.get("/manage/records").text)
    pages = [browser.get(f"/manage/records/{one}").text for one in dict.fromkeys(records)]
    return re.findall(r'"(/manage/records/\d+/evidence/\d+[^"]*)"', "\n".join(pages))


def test_a_paper_and_what_does_not_fit_on_it_are_opened_by_whom_it_concerns_and_every_opening_is_on_record(
    there: World,
) -> None:
    there.act(there.wecom.send_image("liwei", RECEIPT, "receipt_taxi.jpg"))
    there.tap("liwei", "确认")
    (whole, *_) = links(there, "zhoujianguo")
    answer = signed_in(there, "zhoujianguo").get(whole)
    assert answer.content == RECEIPT
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    with there.house.store.write() as session:
        record = session.exec(select(RecordRow)).one()
        record.checks = [{"code": "x", "severity": "warning", "field": "total", "words": "金额对不上"}]
        session.add(record)
    doubts = signed_in(there, "zhoujianguo").get(links(there, "zhoujianguo")[1])
    assert doubts.headers["content-type"] == "image/jpeg" and 0 < len(doubts.content) != len(RECEIPT)
    assert signed_in(there, "xujing").get(whole).status_code == 404, "the manager of another team"
    for trick in (
        f"{whole}/../../../etc/passwd",
        whole.rsplit("/", 1)[0] + "/0",
        f"{whole}x",
        f"{whole}%2e%2e",
    ):
        assert signed_in(there, "zhoujianguo").get(trick).status_code == 404
    with there.house.store.read() as session:
        opened = session.exec(select(AuditRow).where(AuditRow.field == "opened")).all()
    assert [(row.who, row.new) for row in opened] == [("P002", "票据")] * 2


def test_voice_is_played_to_whom_the_policy_names_and_until_its_days_are_over(there: World) -> None:
    there.act(there.wecom.send_voice("liwei", (SAMPLES / "note01.amr").read_bytes()))
    with there.house.store.read() as session:
        proofs = session.exec(select(EvidenceRow)).all()
    assert proofs and proofs[0].sha256, "the note became a record"
    there.tap("liwei", "确认")
    (link, *_) = links(there, "zhoujianguo")
    answer = signed_in(there, "zhoujianguo").get(link)
    assert answer.headers["content-type"] == "audio/wav" and answer.content[:4] == b"RIFF"
    assert links(there, "machao") == [], "operations see photographs, and hear nobody"
    assert signed_in(there, "machao").get(link).status_code == 404
    there.clock.at += timedelta(days=91)
    assert links(there, "zhoujianguo") == []
    assert signed_in(there, "zhoujianguo").get(link).status_code == 404
