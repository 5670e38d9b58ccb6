"""What somebody says to the warning before a visit: why he goes all the same, or that he does not."""

import re

from domain.dialogue import Matter
from domain.errors import Refusal
from domain.intents import GoAnyway, Intent, Tap
from domain.messages import Action
from handlers import pre_visit, proposals
from handlers.turn import Reply, Turn, View, say
from nlu.dialogue.replies import reply_word
from storage import gates

REASON = re.compile(
    r"(?:还是|我还是|就是|那也|我)?(?:要去|得去|去|要过去|过去)?(?:一趟)?[，,。\s]*(?:原因是|理由是|是因为|因为)[：:，,\s]*(?P<why>.{2,200})",
    re.DOTALL,
)
GOES = re.compile(
    r"(?:我)?(?:还是|就是|那也)(?:得|要)?(?:去|过去)(?:一趟)?[，,。\s]*(?P<why>.{2,200})", re.DOTALL
)
GIVEN_UP = frozenset(("不去了", "那不去了", "先不去了", "不去", "那就不去了", "先不去", "改天再去"))
BARE = frozenset(("还是去", "还是要去", "就去", "去", "要去", "我还是去", "照去", "确认"))
NO_REASON = "去的原因还没说。一句话就行，比如“还是去，因为要把欠款收回来”。"


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """An answer to the newest open warning. Words that say no reason are left to whatever else they mean. Pure."""
    top = view.dialogue.top
    if top is None or top.kind != "gate":
        return ()
    words = text.strip().strip("。！!")
    if words in GIVEN_UP or reply_word(words) == "drop":
        return (_button("drop", top),)
    if words in BARE or reply_word(words) == "confirm":
        return (GoAnyway(gate=top.id, words=""),)
    match = REASON.fullmatch(words) or GOES.fullmatch(words)
    return (GoAnyway(gate=top.id, words=match["why"].strip()),) if match else ()


def go_anyway(intent: GoAnyway, turn: Turn) -> Reply:
    """The reason stands beside the warning, and what waited for it goes on."""
    row = gates.gate(turn.work.session, intent.gate)
    if row is None or row.person_id != turn.person.id or row.state != "asked":
        raise Refusal("这次预警已经处理过了，要去的话再说一遍去哪家就行。")
    if not intent.words:
        raise Refusal(NO_REASON)
    turn.dialogue = turn.dialogue.closed("gate", intent.gate)
    reply = pre_visit.override(row, intent.words, turn)
    if row.proposal_id is None:
        name = turn.lexicon.customers[row.customer_code].name
        return reply + say(turn, pre_visit.GO.format(name=name))
    return reply + proposals.confirm(
        Action(button="confirm", ref=f"proposal:{row.proposal_id}"), row.proposal_id, turn
    )


def drop(action: Action, gate_id: int, turn: Turn) -> Reply:
    """He does not go: the plan that waited is given up with it."""
    turn.dialogue = turn.dialogue.closed("gate", gate_id)
    row = gates.gate(turn.work.session, gate_id)
    if row is None or row.person_id != turn.person.id or row.state != "asked":
        raise Refusal("这次预警已经处理过了。")
    row.state, row.decided_at = "dropped", turn.now
    turn.work.session.add(row)
    name = turn.lexicon.customers[row.customer_code].name
    if row.proposal_id is None:
        return say(turn, f"好，「{name}」先不去。")
    given_up = Action(button="drop", ref=f"proposal:{row.proposal_id}")
    return say(turn, f"好，「{name}」先不去。") + proposals.drop(given_up, row.proposal_id, turn)


def _button(button: str, matter: Matter) -> Tap:
    return Tap(action=Action(button=button, ref=f"gate:{matter.id}"))
