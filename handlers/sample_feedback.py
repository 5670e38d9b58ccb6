"""What the customer made of the samples: asked days after the rep received them, and kept on the request.

Cards take no text, so that an answer in words comes by chat; whether it is one is decided by whom it speaks of.
"""

from datetime import timedelta

from domain.cards import Button, Card, Line
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Due
from domain.intents.records import Proof, Propose
from domain.intents.talk import Unclear
from domain.intents.visits import Feedback
from domain.messages import Action
from domain.push_times import push_time
from handlers import stock
from handlers.turn import Reply, Turn, View, outcome, say, tell
from handlers.wording import customer_name, summary
from handlers.words import unclear
from storage.tables import RecordRow

ASK = "sample_feedback"
OPINIONS = ("客户满意", "一般", "不满意")
QUESTION_WORDS = ("什么", "啥", "谁", "哪", "怎么", "为什么", "为啥")


def with_feedback(meant: tuple[Intent, ...], text: str, view: View, proof: Proof) -> tuple[Intent, ...]:
    """The same intents, and before them the words as a customer's opinion, where that was asked for last. Pure.

    Words that give records may be an opinion as well; commands and taps never are.
    """
    top = view.dialogue.top
    if top is None or top.kind != "feedback" or not meant:
        return meant
    given = {"record": top.id, "words": text.strip(), "sha256": proof.sha256}
    first = meant[0]
    if isinstance(first, Unclear):
        return (Feedback(**given, customers=(first.customer,) if first.customer else ()),)
    if not isinstance(first, Propose):
        return meant
    named = {said.value for r in first.records if (said := r.fields.get("customer"))}
    return (Feedback(**given, customers=tuple(sorted(filter(None, named))), alone=False), *meant)


def ask(intent: Due, turn: Turn) -> Reply:
    """Ask the rep what the customer made of the samples, a few times; his next words may be the answer."""
    row = found(int(intent.subject.rpartition(":")[2]), turn)
    count = int(intent.payload.get("count", 1))
    rules = turn.rulebook.stock
    if row.data.get("feedback") or not turn.work.stock.held(row.id or 0, "received"):
        return Reply()
    if count > rules.feedback_asked:
        turn.dialogue = turn.dialogue.closed("feedback", row.id or 0)
        return Reply()
    ask_later(row, turn, count=count + 1)
    turn.dialogue = turn.dialogue.opened("feedback", row.id or 0)
    if turn.dialogue.current_customer(turn.now) is None and row.customer_code:
        turn.dialogue = turn.dialogue.at(row.customer_code, turn.now)
    card = _feedback_card(row, turn).model_copy(
        update={
            "revision": count,
            "subtitle": "点一个，或者用一句话告诉我",
            "buttons": (
                *(Button(id="answer", text=words, value=words) for words in OPINIONS),
                Button(id="later", text="还没试"),
            ),
        }
    )
    return tell(row.reporter_id, card)


def answer(action: Action, record_id: int, turn: Turn) -> Reply:
    """One of the usual opinions was tapped."""
    if action.value not in OPINIONS:
        raise Refusal("这个回答没有看懂，请直接打字告诉我。")
    return _keep_feedback(_asked_of(record_id, turn), action.value, None, turn)


def later(action: Action, record_id: int, turn: Turn) -> Reply:
    """The customer did not try them yet; the question comes again by itself."""
    row = _asked_of(record_id, turn)
    turn.dialogue = turn.dialogue.closed("feedback", record_id)
    card = _feedback_card(row, turn, "还没试")
    last = action.revision >= turn.rulebook.stock.feedback_asked
    return outcome(turn, card) + say(turn, "好，这批就不再问了。" if last else "好，过几天再问你。")


def receive(intent: Feedback, turn: Turn) -> Reply:
    """Words that may be the opinion that was asked for: they are, unless they speak of somebody else."""
    row = _asked_of(intent.record, turn)
    if asks_back(intent.words):
        name = customer_name(row.customer_code, turn)
        again = f"我想问的是「{name}」试过样品后怎么说，比如“口感不错”；还没试就点“还没试”。"
        return say(turn, again) if intent.alone else Reply()
    about_it = row.customer_code in intent.customers or (intent.alone and not intent.customers)
    if about_it:
        return _keep_feedback(row, intent.words, intent.sha256, turn)
    return unclear(Unclear(customer=intent.customers[0]), turn) if intent.alone else Reply()


def asks_back(words: str) -> bool:
    """Whether the words are a question, and so nobody's opinion."""
    return words.rstrip().endswith(("?", "？")) or words.lstrip().startswith(QUESTION_WORDS)


def _keep_feedback(row: RecordRow, words: str, sha256: str | None, turn: Turn) -> Reply:
    turn.work.records.change(row, "feedback", words, words, "客户反馈")
    turn.work.records.prove(row.id or 0, "voice" if sha256 else "text", words, sha256)
    turn.dialogue = turn.dialogue.closed("feedback", row.id or 0)
    turn.work.schedule.cancel(ASK, f"record:{row.id}")
    name = customer_name(row.customer_code, turn)
    return outcome(turn, _feedback_card(row, turn, words)) + say(
        turn, f"记下了，「{name}」对样品的反馈：{words}"
    )


def _feedback_card(row: RecordRow, turn: Turn, status: str = "") -> Card:
    return Card(
        ref=f"feedback:{row.id}",
        revision=1,
        title=f"「{customer_name(row.customer_code, turn)}」觉得样品怎么样？",
        lines=(Line(label="样品", value=summary(row, turn, without_customer=True)),),
        status=status,
    )


def _asked_of(record_id: int, turn: Turn) -> RecordRow:
    row = found(record_id, turn)
    if row.reporter_id != turn.person.id:
        raise Refusal("这批样品不是你申请的。")
    if row.data.get("feedback"):
        raise Refusal(f"这批样品的反馈已经记过了：{row.data['feedback']}")
    return row


def ask_later(row: RecordRow, turn: Turn, *, count: int) -> None:
    """Have the rep asked when the customer has had the samples for a while; the `count`th time."""
    days = timedelta(days=turn.rulebook.stock.feedback_days)
    at = push_time(turn.now + days, turn.zone, f"{ASK}:{row.id}")
    turn.work.schedule.at(at, ASK, f"record:{row.id}", row.reporter_id, count=count)


def found(record_id: int, turn: Turn) -> RecordRow:
    row = turn.work.records.get(record_id)
    if row is None or not stock.concerns(row, turn):
        raise Refusal("没有找到这张样品申请，请看最新的卡片。")
    return row
