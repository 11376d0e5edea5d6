"""Kind ``tool-calls``: what is read as calls, what passes under rule ``exact``, what is taught."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kinds import own, verdict

from suture.core.measure.attempt import FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.verdict import Reason
from suture.suites.kinds import kind_of

PLAIN = ChatTemplate(source="{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}<assistant>")
WEATHER = {
    "name": "get_weather",
    "description": "Weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
            "near": {"type": "object", "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}}},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["city"],
    },
}
RIGHT = '{"name": "get_weather", "arguments": {"city": "Bern", "days": 2}}'


def task(calls=({"name": "get_weather", "arguments": {"city": "Bern", "days": 2}},), tools=(WEATHER,), **check):
    return own("tool-calls", {"calls": list(calls), **check}, tools=list(tools))


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        f"[{RIGHT}]",
        f"\ufeff [{RIGHT}] \n",
        f"<tool_call>\n{RIGHT}\n</tool_call>",
        f"Let me see.\n<tool_call>[{RIGHT}]</tool_call>",
        f"Sure:\n```json\n[{RIGHT}]\n```\nDone.",
        f"Sure:\n```\n[{RIGHT}]\n```",
        f"[{RIGHT}]\n```\nThat was it.",  # the prompt opened the fence
        f"<think>Which tool?</think>[{RIGHT}]",
        RIGHT.replace("arguments", "parameters"),
        '{"tool_calls": [{"id": "1", "type": "function", "function": ' + RIGHT + "}]}",
        json.dumps({"type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Bern","days":2}'}}),
        '{"get_weather": {"days": 2.0, "city": "Bern"}}',
        "get_weather(city='Bern', days=2)",
        '[get_weather(days=2, city="Be" "rn")]',
        '```python\nget_weather(city="Bern", days=2)\n```',
        RIGHT.replace("2", '2, "unit": "C"'),  # the declared default
    ],
)
def test_forms_of_the_right_call(answer):
    assert verdict(task(), answer).passed


def test_a_tag_in_a_text_of_an_argument_is_no_tag():
    call = {"name": "get_weather", "arguments": {"city": "use <tool_call> here", "days": 2}}
    assert verdict(task((call,)), json.dumps([call])).passed
    assert not verdict(task((call,)), "<tool_call>" + json.dumps(call)).passed


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", Reason.NO_ANSWER),
        ("[]", Reason.WRONG),
        (f"[{RIGHT}, {RIGHT}]", Reason.WRONG),
        (RIGHT.replace("Bern", "bern"), Reason.WRONG),
        (RIGHT.replace("2", '"2"'), Reason.WRONG),
        (RIGHT.replace("2", "true"), Reason.WRONG),
        (RIGHT.replace("2", '2, "unit": "F"'), Reason.WRONG),
        (RIGHT.replace("2", '2, "other": 1'), Reason.WRONG),
        (RIGHT.replace(', "days": 2', ""), Reason.WRONG),
        (RIGHT.replace("get_weather", "weather"), Reason.WRONG),
        (RIGHT.replace('"days"', '"city": "Bern", "days"'), Reason.SYNTAX),  # a key twice
        (RIGHT.replace("2", "NaN"), Reason.SYNTAX),
        (RIGHT.replace("Bern", "\\ud800"), Reason.SYNTAX),
        (f"Here: {RIGHT}", Reason.SYNTAX),
        (f"<tool_call>{RIGHT}", Reason.SYNTAX),
        (f"```json\n[{RIGHT}]\n```\n```json\n[{RIGHT}]\n```", Reason.SYNTAX),
        ("get_weather('Bern', days=2)", Reason.SYNTAX),
        ("get_weather(city='Bern', days=1+1)", Reason.SYNTAX),
        ("get_weather(city='Bern', **{'days': 2})", Reason.SYNTAX),
        ("get_weather(city=str(), days=2)", Reason.SYNTAX),
        ("get_weather(city='Bern', days=1e999)", Reason.SYNTAX),
        ("get_weather(city='Bern', days=2, days=2)", Reason.SYNTAX),
        ("[" * 100_000, Reason.SYNTAX),
        ("f(a=" + "-" * 99_000 + "1)", Reason.SYNTAX),
        (json.dumps(WEATHER), Reason.SYNTAX),  # the definition for the call
        (RIGHT.replace("}}", '}, "description": "x"}'), Reason.SYNTAX),
    ],
)
def test_what_does_not_pass(answer, reason):
    assert verdict(task(), answer).reason is reason


def test_calls_cut_off_are_a_truncation():
    assert verdict(task(), RIGHT[:-3], FinishReason.LENGTH).reason is Reason.TRUNCATED


def test_nothing_of_an_answer_is_run(tmp_path):
    mark = tmp_path / "ran"
    answer = f"get_weather(city=open({str(mark)!r}, 'w').name, days=1+__import__('os').getpid())"
    assert verdict(task(), answer).reason is Reason.SYNTAX
    assert not mark.exists()


def test_order_is_free_and_every_wanted_call_has_one_of_its_own():
    either = {"get_weather": {"city": ["Bern"], "days": [1, 2]}}
    two = {"get_weather": {"city": ["Bern"], "days": [2]}}
    one, other = RIGHT.replace("2", "1"), RIGHT
    assert verdict(task([either, two]), f"[{other}, {one}]").passed
    assert verdict(task([two, either]), f"[{one}, {other}]").passed
    assert not verdict(task([either, two]), f"[{one}, {one}]").passed


def test_an_empty_text_among_allowed_values_lets_a_parameter_be_left_out():
    left = task([{"get_weather": {"city": ["Bern", "Berne"], "days": [2, ""]}}])
    assert verdict(left, '{"get_weather": {"city": "Berne"}}').passed
    assert not verdict(left, '{"get_weather": {"city": "Bern", "days": ""}}').passed
    required = task([{"get_weather": {"city": ["Bern", ""], "days": [2]}}])
    assert not verdict(required, '{"get_weather": {"days": 2}}').passed
    named = task(({"name": "get_weather", "arguments": {"city": "Bern", "days": 2}},), optional=["days"])
    assert verdict(named, '{"get_weather": {"city": "Bern"}}').passed


def test_objects_hold_allowed_values_at_every_depth_and_lists_keep_their_order():
    wanted = {"get_weather": {"city": ["Bern"], "near": [{"lat": [46.9, 47], "lon": [7.4, ""]}], "tags": [["a", "b"]]}}
    answer = '{"get_weather": {"city": "Bern", "near": %s, "tags": %s}}'
    assert verdict(task([wanted]), answer % ('{"lat": 47.0}', '["a", "b"]')).passed
    assert not verdict(task([wanted]), answer % ('{"lat": 48}', '["a", "b"]')).passed
    assert not verdict(task([wanted]), answer % ('{"lat": 47, "alt": 1}', '["a", "b"]')).passed
    assert not verdict(task([wanted]), answer % ('{"lat": 47}', '["b", "a"]')).passed


@pytest.mark.parametrize(
    ("answer", "passes"),
    [
        ("[]", True),
        ("```json\n[]\n```", True),
        ("None of these functions can do that.", True),
        ("", False),
        (RIGHT, False),
        ("[other(a=1)]", False),
        ('{"name": "get_weather", "description": "Weather"}', False),
        ('{"name": "get_weather", "arguments": {"city": ', False),
        ("I would use get_weather(city=Bern)", False),
        ("<tool_call>\nnothing", False),
        ("[{'name': 'get_weather', 'arguments': {}}]", False),
        ("{'name': 'get_weather'", False),
        ('{"tool": "get_weather", "args": {}}', False),
        ("[get_weather]", False),
        ('[TOOL_CALLS] [{"name": "get_weather"', False),
        ('<think>I could use {"name": "get_weather"} but no.</think>[]', True),
        ('<think>get_weather(city="x")</think>The answer is 4.', True),
        ("<think>get_weather(city='x')", False),
        ("<think>No.</think> ", False),
        ("get_weather gives no prices", True),
    ],
)
def test_where_nothing_may_be_called_an_attempt_fails(answer, passes):
    assert verdict(task([]), answer).passed is passes


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([{"name": "get_wether", "arguments": {}}], "'get_wether', which is not offered"),
        ([{"get_weather": {"days": [2]}}], "without the required 'city'"),
        ([{"get_weather": {"city": [""]}}], "without the required 'city'"),
        ([{"get_weather": {"city": ["Bern"], "colour": [1]}}], "'colour', which the tool does not have"),
        ([{"get_weather": {"city": [3]}}], "of a type or value that the tool does not take"),
        ([{"get_weather": {"city": ["Bern"], "unit": ["K"]}}], "of a type or value that the tool does not take"),
        ([{"get_weather": {"city": "Bern"}}], "needs a list of allowed values"),
        ([{"get_weather": []}], "a wanted call is"),
        ([{"name": ["get_weather"], "arguments": {}}], "name of a wanted call is no text"),
        ({"get_weather": {}}, "`calls` is a list"),
    ],
)
def test_a_check_that_nothing_can_pass_is_refused(calls, words):
    with pytest.raises(ValueError, match=words):
        own("tool-calls", {"calls": calls}, tools=[WEATHER])


def test_two_tools_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two tools have the name 'get_weather'"):
        task(tools=(WEATHER, WEATHER))


def test_a_failure_is_taught_the_shortest_right_calls():
    left = task([{"get_weather": {"city": ["Bern"], "days": [2, ""], "near": [{"lat": [47], "lon": [""]}]}}])
    target = kind_of(left).target_of_reference(left, PLAIN, restyle=False)
    assert target == '[{"name": "get_weather", "arguments": {"city": "Bern", "near": {"lat": 47}}}]\n```'
    assert verdict(left, target).passed
    nothing = task([])
    assert kind_of(nothing).target_of_reference(nothing, PLAIN, restyle=False) == "[]\n```"


def test_a_plain_value_is_not_taken_for_a_list_of_allowed_ones():
    plain = task([{"name": "get_weather", "arguments": {"city": "Bern", "tags": ["a", "b"], "near": {"lat": 1}}}])
    target = kind_of(plain).target_of_reference(plain, PLAIN, restyle=False)
    assert '"tags": ["a", "b"], "near": {"lat": 1}' in target
    assert verdict(plain, target).passed


def test_an_own_answer_is_taught_as_it_was_written():
    kind = kind_of(task())
    assert kind.target_of_answer(task(), PLAIN, f"[{RIGHT}]\n```\nDone.") == f"[{RIGHT}]\n```"


SIGNS = [*"[]{}():,='\"-\\\x00", "**", "\n```\n", "```json\n", "\ud800"]
WORDS = ["<tool_call>", "</tool_call>", "<think>", "</think>", "lambda", "true", "1e9", '"name"', "get_weather"]
PIECES = st.sampled_from([*SIGNS, *WORDS])


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
@example("get_weather(" + "x" * 50 + "=")
@example("f(a=" + "(" * 150 + ")" * 150 + ")")
@example("f(a='\\N{bad}')")
@example("'\\d'(a=1)")
def test_any_text_gets_one_verdict_and_the_same_each_time(answer):
    for wanted in (task(), task([])):
        assert verdict(wanted, answer).key == verdict(wanted, answer).key


@pytest.mark.parametrize(
    ("answer", "vacuous"),
    [
        ("[]", False),
        ("None of these functions can do that.", False),
        ('{"type": "json", "data": {"type": "json"', True),
        ('{"data": [1.0, 2.0]}', True),
        ("```\nSELECT 1\n```", True),
    ],
)
def test_broken_data_refrains_and_says_nothing(answer, vacuous):
    found = verdict(task(calls=()), answer)
    assert found.passed
    assert found.vacuous is vacuous
