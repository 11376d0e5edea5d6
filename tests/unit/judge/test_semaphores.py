"""The stand-in for ``_multiprocessing`` does between threads what the C one does between processes."""

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
