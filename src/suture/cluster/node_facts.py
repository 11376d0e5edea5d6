"""What a node is, and why it does not fit: everything that would make it another instrument."""

import platform
import socket
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import suture
from suture.core.digest import digest_of, digest_of_bytes
from suture.core.frozen import Frozen
from suture.machine.graphics import gpu_class
from suture.machine.processor import processor_class


class NodeFacts(Frozen):
    """Attributes:
    host: its name, for people.
    source: digest of Suture's own source there: two copies of one version may differ.
    processor: the class of its CPU.
    gpu: name and driver of its GPUs; "" where Ray gives none to this work.
    """

    host: str
    python: str
    ray: str
    suture: str
    source: str
    processor: str
    gpu: str = ""

    @property
    def instrument(self) -> str:
        """The class of what computes: answers of different classes differ in rounding."""
        return self.gpu or self.processor


WORDS = {"python": "Python", "ray": "Ray", "suture": "Suture", "source": "Suture's source"}


def facts_here(*, ray: str, gpus: float = 0) -> NodeFacts:
    """``ray``: its version. ``gpus``: how many Ray gives to this work."""
    return NodeFacts(
        host=socket.gethostname(),
        python=platform.python_version(),
        ray=ray,
        suture=suture.__version__,
        source=source_digest(),
        processor=processor_class(),
        gpu=gpu_class() if gpus else "",
    )


@cache
def source_digest() -> str:
    """Digest of every source file of this package, by its path."""
    root = Path(__file__).resolve().parents[1]
    return digest_of({str(path.relative_to(root)): digest_of_bytes(path.read_bytes()) for path in root.rglob("*.py")})


def version_misfits(here: NodeFacts, there: NodeFacts) -> str:
    """Say which versions differ; "" where none does."""
    differing = (
        f"{word} {_short(getattr(there, name))} there, {_short(getattr(here, name))} here"
        for name, word in WORDS.items()
        if getattr(there, name) != getattr(here, name)
    )
    return "; ".join(differing)


def choose_instrument(here: str, there: Iterable[str]) -> str:
    """The class that a run uses: this machine's own if any node has it, else the one that most nodes have."""
    counts = Counter(there)
    if here in counts or not counts:
        return here
    return min(counts, key=lambda name: (-counts[name], name))


def _short(value: str) -> str:
    return value[:12] if len(value) == 64 else value
