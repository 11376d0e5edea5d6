"""Real processes beside this one, all of them on the CPU."""

import os
import signal
import time
from contextlib import contextmanager

import pytest
import torch
from adapted_models import SMALL, adapted
from hypothesis import given
from hypothesis import strategies as st
from rows import rows

from suture.core.errors import Fault
from suture.core.model.train_settings import TrainSettings
from suture.training.examples import encode_rows
from suture.training.frozen_base import FrozenBase
from suture.training.gpus import Processes
from suture.training.gradient_messages import Job
from suture.training.load import load_tokenizer
from suture.training.objective import objective_of
from suture.training.other_processes import other_processes
from suture.training.packing import share_evenly
from suture.training.several_processes import SpreadGradients
from suture.training.step_gradients import StepGradients
from suture.training.step_plan import planned_from
from suture.training.trained_weights import trained_weights
from suture.training.trainer import train

SMALL_STEPS = {"batch": 4, "lr": 1e-2, "kl_weight": 0.5}
SETTINGS = TrainSettings(**SMALL, **SMALL_STEPS)


@given(lengths=st.lists(st.integers(1, 40), max_size=30), parts=st.integers(1, 8))
def test_every_row_goes_to_one_process_and_none_has_much_more_than_another(lengths, parts):
    shares = share_evenly(lengths, parts)
    assert len(shares) == parts
    assert sorted(row for share in shares for row in share) == list(range(len(lengths)))
    loads = [sum(lengths[row] for row in share) for share in shares]
    assert max(loads) - min(loads) <= max(lengths, default=0)


@pytest.fixture
def model(base_of):
    return adapted(base_of(), **SMALL_STEPS)


@pytest.fixture(scope="module")
def examples(base_of):
    return encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]


@pytest.fixture
def here(model):
    return StepGradients(model, FrozenBase(model), objective_of(SETTINGS))


@contextmanager
def beside(base, examples, processes):
    """Whole copies of the base, in as many processes as there are beside this one."""
    with other_processes(Job(base, SETTINGS, "cpu"), Processes(processes, share_base=False)) as others:
        with others.planning(planned_from(examples, objective_of(SETTINGS))):
            pass
        yield others


def gradients_of(model):
    found = [weight.grad for weight in trained_weights(model)]
    for parameter in model.parameters():
        parameter.grad = None
    return found


@pytest.mark.slow
def test_two_processes_are_one(base_of, model, here, examples):
    """Also for a step of one row, where one of them has nothing to do."""
    with beside(base_of(), examples, 2) as others:
        both = SpreadGradients(model, here, others)
        for step in (examples, examples[:1], examples):
            alone, wanted = here.add(step), gradients_of(model)
            spread_out, found = both.add(step), gradients_of(model)
            for one, other in zip(found, wanted, strict=True):
                torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
            for part in ("loss", "cross_entropy", "taught_tokens", "tokens"):
                sums = [sum(float(getattr(one, part)) for one in losses) for losses in (alone, spread_out)]
                assert sums[1] == pytest.approx(sums[0], rel=1e-5)
            drift = [sum(float(one.anchors.divergence) for one in said if one.anchors) for said in (alone, spread_out)]
            assert drift[1] == pytest.approx(drift[0], rel=1e-4)


@pytest.mark.slow
def test_a_process_that_is_killed_is_said_and_the_rest_ends(base_of, model, here, examples):
    with (
        pytest.raises(Fault, match=r"ended: exit status -9"),
        beside(base_of(), examples, 3) as others,
    ):
        processes = [one._process for one in others.processes]
        os.kill(processes[0].pid, signal.SIGKILL)
        SpreadGradients(model, here, others).add(examples)
    assert all(process.poll() is not None for process in processes)


@pytest.mark.slow
def test_one_that_fails_says_why_in_one_line(tmp_path, model, here, examples):
    with (
        pytest.raises(Fault, match=r"gradients ended: BadFile: .*/none cannot be loaded") as caught,
        beside(tmp_path / "none", examples, 2) as others,
    ):
        both = SpreadGradients(model, here, others)
        both.add(examples)
        both.add(examples)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_it_ends_when_the_process_that_trains_is_gone(base_of, model, here, examples):
    with beside(base_of(), examples, 2) as others:
        SpreadGradients(model, here, others).add(examples)
        (other,) = others.processes
        other._connection.close()
        ends = time.monotonic() + 20
        while other._process.poll() is None and time.monotonic() < ends:
            time.sleep(0.05)
        assert other._process.poll() == 0


@pytest.mark.slow
def test_training_by_two_is_the_same_every_time_and_nearly_that_by_one(base_of, tmp_path, monkeypatch):
    def losses(name, processes):
        monkeypatch.setattr("suture.training.fit.processes_for", lambda *_: Processes(processes, share_base=False))
        record = train(base_of(), rows(5, 3), SETTINGS, tmp_path / name, dataset_sha256="")
        return record.sha256, record.epochs[-1]

    first, again, alone = losses("first", 2), losses("again", 2), losses("alone", 1)
    assert first[0] == again[0]
    assert first[1].loss == pytest.approx(alone[1].loss, rel=1e-3)
    assert first[1].kl == pytest.approx(alone[1].kl, rel=1e-2)
