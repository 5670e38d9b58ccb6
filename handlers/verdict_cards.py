"""The verdict on a visit, as its rep and his manager see it. Cards are views: everything is read from the rows."""

from domain.authenticity import LEVEL_WORDS, Finding, Level, Side
from domain.cards import Button, Card, Line, Tone
from handlers.turn import Turn
from handlers.wording import customer_name, summary
from storage.tables import RecordRow, VisitVerdictRow

SIDES: dict[Side, str] = {"against": "疑点", "missing": "缺少", "for": "依据"}
TONES: dict[str, Tone] = {"trusted": "success", "unsure": "warning", "suspicious": "danger"}
MOST_LINES = 6
RULING_TITLES = {"acceptance": "认可这次拜访的原因是？", "refusal": "不认可这次拜访的原因是？"}
QUICK_REASONS = {
    "acceptance": ("已电话核实", "登记的位置不对", "定位漂移，情况属实", "同事陪访"),
    "refusal": ("没有到店", "照片或语音不实", "请补充说明后再报"),
}


def findings_of(verdict: VisitVerdictRow) -> list[Finding]:
    return [Finding.model_validate(r) for r in verdict.reasons]


def score_words(verdict: VisitVerdictRow) -> str:
    level: Level = verdict.level  # type: ignore[assignment]
    return f"可信度 {verdict.score} 分 · {LEVEL_WORDS[level]}"


def in_one_line(verdict: VisitVerdictRow) -> str:
    """The score with what speaks for the visit and what is missing."""
    findings = findings_of(verdict)
    parts = []
    for side, label in SIDES.items():
        said = "；".join(f.words for f in findings if f.side == side)
        parts.append(f"{label}：{said}。" if said else "")
    return f"{score_words(verdict)}。{''.join(parts[::-1])}"


def rep_card(verdict: VisitVerdictRow, row: RecordRow, turn: Turn, status: str = "") -> Card:
    """What the rep sees of his own visit; with a `status` the outcome instead of the button."""
    suspicious = verdict.level == "suspicious"
    note = "点“解释”说明情况，会一起给上级看。" if suspicious else "补发位置或现场照片，分数会更新。"
    return Card(
        ref=f"visit:{row.id}",
        revision=verdict.version,
        title=f"{customer_name(row.customer_code, turn)} · {score_words(verdict)}",
        lines=_lines(verdict),
        note="" if status else note,
        status=status,
        tone=_tone(verdict) if status else TONES[verdict.level],
        buttons=() if status else (Button(id="explain", text="解释"),),
    )


def manager_card(
    verdict: VisitVerdictRow, row: RecordRow, reporter: str, turn: Turn, status: str = ""
) -> Card:
    """A visit that has to be looked at, with the evidence; with a `status` the outcome."""
    happened = row.happened_at.astimezone(turn.zone)
    lines = (
        Line(label="拜访", value=f"{happened:%m月%d日 %H:%M} {summary(row, turn)}"),
        *_lines(verdict),
        *((Line(label="本人说明", value=verdict.answer),) if verdict.answer else ()),
    )
    buttons = (
        Button(id="accept", text="认可", style="primary"),
        Button(id="refuse", text="不认可", style="danger"),
    )
    return Card(
        ref=f"verdict:{row.id}",
        revision=manager_revision(verdict),
        title=f"拜访待核 · {reporter} · {customer_name(row.customer_code, turn)}",
        subtitle=score_words(verdict),
        lines=lines,
        status=status,
        tone=_tone(verdict) if status else "warning",
        buttons=() if status else buttons,
    )


def manager_revision(verdict: VisitVerdictRow) -> int:
    """Grows with each version, and with the rep's answer to it."""
    return 2 * verdict.version + bool(verdict.answer)


def reason_card(kind: str, record_id: int, revision: int, status: str = "") -> Card:
    """Why a manager accepts or refuses: the usual reasons as buttons; anything else is typed or spoken."""
    buttons = (
        *(Button(id="because", text=r, value=r) for r in QUICK_REASONS[kind]),
        Button(id="keep", text="再想想"),
    )
    return Card(
        ref=f"{kind}:{record_id}",
        revision=revision,
        title=RULING_TITLES[kind],
        subtitle="" if status else "点一个，或者直接打字、发语音告诉我。",
        status=status,
        buttons=() if status else buttons,
    )


def _lines(verdict: VisitVerdictRow) -> tuple[Line, ...]:
    found = findings_of(verdict)
    return tuple(Line(label=SIDES[f.side], value=f.words) for f in found[:MOST_LINES])


def _tone(verdict: VisitVerdictRow) -> Tone:
    decided: dict[str, Tone] = {"accepted": "success", "refused": "danger", "withdrawn": "warning"}
    return decided.get(verdict.state, "info")
