"""Keeps crews manned: looks which nodes are there, checks each, and opens seats on those that fit, also later on."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from suture.cluster.crew import Crew
from suture.cluster.jobs import Unfit
from suture.cluster.nodes import ClusterGone, Lost, Node, Nodes
from suture.cluster.seats import ProcessSeat
from suture.core.errors import Fault, SutureError

SECONDS_BETWEEN = 0.5
MOST_STARTS = 25
"""Times that a seat of one node may be opened in a run: a node on which everything dies is left alone."""


@dataclass
class Manned:
    """A crew and how its seats are made.

    Attributes:
        open: called with a node; raises Lost, Unfit or a SutureError.
        seats: how many a node has.
    """

    crew: Crew[Any]
    open: Callable[[Node], ProcessSeat]
    seats: Callable[[Node], int]


class Muster:
    """Args:
    note: is told which node answers nothing, and why, once for each reason.
    patience: seconds that work waits for a node when there is none.
    again: the command that goes on with what was recorded.
    """

    def __init__(
        self, nodes: Nodes, crews: list[Manned], *, note: Callable[[str], None], patience: float, again: str
    ) -> None:
        self._nodes, self._crews, self._note = nodes, crews, note
        self._patience, self._again = patience, again
        self.banned: dict[tuple[str, str], str] = {}
        self._starts: dict[tuple[str, str], int] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="suture-muster", daemon=True)

    def begin(self) -> None:
        """Open seats on every node there is, side by side, and go on watching. Raises ClusterGone."""
        self._open_missing()
        self._thread.start()

    def leave_out(self, crew: str, seat: ProcessSeat, why: str) -> None:
        self._ban(crew, seat.node, seat.host, why)

    def close(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _ban(self, crew: str, node: str, host: str, why: str) -> None:
        if (crew, node) not in self.banned:
            self.banned[crew, node] = why
            self._note(f"node {host} ({node[:8]}) does nothing for {crew}: {why}")

    def _watch(self) -> None:
        alone_since: dict[str, float] = {}
        while not self._stopped.wait(SECONDS_BETWEEN):
            try:
                self._open_missing()
            except ClusterGone as error:
                gone = Fault(f"the cluster is gone ({error}); what was recorded stays", mend=self._again)
                for manned in self._crews:
                    manned.crew.fail_all(gone)
                continue
            for manned in self._crews:
                crew = manned.crew
                if not crew.idle_with_work:
                    alone_since.pop(crew.name, None)
                elif time.monotonic() - alone_since.setdefault(crew.name, time.monotonic()) > self._patience:
                    crew.fail_all(self.nobody(crew.name))

    def nobody(self, crew: str) -> Fault:
        """What is said where no node is left for work that waits."""
        reasons = [f"{node[:8]}: {why}" for (of, node), why in self.banned.items() if of == crew]
        said = f" ({'; '.join(dict.fromkeys(reasons))})" if reasons else ""
        return Fault(f"no node of the cluster is left for {crew}{said}; what was recorded stays", mend=self._again)

    def _open_missing(self) -> None:
        nodes = self._nodes.alive()
        missing = [
            (manned, node)
            for manned in self._crews
            for node in nodes
            if (manned.crew.name, node.id) not in self.banned
            for _ in range(manned.seats(node) - manned.crew.seats_on(node.id))
        ]
        if missing:
            with ThreadPoolExecutor(min(len(missing), 64), thread_name_prefix="suture-seat") as pool:
                list(pool.map(self._open, *zip(*missing, strict=True)))

    def _open(self, manned: Manned, node: Node) -> None:
        name = manned.crew.name
        self._starts[name, node.id] = self._starts.get((name, node.id), 0) + 1
        if self._starts[name, node.id] > MOST_STARTS * manned.seats(node):
            self._ban(name, node.id, node.host, f"its processes ended {MOST_STARTS} times")
            return
        try:
            manned.crew.join(manned.open(node))
        except Lost:
            return  # the node is going, or will be asked again
        except (Unfit, SutureError) as error:
            self._ban(name, node.id, node.host, str(error))
