"""Finds the file that answers under a name, and makes it where the name means a model that is no pack yet."""

from pathlib import Path

from suture.core.model.pack_manifest import Quantisation
from suture.core.plan.ports import Progress
from suture.files.gguf_header import read_header
from suture.loop.workshop import Silent
from suture.store.find_model import FoundModel, find_model, require_one_model
from suture.store.store import Store
from suture.wiring.gguf_packs import GgufPacks


def pack_path(store: Store, name: str, progress: Progress | None = None) -> FoundModel:
    """Find a GGUF file whose bytes were just hashed; a directory or hub id is prepared and packed as Q8_0 first.

    Returns:
        What was found, with a file as its ``source`` and the file's SHA-256 as its ``digest``.

    Raises:
        UsageError and its children: no such model, or a file that is no whole GGUF file.
    """
    found = require_one_model(find_model(store, name), name)
    if not (isinstance(found.source, Path) and found.source.is_file()):
        from suture.wiring.foundry import TorchFoundry
        from suture.wiring.named_models import base_of

        base = base_of(store, TorchFoundry(progress or Silent()), GgufPacks(), name, Quantisation.Q8_0)
        found = FoundModel(base.file.path, base.file.sha256)
    read_header(Path(found.source))
    return found
