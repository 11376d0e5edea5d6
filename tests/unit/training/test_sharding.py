"""A base whose layers lie in parts in several real processes, all of them on the CPU."""

import os
import signal
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import psutil
import pytest
import torch
from adapted_models import SMALL, adapted
from rows import rows
from torch.distributed.tensor import DTensor
from transformers import AttentionInterface

from suture.core.errors import BadFile, Fault
from suture.core.model.train_settings import Precision, Strategy, TrainSettings
from suture.training.examples import encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.gpus import Processes, processes_on
from suture.training.gradient_messages import Job
from suture.training.load import load_tokenizer
from suture.training.loss import plain_model
from suture.training.memory import kept_by, recompute_activations
from suture.training.objective import objective_of
from suture.training.other_processes import other_processes
from suture.training.precision import bytes_to_compute
from suture.training.proved_attention import MOST_DIFFERENCE, WRITTEN_OUT, fastest_proved
from suture.training.several_processes import SpreadGradients
from suture.training.sharding import Meeting, is_sharded, join, leave, shard
from suture.training.step_gradients import StepGradients
from suture.training.step_plan import gradients_here, planned_from
from suture.training.trained_weights import trained_weights
from suture.training.trainer import train

SMALL_STEPS = {"batch": 4, "lr": 1e-2, "kl_weight": 0.5}
SETTINGS = TrainSettings(**SMALL, **SMALL_STEPS)
OBJECTIVE = objective_of(SETTINGS)
MANY = TrainSettings(batch=2)


@pytest.fixture(scope="module")
def examples(base_of):
    return encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]


class Shared(NamedTuple):
    model: Any
    here: StepGradients
    both: SpreadGradients
    processes: list[Any]
    precision: Precision


@contextmanager
def sharing(base, examples, processes, settings=SETTINGS, loaded=None):
    """A base shared by this process and others, as ``fit`` shares it; ``loaded``: what this process loads."""
    with ExitStack() as stack:
        job = Job(base, settings, "cpu")
        others = stack.enter_context(other_processes(job, Processes(processes, share_base=True)))
        model = with_adapter(loaded or base, settings, shard)
        others.accompany(model)
        frozen = FrozenBase(model)
        with others.planning(planned_from(examples, OBJECTIVE)) as planned:
            here = stack.enter_context(gradients_here(model, frozen, OBJECTIVE, planned))
        started = [one._process for one in others.processes]
        yield Shared(model, here, SpreadGradients(model, here, others), started, settings.precision)


@contextmanager
def alone_in_a_group(tmp_path):
    join(Meeting(tmp_path / "a meeting, 100%", 1))
    try:
        yield
    finally:
        leave()


def gradients_of(model):
    found = [weight.grad.clone() for weight in trained_weights(model)]
    for weight in trained_weights(model):
        weight.grad = None
    return found


def listening_addresses(pid):
    return {one.laddr.ip for one in psutil.Process(pid).net_connections("tcp") if one.status == psutil.CONN_LISTEN}


@pytest.mark.slow
def test_training_is_the_same_stopped_or_not_and_nearly_that_of_one(base_of, tmp_path, monkeypatch):
    """With all that looks at the model outside of a step: tokens masked before, and drift after each epoch."""
    settings = SETTINGS.model_copy(update={"strategy": Strategy.MASKED, "mask_below": 1e-4, "epochs": 2})

    def trained(name, processes=2, checkpoints=None):
        plan = Processes(processes, share_base=processes > 1)
        monkeypatch.setattr("suture.training.fit.processes_for", lambda *_: plan)
        return train(base_of(), rows(5, 3), settings, tmp_path / name, dataset_sha256="", checkpoints=checkpoints)

    add, steps = SpreadGradients.add, []

    def stopped(self, examples):
        if steps:
            raise KeyboardInterrupt
        steps.append(examples)
        return add(self, examples)

    monkeypatch.setattr(SpreadGradients, "add", stopped)
    with pytest.raises(KeyboardInterrupt):
        trained("stopped", checkpoints=tmp_path / "kept")
    monkeypatch.setattr(SpreadGradients, "add", add)
    resumed = trained("resumed", checkpoints=tmp_path / "kept")
    whole, alone = trained("whole"), trained("alone", processes=1)
    assert resumed.sha256 == whole.sha256
    assert (whole.total_parameters, whole.tokens_masked) == (alone.total_parameters, alone.tokens_masked)
    assert whole.epochs[-1].loss == pytest.approx(alone.epochs[-1].loss, rel=1e-3)
    assert [kept.kl for kept in whole.kept] == pytest.approx([kept.kl for kept in alone.kept], rel=1e-2)


@pytest.mark.slow
def test_a_process_that_is_killed_is_said_and_the_rest_ends(base_of, examples):
    with pytest.raises(Fault, match=r"ended: ") as caught, sharing(base_of(), examples, 3) as shared:
        shared.both.add(examples)
        os.kill(shared.processes[1].pid, signal.SIGKILL)
        for _ in range(3):
            shared.both.add(examples)
    assert "\n" not in str(caught.value)
    assert all(process.poll() is not None for process in shared.processes)


@pytest.mark.slow
def test_one_that_cannot_load_the_base_says_why(tmp_path, base_of, examples):
    with (
        pytest.raises(Fault, match=r"gradients ended: BadFile: .*/none cannot be loaded"),
        sharing(tmp_path / "none", examples, 2, loaded=base_of()) as shared,
    ):
        shared.both.add(examples)


