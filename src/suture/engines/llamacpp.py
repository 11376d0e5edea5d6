"""llama.cpp in this process (xllamacpp): memory-mapped GGUF, continuous batching over parallel slots.

A row's rounding depends on which rows share its step. Requests that arrive one by one share steps as timing
has it, so two greedy runs differ; all prompts of a batch therefore go in as one call, which repeats exactly.
The reply is a stream of OpenAI completion chunks: https://github.com/xorbitsai/xllamacpp
"""

import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from suture.core.errors import Fault
from suture.core.measure.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.engines.llamacpp_chunks import lora
from suture.engines.llamacpp_server import LlamaServer
from suture.engines.stop_strings import cut_at_stop
from suture.files.gguf_header import Header, read_header

CONTEXT_STEP = 1024
"""Tokens; a slot's context is a multiple of it, unless the model's own is shorter."""


class LlamaCppEngine:
    def __init__(self, pack: Path, identity: EngineIdentity, adapters: Mapping[str, Path] | None = None) -> None:
        """``adapters``: GGUF LoRA files by the SHA-256 that requests name them with.

        Raises:
            MissingTool: xllamacpp is not installed.
            BadFile: a pack or adapter it cannot load.
        """
        self.identity = identity
        self._pack = pack
        self._adapters = dict(adapters or {})
        self._context = CONTEXT_STEP
        self._server = self._open()
        self._longest = _trained_context(read_header(pack))

    def _open(self) -> LlamaServer:
        return LlamaServer(
            self._pack,
            threads=self.identity.threads,
            slots=self.identity.batch,
            context=self._context,
            adapters=list(self._adapters.values()),
        )

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """Ask all that differ in their prompts alone in one call, the whole batch where it can be; yield an answer when
        its stream ends. A prompt that the model's context cannot hold is answered at once, with nothing: cut off."""
        started = time.monotonic()
        lengths = self._make_room(requests)
        for index, length in lengths.items():
            if length >= self._longest:
                yield index, Completion.cut_off(length, time.monotonic() - started)
        for like in dict.fromkeys(request.model_copy(update={"prompt": ""}) for request in requests):
            group = [
                index
                for index, request in enumerate(requests)
                if request.model_copy(update={"prompt": ""}) == like and lengths.get(index, 0) < self._longest
            ]
            prompts = [requests[index].prompt for index in group]
            for at, completion in self._stream(prompts, like, sampling, started):
                yield group[at], completion

    def _make_room(self, requests: Sequence[Request]) -> dict[int, int]:
        """Load the pack again with a larger context if a prompt needs one; the tokens of the prompts that might.

        How much room there is does not change an answer: llama.cpp computes over the cells in use.
        """
        budget = max((request.max_tokens for request in requests), default=0)
        room = self._context - budget
        lengths = {
            index: self._tokens(request.prompt)
            for index, request in enumerate(requests)
            if len(request.prompt.encode("utf-8", "replace")) + 1 > room  # a token is a byte or more; one may begin it
        }
        needed = max((n for n in lengths.values() if n < self._longest), default=0) + budget + 1
        if needed > self._context and self._context < self._longest:
            self._context = min(-(-needed // CONTEXT_STEP) * CONTEXT_STEP, self._longest)
            self._server.close()  # one at a time: each holds its whole context
            self._server = self._open()
        return lengths

    def _tokens(self, prompt: str) -> int:
        asked = {"content": prompt, "add_special": True, "parse_special": True}
        return len(self._server.ask("/tokenize", asked)["tokens"])

    def _stream(
        self, prompts: Sequence[str], like: Request, sampling: Sampling, started: float
    ) -> Iterator[tuple[int, Completion]]:
        stream = _Stream(self._server, _body(prompts, like, lora(like.adapter, self._adapters), sampling))
        texts: list[str] = [""] * len(prompts)
        waiting = len(prompts)
        try:
            while waiting:
                chunk: dict[str, Any] = stream.next()
                choice = chunk["choices"][0]
                index: int = choice["index"]
                texts[index] += choice["text"]
                if choice["finish_reason"] is None:
                    continue
                waiting -= 1
                text, _ = cut_at_stop(texts[index], like.stop)
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
        self._server.close()


def _trained_context(header: Header) -> int:
    length = header.get(f"{header.get('general.architecture')}.context_length")
    return length if isinstance(length, int) and length > 0 else CONTEXT_STEP


def _body(prompts: Sequence[str], like: Request, lora: list[dict[str, float]], sampling: Sampling) -> dict[str, Any]:
    return {
        "prompt": list(prompts),
        "max_tokens": like.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "stop": list(like.stop),
        "cache_prompt": False,
        "lora": lora,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


class _Stream:
    """The server's callbacks, which block the calling thread, as chunks to take one by one."""

    def __init__(self, server: LlamaServer, body: dict[str, Any]) -> None:
        self._chunks: queue.Queue[dict[str, Any] | BaseException] = queue.Queue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(server, body), name="llamacpp", daemon=True)
        self._thread.start()

    def _run(self, server: LlamaServer, body: dict[str, Any]) -> None:
        try:
            server.complete(body, self._receive)
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
