"""Sleep is counted, waiting for a core is not, however late the counting is."""

import subprocess
import sys
import time

import pytest

from suture.judge.confined.limits import busy_of, cpu_of
from suture.judge.referee.conversation import Patience
from suture.judge.referee.worker_process import Rest, Usage

AWAKE = Usage(0.0, None)


class Told:
    """Stands for a worker whose program is seen in these states, one after the other."""

    def __init__(self, *looks: Usage | None) -> None:
        self._looks = iter(looks)

    def usage(self) -> Usage | None:
        return next(self._looks)


def resting(at_s: float, busy_s: float) -> Usage:
    return Usage(busy_s, Rest(at_s, busy_s))


def ran_out(wall_s: float, *looks: Usage | None) -> list[bool]:
    patience = Patience(Told(*looks), wall_s)
    patience.began()
    return [patience.ran_out() for _ in looks]


def test_a_sleeper_runs_out_of_patience():
    assert ran_out(1.0, resting(5.0, 0.1), resting(5.6, 0.1), resting(6.1, 0.1)) == [False, False, True]


def test_a_program_that_runs_or_waits_never_does():
    assert not any(ran_out(1.0, *(resting(10.0 * n, 9.95 * n) for n in range(1, 20))))


def test_what_lies_between_two_rests_is_counted_once_its_wait_is_known():
    assert ran_out(1.0, resting(0.0, 0.0), AWAKE, AWAKE, resting(50.0, 49.5)) == [False] * 4
    assert ran_out(1.0, resting(0.0, 0.0), AWAKE, AWAKE, resting(50.0, 48.5))[-1]


def test_threads_that_end_take_their_account_with_them_and_give_no_credit():
    assert ran_out(1.0, resting(0.0, 9.0), resting(0.5, 0.1), resting(1.1, 0.1)) == [False, False, True]


def test_a_program_that_has_ended_is_not_blamed():
    assert ran_out(1.0, resting(0.0, 0.0), None, None) == [False] * 3


def test_looks_at_a_program_that_is_always_awake_count_nothing():
    assert not any(ran_out(0.001, *[AWAKE] * 20))


@pytest.mark.parametrize(("source", "rests"), [("while True: pass", False), ("import time; time.sleep(60)", True)])
def test_a_thread_that_runs_or_is_ready_to_is_not_at_rest(source, rests):
    program = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and (cpu_of(program.pid) < 0.05 if not rests else busy_of(program.pid) is None):
            time.sleep(0.01)
        seen = [busy_of(program.pid) for _ in range(50)]
    finally:
        program.kill()
        program.wait()
    if rests:
        assert any(isinstance(one, float) for one in seen)
    else:
        assert seen == [None] * 50
