"""Rows of a step computed apart give what one padded batch gives."""

import pytest
import torch
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.examples import collate, encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.load import load_tokenizer
from suture.training.loss import FrozenBase
from suture.training.objective import Objective
from suture.training.row_losses import SideBySide, held_rows, processors_to_use, row_losses


@pytest.mark.parametrize(
    "objective",
    [Objective(), Objective(kl_anchor=0.5), Objective(kl_new=0.3), Objective(kl_anchor=0.5, kl_new=0.3, weighted=True)],
)
def test_rows_apart_are_one_padded_batch(base_of, objective):
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32))
    torch.manual_seed(3)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    base = FrozenBase(model)
    examples = encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]

    apart = SideBySide(model, base, objective, workers=2)
    found = apart.add_gradients([collate([one]) for one in examples])
    apart.close()
    gradients = [parameter.grad for parameter in trained]

    batch = collate(examples)
    held = held_rows(batch, objective)
    held_logits = base.logits({name: value[held] for name, value in batch.items()}) if held.any() else None
    whole = row_losses(model, batch, held_logits, objective)
    wanted = torch.autograd.grad(whole.loss / whole.taught_tokens, trained)

    for mine, theirs in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)
    assert sum(one.tokens for one in found) == whole.tokens
    assert sum(int(one.taught_tokens) for one in found) == int(whole.taught_tokens)
    assert sum(float(one.cross_entropy) for one in found) == pytest.approx(float(whole.cross_entropy), rel=1e-4)
    for part in ("anchors", "new"):
        drifts = [drift for drift in (getattr(one, part) for one in found) if drift]
        together = getattr(whole, part)
        assert bool(drifts) == (together is not None)
        if together:
            assert sum(float(one.divergence) for one in drifts) == pytest.approx(float(together.divergence), rel=1e-3)
            assert sum(int(one.tokens) for one in drifts) == int(together.tokens)


def test_omp_num_threads_can_only_lower_the_number(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    mine = processors_to_use()
    for said, found in (("1", 1), ("100000", mine), ("0", mine), ("many", mine)):
        monkeypatch.setenv("OMP_NUM_THREADS", said)
        assert processors_to_use() == found


def test_an_adapted_head_is_not_the_bases(base_of):
    settings = TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32, target_modules=("q_proj", "lm_head"))
    model = with_adapter(base_of(), settings)
    batch = collate(encode_rows(rows(1, 1), load_tokenizer(base_of()), 1000)[0])
    base = FrozenBase(model)
    before = base.logits(batch)
    for name, parameter in model.named_parameters():
        if "lora_B" in name and "lm_head" in name:
            torch.nn.init.normal_(parameter, std=1.0)
    with base.alone():
        hidden = base.hidden(batch)
    torch.testing.assert_close(base.logits_of(hidden), before)
