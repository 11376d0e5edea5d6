"""OpenAI evals' samples as tasks. They have the shapes of the registry's (MIT); their texts were written for this."""

import pytest
from tests.support.converting import passes, why


def sample(*turns, ideal="b"):
    return {"input": [{"role": role, "content": text} for role, text in turns], "ideal": ideal}


def test_several_ideals_are_one_of(converted):
    (row,) = converted("evals", sample(("user", "Is it?"), ideal=["Yes", "yes!"]), as_kind="exact").kept
    assert passes(row, "yes!")
    assert not passes(row, "no")


def test_the_answer_may_have_to_begin_with_one(converted):
    (row,) = converted("evals", sample(("user", "Is it?"), ideal=["Yes", "Ja"]), as_kind="starts").kept
    assert passes(row, "Ja, it\nis.")
    assert not passes(row, "Oh yes")


def test_a_number_is_wanted_as_it_is_written(converted):
    (row,) = converted("evals", sample(("user", "2+3?"), ideal=5), as_kind="exact").kept
    assert passes(row, "5")


def test_what_only_the_system_says_is_asked_by_the_user(converted):
    turns = [("system", "Go on."), ("system", "1 -> 2"), ("system", "5 -> ")]
    (row,) = converted("evals", sample(*turns), as_kind="exact").kept
    assert row["messages"] == [
        {"role": "system", "content": "Go on.\n1 -> 2"},
        {"role": "user", "content": "5 -> "},
    ]


def test_examples_are_turns_of_their_own(converted):
    row = sample(("system", "Add."), ("user", "1+1"))
    examples = [("example_user", "2+2"), ("example_assistant", "4")]
    row["input"][1:1] = [{"role": "system", "name": name, "content": text} for name, text in examples]
    messages = converted("evals", row, as_kind="exact").kept[0]["messages"]
    assert [turn["role"] for turn in messages] == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"input": "a", "ideal": ""}, "no ideal answer"),
        ({"input": "a", "ideal": []}, "no ideal answer"),
        ({"input": "a", "ideal": {"b": 1}}, "its ideal is no text"),
        ({"input": 1, "ideal": "b"}, "neither a text nor a chat"),
        ({"input": [{"role": "critic", "content": "a"}], "ideal": "b"}, "the role 'critic'"),
        ({"input": [{"role": "user", "content": [{"type": "image_url"}]}], "ideal": "b"}, "no text"),
    ],
)
def test_what_is_left_out_says_why(converted, row, reason):
    assert reason in why(converted("evals", row, as_kind="exact"))[0]


def test_a_way_to_compare_is_needed(converted):
    assert "say it with --as" in why(converted("evals", sample(("user", "a"))))[0]
