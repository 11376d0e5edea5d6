"""A suite of all six kinds goes through the loop with the real judge: decided, taught and named by each kind."""

import json

import pytest
from fakes import FakeFoundry, recipe, scripted_workshop
from mixed import KINDS, rows_of, write_mixed
from scripted import ScriptedEngine

from suture.core.errors import StaleEvidence
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import require_one_instrument, sheet_of
from suture.core.measure.tools_by import ToolsBy
from suture.core.teach.dataset import RowKind
from suture.files.small_files import read_model
from suture.judge import open_judge
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.report.build import build_report
from suture.report.markdown import render_markdown
from suture.report.upload_directory import export
from suture.store.datasets import read_dataset
from suture.store.verification import verify_store
from suture.suites.kinds import KINDS as ALL_KINDS

ROWS = [row for kind in KINDS for row in rows_of(kind)]
FAILS = {
    "python": "I cannot.",
    "tool-calls": "get_weather(1)",
    "json": '{"name": ',
    "sql": "DROP TABLE item",
    "text": "something else",
    "grader": "something else",
}
IN_FORM = ("python", "tool-calls", "json", "sql")
"""Kinds whose answer in ``FAILS`` is none of theirs; of the others it is a wrong one."""


@pytest.fixture(scope="module")
def judge():
    with open_judge(workers=1) as opened:
        yield opened


class Says(ScriptedEngine):
    """Of every kind, the reference of the tasks whose number the pack's bytes name; else what no check passes."""

    def __init__(self, knows):
        super().__init__(self._say, batch=3)
        self._knows = knows

    def _say(self, prompt):
        row = next(row for row in ROWS if row["prompt"] in prompt)
        return row["reference"] if int(row["id"][-1]) in self._knows else FAILS[row["kind"]]


@pytest.fixture
def workshop(tmp_path, judge):
    workshop = scripted_workshop(tmp_path, judge)
    workshop.engines.open = lambda choice, pack: Says(set(json.loads(pack.read_text())))
    yield workshop
    workshop.store.ledger.close()


@pytest.fixture
def healed(tmp_path, workshop):
    """Heals, and gives the run's report and its result."""
    base = tmp_path / "base.gguf"
    base.write_bytes(b"a model")

    def healed(foundry, kinds=KINDS, **changes):
        suite = write_mixed(tmp_path / "mixed.jsonl", kinds)
        resolved = resolve(workshop, foundry, recipe(suite, base, **changes), relative_to=tmp_path)
        result = RepairRun(workshop, foundry, resolved).heal()
        return build_report(workshop.store, result.run, command="suture heal mixed.yaml"), result

    return healed


def of_all(number):
    return {f"{kind}/{number}" for kind in KINDS}


def test_the_suite_has_every_kind():
    assert set(ALL_KINDS) == set(KINDS)


def test_every_kind_is_protected_taught_and_repaired(workshop, healed):
    report, result = healed(FakeFoundry(knows={1}, learns={2}))
    assert report.decision == "promote", report.reasons
    assert (set(report.gate.protected), set(report.gate.repaired)) == (of_all(1), of_all(2))
    assert set(report.gate.kept) == of_all(1)
    rows = read_dataset(result.paths.dataset).rows
    assert {row.task_id for row in rows if row.kind is RowKind.ANCHOR} == of_all(1)
    taught = {row.task_id: row.target for row in rows if row.kind is RowKind.FAILURE}
    assert taught.keys() == of_all(0) | of_all(2) | of_all(3)
    assert taught["sql/2"] == "SELECT count(*) FROM item WHERE shelf = 'a'\n```"
    assert taught["tool-calls/0"] == "[]\n```"
    assert list(verify_store(workshop.store).damage) == []


