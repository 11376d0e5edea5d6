"""The users that programs run as: each claimed by one judge, so that no two judges share one.

A shared user would share its count of threads too, and a program could fail because of another judge's.
A claim is a name in the kernel's table of abstract sockets: it goes with the process that holds it.
"""

import contextlib
import os
import socket

from suture.core.errors import MissingTool

_FIRST = 64000
_COUNT = 1000


class Users:
    """Claims on so many users; ``numbers`` are their uids."""

    def __init__(self, count: int) -> None:
        """Raises MissingTool: as many are not free."""
        self._held: list[int] = []
        self.numbers: list[int] = []
        start = os.getpid() * 16  # two processes rarely try the same ones first
        for step in range(_COUNT):
            if len(self.numbers) == count:
                return
            number = _FIRST + (start + step) % _COUNT
            held = _claimed(number)
            if held is not None:
                self._held.append(held)
                self.numbers.append(number)
        if len(self.numbers) < count:
            self.release()
            raise MissingTool(
                f"{count} programs at once need as many users, and of the {_COUNT} from {_FIRST} on fewer are free",
                mend="end other runs of suture, or give --workers fewer",
            )

    def release(self) -> None:
        while self._held:
            os.close(self._held.pop())


def _claimed(number: int) -> int | None:
    """A descriptor that holds the claim, or None when it is another's."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as claim:
        try:
            claim.bind(f"\0suture-judge-user-{number}")
        except OSError:
            return None
        return claim.detach()
