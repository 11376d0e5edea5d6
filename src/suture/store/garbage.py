"""Finds what nothing in a store refers to: no alias or event, no report, no negative result, no run to resume."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suture.core.errors import BadFile
from suture.core.measure.engine_probe import EnginePick
from suture.core.plan.stages import BASE, ENDS, ENGINE, PACK, TRAIN
from suture.files.atomic import LEFTOVER, remove_whole
from suture.files.small_files import read_model, sha256_of
from suture.store.kept_packs import manifest_path
from suture.store.kept_policies import parts_of
from suture.store.run_paths import RunPaths
from suture.store.store import Store
from suture.store.vouching import withdraw

AGAIN = "it is made again when it is needed"


@dataclass(frozen=True)
class Garbage:
    """``path`` is relative to the store; ``why`` nothing refers to it."""

    path: str
    bytes: int
    why: str


@dataclass(frozen=True)
class _Run:
    paths: RunPaths
    base: str
    packs: frozenset[str]
    """Those it measured, as far as it came."""
    engine_why: str
    ended: bool
    """Or one of its packs has an alias: what that pack was trained on is in the run."""
    trained: bool


class Refuse:
    """Everything that lies in a store, looked at once.

    Args:
        unfinished: runs that were stopped are garbage too, unless an alias points at their pack.
    """

    def __init__(self, store: Store, *, unfinished: bool = False) -> None:
        self._store, self._unfinished = store, unfinished
        events = store.ledger.events()
        self._packs = {part for pack in {event.pack for event in events} for part in parts_of(store, pack)}
        self._gates = {event.gate_report for event in events}
        self._places = {store.home.absolute(store.ledger.pack_path(pack)) for pack in self._packs}
        self._runs = [self._run(entry) for entry in store.ledger.runs()]

    def found(self) -> list[Garbage]:
        """Largest first."""
        garbage = {path: why for path, why in self._all() if path.exists() and not self._holds_a_pack(path)}
        inside = {path for path in garbage if any(parent in garbage for parent in path.parents)}
        found = [
            Garbage(self._store.home.relative(path), size_of(path), why)
            for path, why in garbage.items()
            if path not in inside
        ]
        return sorted(found, key=lambda item: (-item.bytes, item.path))

    def _holds_a_pack(self, path: Path) -> bool:
        """Of an alias, which may point anywhere in the store."""
        return any(place == path or path in place.parents for place in self._places)

    def resumable(self) -> list[str]:
        """Directories of runs that were stopped and that `suture heal` goes on with."""
        stopped = (run.paths.root for run in self._runs if not run.ended and not self._unfinished)
        return [self._store.home.relative(root) for root in stopped if root.exists()]

    def _run(self, entry: dict[str, str]) -> _Run:
        plan = self._store.ledger.plan(entry["id"])
        ledger, run = self._store.ledger, entry["id"]
        packed, based, engine = ledger.result(run, PACK), ledger.result(run, BASE), ledger.result(run, ENGINE)
        pack = packed.sha256 if packed else None
        return _Run(
            paths=RunPaths(self._store.home.absolute(entry["directory"])),
            base=plan.base_sha256,
            packs=frozenset(filter(None, (pack, based.pack if based else None))),
            engine_why=engine.why if engine else plan.engine_why,
            ended=pack in self._packs or any(ledger.finished(run, stage) for stage in ENDS),
            trained=ledger.finished(run, TRAIN) is not None,
        )

    def _all(self) -> Iterator[tuple[Path, str]]:
        yield from self._of_killed()
        yield from self._of_runs()
        yield from self._of_bases()
        yield from self._of_packs()
        for path in self._named("gates", r"([0-9a-f]{64})\.json"):
            if path.stem not in self._gates:
                yield path, "no alias's event names this gate report"
        for path in self._named("adapters", r"[0-9a-f]{64}\.gguf"):
            yield path, f"an adapter in llama.cpp's format: {AGAIN}"
        for path in (*self._named("policies", r"[0-9a-f]{64}\.json"), *self._named("adapters", r"[0-9a-f]{64}")):
            if path.stem not in self._packs:
                yield path, "no alias ever pointed at a policy with it"
        yield from self._of_engines()
        joined = {self._store.home.segment(segment.last) for segment in self._store.ledger.segments()}
        for path in self._named("segments", r"[0-9a-f]{64}\.db"):
            if path not in joined:
                yield path, "no record joins this ledger of another store"

    def _of_killed(self) -> Iterator[tuple[Path, str]]:
        for path in sorted(self._store.home.root.rglob(".*")):
            if LEFTOVER.fullmatch(path.name):
                yield path, "a killed process left it half-written"

    def _of_runs(self) -> Iterator[tuple[Path, str]]:
        known = {run.paths.root: run for run in self._runs}
        for root in self._named("runs", r"[^.].*-[0-9a-f]{12}"):
            if root not in known:
                yield root, "no run of the ledger"
        for root, run in known.items():
            if not run.ended and self._unfinished:
                yield root, "a run that was stopped, with no result"
            if run.ended or run.trained:
                yield run.paths.checkpoints, "training has ended"
            if run.ended:
                yield run.paths.merged, f"merged weights: {AGAIN}"
                yield run.paths.trials, "the scale was chosen"

    def _of_bases(self) -> Iterator[tuple[Path, str]]:
        """A base stays while a run that names it is unfinished, and afterwards unless the store can make it again."""
        needed = {run.base[:16] for run in self._runs if not run.ended and not self._unfinished}
        named = {run.base[:16] for run in self._runs}
        kept = {sha256[:16] for sha256 in self._packs if self._store.home.pack(sha256).exists()}
        for path in self._named("bases", r"[0-9a-f]{16}(-[a-z0-9_]+\.gguf)?"):
            base = path.name[:16]
            if base in needed:
                continue
            if base not in named:
                yield path, f"no run names this base: {AGAIN}"
            elif path.is_dir() and base in kept:
                yield path, f"the weights of a pack that is kept: {AGAIN}"
            elif path.is_file() and self._sha256(path)[:16] in kept:
                yield path, "the same bytes are kept among the packs"

    def _sha256(self, path: Path) -> str:
        return self._store.ledger.file(self._store.home.relative(path)) or sha256_of(path)

    def _of_packs(self) -> Iterator[tuple[Path, str]]:
        for path in self._named("packs", r"[0-9a-f]{64}\.gguf"):
            if path.stem not in self._packs:
                yield path, "no alias ever pointed at this pack"
                yield manifest_path(path), "no alias ever pointed at this pack"

    def _of_engines(self) -> Iterator[tuple[Path, str]]:
        """A probe stays while a run pinned what it found, or its pack is one of a run or of an alias."""
        kept = [run for run in self._runs if run.ended or not self._unfinished]
        reasons = {run.engine_why for run in kept}
        packs = self._packs.union(*(run.packs for run in kept))
        for path in self._named("engines", r"[0-9a-f]{16}\.json"):
            try:
                found = read_model(path, EnginePick, what="engine probe")
            except BadFile:
                yield path, f"an engine probe that cannot be read: {AGAIN}"
                continue
            if found.why not in reasons and found.pack not in packs:
                yield path, f"an engine probe of a pack that no run or alias knows: {AGAIN}"

    def _named(self, folder: str, pattern: str) -> list[Path]:
        """What Suture put there; files that it did not name are nobody's to remove."""
        parent = self._store.home.root / folder
        return sorted(path for path in parent.iterdir() if re.fullmatch(pattern, path.name)) if parent.is_dir() else []


def remove(store: Store, garbage: Garbage) -> None:
    """Killed in between, it is there as it was, or under a name nothing looks for, and no longer vouched for."""
    path = store.home.absolute(garbage.path)
    withdraw(store, [path])
    remove_whole(path)


def size_of(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.lstat().st_size for file in files)
