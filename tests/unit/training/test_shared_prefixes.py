"""Rows that begin alike are computed together: the same gradients for fewer tokens."""

import pytest
import torch
from adapted_models import adapted
from hypothesis import given
from hypothesis import strategies as st
from plain_gradients import OBJECTIVES, plainly
from rows import rows

from suture.core.model.train_settings import TrainSettings
from suture.training.examples import Example
from suture.training.frozen_base import FrozenBase
from suture.training.objective import Objective
from suture.training.packing import pack, seen
from suture.training.prefix_proof import sharing_is_proved
from suture.training.shared_prefixes import MOST_ROWS, WORTH, Sharing, begin_alike, shared_out
from suture.training.step_gradients import StepGradients
from suture.training.step_plan import gradients_here, planned_from
from suture.training.trained_weights import trained_weights
from suture.training.trainer import train

LONG = tuple(range(1, 31))


def example(*own, answer=2, anchor=False, begins=LONG, key=0):
    return Example((*begins, *own), answer, anchor, key)


ALIKE = [
    example(40, 41, 42, key=0),
    example(50, 51, 52, 53, answer=3, anchor=True, key=1),
    example(60, 61, key=2),
    example(70, 71, 72, 73, 74, begins=(9, 8, 7), key=3),
    example(80, 81, 82, key=4),
    example(90, 91, 92, anchor=True, key=5),
]


def nothing_is_held(row):
    return False


def test_a_beginning_lies_in_its_pack_once():
    both = pack([Example((1, 2, 3, 7), 1, False, 0), Example((1, 2, 4, 5, 6), 2, True, 1)], prefix=2)
    assert both.ids.tolist() == [1, 2, 3, 7, 4, 5, 6]
    assert both.positions.tolist() == [0, 1, 2, 3, 2, 3, 4]
    assert both.places.tolist() == [2, 4, 5]
    assert both.labels.tolist() == [7, 5, 6]
    assert (both.tokens, both.longest) == (9, 5)
    assert seen(both).int().tolist() == [
        [1, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0],
        [1, 1, 0, 0, 1, 0, 0],
        [1, 1, 0, 0, 1, 1, 0],
        [1, 1, 0, 0, 1, 1, 1],
    ]


def test_three_that_begin_alike_are_enough():
    assert begin_alike(ALIKE[:3], nothing_is_held, 1000)
    assert [one.rows for one in shared_out(ALIKE[:3], nothing_is_held, 1000)] == [(0, 1, 2)]
    assert not begin_alike(ALIKE[:2], nothing_is_held, 1000)


def test_rows_that_begin_alike_share_a_pack_and_others_lie_apart():
    assert shared_out(ALIKE, nothing_is_held, 1000) == [
        Sharing(rows=(0,)),
        Sharing(rows=(1, 2, 4, 5), prefix=29),
        Sharing(rows=(3,)),
    ]


def test_rows_that_are_held_to_the_base_share_among_themselves():
    packs = shared_out(ALIKE, lambda row: row.anchor, 1000)
    assert [one.rows for one in packs] == [(0, 2, 4), (1,), (3,), (5,)]


def test_a_row_that_shares_a_few_words_keeps_no_others_from_sharing():
    stranger = example(1, 2, begins=LONG[:3])
    assert [one.rows for one in shared_out([stranger, *ALIKE[:3]], nothing_is_held, 1000)] == [(0,), (1, 2, 3)]


def test_whether_any_rows_of_an_epoch_begin_alike():
    assert begin_alike(ALIKE, nothing_is_held, 1000)
    assert not begin_alike(ALIKE, nothing_is_held, 30)
    assert not begin_alike([example(*range(100 * n, 100 * n + 40)) for n in range(1, 9)], nothing_is_held, 1000)


def test_a_short_beginning_is_not_worth_a_pack():
    rows = [example(*range(100 * n, 100 * n + 40), begins=(1, 2, 3)) for n in range(1, 5)]
    assert [one.prefix for one in shared_out(rows, nothing_is_held, 1000)] == [0, 0, 0, 0]


def test_no_pack_computes_more_than_memory_was_planned_for():
    assert [one.rows for one in shared_out(ALIKE[:3], nothing_is_held, 34)] == [(0,), (1,), (2,)]


ROWS = st.builds(
    lambda begins, own, answer, anchor: Example((*LONG[:begins], *own), min(answer, begins + len(own) - 1), anchor, 0),
    begins=st.integers(0, 30),
    own=st.lists(st.integers(1, 3), min_size=2, max_size=9),
    answer=st.integers(1, 6),
    anchor=st.booleans(),
)


