"""The life of a sample request once it is decided: handed out, received, or back in the warehouse.

Operations hand out with a tap or a word, the rep taps that he has the samples. What the customer makes of them is
asked for later (`handlers.sample_feedback`).
"""

from datetime import timedelta

from domain.cards import Button, Card, Line, Text, Tone
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Due, Tap
from domain.messages import Action
from domain.people import Person
from domain.push_times import push_time
from handlers import sample_feedback, stock
from handlers.approval_cards import LEFT
from handlers.sample_feedback import found
from handlers.turn import Reply, Turn, View, outcome, say, tell
from handlers.wording import customer_name, read_fields, summary
from storage.tables import RecordRow

REMIND = "sample_issue_reminder"
REMIND_AFTER = timedelta(hours=24)
MOST_REMINDERS = 3
KEEPERS = ("operations", "admin")
"""The roles that hand out samples."""
ISSUED = frozenset(
    ["已发货", "发货了", "已经发货", "发货", "出库", "已出库", "样品已发货", "样品已出库", "样品发货"]
)
RECEIVED = frozenset(
    ["样品收到了", "收到样品了", "样品收到", "收到样品", "样品到了", "已收到样品", "样品已收到"]
)
ISSUE_BUTTONS = (
    Button(id="issue", text="已发货", style="primary"),
    Button(id="cannot", text="发不了", style="danger"),
)


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """已发货 from whoever hands samples out, 样品收到了 from whoever gets them. Pure."""
    words = text.strip("。.！!～~ \n")
    if words in ISSUED and view.person and view.person.role in KEEPERS:
        return (_button("issue"),)
    return (_button("receive"),) if words in RECEIVED else ()


def decided(row: RecordRow, turn: Turn) -> Reply:
    """Approved: whoever hands samples out gets a card. Anything else: the stock is free again."""
    if row.status != "approved":
        return stock.release_stock(row, turn)
    keepers = stock.operations(turn)
    if not keepers:
        return tell(row.reporter_id, Text(text="通讯录里还没有运营人员，没有人发样品。请联系管理员。"))
    _remind_later(row, keepers[0], turn, count=0)
    return sum((tell(keeper.id, issue_card(row, turn)) for keeper in keepers), Reply())


def issue_card(row: RecordRow, turn: Turn, status: str = "", tone: Tone = "info") -> Card:
    """For whoever hands out; with a `status` it shows what became of it."""
    reporter = _name(row.reporter_id, turn)
    form = turn.rulebook.form_of(row.form)
    lots = "" if status else "、".join(turn.work.stock.lots_of(row.id or 0))
    return Card(
        ref=f"sample:{row.id}",
        revision=1,
        title=f"样品{'' if status else '待'}发货 · {reporter}",
        lines=(
            Line(label="申请人", value=reporter),
            *(Line(label=f.label, value=words) for f, words in read_fields(form, row.data, turn)),
        ),
        note=""
        if status
        else "\n".join(filter(None, (f"先发批号 {lots}" if lots else "", stock.note_of([row], turn)))),
        status=status,
        tone=tone,
        buttons=() if status else ISSUE_BUTTONS,
    )


def issue(action: Action, record_id: int, turn: Turn) -> Reply:
    """The samples left the warehouse. `record_id` 0: the only request that waits for it."""
    row = _to_issue(record_id, turn)
    lots = turn.work.stock.lots_of(row.id or 0)
    reply = stock.issue_stock(row, turn)
    turn.work.schedule.cancel(REMIND, f"record:{row.id}")
    turn.work.records.change(row, "issued_at", _now(turn), "", f"{turn.person.name}发货")
    if lots:
        turn.work.records.change(row, "lot", "、".join(lots), "", f"{turn.person.name}发货")
    # Keeps a button: samples may come back, and WeCom changes no card that has none.
    done = issue_card(row, turn, f"{turn.person.name}已发货（{turn.local_now:%m月%d日 %H:%M}）", "success")
    done = done.model_copy(update={"buttons": (Button(id="return", text="退回入库"),)})
    told = Card(
        ref=f"receipt:{row.id}",
        revision=1,
        title=f"样品已发出 · {customer_name(row.customer_code, turn)}",
        subtitle="收到后点一下，或者说“样品收到了”",
        lines=(Line(label="样品", value=summary(row, turn, without_customer=True)),),
        buttons=(Button(id="receive", text="已收到", style="primary"),),
    )
    return outcome(turn, done) + tell(row.reporter_id, told) + say(turn, "好，已登记出库。") + reply


