"""llama.cpp's server in this process (xllamacpp), opened in one way for every use."""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, MissingTool
from suture.engines.cores import usable_cores

EXTRA = "pip install 'suture[llamacpp]'"


def open_server(
    pack: Path, *, threads: int | None = None, slots: int = 1, context: int = 4096, adapters: Sequence[Path] = ()
) -> Any:
    """An ``xllamacpp.Server`` on a memory-mapped GGUF file.

    Args:
        threads: by default as many as the cores this process may use; llama.cpp would take all that the machine has.
        slots: requests that run at once.
        context: tokens a slot may hold, prompt and answer together.
        adapters: GGUF LoRA files; each is at scale 0 unless a request's ``lora`` says otherwise.

    Raises:
        MissingTool: xllamacpp is not installed.
        BadFile: llama.cpp cannot load the pack or an adapter.
    """
    try:
        import xllamacpp
    except ImportError:
        raise MissingTool("llama.cpp is not installed", mend=EXTRA) from None
    llama: Any = xllamacpp  # its names come from a compiled module
    params = llama.CommonParams()
    params.model.path = str(pack)
    params.n_parallel = slots
    params.n_ctx = context * slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads or usable_cores()
    params.cache_prompt = False  # a cached prefix was rounded in another batch
    params.cache_ram_mib = 0
    params.warmup = False
    params.fit_params = False  # slots and context are as asked; trying others would take time and memory
    params.verbosity = -1
    if adapters:
        params.lora_adapters = [_adapter(llama, path) for path in adapters]
        params.lora_init_without_apply = True
    try:
        server = llama.Server(params)
    except (RuntimeError, ValueError) as error:
        beside = f" with {', '.join(map(str, adapters))}" if adapters else ""
        raise BadFile(f"{pack}{beside}: llama.cpp cannot load it: {error}") from error
    _give_back_memory()
    return server


def _give_back_memory() -> None:
    """What reading the file's header left free in the C heap, back to the system; glibc alone can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _adapter(llama: Any, path: Path) -> Any:
    info = llama.CommonAdapterLoraInfo()
    info.path = str(path)
    info.scale = 0.0
    return info
