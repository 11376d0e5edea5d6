"""Adapters, packs, and the proof that a pack is the model that was trained."""

from enum import StrEnum

from pydantic import Field

from suture.core.frozen import Frozen

SUPPORTED_ARCHITECTURES = ("llama", "qwen2", "qwen3", "gemma3")
"""GGUF names (``general.architecture``) of the bases whose merge and pack are tested."""

HUGGING_FACE_TYPES = {"gemma3_text": "gemma3"}
"""``model_type`` in a Hugging Face configuration, where GGUF calls the architecture otherwise."""

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
IMPORT_RECORD = "suture-import.json"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
KEPT_ADAPTERS = "steps"
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
    Q4_K_M = "q4_k_m"


class Precision(StrEnum):
    """Of the products in training; sums, adapter weights, embeddings and logits are float32 in any case."""

    AUTO = "auto"
    """BF16 where the machine is fast at it."""
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


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
        keep_every: steps after which the adapter as it is then is kept beside the last one; None keeps one an epoch.
        kl_budget: training stops once KL(base || model) on the failures' prompts, in nats a token, is above this; what
            is kept as the result is the last adapter below it. Looked at whenever an adapter is kept.
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
    keep_every: int | None = Field(default=None, gt=0)
    kl_budget: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    precision: Precision = Precision.AUTO
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


class KeptAdapter(Frozen):
    """An adapter as it was after ``step`` optimiser steps: in ``steps/STEP`` of the adapter's directory.

    ``kl`` is KL(base || model) in nats a token on what the base itself answered to up to 32 failures: the measure that
    foretells forgetting (RL's Razor, Shenfeld et al., 2025, arXiv 2509.04259). It is over the base's own answers, so
    strategies with other targets can be compared. None when no row holds an answer.
    """

    step: int
    kl: float | None
    sha256: str


class AdapterRecord(Frozen):
    """``suture.json`` in the adapter's directory. ``sha256`` is of ``adapter_model.safetensors``."""

    schema_version: int = 1
    sha256: str
    base: str
    """Digest of the base directory's weights (``BaseRecord.weights_sha256``)."""
    dataset: str
    """``DatasetManifest.rows_sha256``."""
    settings: TrainSettings
    precision: Precision = Precision.FLOAT32
    """What ``auto`` was on that machine."""
    rows_trained: int
    rows_too_long: int
    tokens_masked: int = 0
    """Reference tokens that ``masked`` left out of the loss, over one epoch."""
    trainable_parameters: int
    total_parameters: int
    epochs: tuple[EpochRecord, ...]
    kept: tuple[KeptAdapter, ...] = ()
    """In order. The adapter itself is the last of them that is within the KL budget."""

    @property
    def kl(self) -> float | None:
        """Of the adapter itself; see ``KeptAdapter``."""
        return next((kept.kl for kept in self.kept if kept.sha256 == self.sha256), None)


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
    tokenizer_digest: str = ""
    """Of ``base.gguf``'s ``tokenizer.*`` metadata but the chat template; empty if prepared before it was recorded."""
    name: str = ""
    """As the model calls itself (``general.name``)."""
    licence: str = ""


class MergeSettings(Frozen):
    """What an adapter is besides its weights, as peft reads it (``adapter_config.json``).

    The update of a matrix is ``scale * alpha / rank * B @ A``; with ``rslora`` the divisor is ``sqrt(rank)``
    (Kalajdzievski, 2023, arXiv 2312.03732). The patterns give some matrices a rank or alpha of their own.
    """

    rank: int = Field(gt=0)
    alpha: float
    rslora: bool = False
    target_modules: tuple[str, ...] = ()
    rank_pattern: dict[str, int] = Field(default_factory=dict)
    alpha_pattern: dict[str, float] = Field(default_factory=dict)


class ImportedAdapter(Frozen):
    """``suture-import.json`` beside an adapter that another tool trained. ``sha256`` is of its weights."""

    schema_version: int = 1
    sha256: str
    base: str
    """Digest of the base directory's weights (``BaseRecord.weights_sha256``), which its shapes were checked against."""
    base_said: str
    """The base as the adapter's own configuration names it."""
    source: str
    matrices: int
    parameters: int
    settings: MergeSettings


