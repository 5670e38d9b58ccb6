"""A customer who answers: (where the talk stands, what was said) → (where it stands now, what he says).

A finite state with a mood and patience, no model. The same seed, scene and words always give the same talk. He ends it
himself: agreed, or lost; every turn that leads nowhere costs patience, so no talk goes on for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from coaching.acts import Acts
from coaching.patterns import pattern
from domain.coaching import LostCase, Spoken
from domain.roleplay import FEWEST, Act, Doubt, HintKey, Level, LineKey, Mode, Play, RolePlay, Scene, Secret

MOST_TURNS = 16
"""Turns of the learner after which the customer has to go."""
MOODS = (-3, 3)
ASKED_FIRST = 2
"""In this turn of the learner the first objection comes, whatever he says."""
OFFERS: frozenset[Act] = frozenset(("value", "proof", "answer", "commit", "next_step", "concede"))
"""What brings the first objection up at once."""
WANTS: Mapping[Act, LineKey] = {"ack": "wants_ack", "ask": "wants_ask", "proof": "wants_proof"}
"""What he says where only this is missing; else he wants an answer."""


@dataclass(frozen=True)
class Step:
    play: Play
    line: str
    hint: str = ""


class Stage:
    """All scenes share one stage."""

    def __init__(self, common: RolePlay, acts: Acts) -> None:
        self.common = common
        self.acts = acts

    def begin(self, scene: Scene, *, level: int, mode: Mode, seed: int) -> Step:
        """The customer's first words. `level` beyond the last is the last."""
        level = max(0, min(level, len(self.common.levels) - 1))
        persona = scene.persona
        patience = max(2, persona.patience + self.common.levels[level].patience)
        play = Play(level=level, mood=persona.mood, patience=patience)
        voice = _Voice(self.common, scene, (), seed)
        voice.say(scene.opening or self.common.lines["opening"])
        return Step(play, voice.line, self.hint(scene, play, seed=seed) if mode == "train" else "")

    def answer(
        self, scene: Scene, play: Play, said: Sequence[Spoken], text: str, *, mode: Mode, seed: int
    ) -> Step:
        """What the customer says to `text`, after all that was said before. Does nothing once the talk has ended."""
        if play.outcome:
            return Step(play, "")
        acts = self.acts.of(text, said)
        move = _Move(self.common, scene, play, _Voice(self.common, scene, said, seed), text, acts)
        after = move.made()
        hints = mode == "train" and not after.outcome
        return Step(after, move.voice.line, self.hint(scene, after, move.slip, seed=seed) if hints else "")

    def hint(self, scene: Scene, play: Play, slip: HintKey | None = None, *, seed: int) -> str:
        """What would help now; `slip`: what went wrong in the last turn, if anything did."""
        key = slip or _next(self.common.levels[play.level], scene, play)
        words = Random(f"{seed}:{play.turn}:hint").choice(self.common.hints[key])
        hidden = [s.topic for i, s in enumerate(scene.secrets) if i not in play.told]
        return words.replace("{topic}", hidden[0] if hidden else "他的打算")


def scene_of(case: LostCase, common: RolePlay) -> Scene:
    """A lost deal as a scene: its customer, his first words, what he hid; the rest in common lines."""
    objected = next((turn.text for turn in case.transcript if turn.who == "customer"), "")
    first, *others = common.doubts[case.type]
    ways = [common.tell[n :: len(case.hidden_facts)] for n in range(len(case.hidden_facts))]
    if min(map(len, ways)) < FEWEST:
        ways = [common.tell] * len(ways)
    facts = zip(case.hidden_facts.items(), ways, strict=True)
    secrets = tuple(_hidden(topic, fact, tell, common) for (topic, fact), tell in facts)
    number = case.id.removeprefix("taught_") if case.id.startswith("taught_") else ""
    return Scene(
        id=case.id,
        label=f"{case.persona.role}{case.persona.name}",
        type=case.type,
        words=(f"案例{number}", f"案例 {number}") if number else (),
        situation=case.background,
        goal=common.goal,
        persona=case.persona,
        secrets=secrets,
        doubts=(first.model_copy(update={"own": objected}), *others),
        better=case.better_move,
    )


