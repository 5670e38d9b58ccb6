"""What a rep answers to an open proposal, puts right on it, or on what he confirmed a short while ago."""

from domain.cards import Card
from domain.errors import Refusal
from domain.intents.records import Question
from domain.intents.talk import Amend, Correct, Resume, Skip
from domain.messages import Action
from handlers import alerts, flows, pre_visit, verdicts
from handlers.proposal_cards import closed_card
from handlers.proposals import ask, open_proposal, present, still_open
from handlers.record_rows import link_visit, missing_in, record_of, set_value
from handlers.told import as_told
from handlers.turn import Reply, Turn, outcome, say
from handlers.wording import summary
from nlu.dialogue.corrections import Reader
from storage.tables import ProposalRow


def correct(intent: Correct, turn: Turn) -> Reply:
    """Give fields of the open proposal other values; the old card makes room for a new one."""
    proposal = open_proposal(intent.proposal, turn)
    rows = turn.work.records.of_proposal(intent.proposal)
    turn.dialogue = turn.dialogue.opened("proposal", intent.proposal)
    for change in intent.changes:
        set_value(rows[change.index], change.field, change.said, turn)
    for index in intent.drops:
        turn.work.records.set_status(rows[index], "dropped", "本人从卡片上删去")
    added = turn.work.records.add([record_of(proposal, record, turn) for record in intent.adds])
    for row in added:
        turn.work.records.prove(row.id or 0, "text", "；".join(dict.fromkeys(row.sources.values())))
    proposal.question = intent.question.model_dump(mode="json") if intent.question else None
    proposal.asked += int(intent.question is not None and not intent.question.pending)
    turn.work.session.add(proposal)
    if not (intent.changes or intent.drops or added):
        return ask(proposal, turn)
    replaced = closed_card(proposal, rows, turn, "已修改，请看下面的新卡片", "info")
    proposal.revision += 1
    left = [row for index, row in enumerate(rows) if index not in intent.drops] + added
    link_visit(left, turn)
    return outcome(turn, replaced) + present(proposal, left, turn)


def choose(action: Action, proposal_id: int, turn: Turn) -> Reply:
    """A quick reply to the proposal's question."""
    proposal = open_proposal(proposal_id, turn)
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
    proposal = open_proposal(intent.proposal, turn)
    question = Question.model_validate(proposal.question) if proposal.question else None
    rows = turn.work.records.of_proposal(intent.proposal)
    following = _reader(proposal, question, turn).skip()
    proposal.question = following.model_dump(mode="json") if following else None
    proposal.asked += int(following is not None)
    turn.work.session.add(proposal)
    missing = missing_in(rows, turn)
    later = f"保存前还要补上{missing}，想起来了直接说。" if missing else "没有必填的要补，没问题就确认。"
    return say(turn, f"好，先空着。{later}") + ask(proposal, turn)


def resume(intent: Resume, turn: Turn) -> Reply:
    """Back to what is still open, after something else was answered."""
    return still_open(turn)


def amend(intent: Amend, turn: Turn) -> Reply:
    """Put right what was confirmed within a day, as long as nobody else has it in hand."""
    rows = turn.work.records.of_proposal(intent.proposal)
    concerned = [rows[change.index] for change in intent.changes]
    if taken := next((row for row in concerned if row.status != "confirmed"), None):
        label = turn.rulebook.form_of(taken.form).label
        raise Refusal(f"这条{label}已经提交，不能直接改。先说“撤销”收回来，再重新说一遍就行。")
    changed = list({row.id: row for row in concerned}.values())
    before = {row.id: dict(row.data) for row in changed}
    for change, row in zip(intent.changes, concerned, strict=True):
        set_value(row, change.field, change.said, turn)
    told = "；".join(summary(row, turn) for row in changed)
    judged = (verdicts.evidence_arrived(row, turn) for row in changed if row.form == "visit")
    begun = sum((flows.begin_changed(row, before[row.id], turn) for row in changed), Reply())
    said = say(turn, f"已改好，保存的是：{told}。不对的话再说一遍，或说“撤销”。")
    return begun + sum(judged, said) + pre_visit.flipped(changed, turn) + alerts.saved(changed, turn)


def _reader(proposal: ProposalRow, question: Question | None, turn: Turn) -> Reader:
    rows = turn.work.records.of_proposal(proposal.id or 0)
    own = turn.lexicon.owned_by(turn.person.id)
    return Reader(as_told(rows), question, turn.local_now, turn.lexicon, turn.rulebook, own)
