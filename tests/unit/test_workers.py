"""Files of test runs lie in memory; those of killed runs are removed by the next one."""

import getpass
import os
import subprocess
import sys

import pytest
from workers import remove_files_of_killed_runs, share_of, workers_for


def test_files_of_a_killed_run_go_and_those_of_a_running_one_stay(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    runs = tmp_path / f"pytest-of-{getpass.getuser()}"
    for name, lock in {"killed": str(ended.pid), "running": str(os.getpid()), "beginning": ""}.items():
        (runs / f"pytest-{name}").mkdir(parents=True)
        (runs / f"pytest-{name}" / ".lock").write_text(lock)
    remove_files_of_killed_runs(tmp_path)
    assert sorted(folder.name for folder in runs.iterdir()) == ["pytest-beginning", "pytest-running"]


@pytest.mark.parametrize(("cores", "workers"), [(1, 2), (2, 4), (3, 4), (4, 4), (64, 4)])
def test_there_are_more_workers_than_cores_up_to_four(cores, workers):
    assert workers_for(cores, quick=False) == workers


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 2), (3, 3), (4, 4), (64, 4)])
def test_quick_tests_have_a_core_for_each_worker(cores, workers):
    assert workers_for(cores, quick=True) == workers


@pytest.mark.parametrize(
    ("cores", "count", "shares"),
    [
        ([0, 1], 2, [{0}, {1}]),
        ([0, 1], 3, [{0}, {1}, {0}]),
        ([3, 5, 7, 9], 3, [{3, 9}, {5}, {7}]),
        ([4], 2, [{4}, {4}]),
    ],
)
def test_every_worker_has_a_core_and_none_is_idle(cores, count, shares):
    assert [share_of(cores, number, count) for number in range(count)] == shares
