"""Every strategy is one row, and its loss follows from it."""

import pytest

from suture.core.model.strategies import STRATEGIES, StrategySpec
from suture.core.model.train_settings import Strategy, TrainSettings
from suture.training.mixture import replays
from suture.training.objective import Objective, objective_of


def test_each_strategy_has_its_row():
    assert set(STRATEGIES) == set(Strategy)
    assert [s for s, spec in STRATEGIES.items() if not spec.replays] == [Strategy.NAIVE]


@pytest.mark.parametrize(
    ("strategy", "objective"),
    [
        (Strategy.NAIVE, Objective()),
        (Strategy.REPLAY, Objective()),
        (Strategy.REPLAY_KL, Objective(kl_anchor=0.7)),
        (Strategy.MASKED, Objective(kl_anchor=0.7, mask_below=0.2)),
        (Strategy.ASFT, Objective(kl_anchor=0.7, kl_new=0.7, weighted=True)),
        (Strategy.SELF_VERIFIED, Objective(kl_anchor=0.7)),
    ],
)
def test_the_loss_of_each_strategy(strategy, objective):
    settings = TrainSettings(strategy=strategy, kl_weight=0.7, mask_below=0.2)
    assert objective_of(settings) == objective
    assert replays(settings) is (strategy is not Strategy.NAIVE)


def test_own_answers_are_data_and_no_loss_of_their_own():
    own, plain = STRATEGIES[Strategy.SELF_VERIFIED], STRATEGIES[Strategy.REPLAY_KL]
    assert own == StrategySpec(**{**plain.model_dump(), "own_answers": True})
