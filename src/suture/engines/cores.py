"""How many threads an engine takes where nobody says."""

import os


def usable_cores() -> int:
    """Processors this process may use (sched_getaffinity(2)): fewer than the machine has, where they are shared."""
    return len(os.sched_getaffinity(0))
