"""In which numbers OpenVINO computes: what it is asked for, and what it then says of itself."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from suture.core.errors import MissingTool
from suture.core.measure.engine_choice import Numbers
from suture.machine.installing import install_extra

SETTINGS: Mapping[Numbers, Mapping[str, object]] = MappingProxyType(
    {
        Numbers.EXACT: {
            "INFERENCE_PRECISION_HINT": "f32",
            "KV_CACHE_PRECISION": "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
        },
        Numbers.PINNED: {
            "INFERENCE_PRECISION_HINT": "f32",
            "KV_CACHE_PRECISION": "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 32,
        },
        Numbers.NATIVE: {},
    }
)
"""What is set. Nothing means OpenVINO's own defaults, which differ from one processor to another: BF16 where it has
that, a KV cache of bytes, activations rounded to bytes in groups."""

_SAID = {
    "activations": "INFERENCE_PRECISION_HINT",
    "keys": "KEY_CACHE_PRECISION",
    "values": "VALUE_CACHE_PRECISION",
    "rounded in groups of": "DYNAMIC_QUANTIZATION_GROUP_SIZE",
}
_NEEDS = "RUNTIME_REQUIREMENTS"


@cache
def said_by_openvino(numbers: Numbers) -> str:
    """Ask OpenVINO what it makes of these settings on this processor: number types, groups, instruction set.

    A graph of one node is compiled for it, as the pipelines that generate text do not tell. The instruction set is the
    one that is used, which ``ONEDNN_MAX_CPU_ISA`` may hold below the processor's.

    Raises:
        MissingTool: the package is not installed.
    """
    try:
        import openvino
    except ImportError:
        raise MissingTool("engine 'openvino' is not installed", mend=install_extra("openvino")) from None
    here: Any = openvino  # without types
    nodes: Any = import_module("openvino.opset13")
    node = nodes.parameter([1], here.Type.f32)
    model = here.Core().compile_model(here.Model([nodes.relu(node)], [node], "one node"), "CPU", SETTINGS[numbers])
    known = model.get_property("SUPPORTED_PROPERTIES")
    facts = [f"{word} {_plain(model.get_property(name))}" for word, name in _SAID.items() if name in known]
    return ", ".join((*facts, _instructions(model) if _NEEDS in known else "instructions unknown"))


def _instructions(model: Any) -> str:
    """``isa=...`` of what a compiled model says it needs: ``meta=1.0;ov=2026.4.1;isa=Intel AVX2``."""
    needs = str(model.get_property(_NEEDS)).split(";")
    return next((part.removeprefix("isa=") for part in needs if part.startswith("isa=")), "instructions unknown")


def _plain(value: Any) -> str:
    """``float32`` for ``<Type: 'float32'>``, and numbers as they are."""
    return str(value.to_string()) if hasattr(value, "to_string") else str(value)
