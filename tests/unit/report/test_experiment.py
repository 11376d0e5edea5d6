import json

import pytest

from suture.core.gate.anchors import AnchorsKept, KeptCount
from suture.core.measure.attempt import EngineIdentity
from suture.core.plan.cell_results import CellResult, PassChange
from suture.core.plan.grid import Experiment
from suture.report.experiment_tables import as_markdown, write_experiment

pytest.importorskip("altair")
pytest.importorskip("vl_convert")

GRID = Experiment(
    name="grid",
    recipe={},
    protocols={"p": {"splits": {"repair": ["mbpp:train"]}}},
    strategies={"naive": {}, "replay": {}},
)


def outcome(strategy="naive", seed=0, **changes):
    kept = KeptCount(kept=3, total=4)
    fields = {
        "run": "abc",
        "protocol": "p",
        "strategy": strategy,
        "seed": seed,
        "size": 1.0,
        "scale": "0.75",
        "trained": PassChange(total=40, before=0, after=10, gained=10, lost=0),
        "anchors": AnchorsKept(replay=kept, gate_only=kept, elsewhere=kept),
        "lost": 3,
        "lost_format": 1,
        "repaired": 12,
        "splits": {"holdout": PassChange(total=400, before=16, after=31, gained=18, lost=3)},
        "kl": 0.0123,
        "tokens": 1000,
        "seconds": 7.4,
        "targets": {},
    }
    return CellResult.model_validate(fields | changes)


def test_the_table_says_every_number():
    text = as_markdown(GRID, [outcome()], command="suture experiment g.yaml", failed={"cell": "it broke"})
    assert "repair: mbpp:train" in text
    row = next(line for line in text.splitlines() if line.startswith("| naive"))
    for shown in (
        "0.75",
        "10 of 40 (14% to 40%)",
        "3 of 4",
        "3 (1)",
        "16 to 31 of 400 (+18 -3;",
        "0.0123",
        "1000",
        "7",
    ):
        assert shown in row
    assert "- cell: it broke" in text
    assert "Over the seeds" not in text


def test_seeds_are_summed_up():
    runs = [outcome(seed=0), outcome(seed=1, lost=0)]
    text = as_markdown(GRID, runs, command="", failed={})
    assert "| naive | 1 | 2 | 10 to 10 | 0 to 3 | 1 | 15 to 15 |" in text


def test_runs_of_several_instruments_are_told_apart():
    one, other = (EngineIdentity(name="openvino", version="1", threads=2, batch=8, processor=of) for of in ("A", "B"))
    assert "instrument" not in as_markdown(GRID, [outcome(engine=one), outcome(engine=one)], command="", failed={})
    runs = [outcome(engine=one, run="a"), outcome(engine=other, run="b"), outcome(run="c")]
    text = as_markdown(GRID, runs, command="", failed={})
    assert "## More than one instrument: only runs of one may be compared" in text
    assert "processor A: `a`" in text and "processor B: `b`" in text and "- not noted: `c`" in text


def test_files_are_whole_and_the_same_every_time(tmp_path):
    runs = [outcome(), outcome("replay", lost=0, repaired=5)]
    for directory in ("a", "b"):
        write_experiment(tmp_path / directory, GRID, runs, command="c", failed={})
    svg = (tmp_path / "a/results.svg").read_text()
    assert svg.startswith("<svg")
    assert "replay" in svg
    assert "tasks repaired" in svg
    assert svg == (tmp_path / "b/results.svg").read_text()
    found = json.loads((tmp_path / "a/results.json").read_text())
    assert [CellResult.model_validate(one) for one in found["outcomes"]] == runs
