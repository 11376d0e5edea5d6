"""A cluster of threads: nodes that can be lost, slow, or of another class or version, all in this process."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from suture.cluster.carried_files import FileCache
from suture.cluster.hub import Asked, Hub, Makers, open_hub
from suture.cluster.node_facts import NodeFacts
from suture.cluster.node_work import EngineWork, JudgeWork
from suture.cluster.nodes import ClusterGone, Lost, Node
from suture.core.plan.ports import Engines, Judge
from suture.loop.pace import Pace
from suture.loop.workshop import Workshop

HERE = NodeFacts(
    host="here", python="3.11.9", ray="2.60.0", suture="0.1.0", source="5" * 64, processor="GenuineIntel family 6: avx2"
)
Strike = Callable[[Node, str, tuple[Any, ...]], None]


class FakeProcess:
    def __init__(self, cluster: "FakeNodes", node: Node, made: object) -> None:
        self._cluster, self._node, self._made = cluster, node, made
        self.stopped = False

    def call(self, method: str, *arguments: Any) -> Any:
        self._require()
        self._cluster.strike(self._node, method, arguments)
        self._require()
        found = getattr(self._made, method)(*arguments)
        self._require()
        return found

    def _require(self) -> None:
        if self.stopped or self._node not in self._cluster.nodes or self._cluster.gone:
            raise Lost(f"node {self._node.id} is gone")

    def stop(self) -> None:
        self.stopped = True


@dataclass
class FakeNodes:
    """``strike`` is called before each call with node, method and arguments: it may raise, or take its time.

    Attributes:
        facts: what nodes say of themselves, by id, where that differs from ``HERE``.
    """

    nodes: list[Node]
    strike: Strike = lambda node, method, arguments: None
    facts: dict[str, NodeFacts] = field(default_factory=dict)
    gone: bool = False
    closed: bool = False
    processes: list[FakeProcess] = field(default_factory=list)

    def alive(self) -> list[Node]:
        if self.gone:
            raise ClusterGone("no head")
        return list(self.nodes)

    def start(self, node: Node, make: Callable[[], object], *, gpus: int = 0) -> FakeProcess:
        if self.gone or node not in self.nodes:
            raise Lost("no such node")
        made: Any = make()
        made.facts = lambda: self.facts.get(node.id, HERE)
        made.node = node
        self.processes.append(FakeProcess(self, node, made))
        return self.processes[-1]

    def close(self) -> None:
        self.closed = True


def three_nodes(cores: int = 1) -> list[Node]:
    return [Node(id=name * 8, host=f"host-{name}", cores=cores) for name in "abc"]


@dataclass
class FakeCluster:
    """A hub on fake nodes, and a workshop's place on it."""

    nodes: FakeNodes
    hub: Hub
    notes: list[str]

    def moved(self, workshop: Workshop) -> Workshop:
        """The workshop with this cluster's engines and judge."""
        pace = Pace(batches=self.hub.batches, shards=self.hub.shards, programs=4, abandon=self.hub.abandon)
        return Workshop(
            store=workshop.store,
            judge=self.hub.judge,
            engines=self.hub.engines,
            packs=workshop.packs,
            pace=pace,
        )


def open_fake(
    nodes: FakeNodes,
    engines: Engines,
    judge: Judge,
    cache,
    *,
    open_judge: Callable[..., Judge] | None = None,
    shared: bool = True,
    patience: float = 0.5,
) -> FakeCluster:
    """Nodes use ``engines`` and ``judge``, as the machine that drives does."""
    notes: list[str] = []
    opens = open_judge or (lambda asked, lanes: judge)
    hub = open_hub(
        nodes,
        Makers(
            lambda gpus: EngineWork(engines, FileCache(cache, shared=shared), ray="2.60.0"),
            lambda lanes: JudgeWork(opens, lanes, ray="2.60.0"),
        ),
        Asked(HERE, judge.identity, 1),
        engines,
        note=notes.append,
        patience=patience,
    )
    return FakeCluster(nodes, hub, notes)


class Once:
    """A fault that strikes once: at the n-th call of a method, on whatever node makes it."""

    def __init__(self, method: str, fault: Callable[[Node], None], *, at: int = 1, node: str | None = None) -> None:
        self._method, self._fault, self._left, self._node = method, fault, at, node
        self._lock = threading.Lock()
        self.struck = threading.Event()

    def __call__(self, node: Node, method: str, arguments: tuple[Any, ...]) -> None:
        if method != self._method or self._node not in (None, node.id):
            return
        with self._lock:
            self._left -= 1
            due = self._left == 0
        if due:
            self.struck.set()
            self._fault(node)


def lost(node: Node) -> None:
    raise Lost(f"killed on {node.host}")


def slow(seconds: float) -> Callable[[Node], None]:
    return lambda node: time.sleep(seconds)
