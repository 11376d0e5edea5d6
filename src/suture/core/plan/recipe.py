"""What a user writes, and the plan it resolves to."""

from typing import Annotated, cast

from pydantic import Discriminator, Field, Tag, model_validator

from suture.core.frozen import Frozen
from suture.core.gate.rules import GateRules
from suture.core.measure.attempt import EngineIdentity, Sampling
from suture.core.measure.splits import Split
from suture.core.measure.verdict import JudgeIdentity
from suture.core.model.pack import Quantisation
from suture.core.model.scaling import ScaleSettings
from suture.core.model.strategies import spec_of
from suture.core.model.train_settings import TrainSettings
from suture.core.teach.harvest_settings import HarvestSettings


class HashSplits(Frozen):
    """Shares of the tasks, drawn by a seeded hash of the task id. They sum to 1."""

    seed: int = 0
    repair: float = Field(ge=0, le=1)
    dev: float = Field(default=0.0, ge=0, le=1)
    holdout: float = Field(default=0.0, ge=0, le=1)

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


class EngineChoice(Frozen):
    """``name``: ``auto`` for the fastest of those installed. ``threads``: None for all cores this process may use.
    ``batch``: requests given to the engine at once."""

    name: str = "openvino"
    threads: int | None = Field(default=None, gt=0)
    batch: int = Field(default=32, gt=0)
    max_tokens: int = Field(default=256, gt=0)
    url: str | None = Field(default=None, exclude_if=lambda value: value is None)
    model: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """``url`` and ``model``: of engine ``openai`` alone; the server, and its name for the model."""


OPENVINO_PACKS = (Quantisation.F16, Quantisation.Q8_0)
"""Said here so that a recipe is refused before any work; the engine itself looks at the types in a file."""


class Recipe(Frozen):
    """One repair, as its author writes it. Unknown keys are errors.

    Attributes:
        name: of the recipe; part of the run directory's name.
        model: the name the pack is registered and served under.
        base: a GGUF file, a Hugging Face directory or hub id, ``package:NAME`` for a GGUF file inside
            an installed package, or ``champion`` for the pack the model's alias points at.
        suites: selectors, in the order they are measured. With declared splits they are taken from there.
        sources: local files to read official suites from, by suite name.
        earlier: datasets (directories) of earlier passes, for overlap counts.
        scale: of the adapter when it is merged; 1 is as trained, 0 is the base.
        scale_search: in place of ``scale``: it is chosen on anchors that may be replayed, trained-on failures and dev.
    """

    schema_version: int = Field(default=1, ge=1, le=1)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    model: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    base: str = Field(min_length=1)
    suites: tuple[str, ...] = ()
    sources: dict[str, str] = Field(default_factory=dict)
    splits: Splits
    engine: EngineChoice = EngineChoice()
    harvest: HarvestSettings = HarvestSettings()
    earlier: tuple[str, ...] = ()
    train: TrainSettings = TrainSettings()
    scale: float = Field(default=1.0, gt=0, le=2)
    scale_search: ScaleSettings | None = None
    quantisation: Quantisation = Quantisation.Q8_0
    gate: GateRules = GateRules()

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
    def _the_engine_computes_the_pack(self) -> "Recipe":
        if self.engine.name == "openvino" and self.quantisation not in OPENVINO_PACKS:
            raise ValueError(
                f"quantisation: openvino does not compute {self.quantisation} packs as they are written; "
                "with engine: {name: llamacpp} they are measured"
            )
        return self

    @model_validator(mode="after")
    def _self_verified_has_its_own_answers(self) -> "Recipe":
        if spec_of(self.train).own_answers and not self.harvest.asks_the_model:
            raise ValueError(f"train.strategy: {self.train.strategy.value} needs harvest.samples or harvest.rewrites")
        return self


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
    trainer: dict[str, str] = Field(default_factory=dict)
    """Versions of the libraries that train and merge."""

    @property
    def run_id(self) -> str:
        return self.digest[:12]
