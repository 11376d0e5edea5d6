"""llama.cpp in this process (xllamacpp): memory-mapped GGUF, continuous batching over parallel slots.

A row's rounding depends on which rows share its step. Requests that arrive one by one share steps as timing
has it, so two greedy runs differ; all prompts of a batch therefore go in as one call, which repeats exactly.
The reply is a stream of OpenAI completion chunks: https://github.com/xorbitsai/xllamacpp
"""

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from suture.core.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.core.errors import BadFile, Fault, MissingTool
from suture.engines.text import cut_at_stop


class LlamaCppEngine:
    def __init__(self, pack: Path, identity: EngineIdentity, context: int = 2048) -> None:
        """``context`` is tokens per slot. Raises MissingTool without the package, BadFile for a pack it cannot load."""
        try:
            import xllamacpp
        except ImportError:
            raise MissingTool("engine 'llamacpp' is not installed", mend="pip install 'suture[llamacpp]'") from None
        llama: Any = xllamacpp  # its names come from a compiled module
        params = llama.CommonParams()
        params.model.path = str(pack)
        params.n_parallel = identity.batch
        params.n_ctx = context * identity.batch
        params.cpuparams.n_threads = identity.threads
        params.cpuparams_batch.n_threads = identity.threads
        params.cache_prompt = False  # a cached prefix was rounded in another batch
        params.cache_ram_mib = 0
        params.warmup = False
        params.verbosity = -1
        try:
            self._server: Any = llama.Server(params)
        except (RuntimeError, ValueError) as error:
            raise BadFile(f"{pack}: llama.cpp cannot load it: {error}") from error
        self.identity = identity

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """One call for the whole batch; an answer is yielded when its stream ends."""
        started = time.monotonic()
        stream = _Stream(self._server, _body(requests, sampling))
        texts = [""] * len(requests)
        waiting = len(requests)
        try:
            while waiting:
                chunk = stream.next()
                choice = chunk["choices"][0]
                index = choice["index"]
                texts[index] += choice["text"]
                if choice["finish_reason"] is None:
                    continue
                waiting -= 1
                text, _ = cut_at_stop(texts[index], sampling.stop)
                yield (
                    index,
                    Completion(
                        text=text,
                        finish=FinishReason.LENGTH if choice["finish_reason"] == "length" else FinishReason.STOP,
                        prompt_tokens=chunk["usage"]["prompt_tokens"],
                        tokens=chunk["usage"]["completion_tokens"],
                        seconds=time.monotonic() - started,
                    ),
                )
        finally:
            stream.close()

    def close(self) -> None:
        del self._server


def _body(requests: Sequence[Request], sampling: Sampling) -> dict[str, Any]:
    return {
        "prompt": [request.prompt for request in requests],
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "stop": list(sampling.stop),
        "cache_prompt": False,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


class _Stream:
    """The server's callbacks, which block the calling thread, as chunks to take one by one."""

    def __init__(self, server: Any, body: dict[str, Any]) -> None:
        self._chunks: queue.Queue[dict[str, Any] | BaseException] = queue.Queue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(server, body), name="llamacpp", daemon=True)
        self._thread.start()

    def _run(self, server: Any, body: dict[str, Any]) -> None:
        try:
            server.handle_completions(body, self._receive)
            self._chunks.put(Fault("llama.cpp ended a batch before all its answers"))
        except BaseException as error:
            self._chunks.put(error)

    def _receive(self, chunk: dict[str, Any] | None) -> bool:
        """True tells the server to stop."""
        if chunk is not None:
            self._chunks.put(chunk)
        return self._stopped.is_set()

    def next(self) -> dict[str, Any]:
        chunk = self._chunks.get()
        if isinstance(chunk, BaseException):
            raise Fault(f"llama.cpp failed while generating: {chunk}") from chunk
        if not chunk.get("choices"):
            detail = chunk.get("message") or chunk.get("error") or chunk
            raise Fault(f"llama.cpp failed while generating: {detail}")
        return chunk

    def close(self) -> None:
        self._stopped.set()
        self._thread.join()
