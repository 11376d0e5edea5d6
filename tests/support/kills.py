"""Kills a scripted repair at chosen points, resumes it, and compares what comes of it with a run nobody touched.

A point is an effect on the outside world: a file opened for writing, half written, synced, renamed or removed, a
directory made, an SQL statement that writes. The process sends itself SIGKILL just before it. Run as a program it
prints the log:

    python tests/support/kills.py --points 200
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from fakes import FakeFoundry, recipe, scripted_workshop, write_suite

from suture.files.small_files import sha256_of
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.report.build import build_report
from suture.report.files import write_report
from suture.store.verification import verify_store
from suture.store.vouching import made_again

EFFECTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree")
NAMED_BY_TIME = ("ledger.", ".lock", "report.")
"""The beginnings of names of files that hold times, and so differ between any two runs."""


class Effects:
    """Counts effects from when it is armed; dies before number ``last``, or after the last one where it is less."""

    def __init__(self) -> None:
        self.last, self.count, self.seen = None, 0, Counter()
        sys.addaudithook(self._audit)
        sync = os.fsync
        os.fsync = lambda descriptor: (self.happens("fsync"), sync(descriptor))[1]
        Path.write_bytes = lambda path, data: self._write(path, data)
        shutil.copyfile = lambda source, target, **_: self._write(Path(target), Path(source).read_bytes())

    def _audit(self, event: str, arguments: tuple) -> None:
        if event in EFFECTS or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            self.happens(event)

    def _write(self, path: Path, data: bytes) -> None:
        """In two halves: a file may be there with only one of them in it."""
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            self.happens("half a file written")
            file.write(data[len(data) // 2 :])

    def happens(self, name: str) -> None:
        self.count += 1
        self.seen[name] += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def ends(self) -> None:
        """Dies after the last effect where that is less than ``last``: as many verdicts are recorded at once as were
        ready, so that two runs differ by a few statements."""
        if self.last is not None and self.count < self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, sql: str) -> None:
        if not sql.lstrip().startswith(("SELECT", "PRAGMA")):
            self.happens(sql.split(maxsplit=1)[0])


def repair_twice(effects: Effects | None = None) -> list[object]:
    """In the working directory: a repair that is promoted, then one of the champion that is rejected."""
    root = Path()
    workshop = scripted_workshop(root)
    if effects is not None:
        workshop.store.ledger._db.set_trace_callback(effects.statement)
    suite = root / "ten.jsonl" if Path("ten.jsonl").exists() else write_suite(root / "ten.jsonl", 10)
    base = root / "base.gguf"
    base.write_bytes(b"a model")
    facts: list[object] = []
    for foundry, changes in (
        (FakeFoundry(knows={1, 2}, learns={5}), {}),
        (FakeFoundry(knows={1, 2, 5}, learns={6}, forgets={2}), {"name": "second", "base": "champion"}),
    ):
        written = recipe(suite, base, **changes)
        healed = RepairRun(workshop, foundry, resolve(workshop, foundry, written, relative_to=root)).heal()
        paths = healed.paths
        report = build_report(workshop.store, healed.run, command="suture heal")
        with made_again(workshop.store, paths.report_markdown, paths.report_json):
            write_report(paths.root, report)
        facts += [healed.decision.value, healed.report.digest, report.champion]
    facts += [[event.action.value, event.pack, event.gate_report] for event in workshop.store.ledger.events()]
    verified = verify_store(workshop.store)
    facts += [[damage.where for damage in verified.damage], verified.unvouched]
    workshop.store.ledger.close()
    return facts


def files_under(root: Path) -> dict[str, str]:
    """SHA-256 of every file that holds no times."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): sha256_of(path) for path in files if not path.name.startswith(NAMED_BY_TIME)}


def damage_in(root: Path) -> list[str]:
    """What `suture verify` says before anything is resumed."""
    workshop = scripted_workshop(root)
    verified = verify_store(workshop.store)
    workshop.store.ledger.close()
    return [f"{damage.where}: {damage.found}" for damage in verified.damage]


def half_files(root: Path, whole: dict[str, str]) -> list[str]:
    """Files under a final name that are not what the untouched run left there, or are cut off.

    (Of files that the untouched run removed again nothing is known.)
    """
    other = [name for name, sha256 in files_under(root).items() if whole.get(name, sha256) != sha256]
    ends = {"report.json": "\n}\n", "report.md": "\n", "report.html": "</html>"}
    reports = [path for name in ends for path in root.rglob(name)]
    return other + [str(path) for path in reports if not path.read_text().endswith(ends[path.name])]


def in_child(work: Callable[[], object], directory: Path) -> object:
    """The result of ``work`` in a process of its own, in ``directory``; None if that process was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.chdir(directory)
            os.write(write, json.dumps(work()).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    return json.loads(answer) if status == 0 else f"failed with status {status}"


def try_points(points: int, *, seed: int) -> dict[str, object]:
    effects = Effects()

    def counted() -> object:
        effects.count = 0
        facts = repair_twice(effects)
        return [facts, effects.count, effects.seen]

    def killed_at(point: int) -> Callable[[], object]:
        def work() -> object:
            effects.count, effects.last = 0, point
            repair_twice(effects)
            effects.ends()
            return effects.count

        return work

    # In memory where that is possible: SIGKILL, unlike a power cut, loses nothing that was written but not yet synced.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        root = Path(folder) / "run"  # always the same place: some files say where they were made
        root.mkdir()
        facts, total, seen = in_child(counted, root)
        whole = files_under(root)
        chosen = sorted(Random(seed).sample(range(1, total + 1), min(points, total)))
        differences = []
        for point in chosen:
            shutil.rmtree(root)
            root.mkdir()
            problems = {
                "was not killed": in_child(killed_at(point), root) is not None,
                "damage after the kill": in_child(lambda: damage_in(Path()), root),
                "half files": half_files(root, whole),
                "other facts": in_child(repair_twice, root) != facts,
                "other files": files_under(root) != whole,
            }
            differences += [{"point": point, **problems}] if any(problems.values()) else []
    return {
        "points tried": len(chosen),
        "of effects": total,
        "seed": seed,
        "effects by kind": dict(seen),
        "decisions": [fact for fact in facts if fact in ("promote", "reject", "hold")],
        "differences": len(differences),
        "which": differences,
        "points": chosen,
    }


def print_log(tried: Callable[..., dict[str, object]], *, points: int) -> None:
    """The program: ``tried(points, seed=)`` as one line of JSON. Exit code 1 where something differed or went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=points)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    result = tried(options.points, seed=options.seed)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(bool(result.get("differences", 1)))


if __name__ == "__main__":
    print_log(try_points, points=200)
