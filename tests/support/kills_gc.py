"""Kills `suture gc` before each of its effects in turn, collects again, and compares with what one that ended left.

As a program, with the directory of a store that has garbage; it prints the log:

    python tests/support/kills_gc.py STORE
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from kills import Effects, in_child
from scripted_cli import said

from suture.store.garbage import Refuse, remove
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.store import Store


def collect(effects: Effects, last: int | None) -> int:
    """The number of effects, in a process that dies before number ``last``."""
    home = Home(Path("home"))
    store = Store(home, Ledger(home.ledger))
    store.ledger._db.set_trace_callback(effects.statement)
    effects.count, effects.last = 0, last
    for garbage in Refuse(store).found():
        remove(store, garbage)
    return effects.count


def verify(store: Path) -> int:
    return said(["verify", "--home", str(store)])[0]


def left(copy: Path) -> list[str]:
    return sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if "ledger." not in path.name)


def try_every_point(store: Path, folder: Path) -> dict[str, object]:
    assert verify(store) == 0  # also imports, once for all children, what that takes
    effects = Effects()

    def copied(name: str) -> Path:
        shutil.copytree(store, folder / name / "home")
        return folder / name

    def killed_at(point: int) -> Callable[[], object]:
        return lambda: collect(effects, point)

    whole = copied("whole")
    total = in_child(lambda: collect(effects, None), whole)
    problems = []
    for point in range(1, total + 1):
        copy = copied(f"killed-{point}")
        found = {
            "was not killed": in_child(killed_at(point), copy) is not None,
            "damage after the kill": in_child(lambda: verify(Path("home")), copy) != 0,
            "cannot go on": in_child(lambda: collect(effects, None), copy) is None,
            "other files": left(copy) != left(whole),
        }
        problems += [{"point": point, **found}] if any(found.values()) else []
        shutil.rmtree(copy)
    return {"effects": total, "problems": problems}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=Path(sys.argv[1]).parent) as directory:
        sys.stdout.write(json.dumps(try_every_point(Path(sys.argv[1]).resolve(), Path(directory))) + "\n")
