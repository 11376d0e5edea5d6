"""What the live studio shows: pages about runs, files and any two measurements, made once and kept while they hold."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from suture.core.errors import UnknownName
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import sheet_of
from suture.files.small_files import read_model
from suture.harnesses.opened import ResultsReading
from suture.harnesses.read import read_results
from suture.loop.rederive import differing_decisions
from suture.router.findings import Audit, Explained
from suture.store.run_paths import RunPaths
from suture.store.store import Store, read_store
from suture.store.verification import verify_store
from suture.studio.pictures.frame import Svg
from suture.studio.routing import RoutesShown
from suture.studio.shown import Shown
from suture.wiring.compare import compare
from suture.wiring.experiment_pictures import experiment_pictures, is_experiment
from suture.wiring.find_page import file_page
from suture.wiring.pages import compare_page
from suture.wiring.route_audit import explain_route
from suture.wiring.routes_file import classifier_path, is_routes_file, read_routes
from suture.wiring.routing_page import leaks_at_hand, routing_page
from suture.wiring.run_pages import run_page

T = TypeVar("T")
MOST_KEPT = 12
"""Pages that are kept at once; the one that was asked for longest ago goes first."""


class StudioLibrary:
    """A page of a run is made again when the run's gate report or a registry event is new, and of a file when the file
    is."""

    def __init__(self, home: Path | None, files: Sequence[Path], sources: Mapping[str, Path] | None = None) -> None:
        """``files``: of measurements, of routes, and results of grids."""
        self._home, self._sources = home, sources or {}
        self._routes = [path for path in files if is_routes_file(path.name)]
        self._experiments = [path for path in files if is_experiment(path)]
        self._files = [path for path in files if path not in (*self._routes, *self._experiments)]
        self._kept: dict[tuple[object, ...], Any] = {}
        self._lock = Lock()

    @property
    def files(self) -> Sequence[str]:
        return [str(path) for path in self._files]

    @property
    def home(self) -> str:
        with self.store() as store:
            return str(store.home.root)

    def store(self) -> AbstractContextManager[Store]:
        return read_store(self._home)

    def run(self, run: str) -> Shown:
        with self.store() as store:
            paths = self._paths(store, run)
            fresh = (_stamp(paths.gate), len(store.ledger.events()))
            return self._once(("run", run, *fresh), lambda: run_page(store, run))

    def file(self, number: int) -> Shown:
        path = self._path(number)
        return self._once(("file", number, _stamp(path)), lambda: file_page(path, sources=self._sources))

    def compare(self, before: str, after: str) -> Shown:
        paths = [self._measurement(name) for name in (before, after)]
        return self._once(("compare", *paths, *map(_stamp, paths)), lambda: self._compared(before, after))

    @property
    def experiments(self) -> Sequence[str]:
        return [str(path) for path in self._experiments]

    def experiment(self, number: int) -> Mapping[str, Svg]:
        if number >= len(self._experiments):
            mend = "suture view experiments/NAME/results.json"
            raise UnknownName("experiment", str(number), self.experiments, mend=mend)
        return experiment_pictures(self._experiments[number])

    @property
    def routers(self) -> Sequence[str]:
        return [str(path) for path in self._routes]

    def routing(self, number: int) -> RoutesShown:
        return routing_page(self._routes_path(number))

    def leaks(self, number: int, suites: Sequence[str]) -> Audit:
        path = self._routes_path(number)
        stamps = (_stamp(path), _stamp(classifier_path(path, read_routes(path))))
        return self._once(("leaks", path, *suites, *stamps), lambda: leaks_at_hand(path, suites, self._sources))

    def explain(self, number: int, prompt: str, *, tools: bool, schema: bool) -> Explained:
        return explain_route(self._routes_path(number), prompt, tools=tools, schema=schema)

    def verify(self) -> Mapping[str, object]:
        with self.store() as store:
            verified = verify_store(store)
            _, damage = differing_decisions(store)
            verified.damage.extend(damage)
            return verified.to_json()

    def _compared(self, before: str, after: str) -> Shown:
        sides = [self._reading(name) for name in (before, after)]
        found = compare(sides[0].sheets, sides[1].sheets)
        return compare_page(found.report, sides[0], sides[1], found.left_out)

    def _reading(self, name: str) -> ResultsReading:
        path = self._measurement(name)
        if name.startswith("file-"):
            return read_results(path)
        board = read_model(path, Scoreboard, what="scoreboard")
        return ResultsReading([sheet_of(board)], {}, path=path, harness="suture", board=board)

    def _measurement(self, name: str) -> Path:
        """``run-ID.before``, ``run-ID.after`` or ``file-N``. Raises UnknownName."""
        kind, _, rest = name.partition("-")
        if kind == "file" and rest.isdigit():
            return self._path(int(rest))
        run, dot, side = rest.partition(".")
        if kind != "run" or not dot or side not in ("before", "after"):
            raise UnknownName(
                "measurement", name, ("run-ID.before", "run-ID.after", "file-0"), mend="choose at /compare"
            )
        with self.store() as store:
            paths = self._paths(store, run)
        return paths.baseline if side == "before" else paths.candidate

    def _paths(self, store: Store, run: str) -> RunPaths:
        runs = {entry["id"]: entry for entry in store.ledger.runs()}
        if run not in runs:
            raise UnknownName("run", run, runs, mend="suture report --list")
        return RunPaths(store.home.absolute(runs[run]["directory"]))

    def _path(self, number: int) -> Path:
        if number >= len(self._files):
            raise UnknownName("file", str(number), map(str, range(len(self._files))), mend="suture view FILE")
        return self._files[number]

    def _routes_path(self, number: int) -> Path:
        if number >= len(self._routes):
            raise UnknownName("routes file", str(number), self.routers, mend="suture view routes.yaml")
        return self._routes[number]

    def _once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        with self._lock:
            found = self._kept.pop(key, None)
            if found is None:
                found = make()
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            return found


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; zeros where there is none, which reading it then says."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
