"""What a user writes, and the plan it resolves to."""

from typing import Annotated, cast

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from suture.core.frozen import Frozen
from suture.core.gate.rules import GateRules
from suture.core.measure.attempt import EngineIdentity, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.splits import Split
from suture.core.measure.verdict import JudgeIdentity
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.scaling import ScaleSettings
from suture.core.model.strategies import spec_of
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.policy_settings import PolicySettings
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.served_claims import ServedSettings


class HashSplits(Frozen):
    """Shares of the tasks, drawn by a seeded hash of the task id. They sum to 1. Tasks that belong together (the same
    question, the same wanted function) fall into one split."""

    seed: int = 0
    repair: float = Field(ge=0, le=1)
    dev: float = Field(default=0.0, ge=0, le=1)
    holdout: float = Field(default=0.0, ge=0, le=1)
    held_out: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Suites of the recipe that are held out whole, with everything that belongs together with one of their tasks."""

    replayed: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Suites of the recipe that are wholly in split `repair`: every protected pass there is replayed, whatever
    `train.replay_ratio` says, and none is held out. For what must be kept and is too little to share out."""

    @property
    def shares(self) -> dict[Split, float]:
        return {Split.REPAIR: self.repair, Split.DEV: self.dev, Split.HOLDOUT: self.holdout}


class DeclaredSplits(Frozen):
    """Suite selectors per split, such as ``mbpp:train``."""

    repair: tuple[str, ...] = Field(min_length=1)
    dev: tuple[str, ...] = ()
    holdout: tuple[str, ...] = ()

    @property
    def selectors(self) -> dict[Split, tuple[str, ...]]:
        return {Split.REPAIR: self.repair, Split.DEV: self.dev, Split.HOLDOUT: self.holdout}


def _kind_of_splits(value: object) -> str:
    """Decided by the type of ``repair`` alone, so that an error names the key the user wrote."""
    if isinstance(value, HashSplits | DeclaredSplits):
        return "hash" if isinstance(value, HashSplits) else "declared"
    repair: object = cast("dict[str, object]", value).get("repair") if isinstance(value, dict) else None
    return "declared" if isinstance(repair, list | tuple) else "hash"


SPLIT_KINDS = ("hash", "declared")
Splits = Annotated[
    Annotated[HashSplits, Tag("hash")] | Annotated[DeclaredSplits, Tag("declared")], Discriminator(_kind_of_splits)
]