def _hidden(topic: str, fact: str, ways: Sequence[str], common: RolePlay) -> Secret:
    asked = next((t.ask for t in common.topics if topic in t.names), (f"{topic}…(什么|多少|怎么|吗|？)",))
    tell = tuple(line.replace("{fact}", fact) for line in ways)
    return Secret(topic=topic, ask=asked, words=(fact,), tell=tell)


class _Voice:
    """What the customer says this time: never what he has said before in this talk."""

    def __init__(self, common: RolePlay, scene: Scene, said: Sequence[Spoken], seed: int) -> None:
        self._common = common
        self._before = "\n".join(turn.text for turn in said if turn.who == "customer")
        self._random = Random(f"{seed}:{scene.id}:{len(said)}")
        self.line = ""

    def say(self, lines: Sequence[str]) -> bool:
        """Add one of the lines; False where all have been said."""
        fresh = [line for line in lines if line not in self._before and line not in self.line]
        if not fresh:
            return False
        self.line += self._random.choice(fresh)
        return True

    def common(self, key: LineKey) -> bool:
        return self.say(self._common.lines[key])

    def doubt(self, doubt: Doubt) -> bool:
        own = doubt.own
        if self.line:
            self.line += self._random.choice(self._common.lines["bridge"])
        return self.say((own,) if own and own not in self._before else doubt.say)


