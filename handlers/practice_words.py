"""Words about practising: hint, pause, go on, give up."""

from collections.abc import Callable, Mapping

from domain.errors import Refusal
from domain.intents.practice import PracticeWord, PracticeWordName
from handlers import practice_appeals, practice_day, practice_drills, practice_results
from handlers.practice_plan import practices_of
from handlers.practice_talk import OVER, of_row
from handlers.turn import Reply, Turn, say
from storage.practice_tables import PracticeRow

PAUSED = "先停在这儿，进度给你留着，说“继续练”接着谈。"
NOTHING_PAUSED = "没有没练完的局。说“来一局”就开始。"
NO_HINTS = "考试模式没有提示，谈完一起看。"
STOPPED_EARLY = "好，这局不算。想练的时候说“来一局”。"


def hear(intent: PracticeWord, turn: Turn) -> Reply:
    return WORDS[intent.word](intent, turn)


def pause(intent: PracticeWord, turn: Turn) -> Reply:
    row = _open(intent, turn)
    row.state = "paused"
    practices_of(turn).save(row)
    turn.dialogue = turn.dialogue.closed("practice", row.id or 0)
    return say(turn, PAUSED)


def resume(intent: PracticeWord, turn: Turn) -> Reply:
    """The talk that is not finished, from where it stands."""
    unfinished = practices_of(turn).unfinished()
    row = practices_of(turn).mine(unfinished.id or 0, to_change=True) if unfinished else None
    if row is None or row.state not in ("open", "paused"):
        raise Refusal(NOTHING_PAUSED)
    row.state = "open"
    practices_of(turn).save(row)
    turn.dialogue = turn.dialogue.opened("practice", row.id or 0)
    if row.mode == "drill":
        return say(turn, practice_drills.asked(row))
    scene, _, turns, _ = of_row(row)
    return say(turn, f"接着谈：{scene.situation}\n\n{scene.persona.name}：{turns[-1].text}")


def stop(intent: PracticeWord, turn: Turn) -> Reply:
    """What was said so far is scored, where something was."""
    row = _open(intent, turn)
    if len(row.turns) > 1:
        return practice_results.finish(row, "stopped", turn)
    row.state, row.ended_at = "stopped", turn.now
    practices_of(turn).save(row)
    turn.dialogue = turn.dialogue.closed("practice", row.id or 0)
    return say(turn, STOPPED_EARLY)


def hint(intent: PracticeWord, turn: Turn) -> Reply:
    row = _open(intent, turn)
    if row.mode == "drill":
        return say(turn, practice_drills.HINT)
    scene, play, _, mode = of_row(row)
    if mode == "exam":
        raise Refusal(NO_HINTS)
    return say(turn, f"提示：{turn.coach().stage.hint(scene, play, seed=turn.inbox_id or 0)}")


def _open(intent: PracticeWord, turn: Turn) -> PracticeRow:
    row = practices_of(turn).mine(intent.practice, to_change=True)
    if row is None or row.state != "open":
        raise Refusal(OVER)
    return row


WORDS: Mapping[PracticeWordName, Callable[[PracticeWord, Turn], Reply]] = {
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "hint": hint,
    "today": practice_day.today,
    "next": practice_day.next_item,
    "progress": practice_day.progress,
    "appeal": practice_appeals.which,
}
