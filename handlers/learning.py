"""Words that people teach the bot, and misunderstandings that they put right.

Operations and administrators decide what is learned; anybody may propose. What is learned is understood for everybody
from the next message on, and can be taken back.
"""

from typing import Any

from domain.cards import Button, Card, Line, Text, Tone
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Tap
from domain.intents.rules import Forget, Teach, WordList
from domain.learning import LearnedWord
from domain.messages import Action
from handlers.turn import Reply, Turn, View, outcome, say, show, tell
from nlu.dialogue.replies import reply_word
from nlu.teaching import asks_for_words, forgets, named, taught, tried
from storage import learning
from storage.learning_tables import LearnedWordRow
from storage.tables import ProposalRow, RecordRow

DECIDERS = ("operations", "admin")
MOST_ASKED = 3
"""How many of those who may decide get the card."""
ENDED = {"active": "已经学会了", "refused": "已经决定不学了", "forgotten": "后来又忘掉了"}
BUTTONS = (
    Button(id="confirm", text="确认", style="primary"),
    Button(id="drop", text="不学", style="danger"),
)
FROM_WORDS = ("text", "voice")


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """What words mean about words: one to learn, one to forget, or a word for the card that asks. Pure."""
    top = view.dialogue.top
    if top and top.kind == "word" and (button := reply_word(text)) in ("confirm", "drop"):
        return (Tap(action=Action(button=button, ref=f"word:{top.id}")),)
    if words := forgets(text):
        return (Forget(words=words),)
    if asks_for_words(text):
        return (WordList(),)
    lesson = taught(text, view.now, view.lexicon, view.rulebook)
    if lesson is None:
        return ()
    if lesson.word is None or lesson.problem:
        return (Teach(words=lesson.words, problem=lesson.problem),)
    total, texts = view.written
    concerned = [text for text in texts if lesson.words in text]
    trial = tried(lesson.word, concerned, total, view.now, view.lexicon, view.rulebook)
    return (
        Teach(
            words=lesson.words,
            kind=lesson.word.kind,
            target=lesson.word.target,
            changed=trial.changed,
            examples=trial.examples,
            problem=_common(lesson.words, trial.changed, total) if trial.too_common else "",
        ),
    )


def _common(words: str, changed: int, total: int) -> str:
    return f"“{words}”太常见：最近 30 天的 {total} 条消息里，有 {changed} 条会变成别的意思。请教一个更具体的说法。"


def teach(intent: Teach, turn: Turn) -> Reply:
    """Show what would be learned to whoever may decide. Raises Refusal with the reason where it cannot be learned."""
    if intent.problem:
        raise Refusal(intent.problem)
    known = [row for row in learning.listed(turn.work.session) if row.words == intent.words]
    if known:
        state = "已经学过了" if known[0].state == "active" else "已经有人教过，还在等运营确认"
        raise Refusal(f"“{intent.words}”{state}：{_meaning(known[0], turn)}。")
    word = LearnedWord(kind=intent.kind, target=intent.target, words=intent.words)
    row = learning.propose(turn.work.session, word, who=turn.person.id, now=turn.now, inbox_id=turn.inbox_id)
    turn.work.records.audit(f"word:{row.id}", "state", None, "proposed", f"“{row.words}”→{row.target}")
    card = _card(row, turn, intent)
    if turn.person.role in DECIDERS:
        turn.dialogue = turn.dialogue.opened("word", row.id or 0)
        return show(turn, card)
    deciders = [p for role in DECIDERS for p in turn.work.people.with_role(role)][:MOST_ASKED]
    if not deciders:
        raise Refusal("通讯录里还没有运营或管理员，没人能确认新词。请先让管理员加上。")
    told = "、".join(p.name for p in deciders)
    words = f"好，“{row.words}”指{_meaning(row, turn)}，已经请{told}确认。确认以后大家都能这么说。"
    return sum((tell(p.id, card) for p in deciders), say(turn, words))


def _meaning(row: LearnedWordRow, turn: Turn) -> str:
    return named(row.target, turn.lexicon, turn.rulebook)


def _card(
    row: LearnedWordRow, turn: Turn, trial: Teach | None = None, status: str = "", tone: Tone = "info"
) -> Card:
    """What changes, in words; the trial on people's messages is for those who decide."""
    teller = turn.work.people.get(row.who)
    lines = [Line(label="新说法", value=f"“{row.words}”"), Line(label="意思", value=_meaning(row, turn))]
    if (teller and teller.id != turn.person.id) or status == "":
        lines.append(Line(label="谁教的", value=teller.name if teller else row.who))
    if trial is not None:
        count = (
            f"最近 30 天有 {trial.changed} 条消息会理解得不一样"
            if trial.changed
            else "最近 30 天没有消息受影响"
        )
        lines.append(Line(label="试算", value=count))
        lines += [Line(label=f"例{n}", value=text) for n, text in enumerate(trial.examples, 1)]
    return Card(
        ref=f"word:{row.id}",
        revision=1,
        title="学一个新说法",
        subtitle="" if status else "确认后马上对所有人生效",
        lines=tuple(lines),
        status=status,
        tone=tone,
        buttons=() if status else BUTTONS,
    )


def confirm(action: Action, word_id: int, turn: Turn) -> Reply:
    row = _decidable(word_id, turn)
    return _decided(row, "active", "已学会，马上生效", "success", turn)


