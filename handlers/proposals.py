"""Records are proposed on one card, put right or confirmed by the rep, and only then count."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from domain.cards import Card
from domain.errors import Refusal
from domain.intents import Amend, Correct, Proof, Propose, Question, RecordIntent, Resume, Said, Skip
from domain.messages import Action
from handlers import approvals, contacts, learning, papers, photos, todos, verdicts
from handlers.proposal_cards import closed_card, proposal_card, question_card, submitted_card, title
from handlers.told import as_told
from handlers.turn import Reply, Turn, outcome, say, show
from handlers.wording import summary
from nlu.dialogue.corrections import Reader
from storage.tables import ProposalRow, RecordRow

DRAFT_LASTS = timedelta(hours=24)
MOST_QUESTIONS = 2
NEEDS_APPROVAL = frozenset({"expense"})
"""Forms whose records go to somebody else once the rep confirms them."""
AFTER_CONFIRM: dict[str, Callable[[RecordRow, Turn], Reply]] = {"visit": verdicts.visited}
"""What follows once a record of that form counts."""


def propose(intent: Propose, turn: Turn) -> Reply:
    """Keep the records as proposed and show them on one card, with at most one question."""
    question = intent.question.model_dump(mode="json") if intent.question else None
    proposal = turn.work.records.propose(question)
    rows = turn.work.records.add([_record(proposal, record, turn) for record in intent.records])
    for index, row in enumerate(rows):
        _prove(row, index, intent.evidence, turn)
    _link_visit(rows)
    turn.dialogue = turn.dialogue.opened("proposal", proposal.id or 0)
    turn.work.schedule.at(
        turn.now + DRAFT_LASTS, "proposal_expiry", f"proposal:{proposal.id}", turn.person.id
    )
    customer = next((r.customer_code for r in rows if r.customer_code), None)
    if customer:
        turn.dialogue = turn.dialogue.at(customer, turn.now)
    doubts = papers.beside(rows)
    return (say(turn, doubts) if doubts else Reply()) + _present(proposal, rows, turn)


def correct(intent: Correct, turn: Turn) -> Reply:
    """Give fields of the open proposal other values; the old card makes room for a new one."""
    proposal = _open(intent.proposal, turn)
    rows = turn.work.records.of_proposal(intent.proposal)
    turn.dialogue = turn.dialogue.opened("proposal", intent.proposal)
    for change in intent.changes:
        _change(rows[change.index], change.field, change.said, turn)
    for index in intent.drops:
        turn.work.records.set_status(rows[index], "dropped", "本人从卡片上删去")
    added = turn.work.records.add([_record(proposal, record, turn) for record in intent.adds])
    for row in added:
        turn.work.records.prove(row.id or 0, "text", "；".join(dict.fromkeys(row.sources.values())))
    proposal.question = intent.question.model_dump(mode="json") if intent.question else None
    proposal.asked += int(intent.question is not None and not intent.question.pending)
    turn.work.session.add(proposal)
    if not (intent.changes or intent.drops or added):
        return _ask(proposal, turn)
    replaced = closed_card(proposal, rows, turn, "已修改，请看下面的新卡片", "info")
    proposal.revision += 1
    left = [row for index, row in enumerate(rows) if index not in intent.drops] + added
    _link_visit(left)
    return outcome(turn, replaced) + _present(proposal, left, turn)


def choose(action: Action, proposal_id: int, turn: Turn) -> Reply:
    """A quick reply to the proposal's question."""
    proposal = _open(proposal_id, turn)
    question = Question.model_validate(proposal.question) if proposal.question else None
    found = _reader(proposal, question, turn).pick(action.value)
    if question is None or found is None:
        raise Refusal("这个问题已经答过了，请看最新的卡片。")
    label = dict(question.choices)[action.value]
    answered = Card(ref=f"question:{proposal_id}", revision=0, title=question.ask, status=f"已选：{label}")
    made = Correct(proposal=proposal_id, changes=found.changes, question=found.question)
    return outcome(turn, answered) + correct(made, turn)


def skip(intent: Skip, turn: Turn) -> Reply:
    """The question stays without an answer; what cannot be missing is said when it comes to saving."""
    proposal = _open(intent.proposal, turn)
    question = Question.model_validate(proposal.question) if proposal.question else None
    rows = turn.work.records.of_proposal(intent.proposal)
    following = _reader(proposal, question, turn).skip()
    proposal.question = following.model_dump(mode="json") if following else None
    proposal.asked += int(following is not None)
    turn.work.session.add(proposal)
    missing = _missing(rows, turn)
    later = f"保存前还要补上{missing}，想起来了直接说。" if missing else "没有必填的要补，没问题就确认。"
    return say(turn, f"好，先空着。{later}") + _ask(proposal, turn)


