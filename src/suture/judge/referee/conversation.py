"""Talking with one program in the sandbox: requests out, plain values back, patience limited.

A conversation that broke once stays broken, whatever a test's own ``except`` swallowed: the verdict
asks ``failure`` at the end.
"""

import contextlib
import select
import socket
import time
from typing import Any

from suture.judge.confined import framing
from suture.judge.confined.child import CONFINED
from suture.judge.referee.patience import Patience
from suture.judge.referee.referee_report import FailedCheck
from suture.judge.referee.worker_process import Ending, WorkerLost, WorkerProcess

OUT_OF_MEMORY = FailedCheck("memory", "out of memory")
ANSWER_CAP = 16 << 20
"""Bytes of one answer. Decoded, it may take twenty times as much."""
_CHUNK = 1 << 16
_AUDIT = 256
"""Requests between two looks at what both sides have used."""


class Broken(Exception):
    """The program will not answer any more."""

    def __init__(self, failure: FailedCheck) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class Conversation:
    """Attributes:
    failure: why it broke, or None while it has not.
    ending: how the program ended, once it has.
    """

    def __init__(self, worker: WorkerProcess, link: socket.socket, *, cpu_s: float, wall_s: float) -> None:
        self._worker = worker
        self._cpu_s = cpu_s
        self._began_s = time.process_time()
        self._asked = 0
        self._confined = False
        self._received = bytearray()
        self._link = link
        self._poll = select.poll()
        self._poll.register(link, select.POLLIN)
        self._awaited = select.POLLIN
        self._patience = Patience(worker, wall_s)
        self.failure: FailedCheck | None = None
        self.ending: Ending | None = None
        link.setblocking(False)

    def ask(self, request: Any) -> Any:
        """Raises ``Broken``, and again each time it is asked after that."""
        if self.failure is not None:
            raise Broken(self.failure)
        self._asked += 1
        if self._asked % _AUDIT == 0:
            self._audit()
        self._patience.began()
        try:
            self._send(framing.pack(request))
            if not self._confined:
                self._hear_that_it_is_confined()
            return framing.unpack(self._frame())
        except EOFError:
            raise self._broken(None) from None
        except OSError:
            raise self._broken(None) from None
        except (ValueError, RecursionError) as error:
            raise self._broken(FailedCheck("wrong", f"an answer that is not a value: {type(error).__name__}")) from None
        except MemoryError:
            raise self._broken(FailedCheck("memory", "an answer too large to hold")) from None

    def _audit(self) -> None:
        """A chatty program makes the referee work too: together they have the limit of one."""
        look = self._worker.look()
        if look is not None and look.cpu_s + time.process_time() - self._began_s > self._cpu_s:
            raise self._broken(FailedCheck("cpu", "out of CPU time, its questions and answers counted"))

    def _hear_that_it_is_confined(self) -> None:
        """The first word of the program's process, said before any program has run.

        Raises:
            WorkerLost: it was not said.
        """
        with contextlib.suppress(EOFError, OSError, Broken):
            self._confined = framing.unpack(self._frame()) == CONFINED
        if not self._confined:
            raise WorkerLost("a program's process could not be confined")

    def _frame(self) -> bytes:
        """The next message. Raises ``EOFError`` when the program has gone."""
        self._fill(4)
        size = int.from_bytes(self._received[:4], "big")
        if size > ANSWER_CAP:
            raise self._broken(FailedCheck("wrong", f"an answer of {size} bytes"))
        self._fill(4 + size)
        frame = bytes(self._received[4 : 4 + size])
        del self._received[: 4 + size]
        return frame

    def _fill(self, size: int) -> None:
        """Receive until that many bytes are there, which may be more than were asked for."""
        while len(self._received) < size:
            self._wait(select.POLLIN)
            data = self._link.recv(_CHUNK)
            if not data:
                raise EOFError
            self._received += data
            if len(self._received) < size:
                self._require_patience()

    def _broken(self, failure: FailedCheck | None) -> Broken:
        """Ends the program. Without a failure given, how it ended says why."""
        ending = self._worker.end()
        self.ending = ending
        self.failure = failure or failure_of(ending)
        return Broken(self.failure)

    def give_up(self, failure: FailedCheck) -> None:
        """The referee's own decision that this conversation cannot end well."""
        self.failure = self.failure or failure

    def close(self) -> Ending:
        """Ends the program if it has not ended; the descriptor goes with it."""
        if self.ending is None:
            self.ending = self._worker.end()  # before the socket closes: killed, it does not run to its end first
        self._link.close()
        return self.ending

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                sent = self._link.send(rest, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                self._wait(select.POLLOUT)
                self._require_patience()
                continue
            rest = rest[sent:]

    def _wait(self, event: int) -> None:
        if event != self._awaited:
            self._poll.modify(self._link, event)
            self._awaited = event
        while not self._poll.poll(self._patience.slice_s() * 1000):
            self._require_patience()

    def _require_patience(self) -> None:
        """A program that answers by drops sleeps between them: a look is due by the clock, not by silence."""
        if self._patience.due() and self._patience.ran_out():
            raise self._broken(FailedCheck("wall", "slept past its limit"))


def failure_of(ending: Ending) -> FailedCheck:
    """Why a program that did not end by order did not answer. Pure."""
    if ending.cause == "memory":
        return OUT_OF_MEMORY
    if ending.cause == "cpu" or ending.exit == -24:  # SIGXCPU
        return FailedCheck("cpu", "out of CPU time")
    if ending.exit < 0:
        return FailedCheck("died", f"killed by signal {-ending.exit}")
    return FailedCheck("died", f"ended with exit status {ending.exit}")
