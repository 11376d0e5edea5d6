"""vLLM on one GPU, in this process: a batch is asked in one call, in BF16, with every sampling setting sent.

What it measures is the directory's weights in BF16, so it is another instrument than the one that measures a pack.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, Fault, MissingTool, UsageError
from suture.core.measure.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.engines.stop_strings import cut_at_stop
from suture.engines.vllm_here import another_version, names_of_vllm, one_line, takes_no_such_argument, vllm_module

COLDEST, HOTTEST = 0.01, 2.0
"""Temperatures that vLLM takes besides 0: it raises what is lower without a word, and refuses what is higher."""
ENDS = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}
"""Its word for an end token and for a stop string is the same."""
OF_MEMORY = ("memory utilization", "gpu_memory_utilization", "kv cache", "out of memory")
"""What its errors for too small a GPU have in common."""


class VllmEngine:
    """It takes no adapters, although vLLM does: a candidate is measured merged, as it would be used."""

    def __init__(self, model: Path, choice: EngineChoice, identity: EngineIdentity) -> None:
        """
        Raises:
            MissingTool: the package cannot be imported, or is another version than Suture knows.
            BadFile: it cannot load the model.
            UsageError: the GPU's memory is too small, or the model's context is shorter than ``choice.context``.
        """
        if not (model / "config.json").is_file():  # vLLM would look for a model of that name on the hub
            raise BadFile(f"{model} is no Hugging Face directory: it has no config.json", mend="name another one")
        self.identity = identity
        vllm = vllm_module("vllm")
        with names_of_vllm():
            self._params: Any = vllm.SamplingParams
            load: Any = vllm.LLM
        self._llm: Any = _load(load, model, settings(model.resolve(), choice, identity))
        with names_of_vllm():
            self._tokenizer: Any = self._llm.get_tokenizer()
            self._longest = int(self._llm.llm_engine.model_config.max_model_len)
        self._sound = True

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """All answers come together, once the last of them is made.

        Raises:
            UsageError: an adapter, or a temperature that vLLM does not take.
            Fault: it failed, or an earlier batch was broken off.
        """
        if any(request.adapter for request in requests):
            raise UsageError("engine vllm loads no adapter beside a model", mend="merge it, or use engine llamacpp")
        if sampling.temperature and not COLDEST <= sampling.temperature <= HOTTEST:
            raise UsageError(
                f"engine vllm cannot sample at temperature {sampling.temperature:g}",
                mend=f"0, or {COLDEST:g} to {HOTTEST:g}",
            )
        started = time.monotonic()
        prompts = [self._tokenizer.encode(request.prompt, add_special_tokens=True) for request in requests]
        fitting: list[int] = []
        for index, ids in enumerate(prompts):
            if len(ids) < self._longest:
                fitting.append(index)
                continue
            seconds = time.monotonic() - started
            yield (
                index,
                Completion(text="", finish=FinishReason.LENGTH, prompt_tokens=len(ids), tokens=0, seconds=seconds),
            )
        said = self._ask([(prompts[index], sampling_of(requests[index], sampling, index)) for index in fitting])
        seconds = time.monotonic() - started
        for index, output in zip(fitting, said, strict=True):
            yield index, _completion(output, len(prompts[index]), requests[index].stop, seconds)

    def _ask(self, asked: Sequence[tuple[list[int], Mapping[str, Any]]]) -> list[Any]:
        """Ask prompts, as token ids, in one call; the outputs are in their order."""
        if not asked:
            return []
        if not self._sound:
            raise Fault(
                "vllm was broken off in an earlier batch and may hold a part of it", mend="open the engine again"
            )
        self._sound = False
        try:
            configs = [self._params(**sent) for _, sent in asked]
            said = self._llm.generate([{"prompt_token_ids": ids} for ids, _ in asked], configs, use_tqdm=False)
        except Exception as error:  # whatever vLLM, torch or CUDA raised
            if takes_no_such_argument(error):
                raise another_version(error) from error
            raise Fault(f"vllm failed while generating: {one_line(error)}") from error
        if len(said) != len(asked):
            raise Fault(f"vllm gave {len(said)} answers to {len(asked)} prompts")
        self._sound = True
        return list(said)

    def close(self) -> None:
        """Give the GPU's memory back to what comes after in this process, such as a training."""
        with suppress(AttributeError):
            self._llm.llm_engine.engine_core.shutdown()
        del self._llm
        with suppress(MissingTool, AttributeError):
            vllm_module("vllm.distributed").cleanup_dist_env_and_memory()