def test_a_pass_that_failed_backwards_leaves_the_layers_in_parts(base_of, examples, tmp_path):
    """Attention that cannot go backward is given up, and what comes after is as if it had not been tried."""
    AttentionInterface.register("fails_backwards", _fails_backwards)
    with alone_in_a_group(tmp_path):
        model = with_adapter(base_of(), SETTINGS, shard)
        frozen = FrozenBase(model)
        with gradients_here(model, frozen, OBJECTIVE, planned_from(examples, OBJECTIVE)) as here:
            here.add(examples)
            wanted = gradients_of(model)

            def gradients():
                here.add(examples)
                return gradients_of(model)

            assert fastest_proved(model, gradients, "fails_backwards", MOST_DIFFERENCE) == WRITTEN_OUT
            for _ in range(2):
                here.add(examples)
                assert all(map(torch.equal, gradients_of(model), wanted))
            layers = plain_model(model).get_decoder().layers
            assert all(isinstance(weight, DTensor) for weight in layers.parameters() if not weight.requires_grad)


class _NoWayBack(torch.autograd.Function):
    @staticmethod
    def forward(context, mixed):
        return mixed.clone()

    @staticmethod
    def backward(context, *gradients):
        raise RuntimeError("no way back")


def _fails_backwards(module, query, key, value, attention_mask, scaling=None, **others):
    return _NoWayBack.apply(query.transpose(1, 2)), None


def test_activations_that_are_computed_again_have_the_same_gradients(base_of, examples, tmp_path):
    with alone_in_a_group(tmp_path):
        model = with_adapter(base_of(), SETTINGS, shard)
        with gradients_here(model, FrozenBase(model), OBJECTIVE, planned_from(examples, OBJECTIVE)) as here:
            here.add(examples)
            wanted = gradients_of(model)
            recompute_activations(model)
            here.add(examples)
            assert all(map(torch.equal, gradients_of(model), wanted))


def test_an_error_of_one_s_own_is_not_said_to_be_another_s(tmp_path):
    job = Job(tmp_path, SETTINGS, "cpu")
    with pytest.raises(RuntimeError, match="of my own"), other_processes(job, Processes(1, share_base=True)):
        raise RuntimeError("of my own")
    assert not torch.distributed.is_initialized()


def test_a_group_may_be_joined_again_and_changes_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "eth7")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with alone_in_a_group(tmp_path / name):
            assert "NCCL_SOCKET_IFNAME" not in os.environ
            assert os.environ["GLOO_SOCKET_IFNAME"] == "eth7"


@pytest.mark.parametrize("content", [None, b"", b"12345678{"])
def test_weights_that_cannot_be_read_are_a_bad_file(tmp_path, content):
    if content is not None:
        (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(BadFile, match=r"model\.safetensors cannot be read"):
        bytes_to_compute(tmp_path, Precision.FLOAT32)


@pytest.mark.parametrize(
    ("gpus", "needed", "settings", "expected"),
    [
        (1, 90, MANY, Processes(1, share_base=False)),
        (4, 66, MANY, Processes(2, share_base=False)),
        (4, 67, MANY, Processes(4, share_base=True)),
        (0, 0, MANY, Processes(1, share_base=False)),
    ],
)
def test_a_base_is_shared_where_it_would_fill_a_gpu(gpus, needed, settings, expected):
    assert processes_on(gpus, 100, needed, settings) == expected


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.BFLOAT16])
def test_bytes_are_those_of_the_loaded_base(base_of, precision):
    model = plain_model(with_adapter(base_of(), SETTINGS.model_copy(update={"precision": precision})))
    loaded = sum(weight.nbytes for weight in model.parameters() if not weight.requires_grad)
    assert bytes_to_compute(base_of(), precision) == loaded


@pytest.fixture(scope="module", params=[Precision.FLOAT32, Precision.BFLOAT16])
def halves(request, base_of, examples):
    """A base shared by this process and another, until the end of the file."""
    with sharing(base_of(), examples, 2, SETTINGS.model_copy(update={"precision": request.param})) as shared:
        yield shared


@pytest.mark.slow
def test_two_halves_are_one_whole(base_of, examples, halves):
    """The same gradients, for as many rows as there are, fewer than processes, and packs of other numbers."""
    whole = adapted(base_of(), **SMALL_STEPS, precision=halves.precision)
    alone = StepGradients(whole, FrozenBase(whole), OBJECTIVE)
    with torch.no_grad():
        for weight, other in zip(trained_weights(halves.model), trained_weights(whole), strict=True):
            weight.copy_(other)
    for step in (examples, examples[:1], examples[:3], examples):
        expected, wanted = alone.add(step), gradients_of(whole)
        losses, found = halves.both.add(step), gradients_of(halves.model)
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
        assert sum(one.tokens for one in losses) == sum(one.tokens for one in expected)
        sums = [sum(float(one.loss) for one in said) for said in (expected, losses)]
        assert sums[1] == pytest.approx(sums[0], rel=1e-5)


@pytest.mark.slow
def test_each_has_a_part_of_every_layer_and_nobody_else_can_reach_them(base_of, halves):
    assert is_sharded(halves.model)
    assert not is_sharded(with_adapter(base_of(), SETTINGS))
    layers = plain_model(halves.model).get_decoder().layers
    cut = [weight for weight in layers.parameters() if not weight.requires_grad]
    assert all(isinstance(weight, DTensor) for weight in cut)
    mine = sum(weight.to_local().numel() for weight in cut)
    assert mine == pytest.approx(sum(weight.numel() for weight in cut) / 2, rel=0.01)
    pids = [os.getpid(), *(process.pid for process in halves.processes)]
    assert set().union(*map(listening_addresses, pids)) == {"127.0.0.1"}


@pytest.mark.slow
def test_gathered_layers_are_not_what_a_token_keeps(base_of, halves):
    """The other is told of each of these passes."""
    whole = with_adapter(base_of(), SETTINGS.model_copy(update={"precision": halves.precision}))
    assert kept_by(halves.model) == kept_by(whole)
