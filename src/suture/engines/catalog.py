"""Engines by name."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from suture.core.attempt import EngineIdentity
from suture.core.errors import MissingTool, UnknownName
from suture.core.ports import Generator
from suture.engines.llamacpp import LlamaCppEngine
from suture.engines.openvino import OpenVinoEngine

ENGINES = {"openvino": (OpenVinoEngine, "openvino-genai"), "llamacpp": (LlamaCppEngine, "xllamacpp")}
"""Name to (engine, the package it needs)."""


def identify_engine(name: str, *, threads: int | None, batch: int) -> EngineIdentity:
    """The identity ``open_engine`` would give, without loading anything.

    Raises:
        UnknownName: no such engine.
        MissingTool: its package is not installed.
    """
    if name not in ENGINES:
        raise UnknownName("engine", name, ENGINES)
    package = ENGINES[name][1]
    try:
        installed = version(package)
    except PackageNotFoundError:
        raise MissingTool(f"engine {name!r} is not installed", mend=f"pip install 'suture[{name}]'") from None
    threads = threads or len(os.sched_getaffinity(0))
    return EngineIdentity(name=name, version=installed, threads=threads, batch=batch)


def open_engine(name: str, pack: Path, *, threads: int | None = None, batch: int = 32) -> Generator:
    """Load ``pack``; ``threads`` defaults to the cores this process may use.

    Raises:
        UnknownName, MissingTool: as ``identify_engine``.
        BadFile: the engine cannot load the pack.
    """
    identity = identify_engine(name, threads=threads, batch=batch)
    return ENGINES[name][0](pack, identity)
