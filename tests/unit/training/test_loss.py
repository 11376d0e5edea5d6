import pytest
import torch
from rows import rows

from suture.core.pack import TrainSettings
from suture.training.adapter import with_adapter
from suture.training.examples import collate, encode_rows
from suture.training.loss import FrozenBase, answer_logits, cross_entropy_sum, divergence_sum
from suture.training.model import load_model, load_tokenizer


@pytest.fixture(scope="module")
def examples(base_of):
    return encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]


@pytest.fixture
def adapted(base_of):
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4))
    torch.manual_seed(3)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def test_cross_entropy_is_that_of_the_answer_alone(base_of, examples):
    model = load_model(base_of())
    for example in examples:
        batch = collate([example])
        ours = cross_entropy_sum(answer_logits(model, batch), batch["labels"])
        labels = batch["input_ids"].clone()
        labels[:, : -example.answer] = -100
        theirs = model(input_ids=batch["input_ids"], labels=labels).loss * example.answer
        assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)


def test_padding_changes_nothing(base_of, examples):
    model = load_model(base_of())
    assert len({len(example.ids) for example in examples}) > 1
    batch = collate(examples)
    together = cross_entropy_sum(answer_logits(model, batch), batch["labels"]).item()
    batches = [collate([example]) for example in examples]
    apart = sum(cross_entropy_sum(answer_logits(model, one), one["labels"]).item() for one in batches)
    assert together == pytest.approx(apart, rel=1e-4)


def test_a_fresh_adapter_is_the_base(base_of, examples):
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4))
    batch = collate(examples)
    logits = answer_logits(model, batch)
    torch.testing.assert_close(FrozenBase(model).logits(batch), logits)
    assert divergence_sum(logits, logits, batch["labels"]).item() == pytest.approx(0, abs=1e-4)


def test_divergence_is_kl_from_base_to_model(adapted, examples):
    batch = collate(examples)
    logits = answer_logits(adapted, batch)
    with adapted.disable_adapter(), torch.no_grad():
        base_logits = answer_logits(adapted, batch)
    p, q = torch.softmax(base_logits, -1), torch.softmax(logits, -1)
    wanted = ((p * (p.log() - q.log())).sum(-1) * (batch["labels"] != -100)).sum().item()
    assert wanted > 0.1
    assert divergence_sum(FrozenBase(adapted).logits(batch), logits, batch["labels"]).item() == pytest.approx(
        wanted, rel=1e-3
    )


def test_the_second_look_at_a_row_is_remembered(adapted, examples, monkeypatch):
    base = FrozenBase(adapted)
    batch = collate(examples[:1])
    first = base.logits(batch)
    monkeypatch.setattr(base._plain.model, "forward", None)
    torch.testing.assert_close(base.logits(batch), first, rtol=0, atol=0)


def test_no_room_means_computed_again(adapted, examples):
    base = FrozenBase(adapted, most_bytes=0)
    batch = collate(examples[:1])
    torch.testing.assert_close(base.logits(batch), base.logits(batch), rtol=0, atol=0)
    assert not base._kept
