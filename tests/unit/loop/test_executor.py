"""Results come in the order of the items, wherever the work runs."""

import threading
from contextlib import contextmanager
from itertools import chain

import pytest

from suture.loop.measuring.executor import Serial, Threads


def in_order(executor, work, items):
    return chain.from_iterable(executor.groups(work, items))


@pytest.mark.parametrize(
    "executor",
    [Serial(), Threads(), Threads(lambda: 3), Threads(lambda: 6, threads=4)],
    ids=["serial", "one", "three", "four threads"],
)
def test_every_item_is_worked_on_once_and_in_order(executor):
    assert list(in_order(executor, lambda n: n * n, range(7))) == [n * n for n in range(7)]
    assert list(in_order(executor, lambda n: n, [])) == []


@pytest.mark.parametrize("executor", [Serial(), Threads()], ids=["serial", "threads"])
def test_a_failure_comes_out_where_its_result_would(executor):
    results = in_order(executor, lambda n: 1 // n, [1, 0, 1])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_items_are_made_in_the_callers_thread_while_the_one_before_is_worked_on():
    """Work on item 0 ends only after item 1 was made: with no overlap this would wait for ever."""
    made_second = threading.Event()
    makers = []

    def items():
        for n in range(3):
            makers.append(threading.current_thread())
            if n == 1:
                made_second.set()
            yield n

    def work(n):
        assert made_second.wait(60)
        return n, threading.current_thread()

    found = list(in_order(Threads(), work, items()))
    assert [n for n, _ in found] == [0, 1, 2]
    assert set(makers) == {threading.current_thread()}
    assert threading.current_thread() not in {worker for _, worker in found}


def test_no_more_is_taken_than_is_asked_for_and_one_ahead():
    taken = []

    def items():
        for n in range(9):
            taken.append(n)
            yield n

    results = Threads().groups(lambda n: n, items())
    next(results)
    assert taken == [0, 1]
    results.close()


def test_results_that_are_ready_come_together_and_in_order():
    """The first waits for all the others, which then come with it."""
    others = threading.Semaphore(0)

    def work(n):
        if n == 0:
            for _ in range(3):
                others.acquire()
        else:
            others.release()
        return n

    groups = list(Threads(lambda: 3, threads=4).groups(work, range(4)))
    assert [n for group in groups for n in group] == [0, 1, 2, 3]
    assert len(groups) < 4


def test_a_failure_does_not_take_away_what_came_before_it():
    failed = threading.Event()

    def work(n):
        if n == 0:
            assert failed.wait(60)
        if n == 1:
            failed.set()
            raise ZeroDivisionError
        return n

    groups = Threads(lambda: 1, threads=2).groups(work, range(2))
    assert next(groups) == [0]
    with pytest.raises(ZeroDivisionError):
        next(groups)


def test_who_stops_listening_abandons_what_is_under_way():
    stopped = threading.Event()
    groups = Threads(lambda: 1, threads=2, abandon=stopped.set).groups(lambda n: n == 0 or stopped.wait(60), range(9))
    assert next(groups) == [True]
    groups.close()
    assert stopped.is_set()


def test_a_wait_that_is_cut_short_abandons_what_was_waited_for():
    """Ctrl-C while the last result is waited for."""
    stopped, at_work = threading.Event(), threading.Event()

    @contextmanager
    def interrupted():
        assert at_work.wait(60)
        raise KeyboardInterrupt
        yield

    def work(_):
        at_work.set()
        return stopped.wait(60)

    groups = Threads(lambda: 1, threads=2, waiting=interrupted, abandon=stopped.set).groups(work, [0])
    with pytest.raises(KeyboardInterrupt):
        next(groups)
    assert stopped.is_set()
