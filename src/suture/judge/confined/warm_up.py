"""Runs a harmless program through the child's own code before any fork.

Pages written here are shared by every child: a page that a child writes after the fork is copied, and copying pages is
most of what a short program costs.
"""

import sys
from _socket import SHUT_WR, socketpair

from . import child, framing

_PROGRAM = "def double(x, *more, **named):\n    return x * 2\n"
_ROUNDS = 12
_ARGUMENTS = ([1, 2.5, "a", None, True], {"t": [1, {"d": ["k", [1]]}]}, {"s": [1, 2]})


def warm_up() -> None:
    for _ in range(_ROUNDS):
        ours, theirs = socketpair()
        framing.send(ours.fileno(), {"prelude": "", "program": _PROGRAM, "names": ["double"], "method": None})
        for argument in _ARGUMENTS:
            framing.send(ours.fileno(), ["call", {"h": 0}, [argument, 1], ["named", 2]])
        ours.shutdown(SHUT_WR)
        try:
            child.run(theirs.fileno(), as_main=False)
        except EOFError:
            pass
        finally:
            sys.modules.pop("answer", None)
            ours.close()
            theirs.close()