class MergeRecord(Frozen):
    """``merge.json`` beside merged weights: what went into them. Written last: with it the directory is complete."""

    schema_version: int = 1
    base: str
    """SHA-256 of the base's source."""
    adapter: str
    dataset: str | None
    """None for an adapter that another tool trained: what it was trained on is not known."""
    scale: float
    settings: MergeSettings | None = None


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
    """Predictions after one prompt and along the pack's own greedy answer to it, packed against merged."""

    prompt_digest: str
    same_tokens: bool
    """The prompt's token ids are the same on both sides."""
    same_top_token: bool
    """The likeliest token after the prompt is."""
    max_difference: float
    """Largest difference of log-probability, in nats, over the likelier half of the tokens that both report."""
    max_divergence: float = 0.0
    """Largest KL(merged || packed) of one prediction, in nats, with all tokens that not both report taken as one."""
    positions: int = 1
    """How many predictions were compared."""


class ChatProof(Frozen):
    """One conversation through every template and tokenizer that may meet it.

    Attributes:
        same_text: Suture, the serving engine and transformers render the same prompt, a leading BOS aside.
        same_tokens: the engine's tokenizer cuts it into the same token ids as the base's own.
        leading_bos: how many BOS tokens the model is given before it.
    """

    messages_digest: str
    tokens: int
    same_text: bool
    same_tokens: bool
    leading_bos: int

    @property
    def holds(self) -> bool:
        return self.same_text and self.same_tokens and self.leading_bos <= 1


class AnswerDifference(Frozen):
    """A greedy answer of the pack that is not the merged model's.

    Attributes:
        at: index of the first differing token of the answer; all before it are the same.
        gap: how much likelier, in nats, the merged model finds its own token there: near zero is a tie that rounding
            decides.
    """

    prompt_digest: str
    prompt_end: str
    at: int
    packed_token: str
    merged_token: str
    gap: float
    packed: str
    merged: str


class Parity(Frozen):
    """Why the pack may be believed to be the merged model. ``tensors`` lists only the worst 10.

    Answers that differ are told and refuse nothing: rounding decides ties.
    """

    tensors_checked: int
    tensors_failed: int
    tensors: tuple[TensorProof, ...]
    logits: tuple[LogitProof, ...] = ()
    logit_bound: float = 0.0
    divergence_bound: float = 0.0
    chats: tuple[ChatProof, ...] = ()
    same_eos: bool = True
    """The token that ends an answer is the same in the engine and in the base's tokenizer."""
    answers_compared: int = 0
    answers: tuple[AnswerDifference, ...] = ()
    engine: str = ""
    """What computed the pack's side."""
    reference: str = ""
    """What computed the merged model's side."""

    @property
    def logits_failed(self) -> int:
        return sum(not (proof.same_tokens and self._near(proof)) for proof in self.logits)

    def _near(self, proof: LogitProof) -> bool:
        return proof.max_difference <= self.logit_bound and proof.max_divergence <= self.divergence_bound

    @property
    def chats_failed(self) -> int:
        return sum(not proof.holds for proof in self.chats)

    @property
    def holds(self) -> bool:
        return not self.complaints

    @property
    def complaints(self) -> tuple[str, ...]:
        """What fails, for people."""
        rendered = sum(not proof.same_text for proof in self.chats)
        tokens = sum(not proof.same_tokens for proof in self.chats) + sum(not p.same_tokens for p in self.logits)
        doubled = sum(proof.leading_bos > 1 for proof in self.chats)
        far = sum(not self._near(proof) for proof in self.logits)
        found = (
            (not self.tensors_checked, "no tensor was compared"),
            (self.tensors_failed, f"{self.tensors_failed} of {self.tensors_checked} tensors out of bounds"),
            (rendered, f"{rendered} of {len(self.chats)} conversations rendered differently (chat template)"),
            (tokens, f"{tokens} of {len(self.chats) + len(self.logits)} prompts cut into other tokens (tokenizer)"),
            (doubled, f"BOS twice before {doubled} of {len(self.chats)} conversations"),
            (bool(self.logits) and not sum(p.positions for p in self.logits), "no prediction could be compared"),
            (not self.same_eos, "another token ends an answer (EOS)"),
            (far, f"{far} of {len(self.logits)} answers predicted further off than {self.logit_bound:g} nats"),
        )
        return tuple(text for count, text in found if count)


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
