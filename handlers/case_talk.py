"""A trainer tells a lost deal in the chat: the bot asks for what it needs, shows it, and has it practised at once."""

import re

from coaching.case_questions import FEWEST, Unclear, case_of, next_question
from domain.cards import Button, Card, Line
from domain.coaching import LostCase
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Tap
from domain.intents.practice import CaseWords
from domain.messages import Action
from handlers.turn import Reply, Turn, View, outcome, say, show
from handlers.wording import OBJECTIONS
from nlu.dialogue.replies import reply_word
from storage.practice_tables import TaughtCaseRow

MAY_TEACH = ("trainer", "operations", "admin", "manager", "director")
NOT_YOURS = "丢单案例由培训、经理或销售运营来加，把这单告诉他们就行。"
BEGINS = re.compile(
    r"^(?:我要|我想|帮我)?(?:加|录|添加|新增|新建|记|存)(?:入|上)?(?:一)?(?:个|条)?(?:新的?)?(?:丢单)?案例(?:吧|到库里)?[。！!]*$"
)
WITHDRAWS = re.compile(r"^(?:撤下|下架|删掉|拿掉)案例\s*(?P<number>\d+)[。！!]*$")
BACK = frozenset(("重说", "重来", "上一题", "改上一题", "说错了"))
INTRO = "好，我一样一样问，共 9 项；说错了说“重说”，不加了说“算了”。"
BUTTONS = (
    Button(id="confirm", text="放进练习", style="primary"),
    Button(id="drop", text="放弃", style="danger"),
)
GONE = "这个案例已经处理过了。"


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """Words that begin a case, take one out, or answer the question that is open. Pure."""
    words = text.strip()
    if BEGINS.match(words):
        return (CaseWords(words="", case=0),)
    if match := WITHDRAWS.match(words):
        return (CaseWords(words="", case=int(match["number"]), withdraws=True),)
    top = view.dialogue.top
    if top is None or top.kind != "case":
        return ()
    word = reply_word(words)
    if word in ("drop", "confirm"):
        return (Tap(action=Action(button=word, ref=f"case:{top.id}")),)
    return (CaseWords(words=text, case=top.id),)


def hear(intent: CaseWords, turn: Turn) -> Reply:
    if turn.person.role not in MAY_TEACH:
        raise Refusal(NOT_YOURS)
    if intent.withdraws:
        return _withdraw(intent.case, turn)
    if not intent.case:
        row = turn.work.cases.add(TaughtCaseRow(person_id=turn.person.id, created_at=turn.now))
        turn.dialogue = turn.dialogue.opened("case", row.id or 0)
        question = next_question({})
        return say(turn, f"{INTRO}\n{question.ask if question else ''}")
    row = _row(intent.case, turn, ("asking", "shown"))
    return _back(row, turn) if intent.words.strip() in BACK else _answer(row, intent.words, turn)


def confirm(action: Action, number: int, turn: Turn) -> Reply:
    row = _row(number, turn, ("shown",))
    row.state, row.decided_at = "active", turn.now
    turn.work.cases.save(row)
    turn.dialogue = turn.dialogue.closed("case", number)
    case = LostCase.model_validate(row.case)
    done = f"放进练习了（案例 {number}）。说“陪我练案例 {number}”马上能练；要拿掉说“撤下案例 {number}”。"
    return outcome(turn, _card(row, case, status="已放进练习")) + say(turn, done)


def drop(action: Action, number: int, turn: Turn) -> Reply:
    row = _row(number, turn, ("asking", "shown"))
    row.state, row.decided_at = "dropped", turn.now
    turn.work.cases.save(row)
    turn.dialogue = turn.dialogue.closed("case", number)
    return say(turn, "好，这个案例不加了。")


def _answer(row: TaughtCaseRow, words: str, turn: Turn) -> Reply:
    told = dict(row.answers)
    question = next_question(told)
    if question is None:
        raise Refusal("都说完了。点“放进练习”，或者说“重说”改最后一项。")
    if name := _real_customer(words, turn):
        raise Refusal(f"里面有真实客户名“{name}”。案例大家都会练，换成“一家便利店”这样的说法再发一遍。")
    try:
        told[question.key] = question.read(words, told)
    except Unclear as unclear:
        raise Refusal(str(unclear)) from None
    row.answers = told
    following = next_question(told)
    if following is None:
        return _shown(row, turn)
    turn.work.cases.save(row)
    if following is question:
        return say(turn, f"收到 {len(told['transcript'])} 句，至少 {FEWEST} 句，接着发。")
    return say(turn, following.ask)


def _shown(row: TaughtCaseRow, turn: Turn) -> Reply:
    case = case_of(row.answers, row.id or 0)
    row.case, row.state = case.model_dump(mode="json"), "shown"
    turn.work.cases.save(row)
    return show(turn, _card(row, case))


def _back(row: TaughtCaseRow, turn: Turn) -> Reply:
    told = dict(row.answers)
    if told:
        told.pop(list(told)[-1])
    row.answers, row.case, row.state = told, {}, "asking"
    turn.work.cases.save(row)
    question = next_question(told)
    return say(turn, f"好，重说。{question.ask if question else ''}")


def _withdraw(number: int, turn: Turn) -> Reply:
    row = _row(number, turn, ("active",), mine=False)
    row.state, row.decided_at = "withdrawn", turn.now
    turn.work.cases.save(row)
    return say(turn, f"案例 {number} 撤下了，正在练的那局不受影响。")


def _row(number: int, turn: Turn, states: tuple[str, ...], *, mine: bool = True) -> TaughtCaseRow:
    if turn.person.role not in MAY_TEACH:
        raise Refusal(NOT_YOURS)
    row = turn.work.cases.get(number)
    if row is None or row.state not in states or (mine and row.person_id != turn.person.id):
        raise Refusal(GONE)
    return row


def _real_customer(words: str, turn: Turn) -> str:
    found = turn.lexicon.find(words, frozenset())
    codes = (name.keys[0] for name in found if name.kind == "customer")
    return next((c.name for code in codes if (c := turn.lexicon.customers.get(code)) and c.name in words), "")


def _card(row: TaughtCaseRow, case: LostCase, status: str = "") -> Card:
    persona = case.persona
    lines = (
        Line(label="类型", value=OBJECTIONS[case.type]),
        Line(
            label="客户", value=f"{persona.name}，{persona.role}，{'能定' if persona.decides else '做不了主'}"
        ),
        Line(
            label="转折", value=f"第 {case.turning_point} 句：{case.transcript[case.turning_point - 1].text}"
        ),
        Line(label="更好的做法", value="；".join(case.better_move)),
        Line(label="藏着的话", value="；".join(f"{k}：{v}" for k, v in case.hidden_facts.items())),
    )
    return Card(
        ref=f"case:{row.id}",
        revision=0 if not status else 1,
        title="丢单案例",
        subtitle=case.background,
        lines=lines,
        status=status,
        buttons=() if status else BUTTONS,
    )
