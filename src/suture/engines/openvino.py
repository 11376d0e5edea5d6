"""OpenVINO GenAI on a GGUF pack: continuous batching, fast on x86 CPUs.

A row's rounding depends on how many rows share its step, so the answers of a batch are only repeated
exactly by the same batch: the caller gives fixed batches and this engine runs each as one.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, Fault, MissingTool, UsageError
from suture.core.measure.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.core.measure.engine_choice import Numbers
from suture.engines.openvino_numbers import SETTINGS
from suture.engines.stop_strings import cut_at_stop
from suture.files.gguf_header import read_header
from suture.machine.installing import install_extra

AS_WRITTEN = frozenset({"F16", "Q8_0", "Q4_0", "Q6_K"})
"""Types of a matrix whose numbers OpenVINO computes with (measured: docs/engines.md). Where blocks have a minimum, in
Q4_1 and Q4_K, it rounds that to a whole number of steps, which is another model; all others it cannot read."""


def cannot_compute(types: Collection[str]) -> str:
    """Say which of these types OpenVINO would compute otherwise, or not at all; "" for none."""
    others = sorted(set(types) - AS_WRITTEN)
    return f"openvino does not compute {', '.join(others)} tensors as they are written" if others else ""


class OpenVinoEngine:
    """It takes no adapters: the graph that OpenVINO makes of a GGUF file has no names that an adapter's tensors could
    be found by. It would warn, and then answer as the base does."""

    def __init__(self, pack: Path, identity: EngineIdentity, numbers: Numbers = Numbers.PINNED) -> None:
        """
        Raises:
            MissingTool: the package is not installed.
            BadFile: OpenVINO cannot read the pack, or would not compute it as it is written.
        """
        try:
            import openvino_genai as genai
        except ImportError:
            raise MissingTool("engine 'openvino' is not installed", mend=install_extra("openvino")) from None
        # Reading the header first also saves the process: OpenVINO crashes it on a false length in the file.
        if why := cannot_compute(read_header(pack).matrix_types):
            raise BadFile(f"{pack}: {why}", mend="use engine llamacpp")
        self._genai = genai
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = identity.prefix_cache  # off in a bench: it was rounded in another batch
        scheduler.max_num_seqs = identity.batch
        options = {
            **SETTINGS[numbers],
            "INFERENCE_NUM_THREADS": identity.threads,
            # glibc before 2.41 can lose the wake-up of a pool with several waiters (sourceware bug 25847), and then
            # the sampler's pool waits for ever.
            "sampler_num_threads": 1,
        }
        try:
            self._pipeline: Any = genai.ContinuousBatchingPipeline(str(pack), scheduler, "CPU", options)
        except Exception as error:  # whatever C++ threw: for an unknown architecture an IndexError
            raise BadFile(
                f"{pack}: openvino cannot load it: {_first_line(error)}", mend="use engine llamacpp"
            ) from error
        self._tokenizer = self._pipeline.get_tokenizer()
        self._serial = 0
        self.identity = identity

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """One step makes one token for every running request; an answer is yielded when it ends."""
        if any(request.adapter for request in requests):
            raise UsageError("OpenVINO cannot load an adapter beside a GGUF base", mend="use engine llamacpp, or merge")
        started = time.monotonic()
        running: dict[int, tuple[Any, int]] = {}
        try:
            for index, request in enumerate(requests):
                ids = self._tokenizer.encode(request.prompt, add_special_tokens=True).input_ids
                self._serial += 1
                handle = self._pipeline.add_request(self._serial, ids, self._config(request, sampling, index))
                running[index] = (handle, int(ids.shape[1]))
            while running:
                self._pipeline.step()
                for index, (handle, prompt_tokens) in list(running.items()):
                    if handle.get_status() == self._genai.GenerationStatus.RUNNING:
                        continue
                    del running[index]
                    spent = time.monotonic() - started
                    yield index, self._completion(handle, prompt_tokens, requests[index].stop, spent)
        except RuntimeError as error:
            raise Fault(f"openvino failed while generating: {_first_line(error)}") from error
        finally:
            self._abandon([handle for handle, _ in running.values()])

    def _abandon(self, handles: Sequence[Any]) -> None:
        """What a stopped request holds is given back by the next step only; without one OpenVINO complains of leaks, on
        stderr, when the engine is closed."""
        for handle in handles:
            handle.stop()
        if handles:
            with suppress(RuntimeError):
                self._pipeline.step()

    def _config(self, request: Request, sampling: Sampling, index: int) -> Any:
        config = self._genai.GenerationConfig()
        config.max_new_tokens = request.max_tokens
        config.stop_strings = set(request.stop)
        config.include_stop_str_in_output = True  # left out, its whole tokens go, with what else is in them
        config.do_sample = sampling.temperature > 0
        if config.do_sample:
            config.temperature = sampling.temperature
            config.top_p = sampling.top_p
            config.rng_seed = sampling.seed + index
        return config

    def _completion(self, handle: Any, prompt_tokens: int, stop: tuple[str, ...], seconds: float) -> Completion:
        status = handle.get_status()
        if status != self._genai.GenerationStatus.FINISHED:
            raise Fault(f"openvino ended a request with status {status}")
        output = handle.read_all()[0]
        ids = list(output.generated_ids)
        text, stopped = cut_at_stop(self._tokenizer.decode(ids, skip_special_tokens=True), stop)
        ran_out = output.finish_reason == self._genai.GenerationFinishReason.LENGTH and not stopped
        return Completion(
            text=text,
            finish=FinishReason.LENGTH if ran_out else FinishReason.STOP,
            prompt_tokens=prompt_tokens,
            tokens=len(ids),
            seconds=seconds,
        )

    def close(self) -> None:
        del self._pipeline


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
