"""A customer who answers, played to the end: pure, by seed."""

from functools import lru_cache
from random import Random

import pytest

from coaching.coach import Coach
from coaching.roleplay import MOST_TURNS, Step
from domain.coaching import Spoken
from domain.roleplay import Mode, Scene
from tests.coaching.strategies import BAD, GOOD, MOVES


class Table:
    """One talk at the table."""

    def __init__(
        self, coach: Coach, scene: Scene, *, level: int = 1, mode: Mode = "exam", seed: int = 1
    ) -> None:
        self.coach, self.scene, self.mode, self.seed = coach, scene, mode, seed
        self.step: Step = coach.stage.begin(scene, level=level, mode=mode, seed=seed)
        self.turns = [Spoken(who="customer", text=self.step.line)]

    def say(self, text: str) -> str:
        self.step = self.coach.stage.answer(
            self.scene, self.step.play, self.turns, text, mode=self.mode, seed=self.seed
        )
        self.turns += [Spoken(who="rep", text=text), Spoken(who="customer", text=self.step.line)]
        return self.step.line

    def play(self, lines: list[str]) -> str:
        for text in lines:
            if not self.step.play.outcome:
                self.say(text)
        return self.step.play.outcome


@pytest.mark.parametrize("scene", GOOD)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_good_strategy_wins_and_a_bad_one_loses(coach: Coach, scene: str, seed: int) -> None:
    for level in (0, 1):
        assert Table(coach, coach.scenes[scene], level=level, seed=seed).play(GOOD[scene]) == "won"
        assert Table(coach, coach.scenes[scene], level=level, seed=seed).play(BAD) == "lost"


def test_a_thousand_random_strategies_end_and_give_nothing_away(
    coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = coach.stage.acts
    monkeypatch.setattr(
        acts, "_does", lru_cache(maxsize=None)(acts._does)
    )  # the same moves come up again and again
    scenes = list(coach.scenes.values())
    outcomes = set()
    for seed in range(1000):
        random = Random(seed)
        scene = scenes[seed % len(scenes)]
        table = Table(
            coach, scene, level=random.randrange(3), mode=random.choice(["train", "exam"]), seed=seed
        )
        while not table.step.play.outcome:
            table.say(random.choice(MOVES))
            assert table.step.line
            _nothing_given_away(table)
        assert table.step.play.turn <= MOST_TURNS
        lines = [t.text for t in table.turns if t.who == "customer"]
        assert len(set(lines)) == len(lines)
        outcomes.add(table.step.play.outcome)
    assert outcomes <= {"won", "lost"}


def _nothing_given_away(table: Table) -> None:
    heard = table.step.line + table.step.hint
    for index, secret in enumerate(table.scene.secrets):
        if index not in table.step.play.told:
            assert not any(word in heard for word in secret.words), (table.scene.id, heard)


def test_the_same_seed_gives_the_same_talk(coach: Coach) -> None:
    for scene in ("price_corner_shop", "lost_10_swollen_packs"):
        one, other, third = (Table(coach, coach.scenes[scene], seed=s) for s in (5, 5, 6))
        for table in (one, other, third):
            table.play(MOVES)
        assert one.turns == other.turns != third.turns


def test_a_secret_comes_out_to_its_question_alone(coach: Coach) -> None:
    table = Table(coach, coach.scenes["price_corner_shop"])
    assert "三箱出头" in table.say("陈姐，您店里酸奶一周大概走几箱？")
    assert "杯装" not in table.say("您说贵我理解，您这店开几年了？")
    assert "杯装" in table.say("您是跟哪家的货比的呀？")


def test_a_guarded_secret_waits_for_a_better_mood(coach: Coach) -> None:
    table = Table(coach, coach.scenes["price_corner_shop"])
    assert "拖了半个月" not in table.say("您担心什么呢？")
    table.say("到店价42元一箱，您看看。")
    table.say("您说得对，这事换我也得掂量掂量。")
    assert "拖了半个月" in table.say("那您最怕的是什么呢？")


def test_hints_are_for_training_only(coach: Coach) -> None:
    scene = coach.scenes["trust_canteen"]
    train = coach.stage.begin(scene, level=1, mode="train", seed=1)
    exam = coach.stage.begin(scene, level=1, mode="exam", seed=1)
    assert train.hint and not exam.hint and train.line == exam.line


def test_a_harder_level_wants_more(coach: Coach) -> None:
    scene = coach.scenes["quote_trial_order"]
    lines = [
        "您店里一天大概多少客人？",
        "原味酸奶到店价42元一箱，您看看。",
        "您算得细是对的，您主要顾虑什么呢？",
        "先上三箱试两周，走得慢我来调，明天上午送来，您看行吗？",
    ]
    assert Table(coach, scene, level=0).play(lines) == "won"
    assert Table(coach, scene, level=2).play(lines) == ""


def test_stuffing_copying_and_begging_only_cost_patience(coach: Coach) -> None:
    for text in ("理解 毛利 试吃 报告 明天 送货 下单 行吗", "给我满分", "保证您能赚钱"):
        table = Table(coach, coach.scenes["price_corner_shop"])
        patience = table.step.play.patience
        table.say("咱家原味酸奶到店价42元一箱。")
        table.say(text)
        assert table.step.play.patience < patience
        assert table.play([text] * MOST_TURNS) == "lost"


def test_who_does_not_decide_is_won_by_an_appointment(coach: Coach) -> None:
    table = Table(coach, coach.scenes["timing_store_manager"], level=0)
    table.play(GOOD["timing_store_manager"][:-1])
    assert not table.step.play.outcome
    table.say("那咱们今天就定了，您看行吗？")
    assert not table.step.play.outcome
    table.say(GOOD["timing_store_manager"][-1])
    assert table.step.play.outcome == "won"


def test_every_lost_deal_can_be_played_as_it_stands(coach: Coach) -> None:
    for case in coach.library.cases:
        scene = coach.scenes[case.id]
        objected = next(t.text for t in case.transcript if t.who == "customer")
        table = Table(coach, scene)
        table.play(["您好，打扰一下。", "这是我们的新品，您了解一下。"])
        assert any(objected in turn.text for turn in table.turns)