def drop(action: Action, word_id: int, turn: Turn) -> Reply:
    row = _decidable(word_id, turn)
    return _decided(row, "refused", "没有学", "warning", turn)


def _decidable(word_id: int, turn: Turn) -> LearnedWordRow:
    """The word on the card. Raises Refusal for those who may not decide, and where somebody decided before."""
    row = turn.work.session.get(LearnedWordRow, word_id)
    if turn.person.role not in DECIDERS:
        raise Refusal("新说法要由运营或管理员确认。")
    if row is None:
        raise Refusal("没有找到这张卡片说的词，请看最新的一张。")
    if row.state != "proposed":
        raise Refusal(f"“{row.words}”{ENDED[row.state]}。说“学了哪些词”可以看全部。")
    return row


def _decided(row: LearnedWordRow, state: str, words: str, tone: Tone, turn: Turn) -> Reply:
    _set(row, state, words, turn)
    turn.dialogue = turn.dialogue.closed("word", row.id or 0)
    reply = outcome(turn, _card(row, turn, status=words, tone=tone))
    if row.who == turn.person.id:
        return reply
    news = f"你教的“{row.words}”，{turn.person.name}确认了，现在大家都能这么说。"
    if state != "active":
        news = f"你教的“{row.words}”，{turn.person.name}决定先不学。有疑问可以直接问他。"
    return reply + tell(row.who, Text(text=news))


def _set(row: LearnedWordRow, state: str, why: str, turn: Turn) -> None:
    before = row.state
    if not learning.decide(turn.work.session, row, state, who=turn.person.id, now=turn.now):
        raise Refusal(f"“{row.words}”已经有人处理过了。")
    turn.work.records.audit(f"word:{row.id}", "state", before, state, why)


def forget(intent: Forget, turn: Turn) -> Reply:
    """Take a word back; it is not understood any more from the next message on."""
    row = next((r for r in learning.listed(turn.work.session) if r.words == intent.words), None)
    if row is None:
        raise Refusal(
            f"我没有学过“{intent.words}”。说“学了哪些词”可以看全部；名单里本来就有的名字要在名单里改。"
        )
    own_proposal = row.who == turn.person.id and row.state == "proposed"
    if turn.person.role not in DECIDERS and not own_proposal:
        raise Refusal("忘掉一个说法会影响所有人，请运营或管理员来说。")
    meaning = _meaning(row, turn)
    _set(row, "forgotten", "忘掉", turn)
    card = _card(row, turn, status="已忘掉", tone="warning")
    return outcome(turn, card) + say(turn, f"已忘掉：“{row.words}”不再指{meaning}。要恢复，再教我一遍就行。")


def words_known(intent: WordList, turn: Turn) -> Reply:
    rows = learning.listed(turn.work.session)
    if not rows:
        return say(
            turn, "还没有学过新说法。可以这样教我：以后“小惠民”就是惠民超市朝阳店；“铺货”也算样品发放。"
        )
    return say(turn, "\n".join([f"学过的说法（{len(rows)}）", *(_listed(r, turn) for r in rows)]))


def _listed(row: LearnedWordRow, turn: Turn) -> str:
    teller = turn.work.people.get(row.who)
    when = row.created_at.astimezone(turn.zone)
    waiting = "，等运营确认" if row.state == "proposed" else ""
    who = teller.name if teller else row.who
    return f"· “{row.words}” → {_meaning(row, turn)}（{who}，{when.month}月{when.day}日{waiting}）"


# misunderstandings --------------------------------------------------------------------------------------------


def remember(proposal: ProposalRow, turn: Turn) -> None:
    """Keep a message that was misunderstood and then put right, as a case for tests.

    Told by words only; a change that only answers a question is no misunderstanding.
    """
    if proposal.revision == 1:  # confirmed as it was first shown
        return
    session = turn.work.session
    rows = learning.all_of_proposal(session, proposal.id or 0)
    first = [row for row in rows if row.inbox_id == proposal.inbox_id]
    text = next(
        (e.words for r in first for e in turn.work.records.evidence(r.id or 0) if e.kind in FROM_WORDS), ""
    )
    before = _as_proposed(first, text, turn)
    if not text or (before is None and len(first) == len(rows) and all(r.status != "dropped" for r in rows)):
        return
    learning.keep_lesson(
        session,
        proposal_id=proposal.id,
        person_id=turn.person.id,
        text=text,
        told_at=proposal.created_at,
        proposed=before or [{r.form: r.data} for r in first],
        corrected=[{r.form: r.data} for r in rows if r.status != "dropped"],
        created_at=turn.now,
    )


def _as_proposed(rows: list[RecordRow], text: str, turn: Turn) -> list[dict[str, Any]] | None:
    """The records as they were first shown; None where nothing that was understood has changed since."""
    ids = {f"record:{row.id}": dict(row.data) for row in rows}
    wrong = False
    for change in reversed(learning.changes_of(turn.work.session, [row.id or 0 for row in rows])):
        data = ids[change.subject]
        source = next(
            (r.sources.get(change.field, "") for r in rows if f"record:{r.id}" == change.subject), ""
        )
        wrong = wrong or change.old is not None or bool(source and source in text)
        data.pop(change.field, None)
        if change.old is not None:
            data[change.field] = change.old
    return [{row.form: ids[f"record:{row.id}"]} for row in rows] if wrong else None
