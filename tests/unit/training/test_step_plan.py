import pytest
import torch
from adapted_models import adapted
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training import step_plan
from suture.training.examples import encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.load import load_tokenizer
from suture.training.memory import Kept, Room, _kept_bytes, kept_by, recompute_activations, room
from suture.training.objective import Objective
from suture.training.step_gradients import StepGradients
from suture.training.step_plan import gradients_here, planned_from, processors_to_use
from suture.training.trained_weights import trained_weights

WEIGHED = Objective(kl_anchor=0.5)


def gradients(model, examples):
    with gradients_here(model, FrozenBase(model), WEIGHED, planned_from(examples, WEIGHED)) as step:
        step.add(examples)
    found = [weight.grad.clone() for weight in trained_weights(model)]
    model.zero_grad()
    return found


@pytest.fixture(scope="module")
def examples(base_of):
    return encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]


def test_packs_are_as_large_as_memory_lets_them_be():
    linear = Kept(0, 100, 0)
    assert room(linear, 1e6, 500) == Room(8000, recompute=False)
    assert room(linear, 1e9, 500) == Room(16_384, recompute=False)
    assert room(linear, 1e9, 500, most=0) == Room(0, recompute=False)
    assert room(linear, 1e4, 500) == Room(500, recompute=True)
    fits = room(Kept(0, 100, 3), 1e6, 10).most_tokens
    assert 100 * fits + 3 * fits**2 <= 0.8e6 < 100 * (fits + 1) + 3 * (fits + 1) ** 2


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.BFLOAT16])
def test_what_a_long_row_keeps_is_foretold_by_short_ones(base_of, precision):
    model = adapted(base_of(), precision=precision)
    kept = kept_by(model)
    tokens = 500
    foretold = kept.fixed + kept.each * tokens + kept.pair * tokens**2
    assert foretold == pytest.approx(_kept_bytes(model, tokens), rel=0.05)


def test_where_nothing_is_kept_packs_are_as_large_as_any(base_of):
    """An adapter on the head alone: no layer has a gradient."""
    settings = TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32, target_modules=("lm_head",))
    model = with_adapter(base_of(), settings)
    kept = kept_by(model)
    assert room(kept, 1e6, 100) == Room(16_384, recompute=False)


def test_what_a_token_keeps_is_less_when_it_is_computed_again(base_of):
    model = adapted(base_of())
    kept = kept_by(model)
    width, layers, heads = 64, 2, 4
    assert 10 * width * layers * 4 < kept.each < 200 * width * layers * 4
    assert layers * heads * 4 <= kept.pair <= 4 * layers * heads * 4  # float32 weights of attention
    recompute_activations(model)
    again = kept_by(model)
    assert again.each < kept.each / 3
    assert again.pair < kept.pair / 3


def test_activations_computed_again_are_the_same_bytes(base_of, examples, monkeypatch):
    model = adapted(base_of())
    kept = gradients(model, examples)
    monkeypatch.setattr(step_plan, "_memory", lambda: 1)
    again = gradients(model, examples)
    assert model.get_base_model().is_activation_checkpointing
    assert all(torch.equal(one, other) for one, other in zip(kept, again, strict=True))


def test_casts_that_autocast_undoes_are_left_out_and_no_bit_differs(base_of, examples):
    model = adapted(base_of(), precision=Precision.BFLOAT16)
    layer = model.get_base_model().model.layers[0].self_attn.q_proj
    with gradients_here(model, FrozenBase(model), Objective(), planned_from(examples, Objective())) as step:
        assert not layer.cast_input_dtype_enabled
        step.add(examples)
    assert layer.cast_input_dtype_enabled
    without = [weight.grad.clone() for weight in trained_weights(model)]
    model.zero_grad()
    step = StepGradients(model, FrozenBase(model), Objective())
    step.add(examples)
    step.close()
    with_casts = [weight.grad for weight in trained_weights(model)]
    assert all(torch.equal(one, other) for one, other in zip(without, with_casts, strict=True))


def test_omp_num_threads_can_only_lower_the_number(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    mine = processors_to_use()
    for said, found in (("1", 1), ("100000", mine), ("0", mine), ("many", mine)):
        monkeypatch.setenv("OMP_NUM_THREADS", said)
        assert processors_to_use() == found
