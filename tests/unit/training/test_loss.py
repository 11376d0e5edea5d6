from math import log

import pytest
import torch
from adapted_models import adapted
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.examples import encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.load import load_model, load_tokenizer
from suture.training.loss import answer_logits, divergences, own_probability, token_losses
from suture.training.packing import pack
from suture.training.precision import load_to_compute


@pytest.fixture(scope="module")
def examples(base_of):
    return encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]


@pytest.fixture
def model(base_of):
    return adapted(base_of())


def test_cross_entropy_is_that_of_the_answer_alone(base_of, examples):
    model = load_model(base_of())
    for example in examples:
        alone = pack([example])
        ours = token_losses(answer_logits(model, alone), alone.labels, alone.taught).sum()
        labels = alone.ids[None].clone()
        labels[:, : -example.answer] = -100
        theirs = model(input_ids=alone.ids[None], labels=labels).loss * example.answer
        assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3"])
def test_a_packed_row_sees_no_other(base_of, architecture):
    """gemma3's layers look back over 16 tokens only, but for one; rows are longer than that."""
    base = base_of(architecture)
    model = load_to_compute(base, Precision.FLOAT32)
    made = encode_rows(rows(3, 2), load_tokenizer(base), 1000)[0]
    assert len({len(example.ids) for example in made}) > 1
    together = answer_logits(model, pack(made))
    apart = torch.cat([answer_logits(model, pack([example])) for example in made])
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-4)
    whole = pack(made)
    mixed = model(input_ids=whole.ids[None], attention_mask=torch.ones_like(whole.ids)[None], use_cache=False).logits
    assert (mixed[0, whole.places] - apart).abs().max() > 0.1  # what a mask of ones would have done


def test_a_fresh_adapter_is_the_base(base_of, examples):
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32))
    whole = pack(examples)
    logits = answer_logits(model, whole)
    torch.testing.assert_close(FrozenBase(model).logits(whole), logits)
    assert divergences(logits, logits).abs().max() < 1e-4


def test_divergence_is_kl_from_base_to_model(model, examples):
    whole = pack(examples)
    logits = answer_logits(model, whole)
    with model.disable_adapter(), torch.no_grad():
        base_logits = answer_logits(model, whole)
    p, q = torch.softmax(base_logits, -1), torch.softmax(logits, -1)
    wanted = (p * (p.log() - q.log())).sum(-1)
    assert wanted.sum() > 0.01
    torch.testing.assert_close(divergences(FrozenBase(model).logits(whole), logits), wanted, rtol=1e-3, atol=1e-5)


def test_each_term_by_hand():
    """Two tokens of a vocabulary of two: the model says (3/4, 1/4) twice, the base (1/2, 1/2)."""
    logits = torch.tensor([[0.75, 0.25], [0.75, 0.25]]).log()
    base = torch.tensor([[0.5, 0.5], [0.5, 0.5]]).log()
    both = torch.tensor([True, True])
    losses = token_losses(logits, torch.tensor([0, 1]), both)
    assert losses.tolist() == pytest.approx([0.287682, 1.386294], abs=1e-6)  # -ln 0.75, -ln 0.25
    weights = own_probability(losses, ~both)
    assert (losses * weights).sum().item() == pytest.approx(0.75 * 0.287682 + 0.25 * 1.386294, abs=1e-6)
    assert own_probability(losses, both).tolist() == [1, 1]
    by_token = 0.5 * log(0.5 / 0.75) + 0.5 * log(0.5 / 0.25)
    assert divergences(base, logits).tolist() == pytest.approx([by_token, by_token], abs=1e-6)


def test_what_is_masked_has_no_gradient():
    logits = torch.randn(3, 5, requires_grad=True, generator=torch.Generator().manual_seed(0))
    token_losses(logits, torch.tensor([2, 1, 4]), torch.tensor([True, False, True])).sum().backward()
    assert logits.grad is not None
    assert logits.grad[1].abs().max() == 0
    assert logits.grad[[0, 2]].abs().sum(-1).min() > 0


def test_the_probability_is_a_weight_and_not_a_way_for_gradients():
    """d(-sg(p) ln p)/dz for the label's own logit is -p (1 - p); through p it would be something else."""
    logits = torch.tensor([[0.4, -0.3]], requires_grad=True)
    losses = token_losses(logits, torch.tensor([0]), torch.tensor([True]))
    weights = own_probability(losses, torch.tensor([False]))
    assert not weights.requires_grad
    (losses * weights).sum().backward()
    p = torch.softmax(logits[0], -1)[0].item()
    assert logits.grad is not None
    assert logits.grad[0, 0].item() == pytest.approx(-p * (1 - p), rel=1e-5)


def test_the_second_look_at_a_row_is_remembered_whatever_it_is_packed_with(model, examples, monkeypatch):
    base = FrozenBase(model)
    first = base.logits(pack(examples))
    monkeypatch.setattr(model.get_base_model().model, "forward", None)
    again = torch.cat([base.logits(pack([example])) for example in examples])
    torch.testing.assert_close(again, first)


def test_no_room_means_computed_again(model, examples):
    base = FrozenBase(model, most_bytes=0)
    alone = pack(examples[:1])
    torch.testing.assert_close(base.logits(alone), base.logits(alone), rtol=0, atol=0)
    assert not base._kept
