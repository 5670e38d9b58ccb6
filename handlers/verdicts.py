"""One verdict for each visit: the rep sees every one, the manager the suspicious ones.

A visit is judged when it is confirmed, and again whenever evidence comes later, until a manager has decided.
"""

from domain.authenticity import LEVEL_WORDS, Verdict
from domain.cards import Attachment, Content, Text
from domain.judging import judge
from domain.places import learn
from handlers.company import superior_of
from handlers.turn import Outgoing, Reply, Turn, outcome, say, tell
from handlers.verdict_cards import findings_of, in_one_line, manager_card, rep_card
from handlers.visit_facts import day_of, facts_of
from handlers.wording import customer_name
from storage.tables import CheckInRow, RecordRow, VisitVerdictRow

OPEN = ("told", "waiting")
MOST_PHOTOS = 3
TOUCHES_OTHERS = frozenset(
    {"batch", "one_spot", "teleport", "same_point", "picked_point", "shared_point", "device_shared"}
)
"""Findings that say as much about the other visits they name."""


def visited(row: RecordRow, turn: Turn) -> Reply:
    """The rep vouched for a visit: judge it, and learn from it where the customer is."""
    if row.data.get("planned") or not row.customer_code:
        return Reply()
    return _judge(row, turn) + learn_place(row.customer_code, turn)


def evidence_arrived(row: RecordRow, turn: Turn) -> Reply:
    """Something was added to a visit that counts already: judge it again, say what has changed."""
    verdict = turn.work.verdicts.of(row.id or 0)
    if verdict is None or verdict.state not in OPEN:
        return Reply()
    turn.work.records.write()
    return _judge(row, turn)


def position_arrived(check_in: CheckInRow, turn: Turn) -> Reply:
    """A position came, or a departure, after the visit had been confirmed."""
    start, end = day_of(turn.now, turn)
    reply = Reply()
    for row in turn.work.records.between(turn.person.id, start, end, ("confirmed",)):
        if row.form == "visit" and row.customer_code == check_in.customer_code:
            reply += evidence_arrived(row, turn)
    return reply


def withdraw(row: RecordRow, turn: Turn) -> Reply:
    """The visit was taken back: there is nothing left to decide."""
    verdict = turn.work.verdicts.of(row.id or 0)
    if verdict is None or not turn.work.verdicts.change(verdict, "withdrawn"):
        return Reply()
    status = "本人已撤销这次拜访"
    return show_outcome(verdict, row, status, turn) + learn_place(row.customer_code or "", turn)


# judging ---------------------------------------------------------------------------------------------------------


def _judge(row: RecordRow, turn: Turn, *, alone: bool = False) -> Reply:
    before = turn.work.verdicts.of(row.id or 0)
    visit, check_in = facts_of(row, turn)
    if check_in:
        _prove_position(row, check_in, turn)
    verdict = judge(visit, turn.rulebook.authenticity)
    if before and [f.model_dump() for f in findings_of(before)] == [f.model_dump() for f in verdict.findings]:
        return Reply()
    reporter = turn.work.people.get(row.reporter_id)
    reviewer = superior_of(reporter, turn) if reporter and verdict.level == "suspicious" else None
    closed = _closed_for_new(before, row, turn) if before else Reply()
    now = turn.work.verdicts.add(
        row.id or 0,
        verdict,
        before,
        check_in=check_in.id if check_in else None,
        rulebook=turn.rulebook.version,
        reviewer=reviewer.id if reviewer else None,
    )
    why = LEVEL_WORDS[verdict.level]
    turn.work.records.audit(f"record:{row.id}", "verdict", before and before.score, now.score, why)
    reply = closed + _tell_rep(before, now, row, turn)
    if reviewer:
        reply += show_manager(now, row, turn)
    return reply if alone else reply + _judge_others(row, verdict, turn)


def _judge_others(row: RecordRow, verdict: Verdict, turn: Turn) -> Reply:
    """What speaks against this visit together with others speaks against them as well."""
    named = {
        int(ref.removeprefix("check_in:"))
        for finding in verdict.findings
        if finding.code in TOUCHES_OTHERS
        for ref in finding.evidence
        if ref.startswith("check_in:")
    }
    reply = Reply()
    for record_id in turn.work.verdicts.visits_at(named) if named else ():
        other = turn.work.records.get(record_id)
        held = turn.work.verdicts.of(record_id)
        if other and held and record_id != row.id and held.state in OPEN:
            reply += _judge(other, turn, alone=True)
    return reply


