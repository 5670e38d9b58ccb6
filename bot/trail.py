"""What each message caused: records, evidence and audit trail, for the playground's panel and for administrators."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from domain.dialogue import Dialogue
from domain.messages import Inbound
from domain.people import Person
from handlers.turn import Turn
from handlers.wording import read_fields
from storage.media import media_of, perception
from storage.people import People
from storage.tables import AuditRow, EvidenceRow, InboxRow, RecordRow
from storage.work import work_of

KINDS = {
    "image": "[图片]",
    "voice": "[语音]",
    "file": "[文件]",
    "video": "[视频]",
    "location": "[位置]",
    "link": "[链接]",
    "unknown": "[未知消息]",
}
STATUS = {
    "proposed": "待确认",
    "confirmed": "已确认",
    "submitted": "审批中",
    "approved": "已通过",
    "paid": "已付款",
    "rejected": "已驳回",
    "dropped": "已放弃",
    "expired": "已作废",
    "undone": "已撤销",
    "pending": "待审批",
    "cancelled": "已撤回",
    "passed_on": "已转交",
    "lapsed": "超时作废",
    "waiting": "待认定",
    "accepted": "认可",
    "refused": "不认可",
    "running": "进行中",
    "done": "已完成",
    "withdrawn": "已撤回",
    "passed": "已通过",
    "stopped": "已停止",
    "held": "已占用",
    "spent": "已支出",
    "freed": "已归还",
    "reserved": "已占用",
    "released": "已归还",
    "issued": "已发放",
    "received": "已签收",
    "returned": "已退回",
}
TAPS = {
    "confirm": "确认",
    "modify": "修改",
    "drop": "放弃",
    "choose": "选择",
    "approve": "同意",
    "reject": "驳回",
    "because": "驳回原因",
    "keep": "再想想",
    "explain": "解释",
    "accept": "认可",
    "refuse": "不认可",
}
FIELDS = {
    "verdict": "可信度",
    "verdict_state": "认定",
    "answer": "说明",
    "learned_place": "位置",
    "owner": "负责人",
    "flow": "流程",
    "flow_step": "步骤",
    "resubmitted": "重新提交",
    "stock": "样品库存",
    "budget": "预算",
    "health": "出门前预警",
    "opened": "打开文件",
}
"""What is audited beside the fields of the forms; everything else is the state."""
SUBJECTS = {"record": "记录", "approval": "审批", "customer": "客户", "transfer": "客户交接"}
EVIDENCE = {
    "text": "文字",
    "voice": "语音",
    "receipt": "票据",
    "photo": "照片",
    "position": "定位",
    "answer": "说明",
}


def recent(
    session: Session, knowledge: tuple[Any, Any], now: datetime, zone: ZoneInfo, limit: int = 50
) -> list[dict[str, Any]]:
    """The latest messages with what they caused, newest first. Events and taps without effects are left out."""
    query = select(InboxRow).order_by(col(InboxRow.id).desc()).limit(limit)
    rows = list(session.exec(query))
    ids = [row.id for row in rows]
    records = _by_message(session.exec(select(RecordRow).where(col(RecordRow.inbox_id).in_(ids))))
    evidence = _by_message(session.exec(select(EvidenceRow).where(col(EvidenceRow.inbox_id).in_(ids))))
    audit = _by_message(session.exec(select(AuditRow).where(col(AuditRow.inbox_id).in_(ids))))
    work = work_of(session, who="", now=now, inbox_id=None)
    nobody = Person(id="", name="")
    turn = Turn(now, zone, nobody, "", None, Dialogue(), *knowledge, work=work)
    found = []
    for row in rows:
        if row.kind == "event" and not audit[row.id]:
            continue
        message = Inbound.model_validate_json(row.payload) if row.payload != "{}" else None
        found.append(
            {
                "message_id": row.key.rpartition(":")[2],
                "at": row.received_at.astimezone(zone).isoformat(timespec="seconds"),
                "who": _who(session, message),
                "heard": _heard(session, row, message),
                "records": [_record(r, turn) for r in records[row.id]],
                "evidence": [
                    {"kind": EVIDENCE.get(e.kind, e.kind), "words": e.words, "sha256": e.sha256}
                    for e in evidence[row.id]
                ],
                "audit": [_change(a, turn) for a in audit[row.id]],
            }
        )
    return found


def _by_message(rows: Any) -> defaultdict[int | None, list[Any]]:
    found: defaultdict[int | None, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r.id):
        found[row.inbox_id].append(row)
    return found


def _who(session: Session, message: Inbound | None) -> str:
    if message is None:
        return "陌生人"
    person = People(session).by_userid(message.channel, message.sender)
    return person.name if person else message.sender


def _heard(session: Session, row: InboxRow, message: Inbound | None) -> str:
    """What was typed, said or tapped, in words."""
    if message is None:
        return "（陌生人的消息，内容未保存）"
    if message.action:
        return f"[点击] {TAPS.get(message.action.button, message.action.button)}"
    if message.kind == "voice":
        results = [perception(session, sha, "hear") for sha in media_of(session, row.id or 0)]
        heard = "".join((r or {}).get("text", "") for r in results)
        waits = "（等待语音模型）" if row.state == "waiting" else ""
        return f"[语音] {heard or message.media[0].recognition if message.media else heard}{waits}"
    if message.kind == "location" and message.position:
        return f"[位置] {message.position.label}"
    return f"{KINDS.get(row.kind, '')} {message.text}".strip()


def _record(row: RecordRow, turn: Turn) -> dict[str, Any]:
    form = turn.rulebook.form_of(row.form)
    return {
        "id": row.id,
        "form": row.form,
        "label": form.label,
        "status": STATUS.get(row.status, row.status),
        "fields": [
            {"label": field.label, "value": words, "source": row.sources.get(field.id, "")}
            for field, words in read_fields(form, row.data, turn)
        ],
    }


def _change(row: AuditRow, turn: Turn) -> dict[str, Any]:
    person = turn.work.people.get(row.who)
    return {
        "at": row.at.astimezone(turn.zone).isoformat(timespec="seconds"),
        "who": person.name if person else {"clock": "定时"}.get(row.who, row.who),
        "field": _subject(row, turn),
        "old": _state_words(row.old),
        "new": _state_words(row.new),
        "why": row.why,
    }


def _subject(row: AuditRow, turn: Turn) -> str:
    """What was changed, by the labels that people know."""
    kind, _, number = row.subject.partition(":")
    record = turn.work.records.get(int(number)) if kind == "record" else None
    if record is None:
        return f"{SUBJECTS.get(kind, kind)} #{number} {FIELDS.get(row.field, '状态')}"
    form = turn.rulebook.form_of(record.form)
    field = form.field(row.field)
    return f"{form.label} #{number} {field.label if field else FIELDS.get(row.field, '状态')}"


def _state_words(value: Any) -> Any:
    return STATUS.get(value, value) if isinstance(value, str) else value
