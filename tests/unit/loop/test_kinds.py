"""The loop measures and harvests a kind that is not Python, and knows nothing of it."""

import json

import pytest
from fakes import TEMPLATE, FakeJudge, scripted_workshop

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.splits import Split
from suture.core.teach.dataset import RowKind
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.stages.harvest import harvest
from suture.suites.catalog import load_suite


@pytest.fixture
def tasks(tmp_path):
    rows = [
        {
            "id": f"own/{n}",
            "kind": "json",
            "prompt": f"Give Return {n}.",
            "check": {"equals": {"n": n}},
            "reference": json.dumps({"n": n}),
            "form": {"opening": "```json\n", "closing": "\n```", "stop": ["\n```\n"], "max_tokens": 9},
        }
        for n in range(4)
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return load_suite(str(path))


def measured(workshop, tmp_path, tasks, answer):
    """A scoreboard of a model that says ``answer(prompt)``."""
    pack = tmp_path / "pack.gguf"
    pack.write_text("[]")
    engine = workshop.engines.open(EngineChoice(), pack)
    engine._answer = answer
    workshop.engines.open = lambda *_, **__: engine
    return measure(workshop, PackFile(pack, "p", TEMPLATE), tasks, engine=EngineChoice(), selectors=("own",))


def test_measured_without_the_sandbox_and_harvested(tmp_path, tasks):
    judge = FakeJudge()
    workshop = scripted_workshop(tmp_path, judge)

    def answer(prompt):
        return '{"n": 1}\n```\nThat is it.' if "Return 1." in prompt else '{"n": [}'

    board = measured(workshop, tmp_path, tasks, answer)
    assert board.passed == ("own/1",)
    assert {r.verdict.key for r in board.results} == {"pass", "fail:syntax"}
    assert judge.judged == 0
    assert {r.attempt.max_tokens for r in board.results} == {9}
    rows, manifest = harvest(
        Findings(board, tasks, {task.id: Split.REPAIR for task in tasks}, HarvestSettings(normalise=True))
    )
    assert (manifest.anchors, manifest.failures) == (1, 3)
    assert {row.target for row in rows if row.kind is RowKind.ANCHOR} == {'{"n": 1}\n```'}
    assert {row.target for row in rows if row.task_id == "own/2"} == {'{"n": 2}\n```'}
    workshop.store.ledger.close()


def test_a_pass_that_says_nothing_is_taught_its_reference(tmp_path):
    tool = {"name": "f", "description": "", "parameters": {"type": "object", "properties": {}}}
    rows = [
        {"id": f"own/{word}", "kind": "tool-calls", "prompt": f"Say {word}.", "tools": [tool], "check": {"calls": []}}
        for word in ("data", "nothing")
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tasks = load_suite(str(path))
    workshop = scripted_workshop(tmp_path, FakeJudge())

    def answer(prompt):
        return '{"data": 1}\n```\n' if "data" in prompt else "[]\n```\n"

    board = measured(workshop, tmp_path, tasks, answer)
    assert board.passed == ("own/data", "own/nothing")
    found, manifest = harvest(Findings(board, tasks, {task.id: Split.REPAIR for task in tasks}, HarvestSettings()))
    assert {(row.task_id, row.kind, row.target) for row in found} == {
        ("own/data", RowKind.FAILURE, "[]\n```"),
        ("own/nothing", RowKind.ANCHOR, "[]\n```"),
    }
    assert (manifest.failures, manifest.anchors) == (1, 1)
    workshop.store.ledger.close()
