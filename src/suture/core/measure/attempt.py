"""One answer of one model to one task, with everything needed to ask again."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from suture.core.digest import digest_of
from suture.core.frozen import Frozen
from suture.core.surrogates import joined, readable


class FinishReason(StrEnum):
    STOP = "stop"
    """The model ended its turn, or a stop string was met."""
    LENGTH = "length"
    """The token budget ran out."""


class Sampling(Frozen):
    """How tokens are chosen. Temperature 0 is greedy and ignores ``top_p`` and ``seed``.

    Attributes:
        max_tokens, stop: only in records of before each request had its own.
    """

    temperature: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    top_p: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    max_tokens: int | None = Field(default=None, gt=0, exclude_if=lambda value: value is None)
    stop: tuple[str, ...] | None = Field(default=None, exclude_if=lambda value: value is None)


def _is_default(value: object) -> bool:
    """Fields that came later are left out of JSON, and so of digests, where they say nothing."""
    return value in (None, False)


class AdapterUse(Frozen):
    """A LoRA adapter beside the base: ``sha256`` of its safetensors file, and the factor on its update.

    ``config`` is the SHA-256 of its ``adapter_config.json``, whose rank and alpha scale the update too; None for an
    adapter of a run, whose recipe says them.
    """

    sha256: str
    scale: float = Field(allow_inf_nan=False)
    config: str | None = Field(default=None, exclude_if=_is_default)


class Request(Frozen):
    """One prompt, already rendered through the model's chat template.

    Attributes:
        stop: generation ends before the first of these.
        max_tokens: of the answer, at most.
        adapter: None for the pack as it is.
    """

    prompt: Annotated[str, AfterValidator(readable)]
    stop: tuple[str, ...] = ()
    max_tokens: int = Field(default=256, gt=0)
    adapter: AdapterUse | None = None


class Completion(Frozen):
    """``text`` excludes the stop string. ``seconds`` is the wall time until this answer was complete."""

    text: Annotated[str, AfterValidator(joined)]
    finish: FinishReason
    prompt_tokens: int = Field(ge=0)
    tokens: int = Field(ge=0)
    seconds: float = Field(default=0.0, ge=0)

    @classmethod
    def cut_off(cls, prompt_tokens: int, seconds: float) -> "Completion":
        """Of a prompt that leaves no room for an answer."""
        return cls(text="", finish=FinishReason.LENGTH, prompt_tokens=prompt_tokens, tokens=0, seconds=seconds)


class EngineIdentity(Frozen):
    """The instrument: answers are only compared between equal identities.

    Attributes:
        device: what computed, where an engine has a choice: ``cpu``, ``cuda: NVIDIA H100``.
        driver: version of the GPU's driver. None where no GPU computed, and in records of before it was noted.
        dtype: of weights and activations, where the file does not say it: ``float32``, ``bfloat16``.
        host: ``host:port`` of a server that answered.
        model: the name the server knows the model by.
        processor: class of the CPU that computed: vendor, family, and features that engines choose their kernels by.
            None where a CPU did not compute, and in records of before it was noted.
        numbers: what the engine says of the numbers it computes in, where it was asked: types, caches, instructions;
            on a GPU torch's version and whether kernels are started by CUDA graphs.
        prefix_cache: prompts' common beginnings were computed once, which rounds differently from a fresh batch.
    """

    name: str
    version: str
    threads: int = Field(gt=0)
    batch: int = Field(gt=0)
    """How many requests are given to the engine at once. Part of the identity because an engine
    may round differently in another batch."""
    device: str | None = Field(default=None, exclude_if=_is_default)
    driver: str | None = Field(default=None, exclude_if=_is_default)
    dtype: str | None = Field(default=None, exclude_if=_is_default)
    host: str | None = Field(default=None, exclude_if=_is_default)
    model: str | None = Field(default=None, exclude_if=_is_default)
    processor: str | None = Field(default=None, exclude_if=_is_default)
    numbers: str | None = Field(default=None, exclude_if=_is_default)
    prefix_cache: bool = Field(default=False, exclude_if=_is_default)

    @property
    def facts(self) -> dict[str, str]:
        """Everything that makes it another instrument, in people's words; what says nothing is left out."""
        known = self.model_dump(mode="json")
        return {word: str(known[field]) for word, field in ENGINE_FACTS.items() if field in known}

    def changes_since(self, earlier: "EngineIdentity") -> tuple[str, ...]:
        """List what changed since ``earlier``, one part of a sentence each."""
        then, now = earlier.facts, self.facts
        changed = [word for word in ENGINE_FACTS if then.get(word) != now.get(word)]
        return tuple(f"{word} {then.get(word, 'not noted')} then, {now.get(word, 'not noted')} now" for word in changed)


ENGINE_FACTS = {
    "engine": "name",
    "engine version": "version",
    "threads": "threads",
    "batch": "batch",
    "device": "device",
    "GPU driver": "driver",
    "number type": "dtype",
    "server": "host",
    "server's model": "model",
    "processor": "processor",
    "numbers": "numbers",
    "prefix cache": "prefix_cache",
}
"""What a field of ``EngineIdentity`` is called in messages."""


class Attempt(Frozen):
    """Attributes:
    pack: SHA-256 of the GGUF file that answered.
    prompt_digest: SHA-256 of the rendered prompt.
    stop, max_tokens: the request's; None in records of before each request had its own.
    adapter: what was loaded beside the pack, if anything.
    sample: 0 for greedy; counts up when several answers are drawn for one task.
    route, mode, fallback_used: of before there were policies; always these values, and a part of the digest.
    """

    task_id: str
    task_digest: str
    pack: str
    adapter: AdapterUse | None = Field(default=None, exclude_if=_is_default)
    engine: EngineIdentity
    sampling: Sampling
    sample: int = 0
    prompt_digest: str
    stop: tuple[str, ...] | None = Field(default=None, exclude_if=_is_default)
    max_tokens: int | None = Field(default=None, exclude_if=_is_default)
    completion: Completion
    route: str = ""
    mode: str = "specialists-only"
    fallback_used: bool = False

    @property
    def digest(self) -> str:
        """Names the answer: equal for two runs that answer equally, however long either took."""
        return digest_of(self.model_dump(mode="json", exclude={"completion": {"seconds"}}))