class _Move:
    """One turn. `made` gives where the talk stands afterwards and leaves his words in `voice`."""

    def __init__(
        self, common: RolePlay, scene: Scene, play: Play, voice: _Voice, text: str, acts: frozenset[Act]
    ) -> None:
        self.level = common.levels[play.level]
        self.scene, self.voice, self.text, self.acts = scene, voice, text, acts
        self.slip: HintKey | None = None
        self.mood, self.patience = play.mood, play.patience
        self.doubt, self.shown, self.told = play.doubt, set(play.shown), list(play.told)
        self.before = play
        self.outcome: str = ""

    def made(self) -> Play:
        self._react()
        turn = self.before.turn + 1
        if not self.outcome and (self.patience <= 0 or turn >= MOST_TURNS):
            self.voice.line = ""
            self.outcome = "lost"
            self.voice.common("lost" if self.patience <= 0 else "late")
        if not self.outcome and not self.voice.line:  # nothing left that he has not said: he has had enough
            self.outcome = "lost"
            self.voice.common("lost")
        low, high = MOODS
        return self.before.model_copy(
            update={
                "mood": max(low, min(high, self.mood)),
                "patience": self.patience,
                "turn": turn,
                "doubt": self.doubt,
                "shown": tuple(sorted(self.shown)),
                "told": tuple(self.told),
                "outcome": self.outcome,
            }
        )

    def _react(self) -> None:
        if self._slipped():
            return
        progress = self._credit()
        asked = self._asked() if "ask" in self.acts else ""
        met = self._met()
        if met:
            self._settle()
        elif self.doubt < 0 and (self.before.turn + 1 >= ASKED_FIRST or self.acts & OFFERS):
            self._raise(0)
            return
        if met or asked == "told":
            if self._closes() and self._all_met():
                self._close()
            return
        if self._closes() and (self._all_met() or not progress):
            self._close()
        elif asked == "" or not self.voice.line:
            self._dull(progress)
        elif not progress and self.doubt >= 0:
            self.patience -= 1

    # slips ----------------------------------------------------------------------------------------------------

    def _slipped(self) -> bool:
        """What costs him his good will, the worst first."""
        for act, line, hint, mood, patience in (
            ("breach", "doubtful", "breach", 2, 2),
            ("argue", "harden", "argue", 1, 2),
            ("noise", "unclear", "noise", 0, 1),
            ("concede", "squeeze", "concede", 0, 1),
        ):
            if act in self.acts:
                self.mood -= mood
                self.patience -= patience
                self.slip = hint  # type: ignore[assignment]
                self.voice.common(line)  # type: ignore[arg-type]
                return True
        return False

    # what he learns and hears ---------------------------------------------------------------------------------

    def _credit(self) -> bool:
        """Whether the turn shows something that it had not shown to this objection."""
        if self.doubt < 0 or self._all_met():
            return False
        new = self.acts - self.shown
        if "ack" in new:
            self.mood += 1
        self.shown |= self.acts
        return bool(new & {act for group in self.level.needs for act in group})

    def _asked(self) -> str:
        """told, evaded, again, or vague; his answer is in the voice."""
        hit = [i for i, s in enumerate(self.scene.secrets) if pattern(s.ask).search(self.text)]
        fresh = [i for i in hit if i not in self.told]
        for index in fresh:
            secret = self.scene.secrets[index]
            if self.mood >= secret.mood:
                self.told.append(index)
                self.mood += 1
                self.voice.say(secret.tell)
                return "told"
        if fresh:
            self.voice.common("evade")
            return "evaded"
        self.voice.common("again" if hit else "vague")
        return "again" if hit else "vague"

    # objections -----------------------------------------------------------------------------------------------

    def _doubts(self) -> int:
        return min(self.level.doubts, len(self.scene.doubts))

    def _all_met(self) -> bool:
        return self.doubt >= self._doubts()

    def _met(self) -> bool:
        if self.doubt < 0 or self._all_met():
            return False
        return all(self.shown & set(group) for group in self.level.needs)

    def _settle(self) -> None:
        self.mood += 1
        settled = self.scene.doubts[self.doubt].settled
        if not (settled and self.voice.say(settled)):
            self.voice.common("settled")
        if self.doubt + 1 < self._doubts():
            self._raise(self.doubt + 1)
            return
        self.doubt, self.shown = self._doubts(), set()
        if not self._closes():
            self.voice.common("ready")

    def _raise(self, number: int) -> None:
        self.doubt, self.shown = number, set()
        self.voice.doubt(self.scene.doubts[number])

    # closing --------------------------------------------------------------------------------------------------

    def _closes(self) -> bool:
        return bool(self.acts & {"commit", "next_step"})

    def _close(self) -> None:
        """He agrees, or says what is in the way."""
        if not self._all_met():
            self._hold("too_soon")
        elif len(self.told) < min(self.level.secrets, len(self.scene.secrets)):
            self._hold("hesitate")
        elif self.mood < self.level.mood:
            self._hold("cold")
        elif not self.scene.persona.decides and "next_step" not in self.acts:
            self._hold("not_mine")
        else:
            self.outcome = "won"
            common: LineKey = "won" if self.scene.persona.decides else "arranged"
            if not (self.scene.won and self.voice.say(self.scene.won)):
                self.voice.common(common)

    def _hold(self, key: LineKey) -> None:
        self.patience -= 1
        self.voice.common(key)

    def _dull(self, progress: bool) -> None:
        """Nothing was asked, met or closed: he says what he misses, or loses patience."""
        if not progress:
            self.patience -= 1
            waits = self._all_met() and self.voice.common("ready")
            if not waits:
                self.voice.common("nudge" if self.acts else "unclear")
            return
        missing = next(g for g in self.level.needs if not self.shown & set(g))
        if "ack" in self.acts and "ack" not in self.before.shown:
            self.voice.common("soften")
        else:
            self.voice.common(WANTS.get(missing[0], "wants_answer"))


def _next(level: Level, scene: Scene, play: Play) -> HintKey:
    """What would help most now."""
    if play.doubt < 0:
        return "discover"
    if play.doubt < min(level.doubts, len(scene.doubts)):
        missing = next((group for group in level.needs if not set(group) & set(play.shown)), level.needs[-1])
        first = missing[0]
        return "answer" if first == "value" else first  # type: ignore[return-value]
    if len(play.told) < min(level.secrets, len(scene.secrets)):
        return "secret"
    if play.mood < level.mood:
        return "warm"
    return "close" if scene.persona.decides else "arrange"
