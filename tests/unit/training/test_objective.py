import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.model.train_settings import Strategy, TrainSettings
from suture.training.objective import Objective, objective_of


@pytest.mark.parametrize(
    ("strategy", "wanted"),
    [
        (Strategy.NAIVE, Objective()),
        (Strategy.REPLAY, Objective()),
        (Strategy.REPLAY_KL, Objective(kl_anchor=0.4)),
        (Strategy.SELF_VERIFIED, Objective(kl_anchor=0.4)),
        (Strategy.MASKED, Objective(kl_anchor=0.4, mask_below=0.2)),
        (Strategy.ASFT, Objective(kl_anchor=0.4, kl_new=0.4, weighted=True)),
    ],
)
def test_what_each_strategy_is_made_of(strategy, wanted):
    assert objective_of(TrainSettings(strategy=strategy, kl_weight=0.4, mask_below=0.2)) == wanted


@given(strategy=st.sampled_from(Strategy), weight=st.floats(0, 5))
def test_a_weight_that_was_written_is_the_weight(strategy, weight):
    found = objective_of(TrainSettings(strategy=strategy, kl_new_weight=weight)).kl_new
    assert found == (0 if strategy in (Strategy.NAIVE, Strategy.REPLAY) else weight)
