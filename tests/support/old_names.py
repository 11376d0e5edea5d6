"""Module names of before core and packs had wings, for scripts outside the repository that make their models with
``tiny_models``. Nothing in the repository uses them."""

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

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
    def find_spec(self, fullname, path=None, target=None):
        return ModuleSpec(fullname, self) if fullname in NEW else None

    def create_module(self, spec):
        return importlib.import_module(NEW[spec.name])

    def exec_module(self, module):
        """Done when it was imported under its new name."""


def install() -> None:
    sys.meta_path.append(_OldNames())
