"""Kind ``json``: what is one value, what is equal to it, and what a schema allows."""

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.task import AnswerForm, Task, fenced
from suture.core.measure.verdict import Reason, Verdict
from suture.suites.kinds import KINDS, kind_of
from suture.suites.kinds.json_values import Equality, NotJson, read_value

WANTED = {"name": "Ann", "age": 31, "tags": ["a", "b"], "score": 0.3, "vip": True, "note": None}
TEMPLATE = ChatTemplate(source="")


def task(form=None, **check):
    row = {"kind": "json", **check}
    return Task(id="t", suite="s", messages=(), form=form or AnswerForm(), check=JsonCheck.model_validate(row))


def verdict(task, text, finish=FinishReason.STOP):
    completion = Completion(text=text, finish=finish, prompt_tokens=1, tokens=1)
    kind = kind_of(task)
    answer = kind.extract(task, completion)
    decided = answer if isinstance(answer, Verdict) else kind.decide(task, answer)
    return kind.settle(completion, decided)


def key(task, text, finish=FinishReason.STOP):
    return verdict(task, text, finish).key


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (json.dumps(WANTED), "pass"),
        ("\ufeff" + json.dumps(WANTED) + "\n", "pass"),
        (f"Here it is:\n```json\n{json.dumps(WANTED)}\n```\nSee [the docs](x).", "pass"),
        (f"<think>\n{{}}\n</think>\n{json.dumps(WANTED)}", "pass"),
        (json.dumps(WANTED) * 2, "fail:syntax"),
        (json.dumps(WANTED)[:-1] + ",}", "fail:syntax"),
        (json.dumps(WANTED)[:-1] + ', "age": 31}', "fail:syntax"),
        (json.dumps(WANTED | {"score": float("nan")}), "fail:syntax"),
        (json.dumps(WANTED | {"age": "31"}), "fail:wrong"),
        (json.dumps(WANTED | {"vip": 1}), "fail:wrong"),
        (json.dumps(WANTED | {"note": "null"}), "fail:wrong"),
        (json.dumps(WANTED | {"extra": 1}), "fail:wrong"),
        (json.dumps(WANTED | {"tags": ["b", "a"]}), "fail:wrong"),
        (json.dumps(WANTED | {"age": 31.0, "score": 3e-1}), "pass"),
        (f"```\n{json.dumps(WANTED)}\n```\n```\n{{}}\n```", "fail:no-answer"),
        ("", "fail:no-answer"),
        ("<think>never ends", "fail:no-answer"),
        ("[" * 100_000, "fail:syntax"),
        ('"x\\ud800"', "fail:syntax"),
        ("1e999999999", "fail:syntax"),
        ("9" * 20_000, "fail:syntax"),
    ],
)
def test_one_value_equal_to_another(text, wanted):
    assert key(task(equals=WANTED), text) == wanted


@pytest.mark.parametrize(
    ("check", "text", "wanted"),
    [
        ({"equals": {"a": 1}, "subset": True}, '{"a": 1, "b": 2}', "pass"),
        ({"equals": [1], "subset": True}, "[1, 2]", "fail:wrong"),
        ({"equals": {"t": [{"x": 1}, {"y": [1, 2]}]}, "unordered": True}, '{"t": [{"y": [2, 1]}, {"x": 1}]}', "pass"),
        ({"equals": [1, 1, 2], "unordered": True}, "[1, 2, 2]", "fail:wrong"),
        ({"equals": 0.3, "rel_tol": 1e-3}, "0.30001", "pass"),
        ({"equals": 0.3, "rel_tol": 1e-6}, "0.3001", "fail:wrong"),
        ({"equals": None}, "null", "pass"),
        ({"equals": "\u00e9"}, '"e\\u0301"', "pass"),
        ({"equals": 2**80}, str(2**80 + 1), "fail:wrong"),
        ({"schema": {"type": "integer"}}, "31.0", "pass"),
        ({"schema": {"uniqueItems": True}}, "[1, true]", "pass"),
        ({"schema": {"type": "string", "pattern": "^(a+)+$"}}, '"' + "a" * 5000 + '!"', "fail:wrong"),
        ({"equals": 1, "schema": {"maximum": 1}}, "0", "fail:wrong"),
        ({"equals": 1, "abs_tol": 1, "schema": {"maximum": 1}}, "2", "fail:wrong"),
        ({"schema": {"maximum": 0.3}}, "0.30000000000000001", "fail:wrong"),
        ({"schema": {"multipleOf": 0.01}}, "19.99", "pass"),
        ({"schema": {"type": "integer"}}, "9" * 9_000, "pass"),
        ({"schema": {"$ref": "#"}}, "1", "pass"),
        (
            {"schema": {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 0, "exclusiveMinimum": True}},
            "0",
            "fail:wrong",
        ),
        ({"equals": {"\u00e9": 1}}, '{"e\\u0301": 1, "\u00e9": 1}', "fail:wrong"),
        ({"equals": [[1.0, "\u00e9"], 2], "unordered": True}, '[2, ["e\\u0301", 1e0]]', "pass"),
        ({"equals": list(range(3_000)), "unordered": True}, json.dumps(list(range(3_000))[::-1]), "pass"),
        ({"equals": [0, 1, 2], "unordered": True, "abs_tol": 1}, "[0, 0, 0]", "fail:wrong"),
        ({"equals": [0, 1, 2], "unordered": True, "abs_tol": 1}, "[1, 1, 1]", "pass"),
    ],
)
def test_options_and_schemas(check, text, wanted):
    assert key(task(**check), text) == wanted


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "dict"},
        {"type": "string", "pattern": "["},
        {"type": "string", "pattern": "(?=a)b"},
        {"$ref": "https://example.org/other.json"},
        {"$ref": "#/nowhere"},
        {"$ref": "file:///etc/hostname"},
        {"$defs": {"a": {"$ref": "https://example.org/a"}}},
        {"$schema": "https://example.org/own", "type": "string"},
        {"patternProperties": {"(?!a)": {}}},
        {"propertyNames": {"pattern": "(a)\\1"}},
        {"required": "name"},
        {"enum": []},
        False,
        None,
        "string",
        [1],
    ],
)
def test_a_schema_that_cannot_decide_is_named(schema):
    assert KINDS["json"].complaint(task(schema=schema))


