"""A repair from what was served: verified failures are taught, verified right answers are protected."""

import pytest
from fakes import FakeFoundry, recipe

from suture.core.gate.gate_report import Decision
from suture.core.measure.asked import Asked
from suture.core.measure.splits import Split
from suture.core.measure.task import Message
from suture.loop.measuring.served_tasks import shown_by, task_of
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.store.datasets import read_dataset
from suture.suites.own_rows import as_lines
from suture.wiring.served_tasks import own_row, with_served


@pytest.fixture
def served(tmp_path):
    """Own rows as a harvest of served answers leaves them: 10 with a correction, 21 without, 22 right already."""
    tasks = []
    for number in (10, 21, 22):
        prompt = f"Return {number}.\n```python\nassert f_{number}() == {number}\n```"
        asked = Asked(kind="", messages=(Message(role="user", content=prompt),))
        reference = f"def f_{number}():\n    return {number}" if number == 10 else None
        tasks.append(task_of(*shown_by(asked), name=f"served/chatcmpl-{number}", reference=reference))
    path = tmp_path / "served" / "served.jsonl"
    path.parent.mkdir()
    path.write_text(as_lines(own_row(task) for task in tasks))
    return path


def heal(shop, served, foundry, **changes):
    written = with_served(recipe(shop.suite, shop.base, **changes), served)
    resolved = resolve(shop.workshop, foundry, written, relative_to=shop.root)
    return resolved, RepairRun(shop.workshop, foundry, resolved).heal()


def test_a_served_failure_is_taught_and_repaired(shop, served):
    foundry = FakeFoundry(knows={1, 2, 22}, learns={10})
    resolved, healed = heal(shop, served, foundry, splits={"seed": 0, "repair": 0.5, "holdout": 0.5})
    assert {resolved.splits[f"served/chatcmpl-{number}"] for number in (10, 21, 22)} == {Split.REPAIR}
    assert healed.decision is Decision.PROMOTE
    assert healed.report.repaired == ("served/chatcmpl-10",)
    rows = {row.task_id: row for row in read_dataset(healed.paths.dataset).rows}
    assert rows["served/chatcmpl-10"].target == "def f_10():\n    return 10"
    assert rows["served/chatcmpl-22"].kind == "anchor" and not rows["served/chatcmpl-21"].trainable


def test_a_served_answer_that_was_right_is_an_anchor_of_the_gate(shop, served):
    _, healed = heal(shop, served, FakeFoundry(knows={1, 2, 22}, learns={10}, forgets={22}))
    assert healed.decision is Decision.REJECT and healed.report.lost == ("served/chatcmpl-22",)
