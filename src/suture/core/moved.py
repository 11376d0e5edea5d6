"""Keeps the module names of before ``core`` and ``packs`` had wings importable, for code outside this repository.

Nothing here imports by an old name; doing so is a DeprecationWarning that says the new one.
"""

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

WINGS = {
    "core": {
        "gate": "rules comparison certificates repeats looks statistics breakdown anchors",
        "measure": "task attempt verdict chat splits scoreboard sheet flips engine_probe",
        "model": "train_settings base adapter pack proof parity scaling scale_search registry",
        "plan": "recipe experiment ports",
        "teach": "dataset findings own_answers rehearsal",
    },
    "packs": {
        "bases": "base_gguf from_gguf from_hugging_face prepare vocabulary",
        "families": "gemma3 rope",
        "gguf": "diff layout lineage llama_quantiser mixture quantise read verify write",
        "hugging_face": "bf16 weights",
        "tokenizers": "pretokenizers sentencepiece",
    },
}
NEW = {
    f"suture.{package}.{name}": f"suture.{package}.{wing}.{name}"
    for package, wings in WINGS.items()
    for wing, names in wings.items()
    for name in names.split()
}


class _OldNames(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Of an old name: whatever lies under the new one."""
        return ModuleSpec(fullname, self) if fullname in NEW else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        warnings.warn(f"{spec.name} is now {NEW[spec.name]}", DeprecationWarning, stacklevel=2)
        return importlib.import_module(NEW[spec.name])

    def exec_module(self, module: ModuleType) -> None:
        """Done when it was imported under its new name."""


def keep_old_names() -> None:
    """Once a process, asked last of all that find modules."""
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.append(_OldNames())
