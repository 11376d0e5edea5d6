"""Law 4 on the real model: stopped in every stage, a run ends as if it had never been stopped, and without noise."""

import re
import signal

import pytest

STAGES = ("base", "bench", "train", "merge", "pack", "gate-bench")


def facts(report):
    return (
        report["decision"],
        report["gate"]["candidate"],
        report["dataset"]["rows_sha256"],
        report["adapter"]["sha256"],
        report["pack"]["sha256"],
    )


QUIET = re.compile(
    r"[\w ]+ \d+/\d+ · .+|suture: interrupted in stage [\w-]+; `suture heal tiny.yaml` goes on from there|"
)
"""What may be said after the signal: how far it was, and how it goes on."""


def stop_in(suture, stage, number):
    """Exit code of a run that is sent a signal when ``stage`` begins, and what it said then that is noise."""
    code, said = suture.stop_in(stage, number, "tiny.yaml")
    return code, [line for line in said.splitlines() if not QUIET.fullmatch(line)]


@pytest.mark.slow
def test_interrupted_in_every_stage(first_report, empty_suture):
    signals = (signal.SIGTERM, signal.SIGINT)
    ends = {stage: stop_in(empty_suture, stage, signals[at % 2]) for at, stage in enumerate(STAGES)}
    assert ends == dict.fromkeys(STAGES, (130, []))
    assert facts(empty_suture.heal("tiny.yaml")) == facts(first_report)