def test_a_wanted_value_fits_its_own_schema():
    assert "not allowed by its own schema" in KINDS["json"].complaint(task(equals=1, schema={"type": "string"}))


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        ({"equals": {"a": 1}, "schema": {"required": ["a", "b"]}, "subset": True}, '{"a": 1, "b": 2}'),
        ({"equals": [3, 1], "schema": {"prefixItems": [{"const": 1}]}, "unordered": True}, "[1, 3]"),
        ({"equals": 3.14159, "schema": {"multipleOf": 0.01}, "abs_tol": 0.005}, "3.14"),
    ],
)
def test_where_other_values_are_equal_one_of_them_may_fit_the_schema(check, answer):
    assert KINDS["json"].complaint(task(**check)) is None
    assert key(task(**check), answer) == "pass"


@pytest.mark.parametrize("more", [{"abs_tol": True}, {"subset": "yes"}, {"unordered": 1}])
def test_options_are_of_their_sort(more):
    with pytest.raises(ValueError, match=next(iter(more))):
        task(equals=1, **more)


@pytest.mark.parametrize("text", ["\ufeff1", "\ufeff```json\n1\n```", "\ufeff<think>2</think>1"])
def test_a_byte_order_mark_is_no_part_of_an_answer(text):
    assert key(task(equals=1), text) == "pass"


@pytest.mark.parametrize("deep", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000])
def test_a_megabyte_nested_a_hundred_thousand_deep_fails(deep):
    for check in ({"equals": []}, {"schema": {"type": "array"}}):
        assert verdict(task(**check), deep + " " * 400_000).detail == "not one JSON value: nested deeper than 200"


def test_brackets_in_texts_are_no_depth():
    assert key(task(equals="[" * 500), json.dumps("[" * 500)) == "pass"
    assert key(task(equals='\\"[' * 500), json.dumps('\\"[' * 500)) == "pass"
    assert key(task(equals=[]), '["' + "[" * 500) == "fail:syntax"


def test_a_good_check_has_no_complaint():
    assert KINDS["json"].complaint(task(equals=[1], schema={"type": "array"})) is None


def test_a_check_needs_something_that_decides():
    with pytest.raises(ValueError, match="equals"):
        task()


def test_a_check_survives_json():
    check = task(equals=None, schema={"type": "null"}).check
    assert JsonCheck.model_validate(check.to_json()) == check


def test_cut_off_json_is_a_truncation():
    assert verdict(task(equals=[1, 2]), "[1, ", FinishReason.LENGTH).reason is Reason.TRUNCATED


def test_what_is_taught_is_closed():
    opened = task(fenced("json"), equals=[1])
    kind = kind_of(opened)
    assert kind.target_of_answer(opened, TEMPLATE, "[1]\n```\nDone.") == "[1]\n```"
    assert (
        kind.target_of_reference(opened.model_copy(update={"reference": " [1]\n"}), TEMPLATE, restyle=True)
        == "[1]\n```"
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("ab"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=4),
    max_leaves=8,
)


@given(VALUES, st.booleans(), st.booleans())
def test_every_value_equals_itself(value, subset, unordered):
    read = read_value(json.dumps(value))
    assert Equality(subset, unordered).difference(read, read) is None


@given(st.lists(st.integers(0, 3), max_size=5), st.lists(st.integers(0, 3), max_size=5), st.integers(0, 2))
def test_unordered_lists_are_equal_when_some_order_is(wanted, found, tolerance):
    """A tolerance makes matching more than counting: 1 may stand for 0 or for 2."""
    equality = Equality(unordered=True, abs_tol=read_value(str(tolerance)))
    here, there = read_value(json.dumps(wanted)), read_value(json.dumps(found))
    some = len(wanted) == len(found) and any(
        all(abs(w - f) <= tolerance for w, f in zip(wanted, order, strict=True)) for order in permutations(found)
    )
    assert (equality.difference(here, there) is None) == some


@given(st.text() | st.lists(st.sampled_from(list('[]{}",:\\ 1e-.nulltrue\ud800'))).map("".join))
def test_no_text_at_all_is_an_error(text):
    try:
        json.loads(json.dumps(read_value(text), default=str))
    except NotJson as said:
        assert "\n" not in str(said)
