"""Adapters: what is recorded of one that was trained, imported, or merged."""

from pydantic import Field, FiniteFloat

from suture.core.frozen import Frozen
from suture.core.model.train_settings import Precision, TrainSettings

ADAPTER_RECORD = "suture.json"
IMPORT_RECORD = "suture-import.json"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
KEPT_ADAPTERS = "steps"
MERGE_RECORD = "merge.json"


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


class StepRecord(Frozen):
    """Means over the optimiser steps up to ``step`` that no earlier record covers; otherwise as an epoch's."""

    step: int
    loss: float
    kl: float | None = Field(default=None, exclude_if=lambda value: value is None)
    kl_new: float | None = Field(default=None, exclude_if=lambda value: value is None)


class KeptAdapter(Frozen):
    """An adapter as it was after ``step`` optimiser steps: in ``steps/STEP`` of the adapter's directory.

    ``kl`` is KL(base || model) in nats a token on what the base itself answered to up to 32 failures: the measure that
    foretells forgetting (RL's Razor, Shenfeld et al., 2025, arXiv 2509.04259). It is over the base's own answers, so
    strategies with other targets can be compared. None when no row holds an answer.

    ``anchors_held`` is the part of up to 32 anchors whose own answer is, token after token, still the likeliest: greedy
    decoding says it again, so the anchor passes. (Another answer may pass too.) None without anchors.
    """

    step: int
    kl: float | None
    anchors_held: float | None = None
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
    computed_on: str = Field(default="", exclude_if=lambda value: not value)
    """The class of processor or GPU: another one rounds otherwise. Empty in records of earlier versions."""
    rows_trained: int
    rows_too_long: int
    tokens_masked: int = 0
    """Reference tokens that ``masked`` left out of the loss, over one epoch."""
    trainable_parameters: int
    total_parameters: int
    epochs: tuple[EpochRecord, ...]
    steps: tuple[StepRecord, ...] = Field(default=(), exclude_if=lambda value: not value)
    """In order, at most 200; empty in records of earlier versions."""
    kept: tuple[KeptAdapter, ...] = ()
    """In order. The adapter itself is the last of them that is within the KL budget and holds enough anchors."""

    @property
    def kl(self) -> float | None:
        """The adapter's own KL; see ``KeptAdapter``."""
        return next((kept.kl for kept in self.kept if kept.sha256 == self.sha256), None)


class MergeSettings(Frozen):
    """What an adapter is besides its weights, as peft reads it (``adapter_config.json``).

    The update of a matrix is ``scale * alpha / rank * B @ A``; with ``rslora`` the divisor is ``sqrt(rank)``
    (Kalajdzievski, 2023, arXiv 2312.03732). The patterns give some matrices a rank or alpha of their own.
    """

    rank: int = Field(gt=0)
    alpha: float = Field(allow_inf_nan=False)
    rslora: bool = False
    target_modules: tuple[str, ...] = ()
    rank_pattern: dict[str, int] = Field(default_factory=dict)
    alpha_pattern: dict[str, FiniteFloat] = Field(default_factory=dict)


class ImportedAdapter(Frozen):
    """``suture-import.json`` beside an adapter that another tool trained. ``sha256`` is of its weights."""

    schema_version: int = 1
    sha256: str
    base: str
    """Digest of the base directory's weights (``BaseRecord.weights_sha256``), which its shapes were checked against."""
    base_said: str
    """The base as the adapter's own configuration names it."""
    source: str
    source_sha256: str = ""
    """Of the weights as that tool wrote them: the same tensors, perhaps by other names."""
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
