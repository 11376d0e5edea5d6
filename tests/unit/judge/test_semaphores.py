"""The stand-in for ``_multiprocessing`` does between threads what the C one does between processes."""

import subprocess
import sys
import threading

import pytest

from suture.judge.confined.semaphores import RECURSIVE_MUTEX, SEMAPHORE, SemLock


def lock(kind=SEMAPHORE, value=1, most=1):
    return SemLock(kind, value, most, "name", True)


def elsewhere(action):
    """What an action gives, or raises, in another thread."""
    found = []

    def run():
        try:
            found.append(action())
        except (AssertionError, ValueError) as error:
            found.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def test_a_lock_is_held_by_one():
    held = lock()
    assert held.acquire()
    assert not held.acquire(False)
    assert not held.acquire(True, 0.001)
    assert not elsewhere(lambda: held.acquire(False))
    assert held._is_mine()
    assert not elsewhere(held._is_mine)
    assert held._is_zero()
    assert elsewhere(held.release) is None  # a lock may be released by whoever
    with held:
        assert held._get_value() == 0
    assert held._get_value() == 1


def test_a_recursive_lock_counts_its_owner():
    held = lock(RECURSIVE_MUTEX)
    assert held.acquire()
    assert held.acquire()
    assert held._count() == 2
    assert elsewhere(held.release) is AssertionError
    assert not elsewhere(lambda: held.acquire(False))
    held.release()
    assert not elsewhere(lambda: held.acquire(False))
    held.release()
    assert elsewhere(lambda: held.acquire(False))


def test_a_semaphore_has_as_many_as_it_was_given():
    slots = lock(value=2, most=3)
    assert slots.acquire(False)
    assert slots.acquire(False)
    assert not slots.acquire(False)
    for _ in range(3):
        slots.release()
    with pytest.raises(ValueError, match="too many times"):
        slots.release()


def test_a_waiter_is_woken():
    held = lock()
    held.acquire()
    threading.Timer(0.01, held.release).start()
    assert held.acquire(True, 60)


POOLS = """
import sys
from suture.judge.confined import semaphores
sys.modules["_multiprocessing"] = None  # as where no semaphore can be made
semaphores.install()
import multiprocessing, multiprocessing.dummy
from multiprocessing.pool import ThreadPool
with ThreadPool(4) as pool:
    assert pool.map(abs, range(-50, 0)) == list(range(50, 0, -1))
lock, event, slots = multiprocessing.RLock(), multiprocessing.Event(), multiprocessing.BoundedSemaphore(1)
with lock, lock:
    event.set()
assert event.wait(60) and slots.acquire() and not slots.acquire(False)
slots.release()
try:
    slots.release()
except ValueError as error:
    print(error)
"""


def test_the_standard_library_runs_on_it():
    run = subprocess.run([sys.executable, "-c", POOLS], capture_output=True, text=True, check=False)
    assert run.stdout == "semaphore or lock released too many times\n", run.stderr


def test_many_threads_never_hold_more_than_there_are():
    slots, inside, most = lock(value=3, most=3), [], []

    def work():
        for _ in range(50):
            with slots:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 400
    assert max(most) <= 3
    assert slots._get_value() == 3
