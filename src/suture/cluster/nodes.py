"""The port to a cluster: its nodes, and processes on them. Ray stands behind it, or a cluster of threads in tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Lost(Exception):
    """A process or its node is gone, or cannot be reached: whatever it was doing may be done again elsewhere."""


class ClusterGone(Exception):
    """There is no cluster any more."""


@dataclass(frozen=True)
class Node:
    """``cores`` and ``gpus``: as many as the cluster gives to work there."""

    id: str
    host: str
    cores: int
    gpus: int = 0


class Process(Protocol):
    """A process on a node, with one object in it."""

    def call(self, method: str, *arguments: Any) -> Any:
        """What the object's method returns.

        Raises:
            Lost: see there.
            SutureError: as the method raised it.
        """
        ...

    def stop(self) -> None:
        """End the process, whatever it is doing; one that is gone already is no error."""
        ...


class Nodes(Protocol):
    def alive(self) -> list[Node]:
        """Every node that can be reached. Raises ClusterGone."""
        ...

    def start(self, node: Node, make: Callable[[], object], *, gpus: int = 0) -> Process:
        """Start a process on that very node, and make the object in it. Raises Lost: it did not start."""
        ...

    def close(self) -> None: ...


def environment_of(here: Mapping[str, str], *, gpus: int) -> dict[str, str | None]:
    """What a process on a node has of this one's environment; None for what it must not have. Which GPU it may use is
    Ray's to say, where it gave one."""
    kept: dict[str, str | None] = {"OMP_NUM_THREADS": here.get("OMP_NUM_THREADS")}
    if not gpus and "CUDA_VISIBLE_DEVICES" in here:
        kept["CUDA_VISIBLE_DEVICES"] = here["CUDA_VISIBLE_DEVICES"]
    return kept
