"""A task whose own tests cannot run is named and counted, never asked and never trained on."""

import json

import pytest
from fakes import FakeFoundry, FakeJudge, number_of

from suture.core.errors import UsageError
from suture.core.gate.gate_report import Decision
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.stages import CHECK
from suture.files.small_files import read_model
from suture.loop.measuring.soundness import broken_tasks, sound
from suture.suites.catalog import load_suite


class Breaking(FakeJudge):
    """``unrunnable``: numbers of tasks whose tests cannot run."""

    def __init__(self, unrunnable=frozenset(), faults=frozenset()):
        super().__init__(faults=faults)
        self.unrunnable = unrunnable

    def _verdict(self, task, program):
        if number_of(task.id) in self.unrunnable:
            return Verdict(outcome=Outcome.FAULT, reason=Reason.BROKEN_TASK, detail="line 1: invalid syntax")
        return super()._verdict(task, program)


@pytest.fixture
def suite(tmp_path):
    """Task 0 is sound; the reference of 1 is wrong; 2 has none; the tests of 3 cannot run."""
    rows = [
        {"task_id": n, "text": f"Return {n}.", "test_list": [f"assert f_{n}() == {n}"], "code": code}
        for n, code in enumerate(
            [
                "def f_0():\n    return 0",
                "def f_1():\n    return 7",
                None,
                "def f_3():\n    return 3",
            ]
        )
    ]
    path = tmp_path / "four.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return load_suite(str(path))


def test_what_is_broken_and_why(suite):
    broken = {task.task_id: task.why for task in broken_tasks(Breaking({3}), suite)}
    assert broken == {
        "four/1": "its reference does not pass its own tests (wrong)",
        "four/3": "its tests cannot run: line 1: invalid syntax",
    }


def test_a_fault_of_the_judge_breaks_no_task(suite):
    assert [t.task_id for t in broken_tasks(Breaking(faults=frozenset({"four/0"})), suite)] == ["four/1"]


def test_what_was_tried_before_is_in_the_ledger(shop, suite):
    shop.judge_with(Breaking({3}))
    first = sound(shop.workshop, suite)
    judged = shop.workshop.judge.judged
    assert sound(shop.workshop, suite) == first
    assert shop.workshop.judge.judged == judged + 1, "a task that cannot be judged is tried each time"


def test_a_repair_leaves_them_out_everywhere(shop):
    shop.judge_with(Breaking({4, 5}))
    healed = shop.heal(FakeFoundry(knows={1, 4}, learns={6}))
    board = read_model(healed.paths.baseline, Scoreboard, what="scoreboard")
    assert [task.task_id for task in board.broken] == ["ten/4", "ten/5"]
    assert set(board.by_task) == {f"ten/{n}" for n in range(10) if n not in (4, 5)}
    assert healed.report.protected == ("ten/1",)
    rows = (healed.paths.dataset / "rows.jsonl").read_text()
    assert "ten/4" not in rows and "ten/5" not in rows
    assert len(shop.workshop.store.ledger.result(healed.run, CHECK).broken) == 2


def test_broken_tasks_that_are_held_out_are_left_out_too(shop):
    shop.judge_with(Breaking({8, 9}))
    splits = {"repair": [f"{shop.suite}:0-6"], "holdout": [f"{shop.suite}:7-9"]}
    healed = shop.heal(FakeFoundry(knows={1, 7}, learns={6}), suites=(), splits=splits)
    assert healed.decision is Decision.PROMOTE
    assert set(healed.report.protected) == {"ten/1", "ten/7"}


def test_nothing_but_broken_tasks_is_said_before_any_work(shop):
    shop.judge_with(Breaking(set(range(10))))
    foundry = FakeFoundry(knows={1}, learns={6})
    with pytest.raises(UsageError, match="every task of split 'repair' is broken") as refused:
        shop.heal(foundry)
    assert "suture suite check" in refused.value.mend
    assert foundry.calls == []
