"""Engines by name."""

import os
from pathlib import Path

from suture.core.errors import UnknownName
from suture.core.ports import Generator
from suture.engines.llamacpp import LlamaCppEngine
from suture.engines.openvino import OpenVinoEngine

ENGINES = ("openvino", "llamacpp")


def open_engine(name: str, pack: Path, *, threads: int | None = None, batch: int = 32) -> Generator:
    """Load ``pack`` in engine ``name``; ``threads`` defaults to the cores this process may use.

    Raises:
        UnknownName: no such engine.
        MissingTool: its package is not installed.
        BadFile: it cannot load the pack.
    """
    threads = threads or len(os.sched_getaffinity(0))
    if name == "openvino":
        return OpenVinoEngine(pack, threads=threads, batch=batch)
    if name == "llamacpp":
        return LlamaCppEngine(pack, threads=threads, batch=batch)
    raise UnknownName("engine", name, ENGINES)
