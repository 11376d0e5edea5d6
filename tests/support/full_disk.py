"""A repair on a disk that is full again and again: each time a little more room is made, and it goes on.

The store lies on a small tmpfs that bubblewrap mounts for this process alone. As a program it prints what came of it:

    bwrap --dev-bind / / --size 4000000 --tmpfs MOUNT python tests/support/full_disk.py MOUNT
"""

import json
import os
import sys
from pathlib import Path

from fakes import FakeFoundry
from kills import files_under, half_files
from scripted_cli import prepare, said, scripts

STEP = 4096


def leave(disk: Path, free: int) -> None:
    """Fill the disk up to the last ``free`` bytes."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    space = os.statvfs(disk)
    size = max(0, space.f_bavail * space.f_frsize - free)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size or 1)


def heal(disk: Path) -> tuple[int, str, str]:
    with scripts(FakeFoundry(knows={1, 2}, learns={5}), store=disk):
        return said(["heal", "first.yaml", "--json"])


def store_of(disk: Path) -> tuple[dict[str, str], list[str]]:
    """Its files that hold no times, and what `suture verify` says."""
    (disk / "filler").unlink(missing_ok=True)
    code, out, err = said(["verify", "--json", "--home", str(disk / "home")])
    assert code in (0, 3), err
    verified = json.loads(out)
    return files_under(disk / "home"), [*verified["damage"], *verified["differ"]]


def try_it(disk: Path) -> dict[str, object]:
    prepare(Path(), "first")
    untouched = Path("untouched")
    code, out, _ = heal(untouched)
    facts, (whole, _) = json.loads(out)["gate"], store_of(untouched)
    problems: list[object] = []
    stops: list[str] = []
    free = 0
    while free < 400 * STEP:
        leave(disk, free)
        stopped, out, err = heal(disk)
        if stopped == code:
            break
        stops.append(err.split("suture: ")[-1].split("\n")[0])
        half, damage = half_files(disk / "home", whole), store_of(disk)[1]
        if stopped != 2 or err.count("suture: ") != 1 or "the disk is full" not in err or half or damage:
            problems.append({"free": free, "code": stopped, "said": err, "half": half, "damage": damage})
        free += STEP
    ended = json.loads(out)
    same = stopped == code and ended["gate"] == facts and store_of(disk) == (whole, [])
    return {"stopped": len(stops), "where": sorted(set(stops)), "problems": problems, "same": same}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(try_it(Path(sys.argv[1]))) + "\n")
