"""Engines as the loop's ports see them."""

from collections.abc import Mapping
from pathlib import Path

from suture.core.attempt import EngineIdentity
from suture.core.ports import Generator
from suture.core.recipe import EngineChoice
from suture.engines.catalog import ENGINES, identify_engine, open_engine
from suture.packs.adapter_gguf import write_adapter
from suture.store.home import Home


class Engines:
    """Opens packs; an adapter is brought into the engine's own format once, in the store."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        return identify_engine(choice.name, threads=choice.threads, batch=choice.batch)

    def hot_adapters(self, choice: EngineChoice) -> bool:
        return choice.name in ENGINES and ENGINES[choice.name].hot_adapters

    def open(self, choice: EngineChoice, pack: Path, /, *, adapters: Mapping[str, Path] | None = None) -> Generator:
        beside = {sha256: self._adapter(sha256, path, pack) for sha256, path in (adapters or {}).items()}
        return open_engine(choice.name, pack, threads=choice.threads, batch=choice.batch, adapters=beside)

    def _adapter(self, sha256: str, adapter: Path, base: Path) -> Path:
        out = self._home.adapter(sha256)
        if not out.exists():
            write_adapter(adapter, base, out)
        return out
