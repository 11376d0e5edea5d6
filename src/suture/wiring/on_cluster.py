"""Opens a cluster for one command: engines and judges of its nodes in place of those of this machine."""

import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from suture.cluster.hub import Asked, Hub, Makers, open_hub
from suture.cluster.judge import SHARD
from suture.cluster.node_facts import facts_here
from suture.cluster.open_ray import open_ray
from suture.cluster.place import address_of
from suture.cluster.ray_here import unfit_ray
from suture.core.errors import MissingTool
from suture.core.plan.ports import Progress
from suture.engines.spec import Reads
from suture.files.atomic import scratch_directory
from suture.judge import open_judge
from suture.loop.pace import Pace
from suture.loop.workshop import Workshop
from suture.machine.cores import usable_cores
from suture.machine.installing import install_extra
from suture.store.driver import only_driver
from suture.store.store import Store
from suture.wiring.cluster_work import engine_work, judge_work
from suture.wiring.engine_table import engine_table
from suture.wiring.engines import TableEngines
from suture.wiring.gguf_packs import GgufPacks

_ELSEWHERE = (Reads.NOTHING, Reads.MESSAGES)
"""How servers are asked: from this machine, whatever the nodes do."""


class FromThreads:
    """A progress that several threads may tell at once."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._alone = progress, threading.RLock()

    def start(self, stage: str, total: int) -> None:
        with self._alone:
            self._progress.start(stage, total)

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        with self._alone:
            self._progress.advance(done, tokens=tokens)

    def note(self, line: str) -> None:
        with self._alone:
            self._progress.note(line)

    def finish(self) -> None:
        with self._alone:
            self._progress.finish()


@contextmanager
def open_cluster_workshop(where: str, store: Store, progress: Progress, *, unsafe_local: bool) -> Generator[Workshop]:
    """A workshop whose models answer, and whose programs are judged, on the nodes of a cluster.

    Raises: as ``on_cluster``.
    """
    told = FromThreads(progress)
    with on_cluster(where, store, told, unsafe_local=unsafe_local) as hub:
        pace = Pace(batches=hub.batches, shards=hub.shards, programs=SHARD, abandon=hub.abandon)
        yield Workshop(store=store, judge=hub.judge, engines=hub.engines, packs=GgufPacks(), progress=told, pace=pace)


@contextmanager
def on_cluster(where: str, store: Store, progress: Progress, *, unsafe_local: bool) -> Generator[Hub]:
    """Start processes on this machine (``ray``) or use a cluster that it has joined (``ray=HOST:PORT``).

    Raises:
        UsageError: no such place, a cluster without a token, or another process drives one for this store.
        MissingTool: Ray is not installed, or nothing here isolates programs.
        Fault: no node fits.
    """
    address = address_of(where)
    if found := unfit_ray():
        raise MissingTool(f"--on {where}: {found}", mend=install_extra("ray"))
    with only_driver(store), _short_folder(store) as folder:
        with closing(open_judge(workers=1, unsafe_local=unsafe_local)) as judge:
            asked_judge = judge.identity
        nodes, version = open_ray(address, folder)
        gpus = any(node.gpus for node in nodes.alive())
        hub = open_hub(
            nodes,
            Makers(engine_work, judge_work),
            Asked(facts_here(ray=version, gpus=gpus), asked_judge, usable_cores()),
            TableEngines(store.home),
            note=progress.note,
            elsewhere=[spec.name for spec in engine_table().values() if spec.reads in _ELSEWHERE],
        )
        with closing(hub):
            progress.note(f"on {where}: {hub.engine_crew.size} engines and {hub.judge_crew.size} judges")
            try:
                yield hub
            finally:
                progress.note(hub.says)


@contextmanager
def _short_folder(store: Store) -> Generator[Path]:
    """A directory of the store, by a short name: Ray puts sockets into it, whose paths hold 107 bytes."""
    with scratch_directory(store.home.root / "ray") as real, TemporaryDirectory(prefix="suture-ray-") as short:
        link = Path(short) / "r"
        link.symlink_to(real)
        yield link
