"""Sleep is counted, waiting for a core is not, however late the counting is; and nobody stays for ever."""

import subprocess
import sys
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.judge.confined.limits import cpu_of, resting
from suture.judge.referee.patience import STARVED, UNSEEN, Patience
from suture.judge.referee.worker_process import Look


class Told:
    """Stands for a worker whose program is seen in these states, one after the other."""

    def __init__(self, *looks: Look | None) -> None:
        self._looks = iter(looks)

    def look(self) -> Look | None:
        return next(self._looks)


def rest(at_s: float, busy_s: float, *, cpu_s: float | None = None, threads: int = 1, took_s: float = 0.0) -> Look:
    return Look(busy_s if cpu_s is None else cpu_s, at_s, at_s + took_s, busy_s, threads)


def awake(at_s: float, cpu_s: float) -> Look:
    return Look(cpu_s, at_s, at_s, None, 0)


def ran_out(wall_s: float, *looks: Look | None) -> list[bool]:
    patience = Patience(Told(*looks), wall_s)
    patience.began()
    return [patience.ran_out() for _ in looks]


def test_a_sleeper_runs_out_of_patience():
    assert ran_out(1.0, rest(5.0, 0.1), rest(5.6, 0.1), rest(6.1, 0.1)) == [False, False, True]


def test_a_program_that_runs_or_waits_never_does():
    assert not any(ran_out(1.0, *(rest(10.0 * n, 9.95 * n) for n in range(1, 20))))


def test_what_lies_between_two_rests_is_counted_once_its_wait_is_known():
    between = awake(10.0, 5.0), awake(40.0, 20.0)
    assert ran_out(1.0, rest(0.0, 0.0), *between, rest(50.0, 49.5, cpu_s=25.0)) == [False] * 4
    assert ran_out(1.0, rest(0.0, 0.0), *between, rest(50.0, 48.5, cpu_s=25.0))[-1]


def test_cpu_time_of_threads_that_ended_is_no_sleep():
    assert ran_out(1.0, rest(0.0, 9.0, cpu_s=9.0), rest(5.0, 9.0, cpu_s=13.5)) == [False, False]


def test_nothing_is_counted_over_a_change_of_threads():
    assert ran_out(1.0, rest(0.0, 9.0), rest(5.0, 0.1, cpu_s=9.1, threads=2)) == [False, False]


def test_a_slow_look_counts_for_less_and_is_no_way_out():
    looks = [rest(0.25 * n, 0.0, took_s=0.125) for n in range(12)]
    assert ran_out(1.0, *looks).index(True) == 8


def test_a_program_that_has_ended_is_not_blamed():
    assert ran_out(1.0, rest(0.0, 0.0), None, None) == [False] * 3


def test_who_is_never_seen_asleep_and_does_not_run_has_a_bound_of_its_own():
    looks = [awake(0.1 * n, 0.0) for n in range(int(10 * UNSEEN) + 2)]
    said = ran_out(1.0, *looks)
    assert said[-1] and not any(said[:-2])


@given(st.lists(st.floats(0.05, 3.0), min_size=1, max_size=60), st.integers(1, 90))
def test_a_starved_program_is_not_blamed_however_its_turns_fall(turns, factor):
    """It runs ``1/factor`` of the time, in whichever intervals."""
    at_s = cpu_s = owed_s = 0.0
    looks = [awake(0.0, 0.0)]
    for number, seconds in enumerate(turns):
        at_s, owed_s = at_s + seconds, owed_s + seconds / factor
        if number % 2:
            cpu_s, owed_s = cpu_s + owed_s, 0.0
        looks.append(awake(at_s, cpu_s))
    assert factor < STARVED
    assert not any(ran_out(1.0, *looks))


@pytest.mark.parametrize(
    ("source", "rests"), [("while True: pass", False), ("import time; time.sleep(60)", True)], ids=["runs", "sleeps"]
)
def test_a_thread_that_runs_or_is_ready_to_is_not_at_rest(source, rests):
    program = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and (cpu_of(program.pid) < 0.05 if not rests else resting(program.pid) is None):
            time.sleep(0.01)
        seen = [resting(program.pid) for _ in range(50)]
    finally:
        program.kill()
        program.wait()
    if rests:
        assert any(seen)
    else:
        assert seen == [None] * 50


def test_a_program_that_has_gone_is_not_at_rest():
    program = subprocess.Popen([sys.executable, "-c", ""])
    program.wait()
    assert resting(program.pid) is None


THREADS = """
import threading
while True:
    for thread in [threading.Thread(target=sum, args=(range(1000),)) for _ in range(20)]:
        thread.start()
        thread.join()
"""


def test_threads_that_end_in_the_middle_of_a_look_are_not_taken_for_rest():
    program = subprocess.Popen([sys.executable, "-c", THREADS])
    try:
        while cpu_of(program.pid) < 0.1:
            time.sleep(0.01)
        before, began, seen = cpu_of(program.pid), time.monotonic(), []
        while time.monotonic() - began < 0.5:
            seen.append(resting(program.pid))
        assert cpu_of(program.pid) > before
    finally:
        program.kill()
        program.wait()
    same = [pair for pair in pairwise(seen) if None not in pair and pair[0][1] == pair[1][1]]
    assert all(after[0] >= before[0] for before, after in same)
