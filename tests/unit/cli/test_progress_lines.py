"""Lines of progress where there is no terminal: none for what takes no time, and no time left from one answer."""

import pytest

from suture.cli import progress as module
from suture.cli.progress import open_progress


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    return later


def test_what_takes_no_time_is_not_said(clock, capsys):
    progress = open_progress()
    progress.start("compare", 14)
    progress.advance(14)
    progress.finish()
    assert capsys.readouterr().err == ""


def test_a_stage_that_takes_longer_is_said_once_it_is_done(clock, capsys):
    progress = open_progress()
    progress.start("merge", 1)
    clock(5)
    progress.finish()
    assert capsys.readouterr().err == "merge 0/1 · 5 s\n"


def test_the_first_answer_of_a_batch_is_no_measure_of_the_others(clock, capsys):
    progress = open_progress(whole=lambda share: 600.0)
    progress.start("bench", 60)
    clock(9)
    progress.advance(1, tokens=90)
    clock(11)
    progress.advance(32, tokens=910)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "bench 1/60 · 10 tok/s · whole run: about 10 min left",
        "bench 33/60 · 50 tok/s · 16 s left · whole run: about 10 min left",
    ]
