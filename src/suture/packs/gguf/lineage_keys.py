"""Where a pack came from, in the GGUF specification's own keys.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: any reader of GGUF understands these without Suture.
"""

from collections.abc import Mapping

from gguf import GGUFValueType

from suture.files.gguf_header import Entry

ANCESTRY = ("general.base_model.", "general.dataset.", "general.finetune", "general.quantized_by")
"""Keys of the base that say what *it* was made from; a pack says its own."""


def standard_lineage(lineage: Mapping[str, str]) -> dict[str, Entry]:
    """The ``suture.*`` lineage of a repaired model, said again for everybody."""

    def text(value: str) -> Entry:
        return Entry(value, GGUFValueType.STRING)

    one = Entry(1, GGUFValueType.UINT32)
    found = {
        "general.finetune": text("suture repair"),
        "general.base_model.count": one,
        "general.base_model.0.name": text(lineage.get("base_name") or "unnamed"),
        "general.base_model.0.version": text(f"sha256:{lineage.get('base', '')}"),
    }
    if "dataset" in lineage:
        found |= {
            "general.dataset.count": one,
            "general.dataset.0.name": text("suture repair rows"),
            "general.dataset.0.version": text(f"sha256:{lineage['dataset']}"),
        }
    if lineage.get("licence"):
        found["general.license"] = text(lineage["licence"])
    return found
