"""Tasks that the base writes itself are trained on with its own answers, and are none that anything is held to."""

import json

import pytest
from fakes import FakeFoundry, StopsAfter

from suture.core.errors import UsageError
from suture.core.plan.stages import REHEARSE
from suture.core.teach.dataset import RowKind
from suture.files.small_files import sha256_of
from suture.loop.workshop import Silent
from suture.store.datasets import read_dataset
from suture.suites.unlike import Unlike

REHEARSED = {"harvest": {"rehearse": 40, "gate_only": 0.5}}


def repair():
    return FakeFoundry(knows={1, 2, 4, 6}, learns={5})


def test_rows_are_new_tasks_with_the_bases_own_answers(shop):
    healed = shop.heal(repair(), **REHEARSED)
    dataset = read_dataset(healed.paths.dataset)
    rows = [row for row in dataset.rows if row.kind is RowKind.REHEARSAL]
    assert {row.prompt.split("Return ")[1].split(".")[0] for row in rows} == {"101", "102", "103"}
    assert all(row.target.endswith("return -1\n```") and row.target_attempt == row.attempt for row in rows)
    manifest = dataset.manifest
    assert (manifest.anchors, manifest.rehearsals, len(manifest.gate_only)) == (2, 3, 2)
    output = shop.workshop.store.ledger.result(healed.run, REHEARSE).to_json()
    assert (output["written"], output["usable"], output["faults"]) == (40, 3, 0)
    assert output["scoreboard"] == manifest.scoreboard


def test_gate_only_anchors_are_not_shown_as_examples(shop):
    asked = []
    inner = shop.workshop.engines.open

    def listening(choice, pack):
        engine = inner(choice, pack)
        asked.append(engine)
        return engine

    shop.workshop.engines.open = listening
    healed = shop.heal(repair(), **REHEARSED)
    held_back = read_dataset(healed.paths.dataset).manifest.gate_only
    openings = [prompt for engine in asked for prompt in engine.asked if prompt.endswith("Write a")]
    assert len(openings) == 40
    assert not [name for name in held_back for prompt in openings if f"f_{name.split('/')[1]}()" in prompt]


def test_a_suite_without_exercises_is_refused(shop):
    fields = {"test": "def check(c):\n    assert c() == 1", "canonical_solution": "    return 1\n"}
    stubs = [(n, f'def f_{n}():\n    """Return {n}."""\n') for n in range(3)]
    rows = [{"task_id": f"own/{n}", "prompt": stub, "entry_point": f"f_{n}", **fields} for n, stub in stubs]
    suite = shop.root / "stubs.jsonl"
    suite.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(UsageError, match="a task in MBPP's form"):
        shop.heal(repair(), suites=[str(suite)], **REHEARSED)


@pytest.mark.parametrize("answers", [11, 25, 49, 52])
def test_stopped_and_resumed_teaches_the_same(shop, other_shop, answers):
    shop.workshop.progress = StopsAfter(answers)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(repair(), **REHEARSED)
    shop.workshop.progress = Silent()
    resumed = shop.heal(repair(), **REHEARSED)
    untouched = other_shop.heal(repair(), **REHEARSED)
    assert sha256_of(resumed.paths.rows) == sha256_of(untouched.paths.rows)


def test_a_measured_task_in_other_words_is_not_rehearsed(shop, monkeypatch):
    """As with questions from elsewhere: telling runs of words, and not the name alone."""
    compared = []

    def all_alike(written, others):
        compared.append((len(written), len(others)))
        return Unlike((), (), 0)

    monkeypatch.setattr("suture.loop.task_writing.unlike", all_alike)
    healed = shop.heal(repair(), **REHEARSED)
    assert [of for _, of in compared] == [10]
    assert not [row for row in read_dataset(healed.paths.dataset).rows if row.kind is RowKind.REHEARSAL]