def resume(intent: Resume, turn: Turn) -> Reply:
    """Back to what is still open, after something else was answered."""
    return _still_open(turn)


def amend(intent: Amend, turn: Turn) -> Reply:
    """Put right what was confirmed within a day, as long as nobody else has it in hand."""
    rows = turn.work.records.of_proposal(intent.proposal)
    concerned = [rows[change.index] for change in intent.changes]
    if taken := next((row for row in concerned if row.status != "confirmed"), None):
        label = turn.rulebook.forms[taken.form].label
        raise Refusal(f"这条{label}已经提交，不能直接改。先说“撤销”收回来，再重新说一遍就行。")
    for change, row in zip(intent.changes, concerned, strict=True):
        _change(row, change.field, change.said, turn)
    changed = list({row.id: row for row in concerned}.values())
    told = "；".join(summary(row, turn) for row in changed)
    judged = (verdicts.evidence_arrived(row, turn) for row in changed if row.form in AFTER_CONFIRM)
    return sum(judged, say(turn, f"已改好，保存的是：{told}。不对的话再说一遍，或说“撤销”。"))


def confirm(action: Action, proposal_id: int, turn: Turn) -> Reply:
    """The rep vouches for the records: they count from now on."""
    proposal = _open(proposal_id, turn, action)
    rows = turn.work.records.of_proposal(proposal_id)
    if missing := _missing(rows, turn):
        raise Refusal(f"还差一项才能保存：{missing}。直接打字告诉我就行。")
    taken = {row.id: why for row in rows if row.form in NEEDS_APPROVAL and (why := papers.claim(row, turn))}
    if len(taken) == len(rows):
        raise Refusal("".join(taken.values()) + "这张卡没有提交；不报了就点放弃。")
    if not turn.work.records.close(proposal, "confirmed"):
        raise Refusal("这张卡已经处理过了。")
    turn.dialogue = turn.dialogue.closed("proposal", proposal_id)
    turn.work.schedule.cancel("proposal_expiry", f"proposal:{proposal_id}")
    submitted = Reply()
    for row in rows:
        if row.id in taken:
            turn.work.records.set_status(row, "dropped", taken[row.id])
        elif row.form in NEEDS_APPROVAL:
            submitted += approvals.submit(row, turn)
        else:
            turn.work.records.set_status(row, "confirmed", "本人确认")
            contacts.adopt(row, turn)
    if submitted.outgoing:
        done = outcome(turn, submitted_card(proposal, rows, turn))
    else:
        done = outcome(turn, closed_card(proposal, rows, turn, "已保存", "success"))
    for row in rows:
        if row.id in taken:
            submitted += say(turn, f"「{summary(row, turn)}」没有提交：{taken[row.id]}")
        elif row.form in AFTER_CONFIRM:
            submitted += AFTER_CONFIRM[row.form](row, turn)
    learning.remember(proposal, turn)
    return done + submitted + todos.assigned(rows, turn) + _still_open(turn)


def modify(action: Action, proposal_id: int, turn: Turn) -> Reply:
    _open(proposal_id, turn, action)
    return say(turn, "直接说要改什么就行，比如“改成60箱”“客户是永旺超市望京店”“日期改到下周五”。")


def drop(action: Action, proposal_id: int, turn: Turn) -> Reply:
    proposal = _open(proposal_id, turn, action)
    rows = turn.work.records.of_proposal(proposal_id)
    return abandon(proposal, rows, turn, "dropped", "已放弃，没有记录") + _still_open(turn)


def abandon(proposal: ProposalRow, rows: list[RecordRow], turn: Turn, state: str, words: str) -> Reply:
    """Close a proposal without keeping its records."""
    if not turn.work.records.close(proposal, state):
        return Reply()
    for row in rows:
        turn.work.records.set_status(row, state, words)
    turn.dialogue = turn.dialogue.closed("proposal", proposal.id or 0)
    turn.work.schedule.cancel("proposal_expiry", f"proposal:{proposal.id}")
    return outcome(turn, closed_card(proposal, rows, turn, words, "warning"))


def _present(proposal: ProposalRow, rows: list[RecordRow], turn: Turn) -> Reply:
    return show(turn, proposal_card(proposal, rows, turn)) + _ask(proposal, turn)


def _ask(proposal: ProposalRow, turn: Turn) -> Reply:
    """The one open question, as quick replies where there are candidates; after two it is left to the rep."""
    question = Question.model_validate(proposal.question) if proposal.question else None
    if question is None or (proposal.asked > MOST_QUESTIONS and not question.pending):
        return Reply()
    if question.choices:
        return show(turn, question_card(proposal, question, turn))
    return say(turn, question.ask)


