"""When a pack may be believed to be the merged model."""

import pytest

from suture.core.pack import LogitProof, Parity, TensorProof
from suture.core.parity import NextToken, compare_next_tokens


def proof(**changes):
    fields = {"prompt_digest": "q", "same_tokens": True, "same_top_token": True, "max_difference": 0.1}
    return LogitProof.model_validate(fields | changes)


def parity(**changes):
    fields = {"tensors_checked": 2, "tensors_failed": 0, "tensors": (), "logits": (proof(),), "logit_bound": 0.2}
    return Parity.model_validate(fields | changes)


def compare(here, there, tokens=(3, 3)):
    sides = [[NextToken(prompt_tokens=n, logprobs=logprobs)] for n, logprobs in zip(tokens, (here, there), strict=True)]
    return compare_next_tokens(["prompt"], *sides)[0]


def test_equal_predictions_differ_by_nothing():
    same = compare({1: -0.1, 2: -3.0}, {1: -0.1, 2: -3.0})
    assert same.same_tokens
    assert same.same_top_token
    assert same.max_difference == 0


def test_the_largest_difference_counts():
    assert compare({1: -0.1, 2: -1.0, 3: -2, 4: -3}, {1: -0.2, 2: -1.5, 3: -2, 4: -3}).max_difference == pytest.approx(
        0.5
    )


def test_another_first_token_is_said():
    assert not compare({1: -0.1, 2: -3.0}, {1: -3.0, 2: -0.1}).same_top_token


def test_another_number_of_prompt_tokens_is_said():
    assert not compare({1: -0.1}, {1: -0.1}, tokens=(3, 4)).same_tokens


def test_nothing_in_common_is_as_far_as_can_be():
    assert compare({1: -0.1}, {2: -0.1}).max_difference > 1e6


def test_the_tail_is_not_compared():
    head = {1: -0.1, 2: -1.0}
    assert compare({**head, 3: -9.0, 4: -9.5}, {**head, 3: -12.0, 4: -15.0}).max_difference == 0


def test_one_answer_a_prompt():
    with pytest.raises(ValueError, match="zip"):
        compare_next_tokens(["a", "b"], [NextToken(prompt_tokens=1, logprobs={1: 0})], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"tensors_failed": 1},
        {"tensors_checked": 0},
        {"logits": (proof(), proof(max_difference=0.3))},
        {"logits": (proof(same_tokens=False),)},
        {"logits": (proof(max_difference=float("nan")),)},
    ],
)
def test_one_thing_wrong_and_the_proof_fails(changes):
    assert parity().holds
    assert not parity(**changes).holds


@pytest.mark.parametrize(("error", "holds"), [(0.0, True), (0.5, True), (0.6, False), (float("nan"), False)])
def test_a_tensor_within_its_bound_holds(error, holds):
    assert TensorProof(name="w", type="Q8_0", max_error=error, bound=0.5).holds is holds
