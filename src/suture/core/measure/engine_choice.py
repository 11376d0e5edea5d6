"""Which engine answers, and how it is asked."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from suture.core.frozen import Frozen


class Numbers(StrEnum):
    """In which numbers OpenVINO computes."""

    EXACT = "exact"
    """float32 throughout: nothing is rounded further, in no batch and on no processor."""
    PINNED = "pinned"
    """float32 with activations rounded to bytes in groups of 32 where they meet the weights: alike on processors of one
    kind, and faster."""
    NATIVE = "native"
    """As OpenVINO sees fit on each processor."""


class EngineChoice(Frozen):
    """The engine that answers, and how it is asked: the instrument of a measurement."""

    name: str = "openvino"
    """The engine's name; `auto` picks the fastest that runs here by a short probe, and remembers the result."""
    threads: int | None = Field(default=None, gt=0)
    """Threads of the engine; by default all cores this process may use."""
    batch: int = Field(default=32, gt=0)
    """Requests given to the engine at once; a different batch size is a different instrument."""
    max_tokens: int = Field(default=256, gt=0)
    """Most new tokens of an answer."""
    dtype: Literal["float32", "bfloat16"] | None = Field(default=None, exclude_if=lambda value: value is None)
    """For engine `transformers`: the number type it computes in; by default BF16 on a GPU, float32 on a CPU."""
    numbers: Numbers = Field(default=Numbers.PINNED, exclude_if=lambda value: value is Numbers.PINNED)
    """For engine `openvino`: `pinned`, the same number types on every processor; `exact`, float32 throughout, which
    costs about twice the CPU time; `native`, whatever OpenVINO takes on each processor by itself."""
    eager: bool = Field(default=False, exclude_if=lambda value: not value)
    """For engine `vllm`: each kernel is started by itself, and no CUDA graph is captured; it opens sooner and answers
    more slowly, and is another instrument."""
    context: int | None = Field(default=None, gt=0, exclude_if=lambda value: value is None)
    """For engine `vllm`: most tokens of a prompt and its answer together; by default as many as the model has, for
    which the GPU may be too small."""
    gpu_memory: float | None = Field(default=None, gt=0, le=1, exclude_if=lambda value: value is None)
    """For engine `vllm`: the share of the GPU's memory that it takes when it is opened; by default vLLM's own, 0.92."""
    url: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """For the engines `openai` and `openai-chat`: the server, such as `http://HOST:PORT/v1`; by default
    `$OPENAI_BASE_URL`. The API key is read only from `$OPENAI_API_KEY`."""
    model: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """For the engines `openai` and `openai-chat`: the server's name for the model; by default the server's first."""
