"""llama.cpp in this process (xllamacpp): memory-mapped GGUF, continuous batching over parallel slots.

Its completions follow the OpenAI form: https://github.com/xorbitsai/xllamacpp
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any

from suture.core.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.core.errors import BadFile, Fault, MissingTool
from suture.engines.text import cut_at_stop


class LlamaCppEngine:
    def __init__(self, pack: Path, *, threads: int, batch: int, context: int = 2048) -> None:
        """``context`` is tokens per slot. Raises MissingTool without the package, BadFile for a pack it cannot load."""
        try:
            import xllamacpp  # noqa: PLC0415
        except ImportError:
            raise MissingTool("engine 'llamacpp' is not installed", mend="pip install 'suture[llamacpp]'") from None
        params = xllamacpp.CommonParams()
        params.model.path = str(pack)
        params.n_parallel = batch
        params.n_ctx = context * batch
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.cache_prompt = False  # a cached prefix was rounded in another batch
        params.cache_ram_mib = 0
        params.warmup = False
        params.verbosity = -1
        try:
            self._server: Any = xllamacpp.Server(params)
        except (RuntimeError, ValueError) as error:
            raise BadFile(f"{pack}: llama.cpp cannot load it: {error}") from error
        self._threads = ThreadPoolExecutor(max_workers=batch, thread_name_prefix="llamacpp")
        self.identity = EngineIdentity(name="llamacpp", version=version("xllamacpp"), threads=threads, batch=batch)

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        futures = {
            self._threads.submit(self._complete, request, sampling, index): index
            for index, request in enumerate(requests)
        }
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()

    def _complete(self, request: Request, sampling: Sampling, index: int) -> Completion:
        started = time.monotonic()
        reply = self._server.handle_completions(
            {
                "prompt": request.prompt,
                "max_tokens": sampling.max_tokens,
                "temperature": sampling.temperature,
                "top_p": sampling.top_p,
                "seed": sampling.seed + index,
                "stop": list(sampling.stop),
                "cache_prompt": False,
            }
        )
        if "choices" not in reply:
            raise Fault(f"llama.cpp failed while generating: {reply.get('message') or reply.get('error') or reply}")
        choice, usage = reply["choices"][0], reply["usage"]
        text, _ = cut_at_stop(choice["text"], sampling.stop)
        return Completion(
            text=text,
            finish=FinishReason.LENGTH if choice["finish_reason"] == "length" else FinishReason.STOP,
            prompt_tokens=usage["prompt_tokens"],
            tokens=usage["completion_tokens"],
            seconds=time.monotonic() - started,
        )

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        del self._server
