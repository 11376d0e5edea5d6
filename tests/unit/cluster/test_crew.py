"""Jobs are done at least once, whatever happens to seats; an answer that comes second is compared."""

import threading
import time

import pytest

from suture.cluster import crew as crews
from suture.cluster.crew import MOST_LOSSES, Crew
from suture.cluster.jobs import Unfit
from suture.cluster.nodes import Lost
from suture.core.errors import BadFile, DiskFull, Fault, UsageError


class Chair:
    def __init__(self, node="a"):
        self.node, self.host, self.closed = node, f"host-{node}", False

    def close(self):
        self.closed = True


@pytest.fixture
def left_out():
    return []


@pytest.fixture
def crew(left_out):
    opened = Crew("testing", lambda name, seat, why: left_out.append((seat.node, why)))
    yield opened
    opened.close()


def equal(one, other):
    return one == other


def test_every_job_is_done_once(crew):
    for node in "abc":
        crew.join(Chair(node))
    jobs = [crew.submit(lambda seat, n=n: n * n, equal) for n in range(50)]
    assert [job.result(60) for job in jobs] == [n * n for n in range(50)]
    assert crew.tally.done == 50


def test_a_job_whose_seat_is_lost_goes_to_another_and_the_seat_is_closed(crew, left_out):
    seats = [Chair("a"), Chair("b")]

    def work(seat):
        if seat is seats[0]:
            raise Lost("killed")
        return seat.node

    crew.join(seats[0])
    job = crew.submit(work, equal)
    while crew.size:
        time.sleep(0.001)
    assert not job.done()
    crew.join(seats[1])
    assert job.result(60) == "b"
    assert (crew.tally.again, left_out) == (1, [])
    while not seats[0].closed:
        time.sleep(0.001)


@pytest.mark.parametrize(
    "error",
    [
        Unfit("another class"),
        DiskFull("no room"),
    ],
)
def test_a_node_that_cannot_do_it_is_left_out_and_the_job_goes_elsewhere(crew, left_out, error):
    def work(seat):
        if seat.node == "a":
            raise error
        return seat.node

    crew.join(Chair("a"))
    job = crew.submit(work, equal)
    while crew.size:
        time.sleep(0.001)
    crew.join(Chair("b"))
    assert job.result(60) == "b"
    assert left_out == [("a", str(error))]


def test_a_job_that_kills_whoever_tries_it_ends(crew):
    def work(seat):
        raise Lost("killed")

    job = crew.submit(work, equal)
    for n in range(MOST_LOSSES):
        crew.join(Chair(str(n)))
    with pytest.raises(Fault, match=rf"{MOST_LOSSES} processes were lost over one job; the last: killed"):
        job.result(60)


def test_an_engine_that_fails_is_asked_once_more_and_a_bad_file_is_not(crew):
    asked = []

    def work(seat, error):
        asked.append(error)
        raise error

    crew.join(Chair())
    with pytest.raises(Fault):
        crew.submit(lambda seat: work(seat, Fault("failed")), equal).result(60)
    assert len(asked) == 2
    with pytest.raises(BadFile):
        crew.submit(lambda seat: work(seat, BadFile("damaged")), equal).result(60)
    assert len(asked) == 3


def test_a_job_that_failed_goes_to_another_seat_and_a_seat_that_fails_at_all_is_closed(crew, left_out):
    asked, done = [], threading.Event()

    def work(seat, n):
        asked.append((seat.node, n))
        if seat.node == "sick":
            raise Fault("CUDA error")
        assert done.wait(60)
        return n

    for node in ("sick", "a", "b"):
        crew.join(Chair(node))
    jobs = [crew.submit(lambda seat, n=n: work(seat, n), equal) for n in range(12)]
    while crew.size > 2:
        time.sleep(0.001)
    done.set()
    assert [job.result(60) for job in jobs] == list(range(12))
    failed = [n for node, n in asked if node == "sick"]
    assert len(failed) == len(set(failed)) == 2
    assert left_out == []  # a new process of that node may be well
    crew.join(Chair("sick"))
    more = [crew.submit(lambda seat, n=n: work(seat, n), equal) for n in range(12, 60)]
    assert [job.result(60) for job in more] == list(range(12, 60))
    while not left_out:
        more = crew.submit(lambda seat: work(seat, 60), equal)
        assert more.result(60) == 60
    assert left_out == [("sick", "CUDA error")]