@given(st.lists(ROWS, max_size=12), st.integers(0, 100))
def test_every_row_lies_in_one_pack_that_begins_as_it_does(examples, most):
    packs = shared_out(examples, lambda row: row.anchor, most)
    assert sorted(row for one in packs for row in one.rows) == list(range(len(examples)))
    for one in packs:
        inside = [examples[row] for row in one.rows]
        assert len({row.ids[: one.prefix] for row in inside}) == len({row.anchor for row in inside}) == 1
        assert all(one.prefix < len(row.ids) - row.answer for row in inside)
        tokens = sum(len(row.ids) for row in inside)
        assert len(inside) == 1 or tokens - one.saved <= min(most, WORTH * tokens)
        assert len(inside) <= MOST_ROWS
        assert bool(one.prefix) == (len(inside) > 1)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_gradients_are_those_of_rows_apart(base_of, objective, architecture):
    model = adapted(base_of(architecture))
    step = StepGradients(model, FrozenBase(model), objective, workers=2, most_shared=1000)
    found = step.add(ALIKE)
    step.close()
    assert len(found) < len(ALIKE)
    assert sum(one.tokens for one in found) == sum(len(row.ids) for row in ALIKE)
    for parameter, wanted in zip(trained_weights(model), plainly(model, ALIKE, objective), strict=True):
        torch.testing.assert_close(parameter.grad, wanted, rtol=1e-3, atol=1e-5)


def test_any_number_of_processors_gives_the_same_bits(base_of):
    model = adapted(base_of())
    both = []
    for workers in (1, 3):
        step = StepGradients(model, FrozenBase(model), OBJECTIVES[1], workers=workers, most_shared=1000)
        step.add(ALIKE)
        step.close()
        both.append([weight.grad.clone() for weight in trained_weights(model)])
        model.zero_grad()
    assert all(torch.equal(one, other) for one, other in zip(*both, strict=True))


def test_what_the_base_says_to_a_row_has_the_same_bits_whatever_lies_beside_it(base_of):
    """A resumed run computes it again, beside other rows."""
    model = adapted(base_of())
    base = FrozenBase(model)
    step = StepGradients(model, base, OBJECTIVES[2], most_shared=1000)
    step.add(ALIKE)
    step.close()
    alone = FrozenBase(model)
    with alone.alone():
        for row in ALIKE:
            if not row.anchor:
                kept = base._kept[row.key, row.answer]
                assert torch.equal(kept, alone.hidden(pack([row])))


def test_a_step_on_a_processor_shares_by_itself(base_of):
    model = adapted(base_of())
    with gradients_here(model, FrozenBase(model), Objective(), planned_from(ALIKE, Objective())) as step:
        assert len(step.add(ALIKE)) == step.passes(ALIKE).adapted < len(ALIKE)


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_sharing_is_proved_on_the_model_itself(base_of, architecture):
    model = adapted(base_of(architecture))
    assert sharing_is_proved(model, FrozenBase(model), ALIKE[0], longest=40)


def test_a_model_whose_rows_would_see_each_other_shares_nothing(base_of, monkeypatch):
    model = adapted(base_of())
    monkeypatch.setattr("suture.training.loss.seen", lambda pack: torch.ones(2 * (pack.ids.shape[0],)).tril().bool())
    assert not sharing_is_proved(model, FrozenBase(model), ALIKE[0], longest=40)


@pytest.mark.parametrize("weight", [0.1, 1.0])
def test_a_layer_that_sees_the_row_before_is_found_out(base_of, weight):
    model = adapted(base_of())

    def with_the_token_before(module, given, hidden):
        return hidden + weight * torch.roll(hidden, 1, dims=1)

    for layer in model.get_base_model().get_decoder().layers:
        layer.register_forward_hook(with_the_token_before)
    assert not sharing_is_proved(model, FrozenBase(model), ALIKE[0], longest=40)


def test_attention_that_looks_back_less_far_than_a_row_shares_nothing(base_of):
    model = adapted(base_of("gemma3"))
    assert model.get_base_model().config.sliding_window == 16
    assert not sharing_is_proved(model, FrozenBase(model), ALIKE[0], longest=17)
    short = Example(LONG[:12], 2, False, 0)
    assert sharing_is_proved(model, FrozenBase(model), short, longest=16)


def test_a_row_too_short_to_try_proves_nothing(base_of):
    model = adapted(base_of())
    assert not sharing_is_proved(model, FrozenBase(model), Example((5, 6, 7), 2, False, 0), longest=3)


def test_a_training_shares_what_its_rows_begin_with(base_of, tmp_path, monkeypatch):
    """What all rows say decides, and not those that a plan is made of."""
    made: list[int] = []
    add = StepGradients.add

    def counted(self, examples, **others):
        losses = add(self, examples, **others)
        made.append(len(losses))
        return losses

    monkeypatch.setattr(StepGradients, "add", counted)
    long = "<|im_start|>system\n" + "You write one Python function and nothing else. " * 4 + "<|im_end|>\n"
    alike = [one.model_copy(update={"prompt": long + one.prompt}) for one in rows(8, 8)]
    settings = TrainSettings(rank=2, alpha=4, epochs=1, batch=8, strategy="replay+kl", replay_ratio=1.0)
    train(base_of(), alike, settings, tmp_path / "adapter", dataset_sha256="")
    assert made and max(made) < 8
