"""Photographs, papers and voice on the page of a record: who opens them, as what, until when, and what is on record."""

import re
from datetime import timedelta
from typing import Any

from sqlmodel import select
from starlette.testclient import TestClient

from storage.tables import AuditRow, EvidenceRow, RecordRow
from tests.web.conftest import signed_in
from tests.world import SAMPLES, World

RECEIPT = (SAMPLES / "receipt_taxi.jpg").read_bytes()


def links(browser: TestClient) -> list[str]:
    records = re.findall(r"/manage/records/(\d+)", browser.get("/manage/records").text)
    pages = [browser.get(f"/manage/records/{one}").text for one in dict.fromkeys(records)]
    return re.findall(r'"(/manage/records/\d+/evidence/\d+[^"]*)"', "\n".join(pages))


def test_a_paper_and_what_does_not_fit_on_it_are_opened_by_whom_it_concerns_and_every_opening_is_on_record(
    there: World,
) -> None:
    there.act(there.wecom.send_image("liwei", RECEIPT, "receipt_taxi.jpg"))
    there.tap("liwei", "确认")
    boss, operations = signed_in(there, "zhoujianguo"), signed_in(there, "machao")
    (whole, *_) = links(boss)
    answer = boss.get(whole)
    assert answer.content == RECEIPT
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    change(there, checks=[{"code": "x", "severity": "warning", "field": "total", "words": "金额对不上"}])
    doubts = boss.get(links(boss)[1])
    assert doubts.headers["content-type"] == "image/jpeg" and 0 < len(doubts.content) != len(RECEIPT)
    assert signed_in(there, "xujing").get(whole).status_code == 404, "the manager of another team"
    for trick in ("/../../../etc/passwd", "x", "%2e%2e", "0"):
        assert boss.get(whole + trick).status_code == 404
    assert operations.get(whole).status_code == 200
    change(there, data={"amount": 46.5, "floor_price": 30})
    assert links(operations) == [] and operations.get(whole).status_code == 404, (
        "it might show what is hidden"
    )
    with there.house.store.read() as session:
        opened = session.exec(select(AuditRow).where(AuditRow.field == "opened")).all()
    assert [(row.who, row.new) for row in opened] == [("P002", "票据"), ("P002", "票据"), ("P202", "票据")]


def change(there: World, **values: Any) -> None:
    with there.house.store.write() as session:
        record = session.exec(select(RecordRow)).one()
        for name, value in values.items():
            setattr(record, name, value)
        session.add(record)


def test_voice_is_played_to_whom_the_policy_names_and_until_its_days_are_over(there: World) -> None:
    there.act(there.wecom.send_voice("liwei", (SAMPLES / "note01.amr").read_bytes()))
    with there.house.store.read() as session:
        proofs = session.exec(select(EvidenceRow)).all()
    assert proofs and proofs[0].sha256, "the note became a record"
    there.tap("liwei", "确认")
    boss, operations = signed_in(there, "zhoujianguo"), signed_in(there, "machao")
    (link, *_) = links(boss)
    answer = boss.get(link)
    assert answer.headers["content-type"] == "audio/wav" and answer.content[:4] == b"RIFF"
    assert links(operations) == [], "operations see photographs, and hear nobody"
    assert operations.get(link).status_code == 404
    there.clock.at += timedelta(days=91)
    boss = signed_in(there, "zhoujianguo")
    assert links(boss) == [] and boss.get(link).status_code == 404
