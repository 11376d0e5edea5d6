"""A task's reference says what its question says, in the question's words."""

import json

import pytest
from kinds import own

from suture.suites.kinds import kind_of
from suture.suites.kinds.tool_calls.kind import reference_of
from suture.suites.kinds.tool_calls.words import in_its_words, states

TRAFFIC = {
    "name": "traffic",
    "description": "How long a way takes.",
    "parameters": {
        "type": "object",
        "properties": {
            "to": {"type": "string"},
            "mode": {"type": "string"},
            "hours": {"type": "integer"},
            "point": {"type": "array", "items": {"type": "integer"}},
            "live": {"type": "boolean"},
        },
        "required": ["to"],
    },
}


def arguments(question, **allowed):
    """Of the reference, where each parameter has a list of allowed values."""
    check = {"rule": "bfcl-ast@2026.3.23", "calls": [{"traffic": allowed}]}
    task = own("tool-calls", check, tools=[TRAFFIC], prompt=question, id="a")
    assert kind_of(task).decide(task, reference_of(task)).passed
    return json.loads(reference_of(task))[0]["arguments"]


@pytest.mark.parametrize(
    ("question", "allowed", "expected"),
    [
        ("To Bern, driving.", {"mode": ["driving", ""]}, {"mode": "driving"}),
        ("To Bern, Driving.", {"mode": ["driving", ""]}, {"mode": "driving"}),
        ("To Bern, please.", {"mode": ["driving", ""]}, {}),
        ("To Bern by a driver.", {"mode": ["drive", ""]}, {}),
        ("To Bern in 5 hours.", {"hours": ["", 5]}, {"hours": 5}),
        ("To Bern in 5.5 hours.", {"hours": [5, ""]}, {}),
        ("To Bern, live: true.", {"live": [True, ""]}, {}),
        ("To Bern by [3, 2].", {"point": [[3, 2]], "hours": [2, ""]}, {"point": [3, 2]}),
        ("To Bern by [3, 2] in 4 hours.", {"point": [[3, 2], ""], "hours": [4, ""]}, {"point": [3, 2], "hours": 4}),
    ],
)
def test_what_may_be_left_out_is_said_where_the_question_states_it(question, allowed, expected):
    assert arguments(question, to=["Bern"], **allowed) == {"to": "Bern", **expected}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("To New York by car.", "New York"),
        ("To New York City by car.", "New York City"),
        ("To new york by car.", "New York"),
        ("To New York city by car.", "New York City"),
        ("To the big apple.", "NYC"),
    ],
)
def test_where_several_words_are_right_the_question_s_own_are_taken(question, said):
    assert arguments(question, to=["NYC", "New York", "New York City"])["to"] == said


def test_what_does_not_pass_in_the_question_s_words_is_said_in_the_first():
    """A text where the tool takes a number: only the first of the allowed values is of the tool's type."""
    assert arguments("To Bern in '5' hours.", to=["Bern"], hours=[6, "5"]) == {"to": "Bern", "hours": 6}


def test_optional_parameters_of_one_s_own_rows_are_said_where_they_are_asked_for():
    call = {"name": "traffic", "arguments": {"to": "Bern", "mode": "driving"}}
    for question, expected in (("To Bern, driving.", call["arguments"]), ("To Bern.", {"to": "Bern"})):
        check = {"calls": [call], "optional": ["mode"]}
        task = own("tool-calls", check, tools=[TRAFFIC], prompt=question, id="a")
        assert json.loads(reference_of(task))[0]["arguments"] == expected


@pytest.mark.parametrize("nothing", [True, None, [], {}, "", "a"])
def test_what_has_no_words_of_its_own_is_never_stated(nothing):
    assert not states("True, None, [], {}, a", nothing)


def test_one_value_of_several_is_the_first_where_none_is_stated():
    assert in_its_words(["a longer one", "b"], "Nothing.") == "a longer one"


def test_of_two_values_with_the_same_words_it_is_the_one_written_so_and_then_the_first():
    assert in_its_words(["Human", "human"], "A human.") == "human"
    assert in_its_words([["Apple", "Pear"], [["Apple"], ["Pear"]]], "Apple and Pear.") == ["Apple", "Pear"]
