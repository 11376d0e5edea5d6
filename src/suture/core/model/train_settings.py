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
    """The number format of products in training; sums, adapter weights, embeddings and logits are always float32."""

    AUTO = "auto"
    """BF16 where the machine is fast at it."""
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class TrainSettings(Frozen):
    """How an adapter is trained: LoRA (Hu et al., 2021, arXiv 2106.09685), and what keeps it from forgetting."""

    strategy: Strategy = Strategy.REPLAY_KL
    """Which rows are trained on, and with which loss: see `docs/strategies.md`."""
    rank: int = Field(default=8, gt=0)
    """Rank of LoRA's matrices."""
    alpha: int = Field(default=16, gt=0)
    """The update is scaled by alpha / rank."""
    lr: float = Field(default=1e-4, gt=0, allow_inf_nan=False)
    """Peak learning rate of AdamW, decayed linearly to zero."""
    epochs: int = Field(default=1, gt=0)
    """Passes over the rows."""
    batch: int = Field(default=1, gt=0)
    """Rows per optimiser step; on a CPU they are computed side by side, one on each core."""
    max_len: int = Field(default=1024, gt=0)
    """Most tokens of a row; longer rows are left out and counted, never cut."""
    target_modules: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    """Layers that get an adapter; by default all linear layers."""
    seed: int = 0
    """Seed of the initialisation, the order of rows, and the choice of anchors that are replayed."""
    replay_ratio: float = Field(default=0.5, ge=0, le=2)
    """Anchor rows per failure row in each epoch (all strategies but `naive`)."""
    kl_weight: float = Field(default=0.5, ge=0, allow_inf_nan=False)
    """Weight of KL(base || model) per token on the answers of anchor rows (all strategies but `naive` and `replay`)."""
    kl_new_weight: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Weight of the same KL on failure rows; by default that on anchor rows for `asft`, and 0 for the others."""
    mask_below: float = Field(default=0.1, gt=0, lt=1)
    """`masked` leaves reference tokens out of the loss whose probability under the base is below this."""
    keep_every: int | None = Field(default=None, gt=0)
    """The adapter is saved every so many steps, under `steps` beside the last one; by default once an epoch."""
    kl_budget: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """In nats a token: training stops when KL(base || model) on the failures' prompts exceeds this, and the result is
    the last adapter below it; checked whenever an adapter is saved."""
    anchors_held: float | None = Field(default=None, gt=0, le=1)
    """Share of the anchors, such as 0.95: training stops when fewer of up to 32 anchors still have their own answer,
    token by token, as the most likely one; the result is the last adapter that held enough."""
    precision: Precision = Precision.AUTO
    """Number format of matrix products in training; `auto` takes `bfloat16` where the machine has instructions for
    it."""
    load_in_4bit: bool = False
    """Load the base in 4 bits (QLoRA); needs bitsandbytes and a GPU."""
