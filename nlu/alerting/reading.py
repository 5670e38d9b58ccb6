"""A sentence that asks for an alert: 新增提醒：春节前30天，A类客户库存不足15天就提醒负责人. Pure.

Every part must be understood: what is left over is told to the author, never guessed.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from domain.alerts import Alert
from domain.forms import Rulebook
from nlu.alerting import conditions
from nlu.alerting.draft import Draft, Unclear
from nlu.alerting.vocabulary import CAN, FILLER, PERIOD_WORDS, PERIODS, WHO, WHO_WORDS
from nlu.language.lexicon import Lexicon


@dataclass
class Asked:
    """The alert that a sentence asks for, and in words how each part was understood; else `problem`."""

    alert: Alert | None = None
    meaning: tuple[tuple[str, str], ...] = ()
    problem: str = ""


def read(rule: str, author: str, rulebook: Rulebook, lexicon: Lexicon) -> Asked:
    """Understand the rule of `sentences.asks`. `author` is who says 提醒我."""
    draft = Draft(rule, author, rulebook, lexicon)
    try:
        for part in _PARTS:
            part(draft)
        return _result(draft)
    except Unclear as unclear:
        return Asked(problem=str(unclear))


def _people(draft: Draft) -> None:
    names = {name: p.id for p in draft.lexicon.people.values() for name in (p.name, *p.nicknames)}
    words = {word: key for key, found in WHO.items() for word in found} | names | {"我": draft.author}
    one = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    several = rf"(?P<who>(?:{one})(?:(?:[、和跟及，,]|以及|还有)(?:{one}))*)"
    while match := draft.take(
        rf"(?:并且?|同时|再|也|并)?(?:抄送|抄给|同时告诉|也告诉|也通知)(?:给)?{several}"
    ):
        draft.also += (words[word] for word in re.findall(one, match["who"]))
    while match := draft.take(
        rf"(?:就|请|要|自动|及时|马上|立刻|第一时间)*(?:提醒|通知|告诉|告知|推送给|发给|报给)(?:一下|给)?{several}"
    ):
        draft.tell += (words[word] for word in re.findall(one, match["who"]))
    while match := draft.take(
        rf"(?:就|请|要|自动|及时|马上)*(?:给|向){several}(?:发|推送)?(?:个|一条|一个)?(?:提醒|通知|消息)"
    ):
        draft.tell += (words[word] for word in re.findall(one, match["who"]))
    if not draft.tell:
        if match := re.search(r"(?:提醒|通知|告诉)(?P<who>[^，。,；]{1,8})", draft.rest):
            raise Unclear(
                f"“{match['who']}”是谁没听懂。可以说：负责人、主管、总监、运营、财务，或者同事的名字。"
            )
        raise Unclear("提醒谁？请在最后加上，比如“就提醒负责人”。")


def _period(draft: Draft) -> None:
    if draft.take(r"只(?:提醒|说|通知)一次"):
        draft.once = "ever"
    elif match := draft.take(
        r"(?:同一?家?)?(?:客户)?每(?P<u>天|日|周|星期|个星期|个?月|年)(?:最多|只)?(?:提醒|说|通知)?一次"
    ):
        draft.once = PERIODS[match["u"]]
    elif draft.take(r"每个?节日?(?:只)?(?:提醒|说)?一次"):
        draft.once = "festival"


_PARTS = (
    _people, _period, conditions.festival, conditions.growth, conditions.stock, conditions.since, conditions.level,
    conditions.place, conditions.records,
)  # fmt: skip
"""In this order, each with the words that those before it left."""


def _result(draft: Draft) -> Asked:
    left = [part for part in re.split(r"[，]+", FILLER.sub("，", draft.rest)) if part]
    if "或" in draft.rest:
        raise Unclear("“或者”要拆成两条提醒，请分开说。")
    if left:
        whole = "”“".join(_whole(part, draft.rule) for part in left[:3])
        raise Unclear(f"“{whole}”我没看懂，不敢猜。{CAN}")
    if not draft.conditions:
        raise Unclear(f"什么情况下提醒？{CAN}")
    alert = _alert(draft)
    who = "、".join(_called(draft, one) for one in alert.tell)
    also = "，抄送" + "、".join(_called(draft, one) for one in alert.also) if alert.also else ""
    draft.meaning.append(("提醒谁", who + also))
    draft.meaning.append(("多久一次", _how_often(draft, alert)))
    return Asked(alert, tuple(draft.meaning))


def _alert(draft: Draft) -> Alert:
    when = " and ".join(draft.conditions)
    about = "record" if draft.form else "customer"
    swap = {"owner": "reporter"} if draft.form and draft.form.field("customer") is None else {}
    tell = tuple(dict.fromkeys(swap.get(one, one) for one in draft.tell))
    digest = sha256(f"{when}|{tell}|{draft.also}".encode()).hexdigest()[:8]
    lead = [] if draft.form else ["「{customer}」"]
    return Alert.model_validate(
        {
            "key": f"said_{digest}",
            "label": _label(draft),
            "about": about,
            "triggers": (draft.form.key,) if draft.form else ("daily",),
            "when": when,
            "tell": tell,
            "also": tuple(one for one in dict.fromkeys(draft.also) if one not in tell),
            "once_per": _once(draft),
            "words": "".join(lead) + "，".join(draft.said) + "。",
        }
    )


def _once(draft: Draft) -> str:
    if draft.form:
        return "ever"
    if draft.once == "festival" or not draft.once:
        return draft.season or "week"
    return draft.once


def _label(draft: Draft) -> str:
    words = re.split(r"就?(?:自动|马上|立刻|及时)*(?:提醒|通知|告诉|抄送)", draft.rule)[0]
    return re.sub(r"[，。,；;：:\s就时的]+$", "", words)[:24] or "提醒"


def _called(draft: Draft, who: str) -> str:
    if who == "manager" and draft.form:
        return "业务员的主管"
    person = draft.lexicon.people.get(who)
    return WHO_WORDS.get(who) or (person.name if person else who)


def _how_often(draft: Draft, alert: Alert) -> str:
    if alert.about == "record":
        return "每条记录一次"
    if alert.once_per in PERIOD_WORDS:
        return f"同一家客户{PERIOD_WORDS[alert.once_per]}最多一次"
    return "同一家客户只提醒一次" if alert.once_per == "ever" else f"同一家客户每个{alert.once_per}一次"


def _whole(part: str, rule: str) -> str:
    at = rule.upper().find(part)
    return rule[at : at + len(part)] if at >= 0 else part