def settings(model: Path, choice: EngineChoice, identity: EngineIdentity) -> dict[str, Any]:
    """What ``vllm.LLM`` is opened with; where vLLM would choose by itself, the choice is made here."""
    asked: dict[str, Any] = {
        "model": str(model),
        "load_format": "safetensors",
        "trust_remote_code": False,
        "dtype": identity.dtype,
        "seed": 0,
        "tensor_parallel_size": 1,
        "enforce_eager": choice.eager,
        "max_num_seqs": identity.batch,
        "enable_prefix_caching": identity.prefix_cache,  # off in a bench: it was rounded in another batch
        "generation_config": "vllm",  # of the model's own settings only the end tokens are taken
        "disable_log_stats": True,
        "use_tqdm_on_load": False,
    }
    if choice.context:
        asked["max_model_len"] = choice.context
    if choice.gpu_memory:
        asked["gpu_memory_utilization"] = choice.gpu_memory
    return asked


def sampling_of(request: Request, sampling: Sampling, index: int) -> dict[str, Any]:
    """Every argument of ``vllm.SamplingParams`` that says how tokens are chosen, or what an answer's text is."""
    return {
        "n": 1,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": 0,
        "min_p": 0.0,
        "seed": (sampling.seed + index) % 2**63,  # vLLM takes -1 for none
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "repetition_penalty": 1.0,
        "logit_bias": None,
        "allowed_token_ids": None,
        "bad_words": None,
        "max_tokens": request.max_tokens,
        "min_tokens": 0,
        "stop": list(request.stop),
        "stop_token_ids": None,
        "ignore_eos": False,
        "include_stop_str_in_output": False,  # with it, the text of an end token would be there too
        "detokenize": True,
        "skip_special_tokens": True,
        "spaces_between_special_tokens": True,
    }


def _load(llm: Any, model: Path, asked: Mapping[str, Any]) -> Any:
    try:
        return llm(**asked)
    except Exception as error:  # whatever vLLM, transformers, torch or CUDA raised
        if takes_no_such_argument(error):
            raise another_version(error) from error
        raise _refusal(model, one_line(error)) from error


def _refusal(model: Path, said: str) -> UsageError:
    """Say in one line why a model was not loaded. Pure."""
    lower = said.lower()
    if any(word in lower for word in OF_MEMORY):
        mend = "a smaller engine.context or engine.batch, another engine.gpu_memory, or end what else runs on the GPU"
        return UsageError(f"{model}: the GPU's memory does not do for vllm: {said}", mend=mend)
    if "max_model_len" in lower:
        return UsageError(f"{model}: engine.context is longer than the model's own: {said}", mend="leave it out")
    return BadFile(f"{model}: vllm cannot load it: {said}", mend="use engine transformers")


def _completion(output: Any, prompt_tokens: int, stop: tuple[str, ...], seconds: float) -> Completion:
    """Raises Fault: it ended for another reason than an answer may."""
    answer = output.outputs[0]
    if answer.finish_reason not in ENDS:
        raise Fault(f"vllm ended a request with {answer.finish_reason!r}")
    text, stopped = cut_at_stop(answer.text, stop)
    return Completion(
        text=text,
        finish=FinishReason.STOP if stopped else ENDS[answer.finish_reason],
        prompt_tokens=prompt_tokens,
        tokens=len(answer.token_ids),
        seconds=seconds,
    )
