"""Engines as the loop's ports see them."""

import shutil
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from pathlib import Path

from suture.core.errors import UnknownName
from suture.core.measure.attempt import EngineIdentity
from suture.core.model.base import BASE_RECORD
from suture.core.plan.ports import Generator
from suture.core.plan.recipe import EngineChoice
from suture.engines.catalog import ENGINES, identify_engine, open_engine
from suture.engines.cores import usable_cores
from suture.engines.openvino import cannot_compute, types_in
from suture.files.read_write import sha256_of
from suture.packs.adapters.gguf_file import write_adapter
from suture.packs.bases.prepare import prepare_base
from suture.store.home import Home
from suture.training.extra import require_train_extra
from suture.wiring.proof import prove_base

NAMES = (*ENGINES, "transformers", "openai")


def usual_engine(pack: Path) -> tuple[str, str]:
    """The engine for a pack where none was named, and why if it is not the usual one. Raises BadFile: no GGUF file."""
    why = cannot_compute(types_in(pack))
    return ("llamacpp", why) if why else ("openvino", "")


class Engines:
    """Opens packs; an adapter is brought into the engine's own format once, in the store."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._models: dict[str, str] = {}

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        """As ``engines.catalog.identify_engine``, for every engine. Raises Fault: a server that names no model."""
        if choice.name == "transformers":
            require_train_extra()
            from suture.training.generation import identify_transformers

            return identify_transformers(threads=choice.threads or usable_cores(), batch=choice.batch)
        if choice.name == "openai":
            from suture.engines.openai import first_model, host_of, server_url

            url = server_url(choice.url)
            if (model := choice.model or self._models.get(url)) is None:
                model = self._models[url] = first_model(url)
            return EngineIdentity(
                name="openai", version="v1", threads=1, batch=choice.batch, host=host_of(url), model=model
            )
        if choice.name not in ENGINES:
            raise UnknownName("engine", choice.name, NAMES)
        return identify_engine(choice.name, threads=choice.threads, batch=choice.batch)

    @property
    def names(self) -> tuple[str, ...]:
        return NAMES

    def why_not(self, name: str, types: Collection[str]) -> str:
        if name not in NAMES:
            raise UnknownName("engine", name, NAMES)
        return cannot_compute(types) if name == "openvino" else ""

    def installed(self) -> tuple[str, ...]:
        """Engines that run here: transformers only where a GPU makes it worth trying, and no server."""
        here = [name for name in ENGINES if find_spec(ENGINES[name].module)]
        gpu = shutil.which("nvidia-smi") is not None and find_spec("torch") and find_spec("transformers")
        return (*here, *(["transformers"] if gpu else []))

    def hot_adapters(self, choice: EngineChoice) -> bool:
        return choice.name == "transformers" or (choice.name in ENGINES and ENGINES[choice.name].hot_adapters)

    def open(self, choice: EngineChoice, pack: Path, /, *, adapters: Mapping[str, Path] | None = None) -> Generator:
        """``pack`` is a GGUF file, or for transformers also a Hugging Face directory."""
        identity = self.identify(choice)
        if choice.name == "transformers":
            from suture.training.generation import TransformersEngine

            return TransformersEngine(self._directory(pack), identity, adapters)
        if choice.name == "openai":
            from suture.engines.openai import OpenAIEngine, server_url

            return OpenAIEngine(server_url(choice.url), identity)
        beside = {sha256: self._adapter(sha256, path, pack) for sha256, path in (adapters or {}).items()}
        return open_engine(choice.name, pack, threads=choice.threads, batch=choice.batch, adapters=beside)

    def _directory(self, pack: Path) -> Path:
        """A pack's weights as a Hugging Face directory in BF16, made once, in the store."""
        if pack.is_dir():
            return pack
        out = self._home.base(sha256_of(pack))
        if not (out / BASE_RECORD).exists():
            prepare_base(pack, out, prove=prove_base)
        return out

    def _adapter(self, sha256: str, adapter: Path, base: Path) -> Path:
        out = self._home.adapter(sha256)
        if not out.exists():
            write_adapter(adapter, base, out)
        return out