def _prove_position(row: RecordRow, check_in: CheckInRow, turn: Turn) -> None:
    """Write the position among the visit's evidence, once."""
    known = turn.work.records.evidence(row.id or 0)
    if any(e.kind == "position" and e.details.get("check_in") == check_in.id for e in known):
        return
    far = f"，距离约 {check_in.distance:.0f} 米" if check_in.distance is not None else "，还没有登记位置"
    words = f"{check_in.at.astimezone(turn.zone):%H:%M} 签到{far}"
    turn.work.records.prove(row.id or 0, "position", words, check_in=check_in.id, metres=check_in.distance)


def learn_place(code: str, turn: Turn) -> Reply:
    """Where the customer is, from all visits that are believed; only where the master data say nothing."""
    customer = turn.lexicon.customers.get(code)
    if customer is None or customer.position is not None:
        return Reply()
    lesson = learn(turn.work.verdicts.samples(code, turn.zone), turn.rulebook.authenticity.learning)
    first = not turn.work.places.of([code])
    if not turn.work.places.put(code, lesson):
        return Reply()
    taught = list(lesson.taught_by) if lesson else []
    turn.work.records.audit(f"customer:{code}", "learned_place", None, taught, "从确认过的拜访学到")
    if lesson is None or not first:
        return Reply()
    return say(turn, f"记住「{customer.name}」在哪了：{lesson.place.words}，以后到店会自动认出来。")


# the rep ---------------------------------------------------------------------------------------------------------


def _tell_rep(before: VisitVerdictRow | None, now: VisitVerdictRow, row: RecordRow, turn: Turn) -> Reply:
    """A line where all is well; else a card, which the rep may answer."""
    name = customer_name(row.customer_code, turn)
    change = f"「{name}」的拜访从 {before.score} 分变为：" if before else ""
    if now.level == "trusted":
        return _to_rep(row, Text(text=f"{change}{in_one_line(now)}"), turn)
    return _to_rep(row, rep_card(now, row, turn), turn)


def _to_rep(row: RecordRow, content: Content, turn: Turn) -> Reply:
    own = row.reporter_id == turn.person.id
    return Reply((Outgoing(row.reporter_id, content, unasked=not own),))


def _closed_for_new(before: VisitVerdictRow, row: RecordRow, turn: Turn) -> Reply:
    """Close the cards of the version before."""
    return show_outcome(before, row, "有了新的依据，请看新的结果", turn)


# the manager -------------------------------------------------------------------------------------------------


def show_manager(verdict: VisitVerdictRow, row: RecordRow, turn: Turn, *, with_photos: bool = True) -> Reply:
    """The visit's photos and its card."""
    if verdict.reviewer_id is None:
        return Reply()
    photos = [e for e in turn.work.records.evidence(row.id or 0) if e.kind == "photo" and e.sha256]
    reply = Reply()
    for number, photo in enumerate(photos[:MOST_PHOTOS] if with_photos else (), 1):
        name = f"拜访{row.id}-{number}.jpg"
        reply += tell(verdict.reviewer_id, Attachment(sha256=photo.sha256 or "", name=name, image=True))
    return reply + tell(verdict.reviewer_id, manager_card(verdict, row, _reporter(row, turn), turn))


def show_outcome(verdict: VisitVerdictRow, row: RecordRow, status: str, turn: Turn) -> Reply:
    """How it ended, on the cards of everybody."""
    card = rep_card(verdict, row, turn, status)
    return outcome(turn, card) + manager_outcome(verdict, row, status, turn)


def manager_outcome(verdict: VisitVerdictRow, row: RecordRow, status: str, turn: Turn) -> Reply:
    if verdict.reviewer_id is None:
        return Reply()
    return outcome(turn, manager_card(verdict, row, _reporter(row, turn), turn, status))


def _reporter(row: RecordRow, turn: Turn) -> str:
    person = turn.work.people.get(row.reporter_id)
    return person.name if person else row.reporter_id
