"""To-dos of meetings: noted from minutes on one card, told to their owners, seen in their day, done by a word."""

import re

from rapidfuzz import fuzz

from domain.cards import Button, Card, Text
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Unheard
from domain.intents.records import Proof, Propose
from domain.intents.talk import Correct
from domain.intents.todos import TodoChange, TodoDone, TodoList
from domain.messages import Action
from handlers.turn import Reply, Turn, View, outcome, say, show, tell
from handlers.wording import moment
from nlu.todos.changes import change_said
from nlu.todos.corrections import TodoReader
from nlu.todos.reading import FORM, todos_in
from nlu.todos.shape import announced, asks_for_todos, done_said, looks_like_minutes
from nlu.understanding import first_question
from storage.tables import RecordRow
from storage.todos import open_todos

NOTHING_FOUND = "这里面我没有找到要做的事，所以没有记。可以这样说：“会议待办：小李下周三前把报价发给华联”。"
WHICH = "哪一条待办完成了？"
SAME = 70
"""From this likeness on (0 to 100), the words of a to-do mean it."""
MOST_SHOWN = 10
FILLING = frozenset("的给把将那个这条要去和跟对 ，、")
"""Letters that do not tell one to-do from another."""
BARE = re.compile(r"(?:我|都|已经|这个|这条)*(?:做完|办完|办好|搞定|弄完|弄好|完成)了?[。！!]?")
"""Said while nothing else is open: the to-do, or which of several."""


def heard(text: str, view: View, proof: Proof) -> tuple[Intent, ...]:
    """What words mean about to-dos: minutes, a correction of those proposed, or one that is done. Pure."""
    if found := _corrected(text, view):
        return found
    if done := done_said(text):
        return (TodoDone(number=done.number, title=done.title),)
    if view.person and not view.dialogue.top and BARE.fullmatch(text.strip()):
        return (TodoDone(),)
    if view.person and (
        said := change_said(text, now=view.now, lexicon=view.lexicon, speaker=view.person.id)
    ):
        return (TodoChange(**vars(said)),)
    if asks_for_todos(text):
        return (TodoList(),)
    minutes = announced(text)
    if view.person is None or not (minutes or "\n" in text):
        return ()
    records = todos_in(
        text,
        now=view.now,
        lexicon=view.lexicon,
        rulebook=view.rulebook,
        speaker=view.person.id,
        own=view.own,
    )
    if not minutes and not looks_like_minutes(text, records):
        return ()
    if not records:
        return (Unheard(words=NOTHING_FOUND),)
    question = first_question(records, view.rulebook, view.lexicon)
    return (Propose(records=records, question=question, evidence=(proof,)),)


def _corrected(text: str, view: View) -> tuple[Intent, ...]:
    proposal = view.proposal
    if proposal is None or view.person is None:
        return ()
    reader = TodoReader(
        proposal.records, proposal.question, view.now, view.lexicon, view.rulebook, view.person.id
    )
    found = reader.correct(text)
    if found is None:
        return ()
    return (Correct(proposal=proposal.id, changes=found.changes, drops=found.drops, question=found.question),)


def assigned(rows: list[RecordRow], turn: Turn) -> Reply:
    """Tell the owners what was noted for them once it counts; whoever noted it knows already.

    The place where a to-do goes on to a calendar: everything about it is on record here.
    """
    reply = Reply()
    mine = [row for row in rows if row.form == FORM]
    for owner in dict.fromkeys(str(row.data.get("owner")) for row in mine):
        if owner == turn.person.id:
            continue
        theirs = [row for row in mine if row.data.get("owner") == owner]
        told = "；".join(in_words(row, turn) for row in theirs)
        count = "一条待办" if len(theirs) == 1 else f" {len(theirs)} 条待办"
        words = f"{turn.person.name} 给你记了{count}：{told}。说“我的待办”随时看，做完说“待办完成”。"
        reply += tell(owner, Text(text=words))
    return reply