def _still_open(turn: Turn) -> Reply:
    """The proposal that now lies on top, by name, and its question once more."""
    top = turn.dialogue.top
    proposal = turn.work.records.proposal(top.id) if top and top.kind == "proposal" else None
    if proposal is None or proposal.state != "open":
        return Reply()
    rows = turn.work.records.of_proposal(proposal.id or 0)
    named = f"「{title(rows, turn)}」"
    if proposal.question and proposal.asked <= MOST_QUESTIONS:
        return say(turn, f"{named}还没记完，接着说：") + _ask(proposal, turn)
    return say(turn, f"{named}还等你确认：说“确认”就保存，要改直接说，不要了说“放弃”。")


def _reader(proposal: ProposalRow, question: Question | None, turn: Turn) -> Reader:
    rows = turn.work.records.of_proposal(proposal.id or 0)
    own = turn.lexicon.owned_by(turn.person.id)
    return Reader(as_told(rows), question, turn.local_now, turn.lexicon, turn.rulebook, own)


def _open(proposal_id: int, turn: Turn, action: Action | None = None) -> ProposalRow:
    """The sender's own open proposal. Raises Refusal with what became of it."""
    proposal = turn.work.records.proposal(proposal_id)
    if proposal is None or proposal.person_id != turn.person.id:
        raise Refusal("没有找到这张卡片对应的记录，请看最新的一张。")
    if proposal.state != "open":
        ended = {
            "confirmed": "已经保存过了",
            "dropped": "已经放弃了",
            "expired": "超过 24 小时没有确认，已作废",
            "undone": "已经撤销了",
        }
        raise Refusal(f"这张卡{ended[proposal.state]}。要重新记，直接再说一遍就行。")
    if action and action.revision and action.revision != proposal.revision:
        raise Refusal("这张卡已经改过，请在最新的那张卡上操作。")
    return proposal


def _record(proposal: ProposalRow, intent: RecordIntent, turn: Turn) -> RecordRow:
    form = turn.rulebook.forms[intent.form]
    data = {field: said.value for field, said in intent.fields.items() if not said.alternatives}
    sources = {field: intent.fields[field].words for field in data}
    return RecordRow(
        proposal_id=proposal.id,
        form=form.key,
        form_version=form.version,
        reporter_id=turn.person.id,
        customer_code=data.get("customer"),
        happened_at=_happened(data, turn),
        data=data,
        sources=sources,
    )


def _happened(data: dict[str, Any], turn: Turn) -> datetime:
    said = data.get("happened_at")
    if not said:
        return turn.now
    at = datetime.fromisoformat(str(said))
    return at if at.tzinfo else at.replace(tzinfo=turn.zone)


def _prove(row: RecordRow, index: int, evidence: tuple[Proof, ...], turn: Turn) -> None:
    """A receipt proves its own expense; words prove every record of the message; a check-in its visit."""
    receipts = [p for p in evidence if p.kind == "receipt"]
    proofs = [receipts[index]] if receipts else list(evidence)
    for proof in proofs:
        papers.examine(row, proof, turn)
    here = turn.work.check_ins.get(turn.dialogue.check_in) if turn.dialogue.check_in else None
    if (
        row.form == "visit"
        and here
        and here.customer_code == row.customer_code
        and not row.data.get("planned")
    ):
        words = f"{here.at.astimezone(turn.zone):%H:%M} 签到，距离约 {here.distance or 0:.0f} 米"
        turn.work.records.prove(row.id or 0, "position", words, check_in=here.id, metres=here.distance)
    photos.prove_visit(row, turn)


def _link_visit(rows: list[RecordRow]) -> None:
    visit = next((r for r in rows if r.form == "visit" and not r.data.get("planned")), None)
    for row in rows:
        if visit and row is not visit and row.customer_code == visit.customer_code:
            row.visit_id = visit.id


def _change(row: RecordRow, field: str, said: Said, turn: Turn) -> None:
    turn.work.records.change(row, field, said.value, said.words, "本人修改")
    row.customer_code = row.data.get("customer")
    row.happened_at = _happened(row.data, turn) if field == "happened_at" else row.happened_at


def _missing(rows: list[RecordRow], turn: Turn) -> str:
    """What is missing first, in words; empty when nothing is."""
    for row in rows:
        form = turn.rulebook.forms[row.form]
        if field := form.missing(row.data):
            return f"{form.label}的{field.label}"
    return ""