def test_a_seat_that_fails_now_and_then_is_kept(crew, left_out):
    calls, enough = [], threading.Event()

    def work(seat, n):
        if seat.node == "well":
            assert enough.wait(60)
            return n
        calls.append(n)
        if len(calls) == 5:
            enough.set()
        if len(calls) in (1, 3):
            raise Fault("now and then")
        return n

    for node in ("other", "well"):
        crew.join(Chair(node))
    jobs = [crew.submit(lambda seat, n=n: work(seat, n), equal) for n in range(12)]
    assert [job.result(60) for job in jobs] == list(range(12))
    assert (crew.size, left_out) == (2, [])


@pytest.mark.parametrize(("second", "flips"), [("same", 0), ("other", 1)])
def test_the_slowest_job_is_asked_twice_and_the_answers_are_compared(crew, monkeypatch, second, flips):
    monkeypatch.setattr(crews, "SLOWEST_KNOWN", 0.01)
    crew.join(Chair("slow"))
    let_go = threading.Event()
    for _ in range(3):
        crew.submit(lambda seat: 1, equal).result(60)

    def work(seat):
        if seat.node == "slow":
            assert let_go.wait(60)
            return "same"
        return second

    job = crew.submit(work, equal)
    time.sleep(0.05)
    crew.join(Chair("quick"))
    assert job.result(60) == second
    let_go.set()
    while crew.tally.compared == 0:
        time.sleep(0.001)
    assert (crew.tally.twice, crew.tally.done, crew.tally.flips) == (1, 4, flips)


def test_a_slow_job_is_not_given_to_the_node_that_is_at_it(crew, monkeypatch):
    monkeypatch.setattr(crews, "SLOWEST_KNOWN", 0.01)
    let_go = threading.Event()
    for _ in range(2):
        crew.join(Chair("a"))
    for _ in range(3):
        crew.submit(lambda seat: 1, equal).result(60)
    job = crew.submit(lambda seat: let_go.wait(60), equal)
    time.sleep(0.6)
    assert crew.tally.twice == 0
    let_go.set()
    assert job.result(60)


def test_who_waits_hears_of_an_error_that_nobody_expected(crew):
    crew.join(Chair())
    raised = []
    threading.excepthook, usual = lambda args: raised.append(args.exc_type), threading.excepthook
    try:
        job = crew.submit(lambda seat: 1 // 0, equal)
        with pytest.raises(UsageError, match="an error of Suture's own"):
            job.result(60)
        while not raised:
            time.sleep(0.001)
    finally:
        threading.excepthook = usual
    assert raised == [ZeroDivisionError]


def test_one_seat_too_many_leaves_when_it_has_done_its_job(left_out):
    most = [3]
    crew = Crew("testing", lambda *said: None, lambda node: most[0])
    for _ in range(3):
        crew.join(Chair())
    most[0] = 1
    while crew.size > 1:
        crew.submit(lambda seat: 1, equal).result(60)
    assert crew.submit(lambda seat: 2, equal).result(60) == 2
    crew.close()


def test_a_closed_crew_ends_what_waits_and_takes_no_more(crew):
    job = crew.submit(lambda seat: 1, equal)
    crew.close()
    with pytest.raises(Fault, match="was left before"):
        job.result(60)
    with pytest.raises(Fault, match="was left already"):
        crew.submit(lambda seat: 1, equal)
    late = Chair()
    crew.join(late)
    assert late.closed
