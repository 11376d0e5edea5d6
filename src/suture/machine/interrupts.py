"""Holds Ctrl-C and SIGTERM back where a library may not be left in the middle."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_HELD_BACK = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_held_back() -> Generator[None]:
    """What came meanwhile is raised afterwards. Only the first thread gets signals, so elsewhere nothing is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in _HELD_BACK}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        if came:
            signal.raise_signal(came[0])
