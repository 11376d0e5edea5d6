"""What several pytest processes at one run (``pytest -n``) share out among themselves, and what they make once."""

import getpass
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from suture.files.atomic import is_running

MOST_WORKERS = 4
"""Each loads the real model; more processes gain little."""
WAITING = 2
"""Workers a core where slow tests are among those that run: a third of their time they wait, for servers, clients and
what was killed. A whole number, so that no core has fewer than another and stands still whenever its one worker waits.
Quick tests wait little, and the repair among them needs a core of its own: on two cores two workers took 152 s for what
three took 174 and 192 s, by which of them had the repair."""

ROOM = 4 << 30
"""Bytes of memory that must be free for the files of a run."""


def workers_for(cores: int, *, quick: bool) -> int:
    return max(1, min(cores if quick else cores * WAITING, MOST_WORKERS))


def take_share_of_cores() -> None:
    """Keep this worker and what it starts on cores of its own, or on one that it shares where there are more workers.

    Engines and torch take a thread for each core they may use, and such threads wait for one another by spinning: two
    workers that both take two threads on two cores are several times slower than two that take one each.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None or not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    count, number = int(os.environ["PYTEST_XDIST_WORKER_COUNT"]), int(worker.removeprefix("gw"))
    os.sched_setaffinity(0, share_of(cores, number, count))


def share_of(cores: Sequence[int], number: int, count: int) -> set[int]:
    """The cores of worker ``number`` of ``count``."""
    return set(cores[number % count :: count]) or {cores[number % len(cores)]}


def files_in_memory() -> None:
    """Put the files of tests on a tmpfs where there is one with room: most of a store's time is ``fsync``."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        return
    if "PYTEST_XDIST_WORKER" not in os.environ:
        remove_files_of_killed_runs(memory)
    if shutil.disk_usage(memory).free < ROOM:
        return
    if not os.statvfs(memory).f_flag & os.ST_NOEXEC:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def remove_files_of_killed_runs(memory: Path) -> None:
    """Free the memory of runs that were killed: pytest leaves their files for three days, a run's worth each."""
    for lock in memory.glob(f"pytest-of-{getpass.getuser()}/pytest-*/.lock"):
        pid = lock.read_text(errors="replace")
        if pid.isdecimal() and not is_running(int(pid)):  # one that says nothing yet is being written
            shutil.rmtree(lock.parent, ignore_errors=True)


LARGE = 1 << 20


def copy_with_links(source: Path, target: Path) -> None:
    """Copy a directory that tests share. Large files are links: packs and weights are never written in place, ledgers
    are."""

    def copy(file: str, to: str) -> None:
        large = Path(file).stat().st_size > LARGE and not file.endswith(".db")
        (os.link if large else shutil.copy2)(file, to)

    shutil.copytree(source, target, copy_function=copy, dirs_exist_ok=True)


def once_a_run(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The directory ``name``, filled by ``make`` in whichever worker needs it first. Nobody changes it afterwards."""
    own = factory.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, done = run / name, run / f"{name}.done"
    with FileLock(run / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed at it
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
