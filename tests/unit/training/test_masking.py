import pytest
import torch
from rows import rows

from suture.core.errors import UsageError
from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.examples import encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.load import load_model, load_tokenizer
from suture.training.loss import answer_logits
from suture.training.masking import likely_enough, mask_unlikely
from suture.training.packing import pack


@pytest.fixture(scope="module")
def base(base_of):
    return FrozenBase(with_adapter(base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32)))


@pytest.fixture(scope="module")
def examples(base_of):
    return encode_rows(rows(3, 2), load_tokenizer(base_of()), 1000)[0]


def test_a_probability_at_the_threshold_is_taught():
    assert likely_enough([0.1, 0.693147, 0.6932, 3.0], 0.5) == (True, True, False, False)


def test_masks_what_the_base_finds_unlikely_and_no_anchor(base_of, base, examples):
    plain = load_model(base_of())
    below = 0.0002
    masked = mask_unlikely(examples, base, below)
    assert [example.taught for example in masked if example.anchor] == [None, None]
    for before, after in zip(examples[:3], masked[:3], strict=True):
        with torch.no_grad():
            p = torch.softmax(answer_logits(plain, pack([before])), -1)
        wanted = [p[i, token].item() >= below for i, token in enumerate(before.ids[-before.answer :])]
        assert after.taught == tuple(wanted)
        assert {True, False} == set(wanted)


def test_a_masked_token_is_an_answer_that_is_not_taught(base, examples):
    whole = pack(mask_unlikely(examples, base, 0.0002))
    assert 0 < int(whole.taught.sum()) < len(whole.labels) == sum(example.answer for example in examples)


def test_nothing_left_to_teach(base, examples):
    with pytest.raises(UsageError, match="masks every reference token"):
        mask_unlikely(examples, base, 0.999)
