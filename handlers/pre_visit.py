"""Before a visit: the colour of the customer, and a reason where it is red. What has been visited is never held up.

Asked of itself when a visit is planned or somebody says where he is going. On red the plan is not saved, and nothing
is opened there, until he says why he goes all the same; that is on record and told to his manager.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.cards import Text
from domain.errors import Refusal
from domain.health import COLOURS
from domain.intents import Intent
from domain.intents.records import RecordIntent
from domain.intents.visits import Heading
from handlers.company import superior_of
from handlers.health import Told, in_words, of_customers, told
from handlers.turn import Reply, Turn, View, say, tell
from nlu.language.heading import going_to
from nlu.understanding import customer_named
from storage import gates, promises
from storage.alerts import first_time
from storage.gates import VisitGateRow
from storage.tables import RecordRow

ASK = "要去的话，说一下原因，比如“还是去，因为要把欠款收回来”；不去了就说“算了”。"
GO = "好，去「{name}」。到店发个位置就行。"
ANSWERED_WITHIN = timedelta(hours=12)
"""After that nobody asks any more why somebody was going somewhere."""
EXPIRY = "gate_expiry"
UPDATES = ("closed", "competitor_exclusive", "contact_left", "contact_new", "normal")


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """Where somebody is going now. Pure."""
    shop = going_to(text)
    if not shop or view.person is None:
        return ()
    code = customer_named(shop, now=view.now, lexicon=view.lexicon, rulebook=view.rulebook, own=view.own)
    return (Heading(customer=code),) if code else ()


def heading(intent: Heading, turn: Turn) -> Reply:
    """The colour first; on red the reason is asked for before anything else."""
    found = told(intent.customer, turn)
    if found is None:
        raise Refusal("这家不在你名下，资料要问它的负责人。如果客户换了人，请让上级交接给你。")
    turn.dialogue = turn.dialogue.at(intent.customer, turn.now)
    reason = _reason_given(intent.customer, turn)
    if found.health.colour in turn.rulebook.health.gate and not reason:
        return _asked(found, intent.customer, None, turn)
    name = turn.lexicon.customers[intent.customer].name
    already = f"你说过原因：{reason}\n" if reason else ""
    return say(turn, f"{found.words}\n{already}{GO.format(name=name)}")


# plans ------------------------------------------------------------------------------------------------------------


def before_plans(records: Iterable[RecordIntent], turn: Turn) -> Reply:
    """What stands in front of the card of plans: colour and reasons of each customer."""
    codes = [str(r.fields["customer"].value) for r in records if _plans(r) and r.fields.get("customer")]
    words = [found.words for code in dict.fromkeys(codes) if (found := told(code, turn))]
    return say(turn, "\n".join(words)) if words else Reply()


def gate(rows: Iterable[RecordRow], proposal_id: int, turn: Turn) -> Reply | None:
    """The question for the first red customer of these plans for whom no reason was given; None where there is none."""
    turn.dialogue = turn.dialogue.without("gate", waits_for(proposal_id))
    for row in rows:
        code = row.customer_code or ""
        if not (promises.is_plan(row) and row.happened_at >= _today(turn)) or row.data.get("reason"):
            continue
        found = told(code, turn)
        if found and found.health.colour in turn.rulebook.health.gate and not _reason_given(code, turn):
            return _asked(found, code, proposal_id, turn)
    return None


def noted(row: RecordRow, turn: Turn) -> None:
    """What was red when it was confirmed carries that: a plan with its reason, a visit that was made as well."""
    code = row.customer_code
    if row.form not in promises.PLANS or not code:
        return
    found = of_customers([code], turn).get(code)
    if found is None or found.colour not in turn.rulebook.health.gate:
        return
    labels = "、".join(r.rule.label for r in found.reasons if r.rule.colour in turn.rulebook.health.gate)
    why = str(row.data.get("reason") or "") if row.form == "visit_plan" else ""
    why = why or _reason_given(code, turn)
    went = "去的原因" if why else "没有事先说明原因"
    turn.work.records.audit(
        f"record:{row.id}",
        "health",
        None,
        COLOURS[found.colour],
        f"{labels}；{went}{'：' if why else ''}{why}",
    )


def override(row: VisitGateRow, words: str, turn: Turn) -> Reply:
    """He goes all the same: on record with his reason, and his manager is told."""
    name = turn.lexicon.customers[row.customer_code].name
    row.state, row.reason, row.decided_at = "overridden", words, turn.now
    turn.work.session.add(row)
    colour = COLOURS["red"] if row.colour == "red" else COLOURS["yellow"]
    turn.work.records.audit(f"customer:{row.customer_code}", "health_gate", colour, "overridden", words)
    reply = say(turn, f"记下了：{words}\n已经告诉你的上级。")
    manager = superior_of(turn.person, turn)
    if manager is None:
        return say(turn, f"记下了：{words}")
    labels = {rule.key: rule.label for rule in turn.rulebook.health.reasons}
    of = "、".join(labels.get(str(r["key"]), str(r["key"])) for r in row.reasons)
    note = f"{turn.person.name} 还是要去「{name}」（{colour}：{of}）。原因：{words}"
    return reply + tell(manager.id, Text(text=note))


# news -------------------------------------------------------------------------------------------------------------


def flipped(rows: Iterable[RecordRow], turn: Turn) -> Reply:
    """These records say something new of their customers: the new colour, to whoever said it and, once, to everybody
    who plans to go there today or later."""
    reply = Reply()
    for row in rows:
        if row.form != "customer_update" or row.data.get("status") not in UPDATES or not row.customer_code:
            continue
        found = of_customers([row.customer_code], turn).get(row.customer_code)
        if found is None:
            continue
        name = turn.lexicon.customers[row.customer_code].name
        mine = in_words(name, found, turn.seen(), turn)
        reply += say(turn, f"客户预警已更新：\n{mine.words}")
        why = "、".join(r.rule.label for r in found.reasons)
        news = f"你计划去的「{name}」有变化：{COLOURS[found.colour]}{'，' if why else ''}{why}。"
        for person in _going(row.customer_code, turn):
            period = f"{row.id}:{row.status}:{row.data.get('status')}"
            if person != turn.person.id and first_time(
                turn.work.session,
                "health",
                f"person:{person}",
                period,
                told=[person],
                words=news,
                now=turn.now,
            ):
                reply += tell(person, Text(text=news))
    return reply


def _going(code: str, turn: Turn) -> list[str]:
    plans = promises.plans_at(turn.work.session, code, _today(turn))
    return list(dict.fromkeys(promises.whose(plan) for plan in plans))


def _asked(found: Told, code: str, proposal_id: int | None, turn: Turn) -> Reply:
    row = gates.ask(
        turn.work.session,
        VisitGateRow(
            person_id=turn.person.id,
            customer_code=code,
            proposal_id=proposal_id,
            colour=found.health.colour,
            reasons=[
                {
                    "key": r.rule.key,
                    "record": r.evidence.record,
                    "on": r.evidence.on and r.evidence.on.isoformat(),
                }
                for r in found.health.reasons
            ],
            asked_at=turn.now,
        ),
    )
    turn.dialogue = turn.dialogue.without("gate", waits_for(proposal_id))
    turn.dialogue = turn.dialogue.opened("gate", row.id or 0, waits_for(proposal_id))
    turn.work.schedule.at(turn.now + ANSWERED_WITHIN, EXPIRY, f"gate:{row.id}", turn.person.id)
    held = "这条计划先不保存。" if proposal_id else ""
    return say(turn, f"{found.words}\n{held}{ASK}")


def waits_for(proposal_id: int | None) -> str:
    return f"proposal:{proposal_id}" if proposal_id else ""


def _plans(record: RecordIntent) -> bool:
    planned = record.fields.get("planned")
    return record.form == "visit_plan" or (record.form == "visit" and bool(planned and planned.value))


def _reason_given(code: str, turn: Turn) -> str:
    """Why he goes there today, if he said so; a reason is good for the day on which it was given."""
    row = gates.overridden(turn.work.session, turn.person.id, code, _today(turn))
    return row.reason if row else ""


def _today(turn: Turn) -> datetime:
    return turn.own_day
