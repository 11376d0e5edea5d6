"""Adapters, packs, and the proof that a pack is the model that was trained."""

from enum import StrEnum

from pydantic import Field

from suture.core.frozen import Frozen

SUPPORTED_ARCHITECTURES = ("llama", "qwen2", "qwen3")
"""GGUF names (``general.architecture``) of the bases whose merge and pack are tested."""


BASE_RECORD = "suture.json"
BASE_GGUF = "base.gguf"
WEIGHTS = "model.safetensors"
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "generation_config.json",
)
"""What a prepared base's directory holds; see ``BaseRecord``."""

ADAPTER_RECORD = "suture.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
MERGE_RECORD = "merge.json"


class Strategy(StrEnum):
    """How a repair is trained; ``docs/strategies.md`` says when to use which."""

    NAIVE = "naive"
    REPLAY = "replay"
    REPLAY_KL = "replay+kl"
    MASKED = "masked"
    ASFT = "asft"
    SELF_VERIFIED = "self-verified"


class Quantisation(StrEnum):
    BF16 = "bf16"
    F16 = "f16"
    Q8_0 = "q8_0"


class TrainSettings(Frozen):
    """LoRA (Hu et al., 2021, arXiv 2106.09685) settings.

    Attributes:
        alpha: the update is scaled by ``alpha / rank``.
        lr: peak learning rate of AdamW, decayed linearly to zero.
        batch: rows per optimiser step.
        max_len: tokens; a longer row is left out and counted, never cut.
        replay_ratio: anchor rows per failure row in each epoch (all strategies but ``naive``).
        kl_weight: weight of KL(base || model) per answer token on anchor rows (all but ``naive`` and ``replay``).
        kl_new_weight: the same on failure rows; None is the strategy's own: ``kl_weight`` for ``asft``, else 0.
        mask_below: ``masked`` leaves out the reference tokens that the base gives a smaller probability than this.
        seed: of initialisation, order and which anchors are replayed.
    """

    strategy: Strategy = Strategy.REPLAY_KL
    rank: int = Field(default=8, gt=0)
    alpha: int = Field(default=16, gt=0)
    lr: float = Field(default=1e-4, gt=0, allow_inf_nan=False)
    epochs: int = Field(default=1, gt=0)
    batch: int = Field(default=1, gt=0)
    max_len: int = Field(default=1024, gt=0)
    target_modules: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    seed: int = 0
    replay_ratio: float = Field(default=0.5, ge=0, le=2)
    kl_weight: float = Field(default=0.5, ge=0, allow_inf_nan=False)
    kl_new_weight: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    mask_below: float = Field(default=0.1, gt=0, lt=1)
    load_in_4bit: bool = False


class EpochRecord(Frozen):
    """Means over the epoch, in nats a token. ``loss`` is the cross-entropy of the tokens that are taught, unweighted.
    ``kl`` is KL(base || model) on the answers of anchor rows, ``kl_new`` on those of failure rows; None where it was
    not computed."""

    epoch: int
    loss: float
    kl: float | None = None
    kl_new: float | None = None
    tokens: int = Field(ge=0)
    seconds: float = Field(ge=0)


class AdapterRecord(Frozen):
    """``suture.json`` in the adapter's directory. ``sha256`` is of ``adapter_model.safetensors``."""

    schema_version: int = 1
    sha256: str
    base: str
    """Digest of the base directory's weights (``BaseRecord.weights_sha256``)."""
    dataset: str
    """``DatasetManifest.rows_sha256``."""
    settings: TrainSettings
    rows_trained: int
    rows_too_long: int
    tokens_masked: int = 0
    """Reference tokens that ``masked`` left out of the loss, over one epoch."""
    trainable_parameters: int
    total_parameters: int
    epochs: tuple[EpochRecord, ...]


class BaseRecord(Frozen):
    """A base model made ready for training and packing: ``suture.json`` in its directory.

    The directory holds BF16 safetensors in Hugging Face layout, the tokenizer, and ``base.gguf``:
    the same weights with the tokenizer, chat template and hyper-parameters every pack of this base copies.
    """

    schema_version: int = 1
    source: str
    source_sha256: str
    architecture: str
    weights_sha256: str
    parameters: int
    chat_template_digest: str
    licence: str = ""


class MergeRecord(Frozen):
    """``merge.json`` beside merged weights: what went into them. Written last: with it the directory is complete."""

    schema_version: int = 1
    base: str
    """SHA-256 of the base's source."""
    adapter: str
    dataset: str
    scale: float


class TensorProof(Frozen):
    """One packed tensor against the merged weight it came from.

    ``bound`` is the largest error the quantisation may make; 0 for an exact format.
    """

    name: str
    type: str
    max_error: float
    bound: float

    @property
    def holds(self) -> bool:
        return self.max_error <= self.bound


class LogitProof(Frozen):
    """Next-token prediction after one prompt, packed against merged."""

    prompt_digest: str
    same_tokens: bool
    same_top_token: bool
    max_difference: float
    """Largest difference of log-probability over the tokens both report, in nats."""


class Parity(Frozen):
    """Why the pack may be believed to be the merged model. ``tensors`` lists only the worst 10."""

    tensors_checked: int
    tensors_failed: int
    tensors: tuple[TensorProof, ...]
    logits: tuple[LogitProof, ...] = ()
    logit_bound: float = 0.0

    @property
    def logits_failed(self) -> int:
        return sum(not (proof.same_tokens and proof.max_difference <= self.logit_bound) for proof in self.logits)

    @property
    def holds(self) -> bool:
        return self.tensors_checked > 0 and self.tensors_failed == 0 and self.logits_failed == 0


class PackManifest(Frozen):
    """Written beside the GGUF as ``<file>.json``; the same lineage is in the GGUF's own metadata."""

    schema_version: int = 1
    sha256: str
    bytes: int
    base: str
    adapter: str | None
    """SHA-256 of the adapter's weights; None for the base itself."""
    scale: float
    quantisation: Quantisation
    architecture: str
    chat_template_digest: str
    dataset: str | None
    plan: str | None
    licence: str = ""
    parity: Parity | None = None
