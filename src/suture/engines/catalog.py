"""Engines by name."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from suture.core.errors import MissingTool, UnknownName
from suture.core.measure.attempt import EngineIdentity
from suture.core.plan.ports import Generator
from suture.engines.cores import usable_cores
from suture.engines.llamacpp import LlamaCppEngine
from suture.engines.openvino import OpenVinoEngine


class Engine(NamedTuple):
    """``hot_adapters``: it can load LoRA adapters beside a pack, and take another scale with each request."""

    open: Any
    package: str
    module: str
    hot_adapters: bool


ENGINES = {
    "openvino": Engine(OpenVinoEngine, "openvino-genai", "openvino_genai", hot_adapters=False),
    "llamacpp": Engine(LlamaCppEngine, "xllamacpp", "xllamacpp", hot_adapters=True),
}


def identify_engine(name: str, *, threads: int | None, batch: int) -> EngineIdentity:
    """The identity ``open_engine`` would give, without loading anything.

    Raises:
        UnknownName: no such engine.
        MissingTool: its package is not installed.
    """
    if name not in ENGINES:
        raise UnknownName("engine", name, ENGINES)
    try:
        installed = version(ENGINES[name].package)
    except PackageNotFoundError:
        raise MissingTool(f"engine {name!r} is not installed", mend=f"pip install 'suture[{name}]'") from None
    threads = threads or usable_cores()
    return EngineIdentity(name=name, version=installed, threads=threads, batch=batch)


def open_engine(
    name: str,
    pack: Path,
    *,
    threads: int | None = None,
    batch: int = 32,
    adapters: Mapping[str, Path] | None = None,
) -> Generator:
    """Load ``pack``; ``threads`` defaults to the cores this process may use.

    Args:
        adapters: to load beside it, in the engine's own format, by the SHA-256 that requests name them with.

    Raises:
        UnknownName, MissingTool: as ``identify_engine``.
        BadFile: the engine cannot load the pack.
        UsageError: adapters for an engine that takes none.
    """
    identity = identify_engine(name, threads=threads, batch=batch)
    return ENGINES[name].open(pack, identity, adapters)
