"""What somebody says to the warning before a visit: why he goes all the same, or that he does not."""

import re

from domain.dialogue import Matter
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Due, Tap
from domain.intents.talk import Unclear
from domain.intents.visits import GoAnyway
from domain.messages import Action
from handlers import pre_visit, proposals
from handlers.turn import Reply, Turn, View, say
from nlu.dialogue.replies import reply_word
from storage import gates, promises
from storage.gates import VisitGateRow

REASON = re.compile(
    r"(?:还是|我还是|就是|那也|我)?(?:要去|得去|去|要过去|过去)?(?:一趟)?[，,。\s]*(?:原因是|理由是|是因为|因为)[：:，,\s]*(?P<why>.{2,200})",
    re.DOTALL,
)
GOES = re.compile(
    r"(?:我)?(?:还是|就是|那也)(?:得|要)?(?:去|过去)(?:一趟)?[，,。\s]*(?P<why>.{2,200})", re.DOTALL
)
PLAIN = re.compile(
    r"(?:因为|为了|顺路|路过).{2,200}"
    r"|(?:我)?(?:是)?(?:要|得|想|去)(?:把|跟|和|找|看|谈|收|催|对|送|拿|退|撤|劝|争取|了解|确认|处理|问|清|结|搬|帮|取).{1,200}"
    r"|(?:都|已经|跟|和|我)?.{0,8}(?:约|说|讲|定)好了?.{0,200}"
    r"|.{0,6}(?:老板|经理|领导|主管|上级|总|店长|客户|对方|他们?|人家)(?:让|叫|要|约|喊|找)我?.{2,200}",
    re.DOTALL,
)
"""What answers the question alone, without saying that it does."""
QUESTION = re.compile(r"[?？]|吗[。.！!]?$|呢[。.！!]?$|什么|为啥|咋|怎么|哪")
FEWEST = 4
"""Letters of a reason in words that mean nothing else."""
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
    if match := REASON.fullmatch(words) or GOES.fullmatch(words):
        return (GoAnyway(gate=top.id, words=match["why"].strip()),)
    if PLAIN.fullmatch(words) and not QUESTION.search(words):
        return (GoAnyway(gate=top.id, words=words),)
    return ()


def otherwise(text: str, view: View, meant: tuple[Intent, ...]) -> tuple[Intent, ...]:
    """Whoever was just asked why he goes there, and says what means nothing else, has said why. Pure."""
    top, words = view.dialogue.top, text.strip().strip("。！!")
    nothing_else = len(meant) == 1 and isinstance(meant[0], Unclear)
    if top is None or top.kind != "gate" or not nothing_else:
        return meant
    is_reason = len(words) >= FEWEST and not QUESTION.search(words)
    return (GoAnyway(gate=top.id, words=words if is_reason else ""),)


def go_anyway(intent: GoAnyway, turn: Turn) -> Reply:
    """The reason stands beside the warning, and what waited for it goes on."""
    row = gates.gate(turn.work.session, intent.gate)
    if row is None or row.person_id != turn.person.id or row.state != "asked":
        return _over(intent.gate, turn)
    if not intent.words:
        raise Refusal(NO_REASON)
    _close(row, turn)
    reply = pre_visit.override(row, intent.words, turn)
    name = turn.lexicon.customers[row.customer_code].name
    if row.proposal_id is None:
        return reply + say(turn, pre_visit.GO.format(name=name))
    if not _waits(row, turn):
        return reply + say(turn, f"去「{name}」的那张卡已经过期，要记计划就再说一遍。")
    return reply + proposals.confirm(
        Action(button="confirm", ref=f"proposal:{row.proposal_id}"), row.proposal_id, turn
    )


def drop(action: Action, gate_id: int, turn: Turn) -> Reply:
    """He does not go: that plan is given up, and what else stood on its card is saved."""
    row = gates.gate(turn.work.session, gate_id)
    if row is None or row.person_id != turn.person.id or row.state != "asked":
        return _over(gate_id, turn)
    _close(row, turn)
    row.state, row.decided_at = "dropped", turn.now
    turn.work.session.add(row)
    told = say(turn, f"好，「{turn.lexicon.customers[row.customer_code].name}」先不去。")
    if row.proposal_id is None or not _waits(row, turn):
        return told
    rows = turn.work.records.of_proposal(row.proposal_id)
    given_up = [one for one in rows if one.customer_code == row.customer_code and promises.is_plan(one)]
    button, goes_on = (
        ("drop", proposals.drop) if len(given_up) == len(rows) else ("confirm", proposals.confirm)
    )
    if button == "confirm":
        for one in given_up:
            turn.work.records.set_status(one, "dropped", "看了预警，不去了")
    return told + goes_on(Action(button=button, ref=f"proposal:{row.proposal_id}"), row.proposal_id, turn)


def expired(intent: Due, turn: Turn) -> Reply:
    """Nobody answered: it is asked no more. The card that waited has a time of its own."""
    row = gates.gate(turn.work.session, int(intent.subject.rpartition(":")[2]))
    if row is not None and row.state == "asked":
        _close(row, turn)
        row.state, row.decided_at = "dropped", turn.now
        turn.work.session.add(row)
    return Reply()


def _over(gate_id: int, turn: Turn) -> Reply:
    """No refusal: that would leave the question open for ever."""
    open_ones = [m for m in turn.dialogue.matters if (m.kind, m.id) == ("gate", gate_id)]
    for matter in open_ones:
        turn.dialogue = turn.dialogue.closed("gate", gate_id, matter.of)
    return say(turn, "这次预警已经处理过了，要去的话再说一遍去哪家就行。")


def _close(row: VisitGateRow, turn: Turn) -> None:
    turn.dialogue = turn.dialogue.closed("gate", row.id or 0, pre_visit.waits_for(row.proposal_id))


def _waits(row: VisitGateRow, turn: Turn) -> bool:
    """Whether the plan can still be saved."""
    proposal = turn.work.records.proposal(row.proposal_id or 0)
    return proposal is not None and proposal.state == "open"


def _button(button: str, matter: Matter) -> Tap:
    return Tap(action=Action(button=button, ref=f"gate:{matter.id}"))
