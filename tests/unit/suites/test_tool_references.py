"""A task's reference says what its question says."""

import json

import pytest
from kinds import own

from suture.suites.kinds import kind_of
from suture.suites.kinds.tool_calls.kind import reference_of
from suture.suites.kinds.tool_calls.words import states

TRAFFIC = {
    "name": "traffic",
    "description": "How long a way takes.",
    "parameters": {
        "type": "object",
        "properties": {
            "to": {"type": "string"},
            "mode": {"type": "string", "enum": ["driving", "drive", "walking"]},
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


def test_what_must_be_given_has_the_first_value_whatever_the_question_calls_it():
    """The first obeys what the tool says of formats; the others are what a checker lets pass."""
    assert arguments("To the Big Apple.", to=["New York, NY", "Big Apple"]) == {"to": "New York, NY"}


def test_a_value_that_the_tool_does_not_take_is_not_said():
    assert arguments("To Bern by bike.", to=["Bern"], mode=["bike", "driving", ""]) == {"to": "Bern"}


def test_one_value_may_be_asked_for_twice():
    said = arguments("To Bern by [3, 2], in 2 hours.", to=["Bern"], point=[[3, 2]], hours=[2, ""])
    assert said == {"to": "Bern", "point": [3, 2], "hours": 2}


def test_optional_parameters_of_one_s_own_rows_are_said_where_they_are_asked_for():
    call = {"name": "traffic", "arguments": {"to": "Bern", "mode": "driving"}}
    for question, expected in (("To Bern, driving.", call["arguments"]), ("To Bern.", {"to": "Bern"})):
        check = {"calls": [call], "optional": ["mode"]}
        task = own("tool-calls", check, tools=[TRAFFIC], prompt=question, id="a")
        assert json.loads(reference_of(task))[0]["arguments"] == expected


@pytest.mark.parametrize("nothing", [True, None, [], {}, "", "a", "all", "Any"])
def test_what_has_no_words_of_its_own_is_never_stated(nothing):
    assert not states("True, None, [], {}, a, all, any", nothing)


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("At 10 m/s^2.", False),
        ("1. Bern\n2. Oslo", False),
        ("Options: 2) Bern", False),
        ("In 2 days.", True),
    ],
)
def test_exponents_and_the_numbers_of_a_list_are_no_values(question, stated):
    assert states(question, 2) is stated


def test_what_stands_in_the_values_beside_it_is_not_stated_again():
    assert not states("The Treaty of Lisbon.", "Lisbon", ["Treaty of Lisbon"])
    assert states("The Treaty of Lisbon, signed in Lisbon.", "Lisbon", ["Treaty of Lisbon"])