def cannot(action: Action, record_id: int, turn: Turn) -> Reply:
    """The warehouse cannot hand it out: the request ends, the stock is free again."""
    row = _to_issue(record_id, turn)
    status = f"{turn.person.name}：发不了"
    turn.work.schedule.cancel(REMIND, f"record:{row.id}")
    released = stock.release_stock(row, turn)
    if turn.work.stock.held(row.id or 0, "issued", "received"):
        raise Refusal("这单已经发货了，不能再说发不了；样品回来了请点退回入库。")
    turn.work.records.set_status(row, "rejected", status)
    words = f"你的样品申请（{summary(row, turn)}）通过了，但{turn.person.name}说发不了，占用的库存已归还。原因请问他。"
    card = issue_card(row, turn, status, "danger")
    return outcome(turn, card) + tell(row.reporter_id, Text(text=words)) + released


def receive(action: Action, record_id: int, turn: Turn) -> Reply:
    """The rep has the samples; some days later he is asked what the customer says."""
    row = _to_receive(record_id, turn)
    if not turn.work.stock.receive(row.id or 0):
        raise Refusal("这单已经签收过，或者已经退回了，不用再点。")
    turn.work.records.change(row, "received_at", _now(turn), "", "本人签收")
    sample_feedback.ask_later(row, turn, count=1)
    card = Card(
        ref=f"receipt:{row.id}",
        revision=1,
        title=f"样品 · {customer_name(row.customer_code, turn)}",
        lines=(Line(label="样品", value=summary(row, turn, without_customer=True)),),
        status="已收到",
        tone="success",
    )
    return outcome(turn, card) + say(
        turn, f"好，已签收。{turn.rulebook.stock.feedback_days} 天后我来问客户的反馈。"
    )


def returned(action: Action, record_id: int, turn: Turn) -> Reply:
    """What was handed out is back in the warehouse."""
    _only_keepers(turn)
    row = found(record_id, turn)
    reply = stock.take_back(row, turn)
    turn.work.schedule.cancel(sample_feedback.ASK, f"record:{row.id}")
    card = issue_card(
        row, turn, f"{turn.person.name}已收回入库（{turn.local_now:%m月%d日 %H:%M}）", "warning"
    )
    news = Text(text=f"{turn.person.name}登记了样品退回入库：{summary(row, turn)}。")
    return outcome(turn, card) + tell(row.reporter_id, news) + reply


def remind(intent: Due, turn: Turn) -> Reply:
    """Show the card again to whoever hands out, a few times, as long as the samples wait."""
    row = found(int(intent.subject.rpartition(":")[2]), turn)
    if row.status != "approved" or not turn.work.stock.held(row.id or 0):
        return Reply()
    count = int(intent.payload.get("count", 0)) + 1
    if count < MOST_REMINDERS:
        _remind_later(row, next(iter(stock.operations(turn)), turn.person), turn, count=count)
    card = issue_card(row, turn).model_copy(update={"revision": 1 + count, "subtitle": "还没有登记发货"})
    return sum((tell(keeper.id, card) for keeper in stock.operations(turn)), Reply())


# finding the request ---------------------------------------------------------------------------------------------


def _to_issue(record_id: int, turn: Turn) -> RecordRow:
    _only_keepers(turn)
    row = found(record_id, turn) if record_id else _only(turn, "held", None, "等着发货的样品", "")
    if row.status != "approved":
        ended = {"rejected": "已经驳回了", "undone": "申请人已经撤回了", "submitted": "还没有审批"}
        raise Refusal(f"这单{ended.get(row.status, '已经处理过了')}，不用发货。")
    return row


def _to_receive(record_id: int, turn: Turn) -> RecordRow:
    if not record_id:
        return _only(turn, "issued", turn.person.id, "等你签收的样品", "已发货的样品才能签收。")
    row = found(record_id, turn)
    if row.reporter_id != turn.person.id:
        raise Refusal("这批样品不是你申请的。")
    return row


def _only(turn: Turn, state: str, reporter: str | None, what: str, why: str) -> RecordRow:
    rows = turn.work.stock.records_with(state, ("approved",), reporter)
    if not rows:
        raise Refusal(f"现在没有{what}。{why}")
    if len(rows) > 1:
        raise Refusal(f"有 {len(rows)} 单{what}，请在对应的卡片上点。")
    return rows[0]


def _only_keepers(turn: Turn) -> None:
    if turn.person.role not in KEEPERS:
        raise Refusal("发样品由运营登记，这张卡不归你处理。")


def _remind_later(row: RecordRow, keeper: Person, turn: Turn, *, count: int) -> None:
    at = push_time(turn.now + REMIND_AFTER, turn.zone, f"{REMIND}:{row.id}")
    turn.work.schedule.at(at, REMIND, f"record:{row.id}", keeper.id, count=count)


def _now(turn: Turn) -> str:
    return turn.local_now.isoformat(timespec="minutes")


def _name(person_id: str, turn: Turn) -> str:
    person = turn.work.people.ever(person_id)
    return person.name + ("" if person.active else LEFT) if person else person_id


def _button(button: str) -> Tap:
    return Tap(action=Action(button=button, ref="sample:0" if button == "issue" else "receipt:0", revision=0))
