"""A line that many threads ask on, and that one closes."""

import threading

import pytest

from suture.cluster.line import Line
from suture.cluster.nodes import Lost


def test_a_closed_line_is_asked_no_more():
    line = Line()
    with line.asking():
        assert line.is_open
    line.close()
    assert not line.is_open
    with pytest.raises(Lost), line.asking():
        raise AssertionError("it was asked")


def test_closing_waits_for_those_who_ask():
    line, asking, done, order = Line(), threading.Event(), threading.Event(), []

    def ask():
        with line.asking():
            asking.set()
            done.wait(10)
            order.append("answered")

    thread = threading.Thread(target=ask)
    thread.start()
    assert asking.wait(10)
    closing = threading.Thread(target=lambda: (line.close(wait_s=10), order.append("closed")))
    closing.start()
    while line.is_open:
        pass
    done.set()
    thread.join()
    closing.join()
    assert order == ["answered", "closed"]


def test_closing_waits_no_longer_than_it_was_told():
    line = Line()
    with line.asking():
        line.close(wait_s=0.01)
        assert not line.is_open


def test_an_error_of_who_asked_ends_the_asking():
    line = Line()
    with pytest.raises(ValueError, match="own"), line.asking():
        raise ValueError("own")
    line.close(wait_s=10)
