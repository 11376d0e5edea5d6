"""The rows of a step spread over several processes, one for each GPU.

One process holds the optimiser, the schedule, the order of rows and the checkpoints; the others compute gradients and
know nothing of training. At each step they are given the adapter's weights and their rows, and give gradients back:
a few megabytes each way, in memory that both see. So processes cannot drift apart, a step is divided by what the whole
step teaches whatever each process was given, and a step with fewer rows than processes is no special case.

Where the base is sharded (``sharding``) each pass of one process needs all others: in a step each makes as many as the
one with the most, and outside of steps, where the process that trains looks at the model alone, the others are told of
each of its passes.
"""

import mmap
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from suture.core.errors import Fault
from suture.training.examples import Example
from suture.training.gpus import Processes
from suture.training.gradient_messages import READY, Job, OnePass, Step
from suture.training.loss import plain_model
from suture.training.pack_losses import PackLosses, from_numbers
from suture.training.packing import share_evenly, taught_tokens
from suture.training.sharding import Meeting, is_sharded, joined
from suture.training.step_gradients import Passes, StepGradients
from suture.training.trained_weights import add_gradients, in_one_row, parts_of_row, trained_weights

_MOMENT = 5.0
"""Seconds."""
_AGAIN = "run the command again: training goes on from its last checkpoint"


class SpreadGradients:
    """As ``StepGradients``, with ``others`` beside it. Gradients are added in the order of the processes."""

    def __init__(self, model: Any, here: StepGradients, others: Sequence["OtherProcess"]) -> None:
        self._here, self._others = here, others
        self._weights = trained_weights(model)
        self._sharded = is_sharded(model)
        self._in_step = False
        size = sum(weight.numel() for weight in self._weights)
        for process in others:
            process.make_room(size)
        if self._sharded:
            plain_model(model).get_decoder().register_forward_pre_hook(self._tell_of_pass, prepend=True)

    def add(self, examples: Sequence[Example]) -> list[PackLosses]:
        """Raises Fault: one of the processes is gone."""
        taught = max(1, taught_tokens(examples))
        shares = share_evenly([len(example.ids) for example in examples], 1 + len(self._others))
        mine, *theirs = ([examples[row] for row in share] for share in shares)
        at_least = self._most_passes([mine, *theirs]) if self._sharded else Passes()
        paired = zip(self._others, theirs, strict=True)
        busy = [(process, share) for process, share in paired if share or self._sharded]
        weights = in_one_row(self._weights).cpu()
        for process, share in busy:
            process.begin(weights, Step(share, taught, at_least))
        self._in_step = True
        found = self._here.add(mine, of=taught, at_least=at_least)
        self._in_step = False
        for process, _ in busy:
            losses, gradients = process.result(self._weights)
            found += losses
            add_gradients(self._weights, gradients)
        return found

    def _most_passes(self, shares: Sequence[Sequence[Example]]) -> Passes:
        each = [self._here.passes(share) for share in shares]
        return Passes(max(one.base for one in each), max(one.adapted for one in each))

    def _tell_of_pass(self, *_: object) -> None:
        if not self._in_step:
            for process in self._others:
                process.say(OnePass())


class OtherProcess:
    """One that computes gradients; ``gradient_process`` is what runs in it."""

    def __init__(self, number: int, job: Job) -> None:
        """``number``: of the GPU that it uses, where there are any."""
        ours, theirs = socket.socketpair()
        self._memory = os.memfd_create("suture-gradients")
        self._shared = torch.empty(0)
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "suture.training.gradient_process"),
                    *(str(theirs.fileno()), str(self._memory)),
                ],
                pass_fds=(theirs.fileno(), self._memory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the process that trains
                env={**os.environ, "CUDA_VISIBLE_DEVICES": _device(number)},
            )
        self._connection = Connection(ours.detach())
        meeting = job.meeting and job.meeting._replace(number=number)
        self.say(job._replace(meeting=meeting))

    def wait_until_ready(self) -> None:
        """Raises Fault: it ended before it was."""
        said = self._hear()
        if said != READY:
            raise _ended(str(said))

    def make_room(self, size: int) -> None:
        """``size``: numbers that the adapter has."""
        os.truncate(self._memory, 4 * size)
        self._shared = torch.frombuffer(mmap.mmap(self._memory, 4 * size), dtype=torch.float32)

    def begin(self, weights: Tensor, step: Step) -> None:
        """``weights``: all of the adapter's, as one row of numbers."""
        self._shared.copy_(weights)
        self.say(step)

    def result(self, weights: Sequence[Tensor]) -> tuple[list[PackLosses], list[Tensor]]:
        """What ``begin`` asked for: losses, and the gradients of ``weights``."""
        losses = self._hear()
        if isinstance(losses, str):
            raise _ended(losses)
        device = weights[0].device
        gradients = [part.to(device, copy=True) for part in parts_of_row(self._shared, weights)]
        return [from_numbers(one, device) for one in losses], gradients

    def say(self, message: object) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise self.gone() from error

    def _hear(self) -> Any:
        try:
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise self.gone() from error

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def gone(self) -> Fault:
        """Why it ended."""
        said: object = None
        with suppress(EOFError, OSError):
            while self._connection.poll():
                said = self._connection.recv()
        return _ended(said if isinstance(said, str) else f"exit status {self._exit_status()}")

    def let_go(self) -> None:
        """Close the connection, which is how it is told to end."""
        self._connection.close()

    def close(self) -> None:
        """Wait until it has ended; it must have been let go."""
        self._exit_status()
        os.close(self._memory)

    def _exit_status(self) -> int:
        """Of a process that has ended by itself or been killed for taking too long."""
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@contextmanager
def other_processes(job: Job, processes: Processes) -> Iterator[list[OtherProcess]]:
    """Those beside this one. Where they share the base, all of them have joined a group, this one too.

    Raises:
        Fault: one of them is gone, now or while they are used.
    """
    others: list[OtherProcess] = []
    with ExitStack() as stack:
        stack.callback(_end, others)
        if processes.share_base:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            job = job._replace(meeting=Meeting(place / "meeting", processes.number))
        for number in range(1, processes.number):
            others.append(OtherProcess(number, job))
        for process in others:
            process.wait_until_ready()
        if job.meeting is not None:
            stack.enter_context(_together(job.meeting, others))
        yield others


@contextmanager
def _together(meeting: Meeting, others: Sequence[OtherProcess]) -> Iterator[None]:
    """Joined; that torch says of a process it waits for that it has left, is said as what became of that process."""
    try:
        with joined(meeting):
            yield
            _let_go(others)  # so that all leave at once
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        ended = _first_to_end(others)
        if ended is None:
            raise
        raise ended.gone() from error


def _first_to_end(others: Sequence[OtherProcess]) -> OtherProcess | None:
    """One that has ended, or does in a moment."""
    ends = time.monotonic() + _MOMENT
    while time.monotonic() < ends:
        for process in others:
            if process.has_ended():
                return process
        time.sleep(0.05)
    return None


def _let_go(others: Sequence[OtherProcess]) -> None:
    for process in others:
        process.let_go()


def _end(others: Sequence[OtherProcess]) -> None:
    _let_go(others)
    for process in others:
        process.close()


def _ended(why: str) -> Fault:
    return Fault(f"a process that computes gradients ended: {why}", mend=_AGAIN)


def _device(number: int) -> str:
    """The GPU with this number among those that this process may use."""
    mine = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = [name.strip() for name in mine.split(",")] if mine else []
    return names[number] if number < len(names) else str(number)
