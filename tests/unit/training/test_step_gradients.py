"""A step's gradients are the same however its rows are packed, chunked and spread, and are those of the plain loss."""

import pytest
import torch
from adapted_models import adapted
from plain_gradients import OBJECTIVES, plainly
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.examples import Example, encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.load import load_tokenizer
from suture.training.objective import Objective
from suture.training.pack_losses import as_numbers, from_numbers, pack_gradients
from suture.training.packing import pack
from suture.training.step_gradients import StepGradients
from suture.training.trained_weights import trained_weights


@pytest.fixture(scope="module")
def examples(base_of):
    made = encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]
    first = made[0]
    partly = Example(first.ids, first.answer, first.anchor, first.key, tuple(at % 2 == 0 for at in range(first.answer)))
    return [partly, *made[1:]]


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("most_tokens", "workers"), [(0, 1), (0, 2), (150, 1), (100_000, 1)])
def test_however_rows_are_packed_and_spread(base_of, examples, objective, most_tokens, workers):
    model = adapted(base_of())
    step = StepGradients(model, FrozenBase(model), objective, workers=workers, most_tokens=most_tokens)
    found = step.add(examples)
    step.close()
    for parameter, wanted in zip(trained_weights(model), plainly(model, examples, objective), strict=True):
        torch.testing.assert_close(parameter.grad, wanted, rtol=1e-3, atol=1e-5)
    assert sum(one.tokens for one in found) == sum(len(example.ids) for example in examples)
    assert sum(int(one.taught_tokens) for one in found) == sum(int(pack([one]).taught.sum()) for one in examples)
    for part, weight, of_anchors in (("anchors", objective.kl_anchor, True), ("new", objective.kl_new, False)):
        drifts = [drift for drift in (getattr(one, part) for one in found) if drift]
        wanted = sum(example.answer for example in examples if example.anchor is of_anchors) if weight else 0
        assert sum(int(drift.tokens) for drift in drifts) == wanted


@pytest.mark.parametrize("targets", [("q_proj",), ("q_proj", "lm_head"), ("lm_head",)])
def test_however_few_logits_are_made_at_once(base_of, examples, targets):
    """Also where the head is adapted, whose own gradients come from the chunks."""
    model = adapted(base_of(), target_modules=targets)
    base, whole = FrozenBase(model), pack(examples)
    objective = Objective(kl_anchor=0.5, kl_new=0.3)
    with base.alone():
        hidden = base.hidden(whole)

    def gradients(chunk_logits):
        return pack_gradients(
            model,
            base,
            objective,
            whole,
            hidden,
            taught=7,
            parameters=trained_weights(model),
            chunk_logits=chunk_logits,
        )

    once, wanted = gradients(1 << 30)
    for chunk_logits in (1, 5 * model.config.vocab_size):
        losses, found = gradients(chunk_logits)
        assert losses.loss.item() == pytest.approx(once.loss.item(), rel=1e-5)
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)
    assert all(one.abs().max() > 0 for one in wanted)


@pytest.mark.parametrize("objective", OBJECTIVES[::3])
def test_losses_come_back_from_another_process_as_they_were(base_of, examples, objective):
    model = adapted(base_of())
    step = StepGradients(model, FrozenBase(model), objective, most_tokens=1000)
    for losses in step.add(examples):
        back = from_numbers(as_numbers(losses), torch.device("cpu"))
        assert as_numbers(back) == as_numbers(losses)
        assert (back.anchors is None, back.new is None) == (losses.anchors is None, losses.new is None)
        assert back.loss.item() == losses.loss.item()


def test_several_steps_before_the_optimiser_are_added(base_of, examples):
    model = adapted(base_of())
    step = StepGradients(model, FrozenBase(model), Objective())
    step.add(examples)
    once = [parameter.grad.clone() for parameter in trained_weights(model)]
    step.add(examples)
    for parameter, one in zip(trained_weights(model), once, strict=True):
        torch.testing.assert_close(parameter.grad, 2 * one)


def test_an_adapted_head_is_not_the_bases(base_of, examples):
    model = with_adapter(
        base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32, target_modules=("q_proj", "lm_head"))
    )
    base, alone = FrozenBase(model), pack(examples[:1])
    before = base.logits(alone)
    for name, parameter in model.named_parameters():
        if "lora_B" in name and "lm_head" in name:
            torch.nn.init.normal_(parameter, std=1.0)
    with base.alone():
        hidden = base.hidden(alone)
    torch.testing.assert_close(base.logits_of(hidden), before)
