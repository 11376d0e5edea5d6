"""Keeps old names of modules importable, for code outside this repository.

Nothing here imports by an old name; doing so is a DeprecationWarning that says the new one.
"""

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

TYPE_CHECKING = False  # as in `typing`; it and `importlib.abc` take longer to load than all of this
if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object

MOVED = {
    "core": {
        "core/gate": "rules comparison certificates repeats looks statistics breakdown anchors",
        "core/measure": "task attempt verdict chat splits scoreboard sheet flips engine_probe",
        "core/model": "train_settings base adapter=adapter_records pack=pack_manifest proof parity scaling"
        " scale_search=scale_questions registry=registry_events",
        "core/plan": "recipe experiment=grid ports",
        "core/teach": "dataset findings own_answers rehearsal",
    },
    "engines": {"engines": "catalog=table probe=pack_reader text=stop_strings", "machine": "cores processor"},
    "files": {"files": "whole=atomic read_write=small_files"},
    "judge.confined": {"judge/confined": "rehearsal=warm_up watching=supervisor"},
    "judge.hostile": {"judge/hostile": "tasks=hostile_tasks"},
    "judge.referee": {"judge/referee": "report=referee_report"},
    "loop": {
        "loop": "choosing=scale_choice experiment=run_grid heal=repair lineage=earlier_rows rescue=adapter_rescue",
        "store": "bases=find_model",
        "loop/measuring": "tasks=scoreboard_tasks flips=count_flips remeasure=remeasure_anchors",
    },
    "packs": {
        "packs/bases": "base_gguf from_gguf from_hugging_face prepare=prepare_base vocabulary",
        "packs/families": "gemma3 rope",
        "packs/gguf": "diff layout lineage=lineage_keys llama_quantiser mixture=q4_k_m_types quantise read=pack_info"
        " verify=tensor_proof write=write_gguf",
        "packs/hugging_face": "bf16 weights",
        "packs/tokenizers": "pretokenizers sentencepiece",
    },
    "report": {"report": "experiment=experiment_tables export=upload_directory model=run_report"},
    "store": {"store": "lineage=past_repairs packs=kept_packs verify=verification"},
    "training": {
        "training": "adapter=fresh_adapter merge=merged_directory merging=peft_merge model=load watch=adapter_keeper"
    },
}
"""By the package they were in: where modules are now, and what those are called now that had another name."""

RENAMED = {
    "suture.engines.probe": {"Probe": "PackReader"},
    "suture.loop.bases": {"_digest_of_directory": "digest_of_directory"},
}
"""By a module's old name: what is in it under another name."""


def _pairs() -> dict[str, str]:
    pairs: dict[str, str] = {}
    for package, places in MOVED.items():
        for place, names in places.items():
            for name in names.split():
                old, _, new = name.partition("=")
                pairs[f"suture.{package}.{old}"] = f"suture.{place.replace('/', '.')}.{new or old}"
    return pairs


NEW = _pairs()


class _OldNames(Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find under an old name whatever lies under the new one."""
        return ModuleSpec(fullname, self) if fullname in NEW else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        warnings.warn(f"{spec.name} is now {NEW[spec.name]}", DeprecationWarning, stacklevel=2)
        module = importlib.import_module(NEW[spec.name])
        for old, new in RENAMED.get(spec.name, {}).items():
            setattr(module, old, getattr(module, new))
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Done when it was imported under its new name."""


def keep_old_names() -> None:
    """Once a process, asked last of all that find modules."""
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.append(_OldNames())
