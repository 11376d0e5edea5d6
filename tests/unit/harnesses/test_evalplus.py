"""Results of evalplus: the fixtures have the fields and nesting that evalplus 0.3.1 writes."""

from suture.harnesses.read import read_results


def evalplus(**samples):
    rows = {
        f"HumanEval/{name[1:]}": [
            {
                "task_id": f"HumanEval/{name[1:]}",
                "solution": solution,
                "base_status": base,
                "plus_status": plus,
                "base_fail_tests": [],
                "plus_fail_tests": [],
            }
            for base, plus, solution in found
        ]
        for name, found in samples.items()
    }
    return {"date": "2026-11-25 10:00", "hash": "fe585eb4df8c88d844eeb463ea4d0302", "eval": rows}


def test_statuses(write):
    results = evalplus(
        _0=[("pass", "pass", "def f(): pass")],
        _1=[("pass", "fail", "def f(): pass")],
        _2=[("timeout", "timeout", "def f(): pass")],
        _3=[("fail", "fail", "def f(:")],
        _4=[("fail", "fail", "  ")],
        _5=[(None, None, "def f(): pass")],
        _6=[("fail", "fail", "x = '\ud835'")],
    )
    (sheet,) = read_results(write("eval_results.json", results)).sheets
    found = [entry.verdict.key for entry in sheet.entries.values()]
    assert found[:4] == ["pass", "fail:wrong", "fail:wall", "fail:syntax"]
    assert found[4:] == ["fail:no-answer", "fault:fault", "fail:syntax"]
    assert sheet.instrument["tests"] == "base and plus"
    assert next(iter(sheet.entries.values())).answer == "def f(): pass"


def test_base_only(write):
    path = write("eval_results.json", evalplus(_0=[("pass", None, "x")], _1=[("fail", None, "x")]))
    reading = read_results(path)
    (sheet,) = reading.sheets
    assert [entry.verdict.key for entry in sheet.entries.values()] == ["pass", "fail:wrong"]
    assert reading.says == f"{path}: read as evalplus; base tests"


def test_samples_of_one_task_are_repeated_measurements(write):
    results = evalplus(_0=[("pass", "pass", "x"), ("fail", "fail", "y")], _1=[("pass", "pass", "z")])
    first, second = read_results(write("eval_results.json", results)).sheets
    assert (list(first.entries), list(second.entries)) == (["HumanEval/0", "HumanEval/1"], ["HumanEval/0"])
    assert second.entries["HumanEval/0"].verdict.key == "fail:wrong"
    assert first.digest != second.digest
