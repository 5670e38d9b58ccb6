"""How a practice talk ended: points with the learner's own words beside them, and the one or two things to change."""

from coaching.memory import reviewed
from coaching.scoring import Score, Talk
from domain.coaching import POINTS, Dimension, Spoken
from domain.roleplay import Outcome, Play, Scene
from handlers.practice_plan import items_today, practices_of
from handlers.turn import Reply, Turn, say
from storage.practice_tables import PracticeRow

ENDED: dict[Outcome, str] = {"won": "谈成了。", "lost": "这次没谈成。", "stopped": "先到这儿。"}
SHORT: dict[Dimension, str] = {
    "listening": "倾听",
    "discovery": "挖需求",
    "value": "价值证据",
    "objection": "处理异议",
    "advance": "推进",
}
MOST_QUOTES = 2
AGAIN = "再练说“再来一局”；哪条判得不对，说“申诉”。"


def finish(row: PracticeRow, outcome: Outcome, turn: Turn) -> Reply:
    """Score what was said, keep it, and tell."""
    scene = Scene.model_validate(row.scene)
    said = tuple(Spoken.model_validate(one) for one in row.turns)
    score = turn.coach().score(Talk(type=scene.type, script=scene.script, turns=said))
    row.state, row.ended_at = outcome, turn.now
    row.score, row.overall, row.breach = score.model_dump(mode="json"), score.overall, score.compliance_breach
    practices_of(turn).save(row)
    turn.dialogue = turn.dialogue.closed("practice", row.id or 0)
    if outcome != "stopped":
        review(f"scene:{scene.id}", score.overall, turn)
    return say(turn, _told(scene, Play.model_validate(row.play), outcome, score)) + what_is_left(turn)


def what_is_left(turn: Turn) -> Reply:
    """How much of today's practice is still to come; nothing where nothing is."""
    left = len(items_today(turn))
    return say(turn, f"今天还有 {left} 项，说“下一项”接着练。") if left else Reply()


def due_scenes(turn: Turn) -> list[str]:
    """What is to be played again by now, the longest due first."""
    cards = practices_of(turn).cards()
    return [
        c.subject.removeprefix("scene:") for c in cards if c.due_at <= turn.now and c.subject[:6] == "scene:"
    ]


def review(subject: str, points: int, turn: Turn) -> None:
    """Say when it is to come back."""
    card = practices_of(turn).card(subject)
    card.memory, card.due_at = reviewed(card.memory, points, turn.now)
    card.reviews += 1
    practices_of(turn).save_card(card)


def give_up(turn: Turn) -> None:
    """The talk that is not finished ends without points."""
    if unfinished := practices_of(turn).unfinished():
        unfinished.state, unfinished.ended_at = "stopped", turn.now
        practices_of(turn).save(unfinished)
        turn.dialogue = turn.dialogue.closed("practice", unfinished.id or 0)


def _told(scene: Scene, play: Play, outcome: Outcome, score: Score) -> str:
    parts = " · ".join(f"{SHORT[d]} {getattr(score, d)}/{most}" for d, most in POINTS.items())
    lines = [f"{ENDED[outcome]}得分 {score.overall}", parts]
    good = [f"“{c.quote}”（{c.label}）" for c in score.checks if c.met and c.quote][:MOST_QUOTES]
    if good:
        lines.append(f"说得好的：{'；'.join(good)}")
    lines += [f"先改{sign}：{fix}" for sign, fix in zip("①②", score.fixes, strict=False)]
    hidden = [s.topic for number, s in enumerate(scene.secrets) if number not in play.told]
    if hidden:
        lines.append(f"他还有没说出来的：{'、'.join(hidden)}。问对了才会讲。")
    if scene.better and outcome != "won":
        lines.append(f"更好的走法：{'；'.join(scene.better)}。")
    return "\n".join([*lines, AGAIN])
