"""How much a visit is believed: a score with reasons, never a bare yes or no.

What speaks against a visit and what is missing lower the score; only what speaks against it makes it suspicious, so
nobody is suspected of what he did not send. Thresholds and weights are data: `config/authenticity.yaml`.
"""

from typing import Annotated, Literal

from pydantic import Field

from domain.values import Value

Level = Literal["trusted", "unsure", "suspicious"]
Side = Literal["for", "against", "missing"]
Count = Annotated[int, Field(ge=1)]
Metres = Annotated[float, Field(gt=0)]
Minutes = Annotated[float, Field(gt=0)]
Speed = Annotated[float, Field(gt=0)]
"""Kilometres an hour."""
Weight = Annotated[int, Field(ge=0, le=100)]
Share = Annotated[float, Field(gt=0, le=1)]

LEVEL_WORDS: dict[Level, str] = {"trusted": "可信", "unsure": "待核", "suspicious": "存疑"}


class Levels(Value):
    trusted: Weight
    suspicious: Weight


class PlaceLimits(Value):
    reach_metres: Metres
    accuracy_cap_metres: Metres
    unknown_accuracy_metres: Metres
    vague_metres: Metres
    apart_metres: Metres

    def slack(self, accuracy: float | None) -> float:
        """Metres by which a position with this stated accuracy may be off, for all that we believe."""
        return min(self.unknown_accuracy_metres if accuracy is None else accuracy, self.accuracy_cap_metres)


class LearningLimits(Value):
    visits: Count
    days: Count
    agree_metres: Metres
    share: Share


class MovementLimits(Value):
    short_minutes: Minutes
    short_speed: Speed
    top_speed: Speed
    short_metres: Metres
    same_point_days: Annotated[int, Field(ge=2)]
    picked_point_days: Annotated[int, Field(ge=2)]
    spot_metres: Metres
    spot_customers: Annotated[int, Field(ge=2)]
    spot_hours: Annotated[float, Field(gt=0)]
    batch_minutes: Minutes
    batch_customers: Annotated[int, Field(ge=2)]
    shortest_minutes: Minutes


class Hours(Value):
    start: Annotated[float, Field(ge=0, le=24, alias="from")]
    end: Annotated[float, Field(ge=0, le=24, alias="until")]


class Weights(Value):
    """Points of each finding, by its code."""

    far: Weight
    far_from_learned: Weight
    unsure: Weight
    vague: Weight
    teleport: Weight
    same_point: Weight
    picked_point: Weight
    shared_point: Weight
    device_shared: Weight
    one_spot: Weight
    batch: Weight
    short_dwell: Weight
    outside_hours: Weight
    clock_skew: Weight
    photo_reused: Weight
    photo_old: Weight
    photo_elsewhere: Weight
    voice_replayed: Weight
    note_copied: Weight
    no_position: Weight
    no_place: Weight
    not_measured: Weight
    no_photo: Weight
    no_words: Weight


class Authenticity(Value):
    """The thresholds and weights by which visits are judged. Metres, minutes and km/h."""

    levels: Levels
    place: PlaceLimits
    learning: LearningLimits
    movement: MovementLimits
    hours: Hours
    skew_minutes: Minutes
    watermark_minutes: Minutes
    note_letters: Count
    note_likeness: Share
    weights: Weights


class Finding(Value):
    """One thing that was found about a visit, in words, with what it rests on."""

    code: str
    side: Side
    words: str
    evidence: tuple[str, ...] = ()
    """References such as `check_in:3`, `evidence:7`, `record:12`."""
    weight: Weight = 0


class Verdict(Value):
    score: int
    level: Level
    findings: tuple[Finding, ...]
    """What speaks against the visit first, the heaviest on top; then what is missing; then what speaks for it."""

    def of(self, side: Side) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.side == side)


ORDER: dict[Side, int] = {"against": 0, "missing": 1, "for": 2}


def verdict_on(findings: tuple[Finding, ...], settings: Authenticity) -> Verdict:
    """Weigh the findings: 100 less the weight of all that speaks against the visit or is missing, not below 0."""
    weighed = [
        f if f.side == "for" else f.model_copy(update={"weight": getattr(settings.weights, f.code)})
        for f in findings
    ]
    suspicion = sum(f.weight for f in weighed if f.side == "against")
    score = max(0, 100 - sum(f.weight for f in weighed))
    level: Level = "trusted" if score >= settings.levels.trusted else "unsure"
    if suspicion >= settings.levels.suspicious:
        level = "suspicious"
    ordered = sorted(weighed, key=lambda f: (ORDER[f.side], -f.weight))
    return Verdict(score=score, level=level, findings=tuple(ordered))
