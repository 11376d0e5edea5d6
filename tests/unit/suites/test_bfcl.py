"""Suite ``bfcl``: official data under the official rule, and groups that no split may part."""

import json

import pytest
from bfcl_official import official_checker
from call_mutants import mutants

from suture.core.errors import MissingTool
from suture.core.measure.groups import connected_groups
from suture.core.measure.splits import Split, split_by_hash
from suture.suites import bfcl
from suture.suites.bfcl import BROKEN, CATEGORIES, load_bfcl, official_rows
from suture.suites.catalog import load_suite
from suture.suites.kinds import kind_of

pytest.importorskip("bfcl_eval")


def test_all_references_but_the_pinned_ones_pass():
    tasks = [task for category in CATEGORIES for task in load_bfcl(category) if task.groups]
    unusable = {task.id for task in tasks if kind_of(task).complaint(task) is not None}
    assert (len(tasks), unusable) == (2351, BROKEN)
    assert all(kind_of(t).decide(t, t.reference).passed for t in tasks if t.id not in BROKEN)


def test_verdicts_agree_with_the_official_checker_on_mutants():
    passes = official_checker()
    differ, seen = [], 0
    for category in CATEGORIES:
        functions = {row["id"]: row["function"] for row in official_rows(category)}
        for task in load_bfcl(category)[::9]:
            wanted = json.loads(task.check.calls_text)
            calls = [{call["name"]: call["arguments"]} for call in json.loads(task.reference)]
            for kind, mutant in mutants(calls) if wanted else ():
                answer = json.dumps([{"name": n, "arguments": given} for call in mutant for n, given in call.items()])
                seen += 1
                if kind_of(task).decide(task, answer).passed != passes(functions[task.id], mutant, wanted, category):
                    differ.append((task.id, kind))
    assert seen > 10_000
    assert differ == []


def test_no_question_and_no_wanted_function_stands_in_two_splits():
    tasks = [task for category in ("simple_python", "multiple", "parallel") for task in load_bfcl(category)]
    splits = split_by_hash(tasks, {Split.REPAIR: 0.6, Split.DEV: 0.1, Split.HOLDOUT: 0.3}, seed=0)
    for key in (lambda task: task.messages[-1].content, lambda task: task.groups[0]):
        places = {}
        for task in tasks:
            places.setdefault(key(task), set()).add(splits[task.id])
        assert all(len(found) == 1 for found in places.values())
    assert len(connected_groups(tasks)) < len(tasks)


def test_selectors():
    assert [task.id for task in load_suite("bfcl:multiple:3,7")] == ["multiple_3", "multiple_7"]
    assert load_suite("bfcl:live_simple:10")[0].id == "live_simple_10-3-6"
    assert len(load_suite("bfcl:live_irrelevance")) == 880  # four of 884 offer nothing to call


def test_another_release_is_refused(monkeypatch):
    monkeypatch.setattr(bfcl, "RELEASE", "1.0")
    with pytest.raises(MissingTool, match=r"needs the package bfcl-eval 1\.0, which is 2026"):
        list(official_rows("multiple"))
