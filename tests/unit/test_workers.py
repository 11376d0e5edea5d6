"""Files of test runs lie in memory; those of killed runs are removed by the next one."""

import getpass
import os
import subprocess
import sys

from workers import remove_files_of_killed_runs


def test_files_of_a_killed_run_go_and_those_of_a_running_one_stay(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    runs = tmp_path / f"pytest-of-{getpass.getuser()}"
    for name, lock in {"killed": str(ended.pid), "running": str(os.getpid()), "beginning": ""}.items():
        (runs / f"pytest-{name}").mkdir(parents=True)
        (runs / f"pytest-{name}" / ".lock").write_text(lock)
    remove_files_of_killed_runs(tmp_path)
    assert sorted(folder.name for folder in runs.iterdir()) == ["pytest-beginning", "pytest-running"]
