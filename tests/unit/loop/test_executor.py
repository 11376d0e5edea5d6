"""Results come in the order of the items, wherever the work runs."""

import threading

import pytest

from suture.loop.measuring.executor import Serial, Threads


@pytest.mark.parametrize("executor", [Serial(), Threads(), Threads(ahead=3)], ids=["serial", "one ahead", "three"])
def test_every_item_is_worked_on_once_and_in_order(executor):
    assert list(executor.map(lambda n: n * n, range(7))) == [n * n for n in range(7)]
    assert list(executor.map(lambda n: n, [])) == []


@pytest.mark.parametrize("executor", [Serial(), Threads()], ids=["serial", "threads"])
def test_a_failure_comes_out_where_its_result_would(executor):
    results = executor.map(lambda n: 1 // n, [1, 0, 1])
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

    found = list(Threads().map(work, items()))
    assert [n for n, _ in found] == [0, 1, 2]
    assert set(makers) == {threading.current_thread()}
    assert threading.current_thread() not in {worker for _, worker in found}


def test_no_more_is_taken_than_is_asked_for_and_one_ahead():
    taken = []

    def items():
        for n in range(9):
            taken.append(n)
            yield n

    results = Threads(ahead=1).map(lambda n: n, items())
    next(results)
    assert taken == [0, 1]
    results.close()
