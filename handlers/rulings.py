"""What people say to the verdict on a visit: the rep answers, the manager accepts or refuses with a reason."""

from domain.cards import Text
from domain.dialogue import MatterKind
from domain.errors import Refusal
from domain.intents.visits import Explain, Ruling
from domain.messages import Action
from handlers.turn import Reply, Turn, outcome, say, show, tell
from handlers.verdict_cards import QUICK_REASONS, manager_revision, reason_card
from handlers.verdicts import OPEN, evidence_arrived, learn_place, manager_outcome, show_manager, show_outcome
from handlers.wording import customer_name
from storage.tables import RecordRow, VisitVerdictRow

DONE_WORDS = {"accepted": "认可", "refused": "不认可"}
MATTERS: dict[str, MatterKind] = {
    "accept": "acceptance",
    "refuse": "refusal",
    "acceptance": "acceptance",
    "refusal": "refusal",
    "explanation": "explanation",
}
"""What is open after which button, or on which card."""


def ask_explanation(action: Action, record_id: int, turn: Turn) -> Reply:
    """The rep wants to answer: his next words are the explanation."""
    row, verdict = _found(record_id, turn)
    if row.reporter_id != turn.person.id:
        raise Refusal("这次拜访不是你的。")
    if verdict.state not in OPEN:
        raise Refusal(_late(verdict, turn))
    turn.dialogue = turn.dialogue.opened("explanation", record_id)
    name = customer_name(row.customer_code, turn)
    return say(turn, f"好，直接打字或发语音说明「{name}」这次拜访的情况；不用说明就回“算了”。")


def explain(intent: Explain, turn: Turn) -> Reply:
    """Keep the rep's words beside the verdict, and show them to the manager who has to decide."""
    turn.dialogue = turn.dialogue.closed("explanation", intent.record)
    row, verdict = _found(intent.record, turn)
    if row.reporter_id != turn.person.id or verdict.state not in OPEN:
        raise Refusal(_late(verdict, turn))
    closed = manager_outcome(verdict, row, "本人有了说明，请看新的卡片", turn)
    turn.work.records.prove(row.id or 0, "answer", intent.words, intent.sha256)
    turn.work.records.audit(f"record:{row.id}", "answer", verdict.answer or None, intent.words, "本人说明")
    words = "\n".join(filter(None, (verdict.answer, intent.words)))
    turn.work.verdicts.change(verdict, verdict.state, answer=words, answered_at=turn.now)
    if verdict.state != "waiting":
        return say(turn, "说明记下了，和这次拜访放在一起。")
    return (
        closed + show_manager(verdict, row, turn, with_photos=False) + say(turn, "说明记下了，已经给上级看。")
    )


def keep(action: Action, record_id: int, turn: Turn) -> Reply:
    """Somebody thought better of it."""
    kind = MATTERS[action.ref.partition(":")[0]]
    turn.dialogue = turn.dialogue.closed(kind, record_id)
    if kind == "explanation":
        return say(turn, "好，不写说明。")
    return outcome(turn, reason_card(kind, record_id, 0, "先不决定")) + say(turn, "好，那张卡还等你看。")


def ask_reason(action: Action, record_id: int, turn: Turn) -> Reply:
    """A decision needs a reason: ask for it, with the usual ones as buttons."""
    _, verdict = _to_decide(record_id, turn)
    if action.revision and action.revision != manager_revision(verdict):
        raise Refusal("这次拜访有了新的情况，请看最新的卡片再决定。")
    kind = MATTERS[action.button]
    turn.dialogue = turn.dialogue.opened(kind, record_id)
    return show(turn, reason_card(kind, record_id, turn.inbox_id or 0))


def because(action: Action, record_id: int, turn: Turn) -> Reply:
    """One of the usual reasons was tapped."""
    kind = action.ref.partition(":")[0]
    if action.value not in QUICK_REASONS[kind]:
        raise Refusal("这个原因没有看懂，请直接打字告诉我。")
    return rule(Ruling(record=record_id, accepts=kind == "acceptance", words=action.value), turn)


def rule(intent: Ruling, turn: Turn) -> Reply:
    """The manager's word overrules the score, whichever way; everybody's card shows it."""
    kind: MatterKind = "acceptance" if intent.accepts else "refusal"
    turn.dialogue = turn.dialogue.closed(kind, intent.record)
    row, verdict = _to_decide(intent.record, turn)
    state = "accepted" if intent.accepts else "refused"
    by = turn.person
    if not turn.work.verdicts.change(
        verdict, state, overruled_by=by.id, reason=intent.words, decided_at=turn.now
    ):
        raise Refusal(_late(verdict, turn))
    turn.work.records.audit(f"record:{row.id}", "verdict_state", "waiting", state, intent.words)
    status = f"{by.name}{DONE_WORDS[state]}：{intent.words}"
    name = customer_name(row.customer_code, turn)
    reply = outcome(turn, reason_card(kind, intent.record, 0, intent.words))
    reply += show_outcome(verdict, row, status, turn)
    reply += tell(row.reporter_id, Text(text=f"你对「{name}」的拜访，{status}。"))
    if intent.accepts:  # what was accepted here may settle others
        for other in turn.work.verdicts.waiting_at(row.customer_code or ""):
            reply += evidence_arrived(other, turn)
    return reply + learn_place(row.customer_code or "", turn)


def _to_decide(record_id: int, turn: Turn) -> tuple[RecordRow, VisitVerdictRow]:
    row, verdict = _found(record_id, turn)
    if row.reporter_id == turn.person.id or verdict.reviewer_id != turn.person.id:
        raise Refusal("这次拜访不归你认定。")
    if verdict.state != "waiting":
        raise Refusal(_late(verdict, turn))
    return row, verdict


def _found(record_id: int, turn: Turn) -> tuple[RecordRow, VisitVerdictRow]:
    row = turn.work.records.get(record_id)
    verdict = turn.work.verdicts.of(record_id)
    if row is None or verdict is None:
        raise Refusal("这次拜访已经撤销了，不用再处理。" if row else "没有找到这次拜访，请看最新的卡片。")
    return row, verdict


def _late(verdict: VisitVerdictRow, turn: Turn) -> str:
    """What somebody is told who comes too late."""
    turn.work.session.refresh(verdict)
    if verdict.state not in DONE_WORDS:
        return "这次拜访有了新的依据，请看最新的卡片。"
    when = (verdict.decided_at or turn.now).astimezone(turn.zone)
    by = turn.work.people.get(verdict.overruled_by or "")
    done = DONE_WORDS[verdict.state]
    return f"这次拜访 {when:%m月%d日 %H:%M} 已由{by.name if by else '上级'}{done}：{verdict.reason}。"
