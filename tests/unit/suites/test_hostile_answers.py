"""Answers that a model may write by accident, and nobody by intent: every kind says pass or fail, and goes on."""

import json

import pytest

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.verdict import Verdict
from suture.suites.kinds import kind_of
from suture.suites.own_rows import own_task

N = 100_000
TOOLS = [{"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}]
SETUP = "CREATE TABLE t(a); INSERT INTO t VALUES (1)"
NUMBERS = {"type": ["number", "object"], "multipleOf": 0.01, "additionalProperties": {"$ref": "#"}}
TASKS = {
    "value": {"kind": "json", "check": {"equals": {"a": 1}}},
    "members": {"kind": "json", "check": {"equals": [1, {"a": 2}], "unordered": True, "subset": True, "abs_tol": 0.1}},
    "schema": {"kind": "json", "check": {"schema": NUMBERS}},
    "calls": {"kind": "tool-calls", "tools": TOOLS, "check": {"calls": [{"name": "f", "arguments": {"a": 1}}]}},
    "no calls": {"kind": "tool-calls", "tools": TOOLS, "check": {"calls": []}},
    "rows": {"kind": "sql", "check": {"setup": SETUP, "reference": "SELECT a FROM t"}},
    "exact": {"kind": "text", "check": {"exact": "Lima", "ignore": ["case", "punctuation"]}},
    "number": {"kind": "text", "check": {"number": 72, "where": "last", "rel_tol": 0.1}},
    "choice": {"kind": "text", "check": {"choice": "B", "options": ["a horse", "a duck"]}},
    "pattern": {"kind": "text", "check": {"regex": "(a+)+b", "search": True}},
    "grader": {"kind": "grader", "check": {"grader": "def grade(answer, task):\n    return answer == 'x'"}},
    "program": {
        "kind": "python",
        "check": {"entry_point": "f", "tests": {"kind": "assertions", "statements": ["f()"]}},
    },
}
ANSWERS = {
    "deep": "[" * N + "]" * N,
    "deep objects": '{"a":' * N + "1" + "}" * N,
    "never closed": "[" * N,
    "a key twice": '{"a": 1, "a": 1}',
    "NaN": '{"a": NaN}',
    "infinity": "-Infinity",
    "a huge integer": "1" + "0" * 5000,
    "a huge integer inside": f'{{"a": 1{"0" * 5000}}}',
    "a longer integer": "9" * N,
    "a huge exponent": "1e999999",
    "a tiny one": '{"a": 1e-9999}',
    "no exponent at all": "1e" + "9" * N,
    "half a surrogate": '"\ud800"',
    "half an escape": '{"\\udc00": "\\ud800"}',
    "halves the wrong way round": "\udc00\ud800",
    "a zero byte": 'SELECT a\x00 FROM t "\x00"',
    "bidi": '\u202e{"a": 1}\u202c',
    "zero width": '\u200b{"a": 1}\u200b',
    "combining": "a" + "\u0301" * N,
    "fences": "```json\n" * N,
    "thoughts": "<think>" * N,
    "ends of thoughts": "</think>" * N,
    "tags": "<tool_call>" * N,
    "tags around depth": f"<tool_call>{'[' * N}</tool_call>",
    "deep arguments": json.dumps([{"name": "f", "arguments": "[" * N}]),
    "a power": "f(a=9**9**9)",
    "a long hexadecimal": f"f(a=0x{'f' * 50_000})",
    "signs": f"f(a={'-' * N}1)",
    "parentheses": "(" * N,
    "attributes": "a" + ".b" * 50_000 + "(a=1)",
    "many calls": f"[{'f(a=1), ' * 20_000}]",
    "a name that is none": '[{"name": {"x": 1}, "arguments": {}}]',
    "cues": "the answer is " * 20_000,
    "thousands": "1," * N,
    "a long run": "a" * (10 * N),
    "deep SQL": f"SELECT {'(' * 50_000}1{')' * 50_000}",
    "controls": "".join(map(chr, range(32))) * 1000,
}


def task(name):
    row = {"id": name, "prompt": "Well?", **TASKS[name]}
    return own_task(row, suite="own", origin="own.jsonl")


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_every_kind_decides_or_hands_it_to_the_sandbox(name, text):
    asked, kind = task(name), kind_of(task(name))
    completion = Completion(text=text, finish=FinishReason.STOP, prompt_tokens=1, tokens=1)
    answer = kind.extract(asked, completion)
    verdict = answer if isinstance(answer, Verdict) else kind.decide(asked, answer)
    if verdict is None:
        assert isinstance(answer, str)
        assert kind.sandboxing is not None
        assert kind.sandboxing.submission(asked, answer).program == answer
        return
    verdict = kind.settle(completion, verdict)
    assert not verdict.faulted
    assert json.loads(verdict.model_dump_json())["outcome"] == verdict.outcome.value
    if name not in ("no calls", "schema"):
        assert not verdict.passed


@pytest.mark.parametrize("text", ["<think>Which one", "<think>none</think>", "<think>none</think>\n"])
def test_reasoning_alone_calls_nothing_and_says_nothing(text):
    completion = Completion(text=text, finish=FinishReason.STOP, prompt_tokens=1, tokens=1)
    assert isinstance(kind_of(task("no calls")).extract(task("no calls"), completion), Verdict)


def test_a_statement_far_behind_its_cue_is_none():
    asked = task("choice")
    assert kind_of(asked).decide(asked, "The answer is   \n\n B").passed
    assert kind_of(asked).decide(asked, "the answer is unclear. " * 3000 + "The answer is B").passed
