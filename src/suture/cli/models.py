"""A model as people name it on the command line, made ready."""

from pathlib import Path

from suture.core.model.pack import Quantisation
from suture.core.plan.ports import Foundry
from suture.files.read_write import sha256_of
from suture.loop.bases import find_base
from suture.loop.measuring.pack_file import PackFile
from suture.loop.packing import BasePack, kept_base
from suture.loop.workshop import Workshop
from suture.store.store import Store
from suture.wiring.packs import GgufPacks

MODEL_HELP = "A GGUF file, a Hugging Face directory or hub id, or package:NAME for a GGUF inside an installed package."

ENGINE_HELP = "openvino, llamacpp, transformers, openai; auto: the fastest of those installed, by a short probe."


def base_of(store: Store, foundry: Foundry, name: str, quantisation: Quantisation) -> BasePack:
    """Prepared once per source, in the store."""
    source, digest = find_base(store, name)
    return kept_base(store, foundry, GgufPacks(), source, digest=digest, quantisation=quantisation)


def pack_file(workshop: Workshop, foundry: Foundry, name: str, *, packed: bool = True) -> PackFile:
    """A GGUF is measured as it is; any other base is packed as Q8_0 first, unless its directory is to be measured."""
    source, _ = find_base(workshop.store, name)
    if isinstance(source, Path) and source.is_file():
        return PackFile(source, sha256_of(source), workshop.packs.template(source))
    base = base_of(workshop.store, foundry, name, Quantisation.Q8_0)
    return base.file if packed else PackFile(base.directory, base.record.weights_sha256, base.file.template)
