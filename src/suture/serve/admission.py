"""Lets in only so many answers at once: what would wait too long is told so before any work is done for it."""

from collections.abc import Generator
from contextlib import contextmanager

from suture.serve.api_error import overloaded


class Admission:
    """Attributes:
    most: answers that are made or wait, at once.
    closed: nobody is let in any more, because the process is about to end.
    """

    def __init__(self, most: int) -> None:
        self.most, self.closed, self.inside = most, False, 0

    @contextmanager
    def enter(self, answers: int) -> Generator[None]:
        """Raises ApiError (503, to be tried again): no room for so many, or closed."""
        if self.closed:
            raise overloaded("The server is about to end.", code="draining")
        if self.inside + answers > self.most:
            raise overloaded(f"{self.inside} answers are made or wait; {self.most} is the most.")
        self.inside += answers
        try:
            yield
        finally:
            self.inside -= answers
