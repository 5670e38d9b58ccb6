"""Leave: who decides while somebody is away, told by chat."""

from datetime import datetime, timedelta

from domain.cards import Text
from domain.errors import Refusal
from domain.intents.approvals import LeaveOver, TakeLeave
from handlers import lead_clock
from handlers.approval_cards import name_of
from handlers.turn import Reply, Turn, say, tell
from handlers.wording import day

LONGEST = timedelta(days=366)
HOW = "请这样说：“下周一到周三休假，审批转给许静”。"


def take(intent: TakeLeave, turn: Turn) -> Reply:
    """From then until then somebody else gets what he would have to decide. What he was asked before stays his."""
    if intent.start is None or intent.until is None:
        raise Refusal(f"没听出从哪天到哪天休假。{HOW}")
    if intent.until <= turn.now or intent.until <= intent.start or intent.until - intent.start > LONGEST:
        raise Refusal(f"这段时间不对：结束要晚于现在，最长一年。{HOW}")
    deputy = _deputy(intent, turn)
    turn.work.flows.go_on_leave(turn.person.id, deputy, intent.start, intent.until)
    when = _when(intent.start, intent.until, turn)
    leads = lead_clock.move_on(turn.person.id, turn) if intent.start <= turn.now else Reply()
    if not deputy:
        words = f"记下了：{when}你不在，要你批的单子会转给你的上级。回来得早就说“销假”。"
        return leads + say(turn, words)
    name = name_of(deputy, turn)
    told = Text(text=f"{when} {turn.person.name} 不在，要 TA 审批的单子会转给你。")
    waiting = len(turn.work.flows.waiting_for(turn.person.id))
    left = f"现在等你批的 {waiting} 条还要你自己处理。" if waiting else ""
    return (
        leads
        + say(turn, f"记下了：{when}由 {name} 代你审批。{left}回来得早就说“销假”。")
        + tell(deputy, told)
    )


def over(intent: LeaveOver, turn: Turn) -> Reply:
    if not turn.work.flows.end_leave(turn.person.id):
        raise Refusal("你没有登记休假，不用销假。")
    return say(turn, "好，已销假，新的单子会直接给你。")


def _deputy(intent: TakeLeave, turn: Turn) -> str:
    if not intent.words:
        if turn.work.people.superior(turn.person.id) is None:
            raise Refusal(f"你没有上级可以代你审批，休假要说审批转给谁。{HOW}")
        return ""
    others = [person for person in intent.deputies if person != turn.person.id]
    if len(others) != 1:
        raise Refusal(f"没有认出“{intent.words}”是哪位同事，请说全名。{HOW}")
    return others[0]


def _when(start: datetime, until: datetime, turn: Turn) -> str:
    today = turn.local_now.date()
    first = start.astimezone(turn.zone)
    last = (until.astimezone(turn.zone) - timedelta(seconds=1)).date()
    return day(last, today) if first.date() == last else f"{day(first.date(), today)}到{day(last, today)}"
