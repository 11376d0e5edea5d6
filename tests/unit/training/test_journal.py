"""What a Trainer's state says of each step, as the record of an adapter keeps it."""

from types import SimpleNamespace

import pytest

from suture.training.journal import MOST_STEPS, epoch_records, step_records


def state(steps):
    """Loss falls by 1 a step from 1,000, on ``step`` taught tokens; KL is on anchors alone."""
    history = [
        {
            "step": step,
            "suture_step": {
                "epoch": 1 if step <= steps / 2 else 2,
                "loss": float(1_000 - step) * step,
                "tokens": 2 * step,
                "taught_tokens": float(step),
                "kl": [0.5 * step, float(step)],
                "kl_new": [0.0, 0.0],
                "seconds": 1.0,
            },
        }
        for step in range(1, steps + 1)
    ]
    return SimpleNamespace(log_history=[{"loss": 3.0, "step": 1}, *history])


def test_every_step_of_a_short_training_is_kept():
    found = step_records(state(40))
    assert [one.step for one in found] == list(range(1, 41))
    assert [one.loss for one in found] == [1_000 - step for step in range(1, 41)]
    assert {one.kl for one in found} == {0.5} and {one.kl_new for one in found} == {None}
    assert "kl_new" not in found[0].to_json()


@pytest.mark.parametrize("steps", [MOST_STEPS, MOST_STEPS + 1, 5 * MOST_STEPS - 1, 9 * MOST_STEPS])
def test_a_long_training_keeps_means_that_cover_every_step_once(steps):
    found = step_records(state(steps))
    assert MOST_STEPS / 2 <= len(found) <= MOST_STEPS and found[-1].step == steps
    ends = [0, *(one.step for one in found)]
    for begin, one in zip(ends, found, strict=False):
        weights = range(begin + 1, one.step + 1)
        assert one.loss == pytest.approx(sum((1_000 - step) * step for step in weights) / sum(weights))


def test_steps_and_epochs_agree():
    found = state(6)
    assert [one.epoch for one in epoch_records(found)] == [1, 2]
    assert epoch_records(found)[0].loss == pytest.approx(sum((1_000 - n) * n for n in (1, 2, 3)) / 6)


def test_nothing_trained_keeps_nothing():
    assert step_records(SimpleNamespace(log_history=[])) == ()
