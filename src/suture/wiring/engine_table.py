"""Every engine there is: Suture's own rows, and those of other packages."""

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from suture.core.errors import UnknownName
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.ports import Generator
from suture.engines.others import engines_of_others
from suture.engines.spec import EngineSpec, Reads
from suture.engines.table import LLAMACPP, OPENAI, OPENAI_CHAT, OPENVINO, VLLM
from suture.files.gguf_header import read_header
from suture.machine.cores import usable_cores
from suture.machine.processor import processor_class
from suture.training.extra import require_train_extra

EngineTable = Mapping[str, EngineSpec]


def _identify_transformers(spec: EngineSpec, choice: EngineChoice) -> EngineIdentity:
    require_train_extra()
    from suture.training.generation import identify_transformers

    threads = choice.threads or usable_cores()
    return identify_transformers(threads=threads, batch=choice.batch, processor=processor_class(), dtype=choice.dtype)


def _open_transformers(
    model: Path, choice: EngineChoice, identity: EngineIdentity, adapters: Mapping[str, Path]
) -> Generator:
    from suture.training.generation import TransformersEngine

    return TransformersEngine(model, identity, adapters)


def _has_gpu(spec: EngineSpec) -> bool:
    """On a CPU it is the slowest, so ``auto`` need not try it there."""
    return shutil.which("nvidia-smi") is not None and bool(find_spec("torch") and find_spec(spec.package))


TRANSFORMERS = EngineSpec(
    name="transformers",
    package="transformers",
    extra="train",
    reads=Reads.HUGGING_FACE,
    hot_adapters=True,
    identity=_identify_transformers,
    here=_has_gpu,
    open=_open_transformers,
)
OWN = (OPENVINO, LLAMACPP, TRANSFORMERS, OPENAI, OPENAI_CHAT, VLLM)
"""In the order they are taken where nobody says which: the first that computes a pack as it is written."""


def engine_table() -> dict[str, EngineSpec]:
    """By name; Suture's own engines first."""
    own = {spec.name: spec for spec in OWN}
    return own | engines_of_others(own)


def row_of(table: EngineTable, name: str) -> EngineSpec:
    """Raises UnknownName: no such engine."""
    if name not in table:
        raise UnknownName("engine", name, table)
    return table[name]


def usual_engine(pack: Path) -> tuple[str, str]:
    """The engine for a pack where none was named, and why if it is not the usual one.

    Raises:
        BadFile: no GGUF file, or a damaged one.
    """
    types = read_header(pack).matrix_types
    reasons = {spec.name: spec.why_not(types) for spec in OWN}
    return next(name for name, why in reasons.items() if not why), next(iter(reasons.values()))
