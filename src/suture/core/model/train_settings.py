"""How a repair is trained, as a recipe says it."""

from enum import StrEnum

from pydantic import Field

from suture.core.frozen import Frozen


class Strategy(StrEnum):
    """How a repair is trained; ``docs/strategies.md`` says when to use which."""

    NAIVE = "naive"
    REPLAY = "replay"
    REPLAY_KL = "replay+kl"
    MASKED = "masked"
    ASFT = "asft"
    SELF_VERIFIED = "self-verified"


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
        anchors_held: training stops in the same way once a smaller part of the anchors would still be answered as
            before; ``KeptAdapter`` says how that is measured.
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
    anchors_held: float | None = Field(default=None, gt=0, le=1)
    precision: Precision = Precision.AUTO
    load_in_4bit: bool = False
