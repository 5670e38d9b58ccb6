"""What is left of today's ten minutes: deals lost in the field, what is due, what the path of a new hire wants."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from coaching.choosing import Past, next_scene
from coaching.path import TYPES, Dated, Lost, Standing, day_of, passed, todays
from coaching.patterns import pattern
from coaching.roleplay import scene_of
from domain.coaching import ObjectionType
from domain.roleplay import Mode, Scene
from domain.statuses import COUNTS
from domain.training import Item, PathStage
from handlers.turn import Turn
from handlers.wording import customer_name
from storage.practice import Played, Practices
from storage.practice_tables import SkillCardRow
from storage.tables import RecordRow


def items_today(turn: Turn) -> tuple[Item, ...]:
    day, _ = stage_of(turn)
    return todays(turn.coach().library.path, day, _standing(turn))


def practices_of(turn: Turn) -> Practices:
    """The practice of the person whose turn it is."""
    return turn.work.practices.of(turn.person.id)


def scenes_known(turn: Turn) -> dict[str, Scene]:
    """Everything that can be played today."""
    coach = turn.coach()
    told = {case.id: scene_of(case, coach.library.roleplay) for case in turn.work.cases.active()}
    return {**coach.scenes, **told}


def past(row: Played) -> Past:
    return Past.model_validate(
        {
            "scene": row.scene_id,
            "type": row.type,
            "mode": row.mode,
            "level": row.level,
            "won": row.state == "won",
            "overall": row.overall,
            "breach": row.breach,
        }
    )


def past_of(turn: Turn) -> list[Past]:
    """His own talks that ended, the newest first."""
    return [past(row) for row in practices_of(turn).talks()]


def dated(turn: Turn) -> list[Dated]:
    """His talks with the days that they were played on, the newest first."""
    return [
        Dated(past=past(row), day=_local(row.ended_at, turn).date()) for row in practices_of(turn).talks()
    ]


def _standing(turn: Turn) -> Standing:
    cards = practices_of(turn).cards()
    scenes = scenes_known(turn)
    drills = {card.id for card in turn.coach().library.cards}
    known = {f"scene:{name}" for name in scenes} | {f"card:{name}" for name in drills}
    end = _midnight(turn) + timedelta(days=1)
    done = done_today(turn)
    return Standing(
        lost=tuple(lost for lost in _lost(turn, cards) if lost.subject in known),
        due=tuple(c.subject for c in cards if c.due_at < end and c.subject in known),
        new_talks=_new_talks(turn, list(scenes.values())),
        new_drills=_new_drills(turn, {c.subject for c in cards}),
        talks_today=sum(kind == "talk" for kind in done),
        drills_today=sum(kind == "drill" for kind in done),
    )


def _new_talks(turn: Turn, scenes: list[Scene]) -> tuple[Item, ...]:
    """What the stage wants: exams to find out where he stands, exams for the gates, or simply the next one."""
    _, stage = stage_of(turn)
    path, talks = turn.coach().library.path, dated(turn)
    before = [talk.past for talk in talks]
    if stage and stage.placement:
        open_types = [k for k in TYPES if not any(p.type == k and p.mode == "exam" for p in before)]
        chosen = [next_scene(scenes, before, kind) for kind in open_types]
        return tuple(_talk(scene, "exam", path.placement_level) for scene in chosen)
    if stage and stage.mode == "exam":
        open_types = [k for k in TYPES if not passed(path.gate, k, talks).done]
        chosen = [_not_passed(scenes, before, kind, talks, turn) for kind in open_types]
        return tuple(_talk(scene, "exam", None) for scene in chosen)
    return (_talk(next_scene(scenes, before, None), "train", None),)


def _talk(scene: Scene, mode: Mode, level: int | None) -> Item:
    return Item(subject=f"scene:{scene.id}", kind="talk", mode=mode, level=level)


def _not_passed(
    scenes: list[Scene], before: list[Past], kind: ObjectionType, talks: list[Dated], turn: Turn
) -> Scene:
    gate = turn.coach().library.path.gate
    done = set(passed(gate, kind, talks).scenes)
    left = [s for s in scenes if s.type == kind and s.id not in done] or [s for s in scenes if s.type == kind]
    return next_scene(left, before, None)


def _new_drills(turn: Turn, seen: set[str]) -> tuple[str, ...]:
    """Cards that he never had, one type after the other."""
    by_type = [[c for c in turn.coach().library.cards if c.type == kind] for kind in TYPES]
    longest = max(map(len, by_type))
    rounds = (cards[n] for n in range(longest) for cards in by_type if n < len(cards))
    return tuple(f"card:{card.id}" for card in rounds if f"card:{card.id}" not in seen)


def _lost(turn: Turn, cards: Sequence[SkillCardRow]) -> list[Lost]:
    """His deals that were lost on the last days but not today, and whose card was not practised since."""
    path = turn.coach().library.path
    start = _midnight(turn) - timedelta(days=path.lost_for_days)
    rows = turn.work.records.between(turn.person.id, start, _midnight(turn), COUNTS)
    practised = {card.subject: card.updated_at for card in cards}
    found = []
    for row in rows:
        if row.data.get("planned") or not row.data.get("objections") or not _was_lost(row, path.lost):
            continue
        subject = _card_for(row, turn)
        if subject and practised.get(subject, row.created_at) <= row.created_at:
            where = customer_name(row.customer_code, turn)
            found.append(Lost(subject=subject, because=f"{_when(row, turn)}「{where}」没谈成"))
    return found


def _was_lost(row: RecordRow, cues: tuple[str, ...]) -> bool:
    told = "。".join((str(row.data.get("result") or ""), *row.sources.values()))
    return bool(pattern(cues).search(told))


def _card_for(row: RecordRow, turn: Turn) -> str:
    """The card that meets the customer's own words; else the first of the type."""
    words = row.sources.get("objections", "")
    heard = [str(kind) for kind in row.data["objections"]]
    found = turn.coach().index.search(words, top=1, heard=heard, surely=True) if words else []
    if found and found[0].card.type in heard:
        return f"card:{found[0].card.id}"
    return next((f"card:{c.id}" for c in turn.coach().library.cards if c.type in heard), "")


def _when(row: RecordRow, turn: Turn) -> str:
    ago = (_midnight(turn).date() - _local(row.happened_at, turn).date()).days
    return {1: "昨天", 2: "前天"}.get(ago, f"{ago} 天前")


def stage_of(turn: Turn) -> tuple[int | None, PathStage | None]:
    """The day of his path, and what is wanted on it; None where there is no path, or it is over."""
    day = day_of(turn.person.hired_on, _midnight(turn).date())
    return day, turn.coach().library.path.stage_of(day)


def done_today(turn: Turn) -> list[str]:
    """talk or drill, for each that was done today."""
    modes = practices_of(turn).modes_since(_midnight(turn))
    return ["drill" if mode == "drill" else "talk" for mode in modes]


def _midnight(turn: Turn) -> datetime:
    return _local(turn.now, turn).replace(hour=0, minute=0, second=0, microsecond=0)


def _local(at: datetime, turn: Turn) -> datetime:
    return at.astimezone(turn.person.zone(turn.zone))