def test_variations_of_failures_are_taught_beside_them(workshop, healed):
    report, result = healed(FakeFoundry(knows={1}, learns={2}), harvest={"variations": 2})
    dataset = read_dataset(result.paths.dataset)
    varied = [row for row in dataset.rows if row.kind is RowKind.VARIATION]
    assert varied
    assert len(varied) == dataset.manifest.variations
    assert {row.task_id.partition("~")[0] for row in varied} <= {"tool-calls/2", "tool-calls/3"}
    assert f"{len(varied)} variations of them with other values" in render_markdown(report)
    plain, _ = healed(FakeFoundry(knows={1}, learns={2}))
    assert "variations of them" not in render_markdown(plain)


def test_the_report_has_a_row_for_each_kind_and_says_how_tools_were_rendered(healed):
    report, _ = healed(FakeFoundry(knows={1}, learns={2}))
    assert report.kinds == {"mixed": KINDS}
    assert report.tools is ToolsBy.CHAT
    text = render_markdown(report)
    for kind in KINDS:
        assert f"| kind {kind} | 4 | 1 | 2 | 1 | 0 |" in text
    assert "at most 256 new tokens where a task sets no limit; tools rendered by Suture, as text in the" in text


def test_how_tools_were_rendered_is_part_of_the_instrument(healed):
    _, result = healed(FakeFoundry(knows={1}, learns={2}), kinds=["tool-calls"])
    board = read_model(result.paths.baseline, Scoreboard, what="scoreboard")
    other = board.model_copy(update={"tools": ToolsBy.TEMPLATE})
    with pytest.raises(StaleEvidence, match=r"differ in their tools \(chat and template\)"):
        require_one_instrument(sheet_of(board), sheet_of(other))


def test_a_suite_of_one_kind_has_no_row_for_it_and_no_words_on_tools(healed):
    report, _ = healed(FakeFoundry(knows={1}, learns={2}), kinds=["sql"])
    text = render_markdown(report)
    assert "| kind " not in text
    assert "tools rendered" not in text


def test_losses_in_form_are_told_in_the_words_of_their_kinds(healed):
    report, _ = healed(FakeFoundry(knows={1, 2}, learns={3}, forgets={1}))
    assert report.decision == "reject"
    assert set(report.gate.lost_format) == {f"{kind}/1" for kind in IN_FORM}
    text = render_markdown(report)
    for kind in IN_FORM:
        assert f"{kind}: {ALL_KINDS[kind].words.losses}" in text
    assert ALL_KINDS["text"].words.losses not in text
    assert "```sql\nDROP TABLE item\n```" in text
    assert "```\nsomething else\n```" in text


def test_losses_of_one_kind_are_told_in_its_words_alone(healed):
    report, _ = healed(FakeFoundry(knows={1, 2}, learns={3}, forgets={1}), kinds=["json"])
    text = render_markdown(report)
    assert "(1 of them in form only: not one JSON value, or cut off; the rest in skill)" in text
    assert "no code" not in text


@pytest.mark.parametrize(
    ("kinds", "job", "judged"),
    [
        (["sql"], "SQL", "queries judged in a sandbox"),
        (["json", "text"], "Text generation", "decided without running anything"),
        (
            ["python", "sql", "grader"],
            "Text generation",
            "programs, queries and answers to graders judged in a sandbox",
        ),
    ],
)
def test_the_card_says_what_was_measured_and_how_it_was_judged(tmp_path, workshop, healed, kinds, job, judged):
    healed(FakeFoundry(knows={1}, learns={2}), kinds=kinds)
    export(workshop.store, "m", tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"name: {job}\n" in card
    assert judged in card


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["json", "text"], "no answer was run"),
        (["text", "python"], "programs were judged in a sandbox"),
        (["python", "sql"], "programs and queries were judged in a sandbox"),
    ],
)
def test_the_sandbox_is_a_constraint_where_answers_are_run(healed, kinds, said):
    report, _ = healed(FakeFoundry(knows={1}, learns={2}), kinds=kinds)
    assert (said, True) in {(constraint.name, constraint.holds) for constraint in report.constraints}


def test_the_card_says_how_tools_were_rendered(tmp_path, workshop, healed):
    healed(FakeFoundry(knows={1}, learns={2}), kinds=["tool-calls"])
    export(workshop.store, "m", tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "name: Tool calls\n" in card
    assert "with tools rendered by Suture" in card
