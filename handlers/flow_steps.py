"""The steps of a flow that wait for nobody, each done by a function of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.cards import Text
from domain.errors import Refusal
from domain.flows.approvers import choose
from domain.flows.definition import Act, Flow, Instant, SetField, Status, Task, Tell, Webhook, Who
from domain.flows.triggers import Chain
from domain.people import Person
from handlers.company import CompanyNow
from handlers.flow_actions import ACTIONS, ROUTINES
from handlers.turn import Reply, Turn, tell
from handlers.wording import customer_name, summary
from nlu.todos.reading import FORM as TODO
from storage.flow_tables import FlowRunRow
from storage.records import GIVEN_UP
from storage.tables import RecordRow

Changed = Callable[[RecordRow, dict[str, Any], Turn, Chain], Reply]


@dataclass(frozen=True)
class Going:
    """A record on its way through a flow."""

    row: RecordRow
    applicant: Person
    flow: Flow
    run: FlowRunRow | None
    """None where the flow waits for nobody."""
    chain: Chain
    changed: Changed
    """Begins what waits for a change of the record."""
    why: str = ""

    @property
    def the_run(self) -> FlowRunRow:
        assert self.run is not None, f"{self.flow.key} waits, so it has a run"
        return self.run


def do(step: Instant, going: Going, turn: Turn) -> Reply:
    return _STEPS[type(step)](step, going, turn)


def routine(flow: Flow, turn: Turn) -> Reply:
    """A flow without a record: begun by the clock or by a word, about the person whose turn it is."""
    reply = Reply()
    for step in flow.steps:
        if isinstance(step, Act):
            reply += ROUTINES[step.action](turn)
        elif isinstance(step, Tell):
            people = _found(step.who, turn.person.id, f"flow:{flow.key}", turn)
            words = Text(text=step.text.format(申请人=turn.person.name, 单据="", 内容="", 客户=""))
            reply += sum((tell(person, words) for person in people), Reply())
    return reply


def _status(step: Status, going: Going, turn: Turn) -> Reply:
    """What was rejected or taken back stays so, whatever another flow of it still does."""
    if going.row.status not in (*GIVEN_UP, step.to):
        turn.work.records.set_status(going.row, step.to, going.why or going.flow.label)
    return Reply()


def _act(step: Act, going: Going, turn: Turn) -> Reply:
    return ACTIONS[step.action](going.row, turn)


def _tell(step: Tell, going: Going, turn: Turn) -> Reply:
    words = Text(text=_filled(step.text, going, turn))
    return sum((tell(person, words) for person in _people(step.who, going, turn)), Reply())


def _task(step: Task, going: Going, turn: Turn) -> Reply:
    """A to-do like one of a meeting's: it is in its owner's day until he says that it is done."""
    title, reply = _filled(step.text, going, turn), Reply()
    due = (turn.local_now.date() + timedelta(days=step.days)).isoformat()
    for owner in _people(step.who, going, turn):
        row = RecordRow(
            form=TODO,
            form_version=turn.rulebook.form_of(TODO).version,
            reporter_id=going.applicant.id,
            customer_code=going.row.customer_code,
            happened_at=turn.now,
            status="confirmed",
            data={"title": title, "owner": owner, "due": due, "of_record": str(going.row.id)},
            sources=dict.fromkeys(("title", "owner", "due"), f"流程：{going.flow.label}"),
        )
        turn.work.records.add([row])
        turn.work.todo_copies.want(row.id or 0)
        reply += tell(owner, Text(text=f"给你记了一条待办：{title}。做完说“待办完成”。"))
    return reply


def _webhook(step: Webhook, going: Going, turn: Turn) -> Reply:
    """Have the other system told; it is called once this turn is on record, never before."""
    row = going.row
    told = {
        "event": step.event,
        "at": turn.now.isoformat(),
        "record": {
            "id": row.id,
            "form": row.form,
            "form_version": row.form_version,
            "reporter": row.reporter_id,
            "customer": row.customer_code,
            "status": row.status,
            "data": row.data,
        },
    }
    cause = f"in{turn.inbox_id}" if turn.inbox_id else turn.now.isoformat()
    key = f"{step.event}:record:{row.id}:{going.run.id if going.run else cause}:{cause}"
    turn.work.flows.call(key, step.event, json.dumps(told, ensure_ascii=False))
    return Reply()


def _set(step: SetField, going: Going, turn: Turn) -> Reply:
    before = dict(going.row.data)
    if before.get(step.field) == step.value:
        return Reply()
    why = f"流程：{going.flow.label}"
    turn.work.records.change(going.row, step.field, step.value, why, why)
    return going.changed(going.row, before, turn, going.chain)


_STEPS: dict[type[Any], Callable[[Any, Going, Turn], Reply]] = {
    Status: _status,
    Act: _act,
    Tell: _tell,
    Task: _task,
    Webhook: _webhook,
    SetField: _set,
}


def _people(who: Who | None, going: Going, turn: Turn) -> list[str]:
    if who is not None and who.owner:
        return [_owner(going, turn)]
    return _found(who, going.applicant.id, f"record:{going.row.id}", turn)


def _owner(going: Going, turn: Turn) -> str:
    customer = turn.work.customers.get(going.row.customer_code or "")
    owner = customer.owner_id if customer else None
    return owner if owner and turn.work.people.get(owner) else going.applicant.id


def _found(who: Who | None, about: str, subject: str, turn: Turn) -> list[str]:
    """Without `who` the person whom it is about. Where there is nobody to tell, the trail of `subject` says so, and
    what he recorded stands all the same."""
    if who is None:
        return [about]
    try:
        return [chosen.person for chosen in choose(who, about, CompanyNow(turn))]
    except Refusal as nobody:
        turn.work.records.audit(subject, "flow_step", None, "left_out", nobody.words)
        return []


def _filled(text: str, going: Going, turn: Turn) -> str:
    label = turn.rulebook.form_of(going.row.form).label
    return text.format(
        申请人=going.applicant.name,
        单据=label,
        内容=summary(going.row, turn),
        客户=customer_name(going.row.customer_code, turn),
    )
