# ruff: noqa: E402 - the path and the extra come first
"""Laws of training, whatever stands behind it: same inputs, same bytes; a killed run, resumed, ends the same."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from rows import rows

from suture.core.model.train_settings import Strategy, TrainSettings
from suture.training.trainer import train

SETTINGS = TrainSettings(rank=2, alpha=4, lr=5e-3, epochs=2, batch=2)
ROWS = rows(9, 3)


class StopAfter:
    """A progress port behind which someone presses Ctrl-C."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def start(self, stage: str, total: int) -> None: ...

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        self._left -= done
        if self._left <= 0:
            raise KeyboardInterrupt

    def note(self, line: str) -> None: ...

    def finish(self) -> None: ...


@pytest.fixture(scope="module")
def base(base_of) -> Path:
    return base_of()


@pytest.fixture(scope="module")
def undisturbed(base, tmp_path_factory):
    return train(base, ROWS, SETTINGS, tmp_path_factory.mktemp("once") / "a", dataset_sha256="d")


def without_time(record):
    return [(epoch.epoch, epoch.loss, epoch.kl, epoch.tokens) for epoch in record.epochs]


def test_same_inputs_same_bytes(base, undisturbed, tmp_path):
    torch.manual_seed(999)
    again = train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d")
    assert again.sha256 == undisturbed.sha256
    assert without_time(again) == without_time(undisturbed)


def test_another_seed_other_bytes(base, undisturbed, tmp_path):
    other = SETTINGS.model_copy(update={"seed": 1})
    assert train(base, ROWS, other, tmp_path / "a", dataset_sha256="d").sha256 != undisturbed.sha256


@pytest.mark.parametrize("stop", [9, *(pytest.param(stop, marks=pytest.mark.slow) for stop in (1, 7, 14))])
def test_a_run_stopped_anywhere_and_resumed_ends_the_same(base, undisturbed, tmp_path, stop):
    checkpoints = tmp_path / "checkpoints"
    with pytest.raises(KeyboardInterrupt):
        train(
            base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=checkpoints, progress=StopAfter(stop)
        )
    assert not (tmp_path / "a").exists()
    done = StopAfter(10**9)
    resumed = train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=checkpoints, progress=done)
    assert resumed.sha256 == undisturbed.sha256
    assert without_time(resumed) == without_time(undisturbed)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from rows import rows
from suture.core.model.train_settings import TrainSettings
from suture.training.trainer import train
import torch
torch.set_num_threads(1)

class Kill:
    left = 7
    def start(self, stage, total): pass
    def note(self, line): pass
    def finish(self): pass
    def advance(self, done=1, *, tokens=0):
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

settings = TrainSettings.model_validate_json(sys.argv[3])
train(Path(sys.argv[1]), rows(9, 3), settings, Path(sys.argv[2]) / "a", dataset_sha256="d",
      checkpoints=Path(sys.argv[2]) / "checkpoints", progress=Kill())
"""


@pytest.mark.slow
def test_a_run_killed_outright_and_resumed_ends_the_same(base, undisturbed, tmp_path):
    support = str(Path(__file__).parents[1] / "support")
    command = [sys.executable, "-c", KILLED, str(base), str(tmp_path), SETTINGS.model_dump_json(), support]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    assert not (tmp_path / "a").exists()
    resumed = train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=tmp_path / "checkpoints")
    assert resumed.sha256 == undisturbed.sha256
    assert without_time(resumed) == without_time(undisturbed)


def test_resuming_does_not_begin_again(base, tmp_path):
    checkpoints = tmp_path / "checkpoints"
    for stop in (6, 10**9):
        progress = StopAfter(stop)
        try:
            train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=checkpoints, progress=progress)
        except KeyboardInterrupt:
            kept = sorted(path.name for path in checkpoints.glob("checkpoint-*"))
    assert kept == ["checkpoint-4", "checkpoint-5"]


def test_a_checkpoint_cut_off_by_a_kill_is_not_used(base, undisturbed, tmp_path):
    checkpoints = tmp_path / "checkpoints"
    with pytest.raises(KeyboardInterrupt):
        train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=checkpoints, progress=StopAfter(6))
    newest = checkpoints / "checkpoint-5"
    (newest / "whole.json").unlink()
    (newest / "optimizer.pt").write_bytes(b"")
    resumed = train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=checkpoints)
    assert resumed.sha256 == undisturbed.sha256


def test_checkpoints_of_other_inputs_are_not_used(base, undisturbed, tmp_path):
    checkpoints = tmp_path / "checkpoints"
    other = SETTINGS.model_copy(update={"strategy": Strategy.NAIVE})
    with pytest.raises(KeyboardInterrupt):
        train(base, ROWS, other, tmp_path / "a", dataset_sha256="d", checkpoints=checkpoints, progress=StopAfter(6))
    resumed = train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=checkpoints)
    assert resumed.sha256 == undisturbed.sha256


def test_the_base_is_left_as_it_was(base, tmp_path):
    before = {path.name: path.read_bytes() for path in base.iterdir()}
    train(base, ROWS, SETTINGS, tmp_path / "a", dataset_sha256="d")
    assert {path.name: path.read_bytes() for path in base.iterdir()} == before
