"""Lists the processes of a judge, to find any that a program left running. Linux; reads /proc."""

import os
from pathlib import Path


def descendants(root: int | None = None) -> set[int]:
    """Process ids below ``root`` (this process by default), whatever namespace or session they moved to."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parent = _parent_of(entry)
            if parent is not None:
                children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    pending = [os.getpid() if root is None else root]
    while pending:
        for process in children.get(pending.pop(), []):
            found.add(process)
            pending.append(process)
    return found


def _parent_of(entry: Path) -> int | None:
    try:
        stat = (entry / "stat").read_text()
    except OSError:
        return None
    state, parent = stat.rpartition(")")[2].split()[:2]
    return None if state == "Z" else int(parent)
