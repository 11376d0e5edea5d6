"""Counts the processors that this process may use."""

import os


def usable_cores() -> int:
    """Fewer than the machine has, where they are shared (sched_getaffinity(2)); all, where no one can say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
