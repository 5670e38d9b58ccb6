"""One objection and one answer to it, with the card's own line to compare."""

from coaching.drills import drilled, objection_of
from domain.coaching import ObjectionCard, Spoken, filled
from domain.errors import Refusal
from handlers import practice_results
from handlers.practice_plan import practices_of
from handlers.turn import Reply, Turn, say
from storage.practice_tables import PracticeRow

HINT = "提示：三步，先接住他的话，再追问一句，最后给一个办法。"
HOW = "（你怎么回？一两句就行。说“不练了”出来。）"


def begin(card: ObjectionCard, turn: Turn) -> Reply:
    practice_results.give_up(turn)
    seed = turn.inbox_id or 0
    objection = objection_of(card, seed)
    row = PracticeRow(
        person_id=turn.person.id,
        scene_id=card.id,
        type=card.type,
        mode="drill",
        level=0,
        seed=seed,
        turns=[Spoken(who="customer", text=objection).model_dump(mode="json")],
        started_at=turn.now,
        updated_at=turn.now,
    )
    practices_of(turn).begin(row)
    turn.dialogue = turn.dialogue.opened("practice", row.id or 0)
    return say(turn, asked(row))


def asked(row: PracticeRow) -> str:
    return f"【话术】客户说：“{row.turns[0]['text']}”\n{HOW}"


def answered(row: PracticeRow, words: str, turn: Turn) -> Reply:
    """Points for one answer, and the card."""
    coach = turn.coach()
    card = coach.library.card(row.scene_id)
    if card is None:
        practice_results.give_up(turn)
        raise Refusal("这张话术已经从库里拿掉了，不用练了。")
    heard = [Spoken.model_validate(one) for one in row.turns]
    result = drilled(coach.stage.acts.of(words, heard))
    row.turns = [*row.turns, Spoken(who="rep", text=words).model_dump(mode="json")]
    row.state, row.ended_at, row.overall = "stopped", turn.now, result.points
    practices_of(turn).save(row)
    turn.dialogue = turn.dialogue.closed("practice", row.id or 0)
    practice_results.review(f"card:{card.id}", result.points, turn)
    lines = [f"{result.points} 分"]
    if result.met:
        lines.append(f"有了：{'、'.join(result.met)}")
    if result.spoilt:
        lines.append("这句里有打包票、抬杠或白让价的话，先去掉它。")
    if result.missed:
        lines.append(f"没识别到：{'、'.join(result.missed)}")
    lines += [
        f"参考：{filled(card.line, {})}",
        f"追问：{filled(card.question, {})}",
        f"拿给他看：{card.proof}",
    ]
    return say(turn, "\n".join(lines)) + practice_results.what_is_left(turn)
