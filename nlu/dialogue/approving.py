"""What people say about approvals: 加签 许静; 下周一到周三休假，审批转给许静; 销假; 重新提交. Pure."""

import re
from datetime import date, datetime, timedelta

from domain.intents.approvals import ApproveAll, Countersign, LeaveOver, Resubmit, TakeLeave
from nlu.language.lexicon import Lexicon
from nlu.language.times import find_times
from nlu.todos.owners import roster_of

LONGEST = 80
ALL_AGREED = frozenset(["全部同意", "都同意", "全部通过", "都批了", "全批了", "全部批准", "一起同意"])
ALL_CONFIRMED = frozenset(["全部确认", "都确认", "全部提交", "都提交", "一起提交", "全都确认", "全确认"])
_WHO = r"(?P<who>[\u4e00-\u9fffA-Za-z]{2,6}?)"
_COUNTERSIGN = re.compile(
    rf"^(?:这[单条张个笔]?)?(?:请|再|要|帮我)?加签(?:给|一下|：|:|，|\s)*{_WHO}(?:一下|吧|也批一下)?[。！]?$"
    rf"|^(?:这[单条张个笔])(?:请|让|叫)(?P<too>[\u4e00-\u9fffA-Za-z]{{2,6}}?)也(?:批|审|看)(?:一下|一批)?[。！]?$"
)
_AWAY = re.compile(r"休假|请假|年假|调休|病假|事假|产假|婚假|出差|外出|不在")
_APPROVALS = re.compile(r"审批|要批的|单子|批单|代批")
_DEPUTY = re.compile(
    rf"(?:给|交给|转给|由|让|请|找|委托){_WHO}(?:来|帮我|先)?(?:代批|代审|代理|代办|代|审批|批|处理|负责|[，。！]|$)"
)
_BACK = re.compile(
    r"^(?:我)?(?:取消休假|休假取消|取消请假|不休假了|不请假了|销假|恢复审批|审批恢复|取消审批代理|取消代理审批)(?:了)?[。！]?$"
)
_AGAIN = re.compile(
    r"^(?:请)?(?:把)?(?:刚才|上次|被驳回|驳回)?(?:的)?(?:那)?(?:个|张|条|笔)?(?:报销|单子|单|申请)?"
    r"(?:重新提交|重新申请|再提交一次|再交一次|重提|重新报销?)(?:一下|吧)?[。！]?$"
)


def about_approvals(
    text: str, now: datetime, lexicon: Lexicon
) -> ApproveAll | Countersign | TakeLeave | LeaveOver | Resubmit | None:
    """What the whole text wants; None where it is about something else. `now` is in the company's zone."""
    words = text.strip()
    if len(words) > LONGEST:
        return None
    if match := _COUNTERSIGN.match(words):
        who = match["who"] or match["too"]
        return Countersign(people=_who(who, lexicon), words=who)
    if words.strip("。！! ") in ALL_AGREED:
        return ApproveAll()
    if _BACK.match(words):
        return LeaveOver()
    if _AGAIN.match(words):
        return Resubmit()
    return _leave(words, now, lexicon) if _AWAY.search(words) and _APPROVALS.search(words) else None


def _leave(words: str, now: datetime, lexicon: Lexicon) -> TakeLeave:
    start, until = _stretch(words, now)
    named = _DEPUTY.search(words)
    who = named["who"] if named else ""
    return TakeLeave(start=start, until=until, deputies=_who(who, lexicon) if who else (), words=who)


def _stretch(words: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when and until when; the last day is part of it. (None, None) where no time was said."""
    said = [when for when in find_times(words, now) if when.value is not None]
    if not said:
        return None, None
    first, last = said[0].value, said[-1].until or said[-1].value
    assert first is not None and last is not None
    end = last if isinstance(last, datetime) else _midnight(last, now) + timedelta(days=1)
    return first if isinstance(first, datetime) else _midnight(first, now), end


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _who(words: str, lexicon: Lexicon) -> tuple[str, ...]:
    return roster_of(lexicon.people.values()).who(words)
