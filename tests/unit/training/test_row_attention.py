"""Attention by rows, with a kernel for CPUs in place of torch's, which needs a GPU."""

import pytest
import torch
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.examples import encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.load import load_tokenizer
from suture.training.loss import answer_logits
from suture.training.objective import Objective
from suture.training.pack_losses import pack_gradients
from suture.training.packing import pack
from suture.training.precision import load_to_compute
from suture.training.proved_attention import MOST_DIFFERENCE, WRITTEN_OUT, fastest_proved, in_one_order
from suture.training.row_attention import BY_ROWS
from suture.training.trained_weights import trained_weights


def by_the_book(query, key, value, bounds, key_bounds, longest, longest_key, *, scale, window_size, enable_gqa):
    """What torch documents of ``varlen_attn``, row by row: (T, heads, D) each."""
    assert bounds.dtype is torch.int32
    assert torch.equal(bounds, key_bounds)
    assert longest == longest_key == int(bounds.diff().max())
    assert enable_gqa
    assert window_size[1] == 0
    mixed = torch.empty_like(query)
    for start, end in zip(bounds.tolist(), bounds.tolist()[1:], strict=False):
        q, k, v = (part[start:end].transpose(0, 1) for part in (query, key, value))
        k, v = (part.repeat_interleave(len(q) // len(part), 0) for part in (k, v))
        back = torch.arange(end - start)[:, None] - torch.arange(end - start)
        seen = (back >= 0) & ((window_size[0] < 0) | (back <= window_size[0]))
        weights = (q @ k.transpose(1, 2) * scale).masked_fill(~seen, -torch.inf).softmax(-1)
        mixed[start:end] = (weights @ v).transpose(0, 1)
    return mixed


def of_older_torch(query, key, value, bounds, key_bounds, longest, longest_key, *, scale, window_size):
    """Where each head needs keys and values of its own."""
    assert query.shape == key.shape == value.shape
    kernel = (query, key, value, bounds, key_bounds, longest, longest_key)
    return by_the_book(*kernel, scale=scale, window_size=window_size, enable_gqa=True)


def over_rows(query, key, value, bounds, key_bounds, longest, longest_key, **options):
    """A kernel that ignores where rows begin."""
    whole = torch.tensor([0, len(query)], dtype=torch.int32)
    return by_the_book(query, key, value, whole, whole, len(query), len(query), **options)


def by_chance(*arguments, **options):
    mixed = by_the_book(*arguments, **options)
    return mixed + 1e-4 * torch.randn(mixed.shape)


def missing(*_, **__):
    raise RuntimeError("no kernel for this device")


def use(monkeypatch, kernel):
    monkeypatch.setattr("torch.nn.attention.varlen.varlen_attn", kernel)


@pytest.mark.parametrize("kernel", [by_the_book, of_older_torch])
@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3"])
def test_it_says_what_attention_written_out_says(base_of, monkeypatch, architecture, kernel):
    use(monkeypatch, kernel)
    base = base_of(architecture)
    model = load_to_compute(base, Precision.FLOAT32)
    made = encode_rows(rows(3, 2), load_tokenizer(base), 1000)[0]
    wanted = [answer_logits(model, pack(some)) for some in (made, made[:1])]
    model.set_attn_implementation(BY_ROWS)
    for some, logits in zip((made, made[:1]), wanted, strict=True):
        torch.testing.assert_close(answer_logits(model, pack(some)), logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("kernel", "chosen"),
    [(by_the_book, BY_ROWS), (over_rows, WRITTEN_OUT), (by_chance, WRITTEN_OUT), (missing, WRITTEN_OUT)],
)
def test_it_is_used_where_its_gradients_are_proved(base_of, monkeypatch, kernel, chosen):
    use(monkeypatch, kernel)
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.FLOAT32))
    trained = trained_weights(model)
    both = pack(encode_rows(rows(1, 1), load_tokenizer(base_of()), 1000)[0])

    def gradients():
        base = FrozenBase(model)
        return pack_gradients(model, base, Objective(), both, None, taught=9, parameters=trained)[1]

    assert fastest_proved(model, gradients, BY_ROWS, MOST_DIFFERENCE) == chosen
    assert model.get_base_model().config._attn_implementation == chosen


def test_its_backward_pass_adds_in_one_order(base_of):
    model = load_to_compute(base_of(), Precision.FLOAT32)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        for attention, only_warns in ((WRITTEN_OUT, True), (BY_ROWS, False)):
            model.set_attn_implementation(attention)
            with in_one_order(model):
                assert torch.is_deterministic_algorithms_warn_only_enabled() is only_warns
            assert torch.is_deterministic_algorithms_warn_only_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
