"""Attention whose heads are computed beside those that share their keys."""

import pytest
import torch
from adapted_models import adapted
from rows import rows

from suture.core.model.train_settings import Precision
from suture.training import grouped_attention, step_plan
from suture.training.examples import Example, encode_rows
from suture.training.frozen_base import FrozenBase
from suture.training.grouped_attention import BY_GROUPS
from suture.training.load import load_tokenizer
from suture.training.objective import Objective
from suture.training.prefix_proof import row_gradients
from suture.training.proved_attention import EXACT, WRITTEN_OUT, difference, fastest_proved
from suture.training.step_plan import gradients_here, planned_from

pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch is built without oneDNN here")


def examples_for(base):
    return encode_rows(rows(3, 2), load_tokenizer(base), 1000)[0]


def sharing(example, prefix=9):
    """Two rows with one beginning."""
    own = example.ids[prefix + 1 :]
    return [Example((*example.ids[: prefix + 1], *end), len(own), False, 0) for end in (own, own[::-1])]


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3"])
def test_gradients_are_those_of_attention_written_out(base_of, architecture):
    """For a row alone, rows in one pack, and rows that share their beginning; gemma3 looks back a few tokens alone."""
    model = adapted(base_of(architecture))
    base, made = FrozenBase(model), examples_for(base_of(architecture))
    ways = [(made[:1], 0), (made, 0), (sharing(made[0]), 9)]
    model.get_base_model().set_attn_implementation(WRITTEN_OUT)
    wanted = [row_gradients(model, base, some, prefix=prefix) for some, prefix in ways]
    model.get_base_model().set_attn_implementation(BY_GROUPS)
    found = [row_gradients(model, base, some, prefix=prefix) for some, prefix in ways]
    for ours, exact in zip(found, wanted, strict=True):
        assert 0 < difference(ours, exact) < 1e-5


def chosen(model, made):
    base = FrozenBase(model)
    with gradients_here(model, base, Objective(), planned_from(made, Objective())):
        return model.get_base_model().config._attn_implementation


def test_it_is_used_for_float32_where_onednn_is_faster(base_of, monkeypatch):
    made = examples_for(base_of())
    for faster, precision, wanted in (
        (True, Precision.FLOAT32, BY_GROUPS),
        (False, Precision.FLOAT32, WRITTEN_OUT),
        (True, Precision.BFLOAT16, WRITTEN_OUT),
    ):
        monkeypatch.setattr(step_plan, "onednn_is_faster", lambda faster=faster: faster)
        assert chosen(adapted(base_of(), precision=precision), made) == wanted


def test_where_it_says_anything_else_attention_is_written_out(base_of, monkeypatch):
    model = adapted(base_of())
    base, made = FrozenBase(model), examples_for(base_of())
    right = grouped_attention._products
    monkeypatch.setattr(grouped_attention, "_products", lambda left, other: right(left, other) * 1.01)
    assert fastest_proved(model, lambda: row_gradients(model, base, made[:2]), BY_GROUPS, EXACT) == WRITTEN_OUT


@pytest.mark.parametrize("part", [{"softcap": 30.0}, {"s_aux": torch.zeros(4)}, {"dropout": 0.1}])
def test_what_it_lacks_is_refused(part):
    query, key = torch.randn(1, 4, 5, 8), torch.randn(1, 2, 5, 8)
    with pytest.raises(NotImplementedError):
        grouped_attention.grouped_attention(None, query, key, key, None, **part)
    with pytest.raises(NotImplementedError):
        grouped_attention.grouped_attention(None, query.expand(2, -1, -1, -1), key, key, None)


def test_two_passes_give_the_same_bytes(base_of):
    model = adapted(base_of())
    model.get_base_model().set_attn_implementation(BY_GROUPS)
    base, made = FrozenBase(model), examples_for(base_of())
    first, second = (row_gradients(model, base, made) for _ in range(2))
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def laid_out(matrix):
    """Whether it lies row by row, or column by column."""
    return matrix.is_contiguous() or matrix.t().is_contiguous()


@pytest.mark.parametrize("fewer", [4, 2, 1])
def test_no_product_takes_onednns_slow_way(monkeypatch, fewer):
    """A thousand times slower, for what is laid out neither by rows nor by columns; heads may share keys or not."""
    right = grouped_attention.by_onednn

    def looked_at(given, weight, bias=None):
        assert laid_out(given)
        assert laid_out(weight)
        return right(given, weight, bias)

    monkeypatch.setattr(grouped_attention, "by_onednn", looked_at)
    query = torch.randn(1, 7, 4, 8).transpose(1, 2).requires_grad_()
    key, value = (torch.randn(1, 7, fewer, 8).transpose(1, 2).requires_grad_() for _ in range(2))
    mixed, _ = grouped_attention.grouped_attention(None, query, key, value, None)
    mixed.square().sum().backward()
    assert all(one.grad is not None for one in (query, key, value))