def withdrawn(row: RecordRow, turn: Turn) -> Reply:
    """The note was taken back: its owner need not do it any more."""
    owner = str(row.data.get("owner") or turn.person.id)
    if row.form != FORM or owner == turn.person.id:
        return Reply()
    return tell(owner, Text(text=f"{turn.person.name} 撤销了给你记的待办：{in_words(row, turn)}。"))


def my_todos(intent: TodoList, turn: Turn) -> Reply:
    rows = open_todos(turn.work.session, turn.person.id)
    if not rows:
        return say(turn, "你没有未完成的会议待办。")
    return say(turn, "\n".join([f"你的待办（{len(rows)}）", *listed(rows, turn)]))


def listed(rows: list[RecordRow], turn: Turn) -> list[str]:
    """Numbered as 第一条待办 counts them."""
    lines = [f"{number}. {in_words(row, turn)}" for number, row in enumerate(rows[:MOST_SHOWN], 1)]
    return [*lines, f"…还有 {len(rows) - MOST_SHOWN} 条"] if len(rows) > MOST_SHOWN else lines


def in_words(row: RecordRow, turn: Turn) -> str:
    title, due, at = (row.data.get(name) for name in ("title", "due", "remind_at"))
    if due:
        return f"{title}，{moment(str(due), turn.now, turn.zone)}前"
    return f"{title}，{moment(str(at), turn.now, turn.person.zone(turn.zone))} 提醒" if at else str(title)


def done(intent: TodoDone, turn: Turn) -> Reply:
    """Close the to-do that is meant; where several may be, ask which."""
    rows = open_todos(turn.work.session, turn.person.id)
    if not rows:
        raise Refusal("你名下没有未完成的会议待办，不用再点完成。")
    if intent.number:
        return _finish(numbered(intent.number, rows), turn)
    meant = [r for r in rows if means(intent.title, str(r.data.get("title")))] if intent.title else rows
    if len(meant) == 1:
        return _finish(meant[0], turn)
    buttons = tuple(
        Button(id="done", text=str(r.data.get("title")), value=str(r.id))
        for r in (meant or rows)[:MOST_SHOWN]
    )
    return show(turn, Card(ref=f"todo:{turn.inbox_id}", revision=1, title=WHICH, buttons=buttons))


def numbered(number: int, rows: list[RecordRow]) -> RecordRow:
    """One of his list, as it is counted there. Raises Refusal."""
    if number > len(rows):
        raise Refusal(f"你只有 {len(rows)} 条未完成的待办，没有第 {number} 条。说“我的待办”可以看。")
    return rows[number - 1]


def means(words: str, title: str) -> bool:
    """发报价 means 把报价发给永旺: all of it stands in there, in whatever order."""
    return (
        words in title
        or title in words
        or set(words) - FILLING <= set(title)
        or fuzz.ratio(words, title) >= SAME
    )


def tick(action: Action, _number: int, turn: Turn) -> Reply:
    """One of the to-dos was tapped as done."""
    rows = open_todos(turn.work.session, turn.person.id)
    row = next((r for r in rows if str(r.id) == action.value), None)
    if row is None:
        raise Refusal("这条待办已经完成，或者不在你名下了。说“我的待办”看最新的。")
    chosen = Card(
        ref=action.ref, revision=1, title=WHICH, status=f"已完成：{row.data.get('title')}", tone="success"
    )
    return outcome(turn, chosen) + _finish(row, turn)


def _finish(row: RecordRow, turn: Turn) -> Reply:
    turn.work.records.change(row, "status", "done", "本人说已完成", "责任人完成")
    left = len(open_todos(turn.work.session, turn.person.id))
    rest = f"还有 {left} 条待办。" if left else "你的待办都做完了。"
    reply = say(turn, f"好，已完成：{row.data.get('title')}。{rest}")
    if row.reporter_id == turn.person.id:
        return reply
    return reply + tell(
        row.reporter_id, Text(text=f"{turn.person.name} 完成了待办：{row.data.get('title')}。")
    )
