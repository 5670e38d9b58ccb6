"""A draft of the rulebook over the messages and records of the last 30 days: what would have been different.

Reads only, and no more than `MOST_MESSAGES`; nothing is written or sent.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from domain.forms import Rulebook
from domain.intents.records import RecordIntent
from domain.people import Person
from domain.policies import viewer_of
from domain.rulebook_changes import differences
from handlers.alert_trials import trial_of
from handlers.publishing import misfits
from nlu.language.lexicon import Lexicon
from nlu.teaching import gist
from nlu.understanding import understand
from storage.guarding import GuardedSession
from storage.learning import Written, lately_written, openly_recorded
from storage.people import People
from storage.policies import guard_of
from storage.tables import RecordRow

TRIED_ON = timedelta(days=30)
MOST_MESSAGES = 500
MOST_RECORDS = 5000
MOST_EXAMPLES = 10


@dataclass(frozen=True)
class Example:
    """A message that would be understood differently, and in words as what."""

    text: str
    before: str
    after: str


@dataclass(frozen=True)
class DryRun:
    changes: tuple[str, ...]
    """What is different in the files themselves."""
    messages: int
    changed: int
    """Of these messages so many would be understood differently."""
    examples: tuple[Example, ...]
    """Some of them, of those that the reader may see."""
    records: tuple[str, ...]
    """What would not fit records that there are."""
    alerts: tuple[str, ...]
    """What new and changed alerts would have done."""

    def lines(self) -> Iterator[str]:
        yield from self.changes or ("没有不同",)
        yield f"最近 30 天的 {self.messages} 条消息，{self.changed} 条会理解得不一样"
        for one in self.examples:
            yield f"  “{one.text}”\n    原来：{one.before}\n    改后：{one.after}"
        yield from self.records
        yield from self.alerts


def dry_run(
    session: Session, old: Rulebook, new: Rulebook, lexicon: Lexicon, reader: Person, now: datetime
) -> DryRun:
    """`now` in the company's zone. Nothing that the reader may not see of others is in it."""
    since = now - TRIED_ON
    written: list[Written] = []
    if (old.forms, old.lexicon) != (new.forms, new.lexicon):
        written = lately_written(session, since, MOST_MESSAGES)
    changed = [w for w in written if gist(w.text, now, lexicon, old) != gist(w.text, now, lexicon, new)]
    guarded = GuardedSession(session.connection(), guard_of(old, viewer_of(reader)), now)
    shown = _shown_to(reader, changed, People(session), guarded)[:MOST_EXAMPLES]
    return DryRun(
        changes=tuple(differences(old, new)),
        messages=len(written),
        changed=len(changed),
        examples=tuple(_example(text, old, new, lexicon, now) for text in shown),
        records=(
            *_incomplete(session, old, new, since),
            *(f"数据放不进新类型：{w}" for w in misfits(session, old, new)),
        ),
        alerts=tuple(_alerts(session, old, new, lexicon, reader, now)),
    )


def _shown_to(reader: Person, messages: list[Written], people: People, guarded: GuardedSession) -> list[str]:
    """The texts that he wrote himself, and those of records that he sees whole."""
    recorded = openly_recorded(guarded, [message.id for message in messages])
    return [m.text for m in messages if m.id in recorded or people.by_userid(m.channel, m.sender) == reader]


def _example(text: str, old: Rulebook, new: Rulebook, lexicon: Lexicon, now: datetime) -> Example:
    return Example(text, _meaning(text, now, lexicon, old), _meaning(text, now, lexicon, new))


def _meaning(text: str, now: datetime, lexicon: Lexicon, rules: Rulebook) -> str:
    found = understand(text, now=now, lexicon=lexicon, rulebook=rules).intents
    return (
        "；".join(_read(i, rules) if isinstance(i, RecordIntent) else i.intent for i in found)
        or "（不是记录）"
    )


def _read(intent: RecordIntent, rules: Rulebook) -> str:
    form = rules.forms[intent.form]
    told = ((form.field(name), said) for name, said in intent.fields.items())
    values = "，".join(f"{f.label} {said.words or said.value}" for f, said in told if f)
    return f"{form.label}（{values}）" if values else form.label


def _incomplete(session: Session, old: Rulebook, new: Rulebook, since: datetime) -> Iterator[str]:
    """Records that could be saved under the old forms and not under the new ones."""
    changed = [key for key, form in new.forms.items() if key in old.forms and old.forms[key] != form]
    query = (
        select(RecordRow.form, RecordRow.data)  # type: ignore[call-overload]
        .where(col(RecordRow.form).in_(changed), col(RecordRow.happened_at) >= since)
        .where(col(RecordRow.status).in_(("confirmed", "submitted", "approved")))
        .order_by(col(RecordRow.id).desc())
        .limit(MOST_RECORDS)
    )
    lacking: Counter[tuple[str, str]] = Counter()
    for key, data in session.execute(query) if changed else ():
        form, before = new.forms[key], old.forms[key]
        wanted = form.missing(data)
        if wanted and not before.missing(data):
            lacking[(form.label, f"缺「{wanted.label}」")] += 1
        said = [words for words in form.wrong(data) if words not in before.wrong(data)]
        lacking.update((form.label, words) for words in said)
    for (label, words), count in lacking.most_common(MOST_EXAMPLES):
        yield f"最近 30 天的「{label}」有 {count} 条按新规则存不了：{words}"


def _alerts(
    session: Session, old: Rulebook, new: Rulebook, lexicon: Lexicon, reader: Person, now: datetime
) -> Iterator[str]:
    known = (
        new.model_copy(update={"policies": old.policies}),
        lexicon,
    )  # a draft opens nothing to its author
    for key, alert in new.alerts.items():
        if alert.off or old.alerts.get(key) == alert:
            continue
        for words in trial_of(session, alert, known, reader, now):
            yield f"提醒「{alert.label}」{words}"
