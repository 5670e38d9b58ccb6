"""Somebody says that a check was scored wrongly; a trainer decides, and the decision is kept as calibration."""

from collections.abc import Sequence

from coaching.scoring import NOT_SEEN, Checked, Score, regraded
from domain.cards import Button, Card, Line, Text
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Tap
from domain.intents.practice import AppealWords, PracticeWord
from domain.messages import Action
from domain.people import Person
from handlers.practice_plan import practices_of
from handlers.turn import Reply, Turn, View, outcome, say, show, tell
from nlu.dialogue.replies import reply_word
from storage.practice_tables import AppealRow, PracticeRow

DECIDES = ("trainer", "operations", "admin")
MOST_ASKED = 3
"""Trainers who are shown one appeal."""
MOST_CHECKS = 5
"""As many as a card has buttons for, beside giving up."""
SHORTEST = 4
"""Letters of words that can be found again in a talk."""
NOTHING = "最近没有可以申诉的对练。练完一局，哪条判得不对再说“申诉”。"
ALL_MET = "上一局每一条都识别到了，没有可以申诉的。"
NOT_SAID = "上一局里没找到这句。把你当时发的原话复制给我；不申诉了说“算了”。"
TWICE = "这一条已经申诉过了。"
BUTTONS = (
    Button(id="grant", text="算他说到了", style="primary"),
    Button(id="refuse", text="不算", style="default"),
)


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """The words that somebody means, after he was asked for them. Pure."""
    top = view.dialogue.top
    if top is None or top.kind != "appeal":
        return ()
    if reply_word(text) == "drop":
        return (Tap(action=Action(button="drop", ref=f"appealing:{top.id}", value=top.of)),)
    return (AppealWords(practice=top.id, check=top.of, words=text),)


def which(intent: PracticeWord, turn: Turn) -> Reply:
    """The checks of his last talk that were not recognised, to choose from."""
    row = practices_of(turn).last_scored()
    if row is None:
        raise Refusal(NOTHING)
    missed = [check for check in Score.model_validate(row.score).checks if not check.met][:MOST_CHECKS]
    if not missed:
        raise Refusal(ALL_MET)
    buttons = tuple(Button(id="choose", text=check.label, value=check.id) for check in missed)
    return show(turn, Card(ref=f"appealing:{row.id}", revision=0, title="哪一条判得不对？", buttons=buttons))


def choose(action: Action, practice_id: int, turn: Turn) -> Reply:
    check = _check(_scored(practice_id, turn), action.value)
    if turn.work.appeals.of_check(practice_id, check.id):
        raise Refusal(TWICE)
    turn.dialogue = turn.dialogue.opened("appeal", practice_id, check.id)
    return say(turn, f"「{check.label}」：你当时是哪一句说到的？把原话发给我。")


def drop(action: Action, practice_id: int, turn: Turn) -> Reply:
    turn.dialogue = turn.dialogue.closed("appeal", practice_id, action.value)
    return say(turn, "好，不申诉了。")


def appeal(intent: AppealWords, turn: Turn) -> Reply:
    """Only words of that talk can be meant; they go to the trainers."""
    row = _scored(intent.practice, turn)
    check = _check(row, intent.check)
    quote = _said(intent.words, row)
    if not quote:
        raise Refusal(NOT_SAID)
    trainers = [p for p in turn.work.people.with_role(*DECIDES) if p.id != turn.person.id]
    trainers = sorted(trainers, key=lambda p: DECIDES.index(p.role))[:MOST_ASKED]
    if not trainers:
        raise Refusal("通讯录里还没有培训老师，申诉没人能看。请让管理员先加上。")
    turn.dialogue = turn.dialogue.closed("appeal", intent.practice, intent.check)
    made = AppealRow(
        practice_id=intent.practice,
        check_id=check.id,
        person_id=turn.person.id,
        quote=quote,
        created_at=turn.now,
    )
    if not turn.work.appeals.add(made):
        raise Refusal(TWICE)
    card = _card(made, check, row, turn.person)
    told = say(turn, f"申诉交给{'、'.join(p.name for p in trainers)}看了，有结果告诉你。")
    return sum((tell(p.id, card) for p in trainers), told)


def grant(action: Action, number: int, turn: Turn) -> Reply:
    return _decided(number, turn, granted=True)


def refuse(action: Action, number: int, turn: Turn) -> Reply:
    return _decided(number, turn, granted=False)


def _decided(number: int, turn: Turn, *, granted: bool) -> Reply:
    if turn.person.role not in DECIDES:
        raise Refusal("申诉由培训老师来定。")
    appeal = turn.work.appeals.get(number)
    row = (
        turn.work.practices.of(appeal.person_id).mine(appeal.practice_id, to_change=True) if appeal else None
    )
    if appeal is None or row is None or appeal.person_id == turn.person.id:
        raise Refusal("这条申诉不归你定。")
    if not turn.work.appeals.decide(appeal, "granted" if granted else "refused", turn.person.id, turn.now):
        raise Refusal("这条申诉已经定过了。")
    before = Score.model_validate(row.score)
    check = _check(row, appeal.check_id)
    words = f"「{check.label}」不改，{before.overall} 分不变。"
    if granted:
        after = regraded(before, turn.coach().library.rubric, check.id, appeal.quote)
        row.score, row.overall = after.model_dump(mode="json"), after.overall
        row.breach = after.compliance_breach
        turn.work.practices.save(row)
        words = f"「{check.label}」算说到了，{before.overall} 分改成 {after.overall} 分。"
    learner = turn.work.people.get(appeal.person_id)
    status = f"{turn.person.name}：{'算说到了' if granted else '不算'}"
    reply = outcome(turn, _card(appeal, check, row, learner, status=status))
    return reply + (tell(learner.id, Text(text=f"你的申诉有结果了：{words}")) if learner else Reply())


def _scored(practice_id: int, turn: Turn) -> PracticeRow:
    row = practices_of(turn).mine(practice_id)
    if row is None or not row.score:
        raise Refusal(NOTHING)
    return row


def _check(row: PracticeRow, check_id: str) -> Checked:
    checks: Sequence[Checked] = Score.model_validate(row.score).checks
    found = next((check for check in checks if check.id == check_id), None)
    if found is None:
        raise Refusal("评分表里已经没有这一条了。")
    return found


def _said(words: str, row: PracticeRow) -> str:
    """The learner's turn that holds these words; empty where none does."""
    meant = _letters(words)
    said = [str(turn["text"]) for turn in row.turns if turn["who"] == "rep"]
    if len(meant) < SHORTEST:
        return ""
    return next((text for text in said if meant in _letters(text)), "")


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _card(
    appeal: AppealRow, check: Checked, row: PracticeRow, learner: Person | None, *, status: str = ""
) -> Card:
    turns = [str(turn["text"]) for turn in row.turns]
    at = next((n for n, text in enumerate(turns) if text == appeal.quote), 0)
    lines = (
        Line(label="学员", value=learner.name if learner else appeal.person_id),
        Line(label="评分项", value=f"{check.label}（{NOT_SEEN}）"),
        Line(label="客户说", value=turns[at - 1] if at else ""),
        Line(label="他说", value=appeal.quote),
        Line(label="参考", value=check.better),
    )
    return Card(
        ref=f"appeal:{appeal.id}",
        revision=1 if status else 0,
        title="对练申诉",
        lines=tuple(line for line in lines if line.value),
        status=status,
        buttons=() if status else BUTTONS,
    )