class Recipe(Frozen):
    """One repair, as its author writes it. Unknown keys are errors."""

    schema_version: int = Field(default=1, ge=1, le=1)
    """Version of the recipe's form."""
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """Names the run's directory: `.suture/runs/NAME-ID`."""
    model: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """The name the pack is registered under; its alias `champion` is what is served."""
    base: str = Field(min_length=1)
    """A GGUF file, a Hugging Face directory or hub id, `package:NAME` for a GGUF file inside an installed package,
    `NAME` or `NAME@ALIAS` for a model of the registry, or `champion` for this model's own."""
    base_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$", exclude_if=lambda value: value is None)
    """SHA-256 that the base must have; another file is refused before any work. For models on disk and of the
    registry."""
    suites: tuple[str, ...] = ()
    """Suites to measure, needed with hash splits: `humaneval`, `mbpp:11-110`, `mbpp:train`, `tasks.jsonl`."""
    sources: dict[str, str] = Field(default_factory=dict)
    """Local files to read official suites from, by suite name: `{mbpp: path/to/mbpp.jsonl}`."""
    splits: Splits
    """Either shares, assigned by a seeded hash of the task id, `{seed: 0, repair: 0.6, dev: 0.2, holdout: 0.2}`, or
    suite selectors, `{repair: ["mbpp:train"], holdout: ["mbpp:test"]}`."""
    engine: EngineChoice = EngineChoice()
    """The engine that answers; see `docs/engines.md`."""
    harvest: HarvestSettings = HarvestSettings()
    """What failures and anchors become rows."""
    served: ServedSettings | None = Field(default=None, exclude_if=lambda value: value is None)
    """Adds suite `served`: the tasks of what people said of served answers and what was verified, all of them in split
    `repair`; see `docs/records.md`."""
    earlier: tuple[str, ...] = ()
    """Dataset directories of earlier repairs; the report counts the overlap with them."""
    train: TrainSettings = TrainSettings()
    """How the adapter is trained."""
    scale: float = Field(default=1.0, gt=0, le=2)
    """Factor on the adapter when it is merged."""
    scale_search: ScaleSettings | None = None
    """Replaces `scale` by a search on anchors that may be replayed, trained-on failures and dev; see
    `docs/strategies.md`."""
    quantisation: Quantisation = Quantisation.Q8_0
    """Format of the pack (`q4_k_m` is rounded by llama.cpp's own quantiser); `bf16` and `q4_k_m` need an engine other
    than openvino. The gate measures this very pack, against a baseline in the same quantisation."""
    policy: PolicySettings = Field(default=PolicySettings(), exclude_if=lambda value: value == PolicySettings())
    """What is gated and served: `single`, the repaired pack; `keep`, the base first; see `docs/policies.md`."""
    gate: GateRules = GateRules()
    """When the gate promotes, rejects or holds; see `docs/gate.md`."""

    @field_validator("quantisation", mode="before")
    @classmethod
    def _as_gguf_names_it(cls, value: object) -> object:
        """GGUF writes `Q8_0` and `Q4_K_M`, others `q8` or `int8`."""
        written = value.lower().replace("-", "_") if isinstance(value, str) else value
        return {"q8": "q8_0", "int8": "q8_0", "fp16": "f16"}.get(str(written), written)

    @model_validator(mode="after")
    def _suites_are_said_once(self) -> "Recipe":
        if isinstance(self.splits, HashSplits) != bool(self.suites):
            raise ValueError("suites: list them here with hash splits, and only in splits with declared ones")
        return self

    @model_validator(mode="after")
    def _scale_is_written_or_searched(self) -> "Recipe":
        if self.scale_search is not None and self.scale != 1.0:
            raise ValueError("scale: write it, or have it searched with scale_search, not both")
        return self

    @model_validator(mode="after")
    def _self_verified_has_its_own_answers(self) -> "Recipe":
        if spec_of(self.train).own_answers and not self.harvest.asks_the_model:
            raise ValueError(f"train.strategy: {self.train.strategy.value} needs harvest.samples or harvest.rewrites")
        return self

    @model_validator(mode="after")
    def _what_is_rehearsed_is_trained_on(self) -> "Recipe":
        trains = spec_of(self.train).replays and self.train.replay_ratio > 0
        if self.harvest.rehearse_from and not trains:
            raise ValueError(
                "harvest.rehearse_from: questions are trained on beside anchors, and this strategy replays none"
            )
        return self

    @property
    def replayed_suites(self) -> tuple[str, ...]:
        return self.splits.replayed if isinstance(self.splits, HashSplits) else ()


class Plan(Frozen):
    """A recipe with every default and digest filled in. Its digest names the run and is the resume key."""

    recipe: Recipe
    base_sha256: str
    suite_digest: str
    split_digest: str
    engine: EngineIdentity | None
    """None for ``auto``: the engine is then picked by stage ``engine``."""
    engine_why: str = Field(default="", exclude_if=lambda value: not value)
    """In plans of before there was such a stage: what the probe of ``auto`` said."""
    sampling: Sampling
    judge: JudgeIdentity
    suture: str
    questions_digest: str = Field(default="", exclude_if=lambda value: not value)
    """Of the questions from elsewhere that are rehearsed."""
    lessons_digest: str = Field(default="", exclude_if=lambda value: not value)
    """Of the tasks of other suites that are taught."""
    trainer: dict[str, str] = Field(default_factory=dict)
    """Versions of the libraries that train and merge."""

    @property
    def run_id(self) -> str:
        return self.digest[:12]
