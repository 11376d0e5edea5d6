"""When a pack may be believed to be the merged model."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.measure.task import Message
from suture.core.model.parity import ChatReading, PromptReading, compare_chats, compare_predictions, differing_answers
from suture.core.model.proof import ChatProof, LogitProof, Parity, TensorProof


def proof(**changes):
    fields = {"prompt_digest": "q", "same_tokens": True, "same_top_token": True, "max_difference": 0.1}
    return LogitProof.model_validate(fields | changes)


def parity(**changes):
    fields = {"tensors_checked": 2, "tensors_failed": 0, "tensors": (), "logits": (proof(),), "logit_bound": 0.2}
    return Parity.model_validate(fields | changes)


def reading(logprobs, prompt=(7,), answer=(1,), text="x"):
    steps = logprobs if isinstance(logprobs, tuple) else (logprobs,)
    return PromptReading(prompt_ids=prompt, answer=answer, text=text, tokens=tuple(map(str, answer)), logprobs=steps)


def compare(here, there):
    return compare_predictions(["prompt"], [reading(here)], [reading(there)])[0]


def test_equal_predictions_differ_by_nothing():
    same = compare({1: -0.1, 2: -3.0}, {1: -0.1, 2: -3.0})
    assert same.same_tokens
    assert same.same_top_token
    assert (same.max_difference, same.max_divergence) == (0, 0)


def test_the_largest_difference_counts():
    assert compare({1: -0.1, 2: -1.0, 3: -2, 4: -3}, {1: -0.2, 2: -1.5, 3: -2, 4: -3}).max_difference == pytest.approx(
        0.5
    )


def test_the_furthest_position_counts():
    same, far = {1: -0.5, 2: -1.0}, {1: -2.5, 2: -0.1}
    found = compare((same, same), (same, far))
    assert found.positions == 2
    assert found.max_difference == pytest.approx(0.9)
    assert found.max_divergence > compare(same, same).max_divergence
    assert found.mean_divergence == pytest.approx(found.max_divergence / 2)


def test_another_first_token_is_said():
    sides = [reading({1: -0.1, 2: -3.0}, answer=(token,)) for token in (1, 2)]
    assert not compare_predictions(["prompt"], sides[:1], sides[1:])[0].same_top_token


def test_another_prompt_token_is_said():
    found = compare_predictions(["prompt"], [reading({1: -0.1}, prompt=(7, 8))], [reading({1: -0.1}, prompt=(7, 9))])
    assert not found[0].same_tokens


def test_nothing_in_common_is_as_far_as_can_be():
    assert compare({1: -0.1}, {2: -0.1}).max_difference > 1e6


def test_the_tail_is_not_compared_one_by_one():
    head = {1: -0.1, 2: -1.0}
    assert compare({**head, 3: -9.0, 4: -9.5}, {**head, 3: -12.0, 4: -15.0}).max_difference == 0


def test_what_a_sure_model_finds_very_unlikely_is_not_compared_one_by_one():
    here = {1: -1e-5, 2: -11.99, 3: -13.0, 4: -14.0, 5: -15.0, 6: -16.0}
    found = compare(here, {**here, 2: -13.69})
    assert found.max_difference == 0
    assert found.max_divergence < 1e-4


@pytest.mark.parametrize(("likelihood", "counts"), [(-4.5, 1.0), (-4.7, 0.75), (-6.8, 0.75), (-7.0, 0.0)])
def test_a_rare_token_counts_less_the_further_rounding_moves_it(likelihood, counts):
    here = {1: 0.0, 2: likelihood, 3: -15.0, 4: -16.0}
    assert compare(here, {**here, 2: likelihood - 1}).max_difference == pytest.approx(counts)
    assert compare({**here, 2: likelihood - 1}, here).max_difference == pytest.approx(counts)


@pytest.mark.parametrize("sure", ["pack", "merged"])
def test_what_one_side_finds_likely_is_compared(sure):
    one, other = {1: -0.2, 2: -1.8, 3: -9.0, 4: -9.0}, {1: -0.01, 2: -9.0, 3: -9.0, 4: -9.0}
    here, there = (one, other) if sure == "pack" else (other, one)
    assert compare(here, there).max_difference == pytest.approx(7.2)


def test_a_model_sure_of_nothing_is_compared_all_the_same():
    flat = dict.fromkeys(range(20), -10.8)
    assert compare(flat, {**flat, 3: -10.0}).max_difference == pytest.approx(0.8)


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), min_size=1, max_size=8))
def test_divergence_is_never_below_zero_nor_above_that_of_all_tokens(weights):
    totals = [sum(side) + 0.1 for side in zip(*weights, strict=True)]
    here, there = ({i: math.log(w[n] / totals[n]) for i, w in enumerate(weights)} for n in (0, 1))
    found = compare(here, there).max_divergence
    whole = sum(math.exp(q) * (q - here[i]) for i, q in there.items())
    rest = [0.1 / total for total in totals]
    whole += rest[1] * math.log(rest[1] / rest[0])
    assert 0 <= found <= whole + 1e-9


def test_one_answer_a_prompt():
    with pytest.raises(ValueError, match="zip"):
        compare_predictions(["a", "b"], [reading({1: 0})], [])


def test_answers_that_differ_are_told_with_their_first_differing_token():
    packed = reading(({5: -0.1}, {6: -0.7, 9: -0.9}), answer=(5, 6), text="five six")
    merged = reading(({5: -0.1}, {9: -0.6, 6: -0.8}), answer=(5, 9), text="five nine")
    (found,) = differing_answers(["prompt"], [packed], [merged])
    assert (found.at, found.packed_token, found.merged_token) == (1, "6", "9")
    assert (found.packed, found.merged) == ("five six", "five nine")
    assert found.gap == pytest.approx(0.2)
    assert differing_answers(["prompt"], [packed], [packed]) == ()


CHAT = (Message(role="user", content="hi"),)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, set()),
        ({"engine": ChatReading(text="other", ids=(1, 2))}, {"same_text"}),
        ({"engine": ChatReading(text="<s>hi", ids=(1, 2))}, set()),
        ({"merged": ChatReading(text="hi", ids=(1, 3))}, {"same_tokens"}),
        ({"engine": ChatReading(text="hi", ids=(1, 1, 2)), "merged": ChatReading(text="hi", ids=(1, 1, 2))}, {"bos"}),
        ({"engine": ChatReading(text="other day", ids=(1, 2)), "template_tells_time": True}, set()),
    ],
)
def test_conversations(changes, wrong):
    same = ChatReading(text="hi", ids=(1, 2))
    fields = {"engine": same, "merged": same, "template_tells_time": False, **changes}
    (found,) = compare_chats(
        [CHAT],
        ["hi"],
        [fields["engine"]],
        [fields["merged"]],
        bos="<s>",
        bos_id=1,
        template_tells_time=fields["template_tells_time"],
    )
    seen = {"same_text": found.same_text, "same_tokens": found.same_tokens, "bos": found.leading_bos <= 1}
    assert {name for name, holds in seen.items() if not holds} == wrong
    assert found.holds is not bool(wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"tensors_failed": 1},
        {"tensors_checked": 0},
        {"logits": (proof(), proof(max_difference=0.3))},
        {"logits": (proof(same_tokens=False),)},
        {"logits": (proof(max_difference=float("nan")),)},
        {"logits": (proof(max_divergence=0.1),)},
        {"logits": (proof(mean_divergence=0.03),)},
        {"logits": (proof(mean_divergence=float("nan")),)},
        {"logits": (proof(positions=0),)},
        {"same_eos": False},
        {"chats": (ChatProof(messages_digest="m", tokens=2, same_text=False, same_tokens=True, leading_bos=0),)},
    ],
)
def test_one_thing_wrong_and_the_proof_fails(changes):
    assert parity().holds
    assert not parity(**changes).holds
    assert len(parity(**changes).complaints) == 1


def test_predictions_that_fail_are_told_with_all_bounds():
    (told,) = parity(logits=(proof(max_divergence=0.3),), divergence_bound=0.15, mean_divergence_bound=0.02).complaints
    assert "0.100 nats (bound 0.2)" in told
    assert "0.3000 (bound 0.15)" in told
    assert "0.0000 on average (bound 0.02)" in told


def test_one_near_tie_is_no_drift_and_many_are():
    tied, same = proof(mean_divergence=0.06, positions=4), proof(positions=12)
    bounds = {"mean_divergence_bound": 0.02}
    assert parity(logits=(tied, same), **bounds).holds
    assert not parity(logits=(tied, tied, same), **bounds).holds


@pytest.mark.parametrize(("error", "holds"), [(0.0, True), (0.5, True), (0.6, False), (float("nan"), False)])
def test_a_tensor_within_its_bound_holds(error, holds):
    assert TensorProof(name="w", type="Q8_0", max_error=error, bound=0.5).holds is holds
