"""`suture heal` on the real model: reported, run again, rolled back. Stopped and resumed: test_interrupts.py."""

import json
from pathlib import Path

import pytest

DECISIONS = {"promote": 0, "reject": 1, "hold": 3}


@pytest.fixture(scope="module")
def suture(repaired_suture):
    return repaired_suture


@pytest.fixture(scope="module")
def report(first_report):
    return first_report


def test_every_task_is_measured_on_both_sides(report):
    rows = [row for row in report["gate"]["rows"] if row["split"] == "all"]
    assert [(row["before"]["total"], row["after"]["total"]) for row in rows] == [(4, 4)]


def test_anchors_and_failures_are_both_there(report):
    assert report["dataset"]["failures"] >= 1
    assert report["dataset"]["anchors"] >= 1
    assert report["gate"]["protected"]


def test_constraints_hold(report):
    assert [c["name"] for c in report["constraints"] if not c["holds"]] == []


def test_the_pack_is_proved(report):
    parity = report["pack"]["parity"]
    assert parity["tensors_checked"] > 200
    assert parity["tensors_failed"] == 0
    assert all(proof["same_tokens"] for proof in parity["logits"])


def test_report_files_say_the_same(suture, report):
    written = json.loads(Path(suture.directory, report["files"]["json"]).read_text())
    assert written["gate"] == report["gate"]
    markdown = Path(suture.directory, report["files"]["report"]).read_text()
    assert f"**TL;DR — {report['decision'].upper()}.**" in markdown


def test_run_again_measures_nothing_and_decides_the_same(suture, report):
    again = suture("heal", "tiny.yaml", expect=DECISIONS[report["decision"]])
    assert again["gate"] == report["gate"]
    assert again["timing"]["kinds"] == report["timing"]["kinds"]


def test_report_verb_prints_the_run(suture, report):
    assert suture("report", "tiny")["gate"] == report["gate"]


@pytest.mark.slow
def test_rollback_measures_the_anchors_again(suture, report):
    if report["decision"] != "promote":
        files = report["files"]
        gate = files["json"].replace("report.json", "gate.json")
        suture("promote", "code", files["pack"], "--report", gate, "--override", "to have something to roll back")
    back = suture("rollback", "code", "--why", "a test")
    assert back["event"]["pack"] == report["gate"]["baseline_pack"]
    assert back["anchors"]["anchors"] == report["gate"]["protected"]
    assert back["anchors"]["lost"] == []
    assert suture("rollback", "code", "--check")["anchors"] == back["anchors"]
