"""Law 4 on the real model: Ctrl-C in every stage, and the run ends as if it had never been stopped."""

import signal

import pytest

STAGES = ("base", "bench", "train", "merge", "pack", "gate-bench")
DECISIONS = (0, 1, 3)


def facts(report):
    return (
        report["decision"],
        report["gate"]["candidate"],
        report["dataset"]["rows_sha256"],
        report["adapter"]["sha256"],
        report["pack"]["sha256"],
    )


def stop_in(suture, stage):
    """Exit code of a run that is sent SIGINT when ``stage`` begins."""
    with suture.start("heal", "tiny.yaml") as process:
        for line in process.stderr:
            if line.startswith(f"{stage} ..."):
                process.send_signal(signal.SIGINT)
                break
        process.communicate()
    return process.returncode


@pytest.mark.slow
def test_interrupted_in_every_stage(suture, another_suture):
    untouched = suture("heal", "tiny.yaml", expect=DECISIONS)
    codes = {stage: stop_in(another_suture, stage) for stage in STAGES}
    assert codes == dict.fromkeys(STAGES, 130)
    assert facts(another_suture("heal", "tiny.yaml", expect=DECISIONS)) == facts(untouched)
