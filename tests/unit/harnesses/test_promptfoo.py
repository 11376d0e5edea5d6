"""Results of promptfoo: the fixtures have the fields and nesting that promptfoo 0.121.20 writes (version 3)."""

import json

import pytest

from suture.core.errors import BadFile, StaleEvidence, UnknownName
from suture.core.gate.decision import gate
from suture.core.gate.rules import GateRules
from suture.harnesses.opened import Choices
from suture.harnesses.read import read_results, read_sides


def result(test, *, at=(0, 0), provider="A", prompt="short", success=True, output="4", reason=None, **more):
    column, number = at
    case = {"vars": {"q": test}, "assert": [{"type": "contains", "value": "4"}], "options": {}, "metadata": {}}
    return {
        "cost": 0,
        "error": None if success else "Expected output to contain 4",
        "gradingResult": {"pass": success, "score": int(success), "reason": "", "componentResults": []},
        "id": f"{column} {number}",
        "latencyMs": 2,
        "namedScores": {},
        "prompt": {"raw": f"Q {test}", "label": prompt, "config": {}},
        "promptId": prompt,
        "promptIdx": column,
        "provider": {"id": "file://provider.js", "label": provider},
        "response": {"output": output, "cached": False},
        "score": int(success),
        "success": success,
        "testCase": {**case, **more.pop("case", {})},
        "testIdx": number,
        "vars": {"q": test},
        "failureReason": (0 if success else 1) if reason is None else reason,
        **more,
    }


def failed(test, **more):
    return result(test, success=False, **more)


def error(test, **more):
    return failed(test, reason=2, gradingResult=None, response={"error": "down"}, **more)


def file(*results):
    return {
        "evalId": "eval-abc-2026-11-25T10:00:00",
        "results": {"version": 3, "timestamp": "", "prompts": [], "results": list(results), "stats": {}},
        "config": {"description": "demo"},
        "shareableUrl": None,
        "metadata": {"promptfooVersion": "0.121.20"},
    }


def test_results_are_tasks_by_what_they_ask(verdicts):
    rows = [
        failed("2+3", at=(0, 1)),
        result("2+2", case={"description": "adds"}),
        error("boom", at=(0, 2)),
        failed("silent", at=(0, 3), output=""),
        result("json", at=(0, 4), output={"a": 4}),
    ]
    assert verdicts("results.json", file(*rows)) == [
        {
            "adds": "pass",
            "q=2+3": "fail:wrong",
            "q=boom": "fault:fault",
            "q=silent": "fail:no-answer",
            "q=json": "pass",
        }
    ]


def test_rows_of_version_2_are_tests_by_their_variables_and_columns_by_provider_and_prompt(verdicts):
    rows = [
        {
            "provider": {"id": provider},
            "prompt": {"raw": f"Q {question}", "label": "Q {{q}}"},
            "vars": {"q": question},
            "success": provider == "a",
            "score": 0,
        }
        for question in ("x", "y")
        for provider in ("a", "b")
    ]
    whole = {"results": {"version": 2, "results": rows}}
    assert verdicts("results.json", whole) == [{"q=x": "pass", "q=y": "pass"}]
    assert verdicts("results.json", whole, provider="b") == [{"q=x": "fail:no-answer", "q=y": "fail:no-answer"}]
    assert verdicts("results.jsonl", rows) == [{"q=x": "pass", "q=y": "pass"}]


def test_an_error_of_an_older_version_is_one_too(verdicts):
    old = {key: value for key, value in error("boom").items() if key != "failureReason"}
    wrong = {key: value for key, value in failed("2+2", at=(0, 1)).items() if key != "failureReason"}
    assert verdicts("results.json", file(old, wrong)) == [{"q=boom": "fault:fault", "q=2+2": "fail:wrong"}]


def test_rows_are_read_like_the_whole_file(write):
    rows = [result("2+2"), failed("2+3", at=(0, 1))]
    whole, lines = read_results(write("r.json", file(*rows))), read_results(write("r.jsonl", rows))
    assert whole.sheets[0].entries == lines.sheets[0].entries
    assert gate(whole.sheets, lines.sheets).kept == ("q=2+2",)


ONCE = GateRules(baseline_runs=1, repeats=1, max_repeats=1)
COLUMNS = [
    result("2+2"),
    failed("2+2", at=(1, 0), prompt="Long one"),
    failed("2+2", at=(2, 0), provider=""),
    result("2+2", at=(3, 0), provider="", prompt="Long one"),
    result("2+2", at=(4, 0), provider=""),
]


def test_providers_and_prompts_are_named_and_chosen(write, verdicts):
    path = write("r.json", file(*COLUMNS))
    says = read_results(path).says
    assert "provider A, not file://provider.js, file://provider.js #2 (--provider chooses)" in says
    assert "prompt short, not Long one (--prompt chooses)" in says
    content = file(*COLUMNS)
    assert verdicts("r.json", content, prompt="Long one") == [{"q=2+2": "fail:wrong"}]
    assert verdicts("r.json", content, provider="file://provider.js") == [{"q=2+2": "fail:wrong"}]
    assert verdicts("r.json", content, provider="file://provider.js #2") == [{"q=2+2": "pass"}]
    with pytest.raises(UnknownName, match="unknown provider"):
        verdicts("r.json", content, provider="B")
    with pytest.raises(UnknownName, match="unknown prompt"):
        verdicts("r.json", content, prompt="shor")


def test_two_columns_of_one_file_are_two_subjects(write):
    path = write("r.json", file(*COLUMNS))
    one, two = read_sides([path], [path], Choices(provider="A"), Choices(provider="file://provider.js"))
    before, after = one[0].sheets, two[0].sheets
    assert before[0].subject != after[0].subject
    assert gate(before, after, ONCE).lost == ("q=2+2",)


def test_the_same_test_again_is_a_repeated_measurement(verdicts):
    rows = [failed("2+2", at=(0, 1)), result("2+2"), result("2+3", at=(0, 2)), result("2+3", at=(0, 3))]
    first, second = verdicts("r.json", file(*rows))
    assert first == {"q=2+2": "pass", "q=2+3": "pass"}
    assert second == {"q=2+2": "fail:wrong", "q=2+3": "pass"}


def test_other_tests_of_one_name_are_other_tasks(write, verdicts):
    other = {"case": {"assert": [{"type": "equals", "value": "5"}]}}
    assert list(verdicts("r.json", file(result("2+2"), result("2+2", at=(0, 1), **other)))[0]) == ["q=2+2", "q=2+2 #2"]
    one = read_results(write("a.json", file(result("2+2")))).sheets
    two = read_results(write("b.json", file(result("2+2", **other)))).sheets
    with pytest.raises(StaleEvidence, match="asks something else"):
        gate(one, two)


def test_what_a_person_should_know_is_noted(write):
    rows = [result("2+2", case={"assert": None}), error("boom", at=(0, 1))]
    says = read_results(write("r.json", file(*rows))).says
    assert says.endswith("1 results are errors and have no verdict; 1 tests assert nothing and always pass")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (file(), "without one result"),
        (file({"success": "perhaps", "testCase": {}}), "success"),
        (file({"testCase": {}}), "no field 'success'"),
    ],
)
def test_files_without_results(write, content, says):
    with pytest.raises(BadFile, match=says):
        read_results(write("r.json", content))


def test_a_long_name_is_cut(verdicts):
    (found,) = verdicts("r.json", file(result("word " * 40)))
    assert [len(name) for name in found] == [60]
    assert json.dumps(found).count("...") == 1
