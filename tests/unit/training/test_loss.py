from math import log

import pytest
import torch
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.examples import collate, encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.load import load_model, load_tokenizer
from suture.training.loss import FrozenBase, answer_logits, divergences, own_probability, token_losses


@pytest.fixture(scope="module")
def examples(base_of):
    return encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]


@pytest.fixture
def adapted(base_of):
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32))
    torch.manual_seed(3)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def test_cross_entropy_is_that_of_the_answer_alone(base_of, examples):
    model = load_model(base_of())
    for example in examples:
        batch = collate([example])
        ours = token_losses(answer_logits(model, batch), batch["labels"]).sum()
        labels = batch["input_ids"].clone()
        labels[:, : -example.answer] = -100
        theirs = model(input_ids=batch["input_ids"], labels=labels).loss * example.answer
        assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)


def test_padding_changes_nothing(base_of, examples):
    model = load_model(base_of())
    assert len({len(example.ids) for example in examples}) > 1
    batch = collate(examples)
    together = token_losses(answer_logits(model, batch), batch["labels"]).sum().item()
    batches = [collate([example]) for example in examples]
    apart = sum(token_losses(answer_logits(model, one), one["labels"]).sum().item() for one in batches)
    assert together == pytest.approx(apart, rel=1e-4)


def test_a_fresh_adapter_is_the_base(base_of, examples):
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32))
    batch = collate(examples)
    logits = answer_logits(model, batch)
    torch.testing.assert_close(FrozenBase(model).logits(batch), logits)
    assert divergences(logits, logits, batch["labels"]).tolist() == pytest.approx([0] * len(examples), abs=1e-4)


def test_divergence_is_kl_from_base_to_model(adapted, examples):
    batch = collate(examples)
    logits = answer_logits(adapted, batch)
    with adapted.disable_adapter(), torch.no_grad():
        base_logits = answer_logits(adapted, batch)
    p, q = torch.softmax(base_logits, -1), torch.softmax(logits, -1)
    wanted = ((p * (p.log() - q.log())).sum(-1) * (batch["labels"] != -100)).sum(-1).tolist()
    assert min(wanted) > 0.01
    found = divergences(FrozenBase(adapted).logits(batch), logits, batch["labels"]).tolist()
    assert found == pytest.approx(wanted, rel=1e-3)


def test_each_term_by_hand():
    """One row, two tokens of a vocabulary of two: the model says (3/4, 1/4) twice, the base (1/2, 1/2)."""
    logits = torch.tensor([[[0.75, 0.25], [0.75, 0.25]]]).log()
    base = torch.tensor([[[0.5, 0.5], [0.5, 0.5]]]).log()
    labels = torch.tensor([[0, 1]])
    losses = token_losses(logits, labels)
    assert losses[0].tolist() == pytest.approx([0.287682, 1.386294], abs=1e-6)  # -ln 0.75, -ln 0.25
    weights = own_probability(losses, torch.tensor([False]))
    assert (losses * weights).sum().item() == pytest.approx(0.75 * 0.287682 + 0.25 * 1.386294, abs=1e-6)
    assert own_probability(losses, torch.tensor([True])).tolist() == [[1, 1]]
    by_token = 0.5 * log(0.5 / 0.75) + 0.5 * log(0.5 / 0.25)
    assert divergences(base, logits, labels).item() == pytest.approx(2 * by_token, abs=1e-6)
    assert divergences(base, logits, torch.tensor([[-100, 1]])).item() == pytest.approx(by_token, abs=1e-6)


def test_what_is_masked_has_no_gradient():
    logits = torch.randn(1, 3, 5, requires_grad=True, generator=torch.Generator().manual_seed(0))
    token_losses(logits, torch.tensor([[2, -100, 4]])).sum().backward()
    assert logits.grad is not None
    assert logits.grad[0, 1].abs().max() == 0
    assert logits.grad[0, [0, 2]].abs().sum(-1).min() > 0


def test_the_probability_is_a_weight_and_not_a_way_for_gradients():
    """d(-sg(p) ln p)/dz for the label's own logit is -p (1 - p); through p it would be something else."""
    logits = torch.tensor([[[0.4, -0.3]]], requires_grad=True)
    losses = token_losses(logits, torch.tensor([[0]]))
    weights = own_probability(losses, torch.tensor([False]))
    assert not weights.requires_grad
    (losses * weights).sum().backward()
    p = torch.softmax(logits[0, 0], -1)[0].item()
    assert logits.grad is not None
    assert logits.grad[0, 0, 0].item() == pytest.approx(-p * (1 - p), rel=1e-5)


def test_the_second_look_at_a_row_is_remembered(adapted, examples, monkeypatch):
    base = FrozenBase(adapted)
    batch = collate(examples[:1])
    first = base.logits(batch)
    monkeypatch.setattr(adapted.get_base_model().model, "forward", None)
    torch.testing.assert_close(base.logits(batch), first, rtol=0, atol=0)


def test_no_room_means_computed_again(adapted, examples):
    base = FrozenBase(adapted, most_bytes=0)
    batch = collate(examples[:1])
    torch.testing.assert_close(base.logits(batch), base.logits(batch), rtol=0, atol=0)
    assert not base._kept
