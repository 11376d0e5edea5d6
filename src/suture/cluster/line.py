"""A line to something that must not be asked any more once it was left: many threads ask, one closes."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

from suture.cluster.nodes import Lost


class Line:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asking, self._open = 0, True

    @contextmanager
    def asking(self) -> Generator[None]:
        """While it is open, something is asked. Raises Lost: the line is closed."""
        with self._changed:
            if not self._open:
                raise Lost("the cluster was left")
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    @property
    def is_open(self) -> bool:
        with self._changed:
            return self._open

    def close(self, *, wait_s: float = 0.0) -> None:
        """Let nobody ask from now on, and wait for those who do, for so many seconds at most."""
        with self._changed:
            self._open = False
            self._changed.wait_for(lambda: not self._asking, wait_s)
