"""vLLM as it is on this machine: how it is imported, and which instrument it is."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from typing import Any

from suture.core.errors import MissingTool, UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice
from suture.machine.graphics import gpu_driver
from suture.machine.installing import install_extra

BFLOAT16 = "bfloat16"
ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",
}
"""Set before vLLM is imported. Its engine then runs in this process, where its steps depend on the requests alone
(docs.vllm.ai, "Reproducibility"); it tells nobody what it runs on; and what it logs is not among results on stdout."""
BATCH_INVARIANT = "VLLM_BATCH_INVARIANT"
"""Whoever sets this to 1 has other kernels compute: slower, and meant to round alike in every batch."""
AMPERE = 80
"""The compute capability, times ten, from which on a GPU of NVIDIA's computes in BF16."""
ELSEWHERE = "use engine llamacpp, or run on a machine with such a GPU"
LONGEST_REASON = 300
"""Characters of what vLLM says."""


def vllm_module(name: str) -> Any:
    """Import ``name``, which is vLLM or a part of it. Raises MissingTool: it cannot be imported."""
    os.environ.update(ENVIRONMENT)
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    try:
        return import_module(name)
    except (ImportError, OSError) as error:  # OSError: a library of CUDA that is not there
        raise MissingTool(f"engine 'vllm' cannot be imported: {one_line(error)}", mend=install_extra("vllm")) from error


def identify_vllm(choice: EngineChoice, *, version_of_vllm: str, threads: int) -> EngineIdentity:
    """Ask vLLM which GPU it sees; nothing is loaded onto it.

    Raises:
        UsageError: other numbers than BF16 are asked for.
        MissingTool: vLLM cannot be imported, is another version, or sees no GPU that it can use.
    """
    if choice.dtype not in (None, BFLOAT16):
        raise UsageError(
            f"engine vllm computes in {BFLOAT16}, and dtype says {choice.dtype}",
            mend="leave dtype out, or use engine transformers",
        )
    return EngineIdentity(
        name="vllm",
        version=version_of_vllm,
        threads=threads,
        batch=choice.batch,
        device=f"cuda: {_gpu()}",
        driver=gpu_driver(),
        dtype=BFLOAT16,
        numbers=", ".join(_said(choice)),
    )


def _gpu() -> str:
    """Its name. Raises MissingTool: none is seen, or one that does not compute in BF16."""
    with names_of_vllm():
        platform = vllm_module("vllm.platforms").current_platform
        if not platform.is_cuda():
            raise MissingTool("engine vllm needs a CUDA GPU, and vllm sees none here", mend=ELSEWHERE)
        name = str(platform.get_device_name())
        if not platform.has_device_capability(AMPERE):
            raise MissingTool(f"engine vllm computes in BF16, and {name} does not", mend=ELSEWHERE)
    return name


def _said(choice: EngineChoice) -> Iterator[str]:
    """Everything else that its answers depend on."""
    yield f"torch {version('torch')}"
    yield "eager" if choice.eager else "CUDA graphs"
    if choice.context:
        yield f"context of {choice.context} tokens"
    if os.environ.get(BATCH_INVARIANT) == "1":
        yield "batch-invariant"


@contextmanager
def names_of_vllm() -> Generator[None]:
    """Around what is looked up in vLLM. Raises MissingTool: this version has no such name."""
    try:
        yield
    except AttributeError as error:
        raise another_version(error) from error


def takes_no_such_argument(error: Exception) -> bool:
    """Tell whether this is what vLLM raises for the name of an argument that it does not know."""
    return isinstance(error, TypeError) and "unexpected keyword argument" in str(error).lower()


def another_version(error: Exception) -> MissingTool:
    """The installed vLLM has not the interface that Suture was written for."""
    said = f"engine 'vllm': this version of vllm is not one that Suture knows: {one_line(error)}"
    return MissingTool(said, mend=install_extra("vllm"))


def one_line(error: Exception) -> str:
    """What it says, in one line that is not too long."""
    return " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
