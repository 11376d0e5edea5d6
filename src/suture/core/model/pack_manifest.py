"""Packs: the number formats they are served in, and what one says of itself."""

from enum import StrEnum

from suture.core.frozen import Frozen
from suture.core.model.adapter_records import MergeSettings
from suture.core.model.proof import Parity


class Quantisation(StrEnum):
    BF16 = "bf16"
    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_K_M = "q4_k_m"

    @property
    def matrix_types(self) -> frozenset[str]:
        """GGUF types of the matrices of such a pack, where no row has an odd length."""
        return Q4_K_M_TYPES if self is Quantisation.Q4_K_M else frozenset({self.value.upper()})


Q4_K_M_TYPES = frozenset({"Q4_K", "Q6_K"})


class PackManifest(Frozen):
    """Written beside the GGUF as ``<file>.json``; the same lineage is in the GGUF's own metadata."""

    schema_version: int = 1
    sha256: str
    bytes: int
    base: str
    base_name: str = ""
    adapter: str | None
    """SHA-256 of the adapter's weights; None for the base itself."""
    scale: float
    settings: MergeSettings | None = None
    quantisation: Quantisation
    architecture: str
    chat_template_digest: str
    tokenizer_digest: str = ""
    dataset: str | None
    plan: str | None
    licence: str = ""
    parity: Parity | None = None
