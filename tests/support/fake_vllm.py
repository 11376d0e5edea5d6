"""A stand-in for vLLM 0.33: its names, arguments and refusals, with a scripted answer in place of a model.

``put_in_place`` makes a package ``vllm`` of it that the import system finds, so that what is set before the import
shows. It knows no argument that the real one has not: ``tests/unit/engines/test_vllm.py`` compares the two where the
real one is installed.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tokenizers import Tokenizer

VERSION = "0.33.0"
SAMPLING: dict[str, Any] = {
    **{"n": 1, "temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "seed": None},
    **{"presence_penalty": 0.0, "frequency_penalty": 0.0, "repetition_penalty": 1.0},
    **{"max_tokens": 16, "min_tokens": 0, "stop": None, "stop_token_ids": None, "ignore_eos": False},
    **{"detokenize": True, "skip_special_tokens": True, "spaces_between_special_tokens": True},
    **{"include_stop_str_in_output": False, "logit_bias": None, "allowed_token_ids": None, "bad_words": None},
    **{"logprobs": None, "prompt_logprobs": None, "prompt_logprob_token_ids": None, "prompt_logprob_start": None},
    **{"logprob_token_ids": None, "flat_logprobs": False, "output_kind": 0, "stream_interval": None},
    **{"skip_clone": False, "structured_outputs": None, "extra_args": None, "skip_reading_prefix_cache": None},
    **{"thinking_token_budget": None, "repetition_detection": None, "watermarking": None},
    **{"routed_experts_prompt_start": 0, "trace_decode_token_ids": None},
}
"""The arguments of ``SamplingParams`` and their defaults."""
OPENING = frozenset(
    {
        *("model", "tokenizer", "tokenizer_mode", "skip_tokenizer_init", "trust_remote_code", "load_format"),
        *("tensor_parallel_size", "dtype", "quantization", "revision", "seed", "enforce_eager", "hf_overrides"),
        *("gpu_memory_utilization", "kv_cache_memory_bytes", "kv_cache_dtype", "compilation_config"),
        *("max_model_len", "max_num_seqs", "max_num_batched_tokens", "enable_prefix_caching"),
        *("enable_chunked_prefill", "generation_config", "override_generation_config", "disable_log_stats"),
        *("use_tqdm_on_load", "async_scheduling", "distributed_executor_backend"),
    }
)
"""Some of the arguments of ``LLM``, and of ``EngineArgs``, to which it hands on what it does not know."""


class VLLMValidationError(Exception):
    """No ValueError, as in the real one."""


@dataclass
class Script:
    """What the stand-in does, and what it was asked. Reset by ``put_in_place``."""

    answer: Callable[[str], str] = lambda prompt: prompt[::-1]
    gpu: str = "NVIDIA H100 80GB HBM3"
    capability: int = 90
    load_error: Exception | None = None
    generate_error: BaseException | None = None
    lost: int = 0
    """Answers that are not given."""
    finish: str | None = None
    opened: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[list[Any], list["SamplingParams"]]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


script = Script()


class SamplingParams:
    def __init__(self, **asked: Any) -> None:
        for name in asked:
            if name not in SAMPLING:
                raise TypeError(f"Unexpected keyword argument '{name}'")
        self.sent = dict(asked)
        whole: Any = SimpleNamespace(**(SAMPLING | asked))
        if not 0 <= whole.temperature <= 2:
            raise VLLMValidationError(f"temperature must be in [0, 2], got {whole.temperature}.")
        if whole.seed == -1:
            whole.seed = None
        if any(not mark for mark in whole.stop or []):
            raise VLLMValidationError("stop cannot contain an empty string.")
        self.whole = whole


class TokenizerOfFile:
    def __init__(self, directory: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self.special = {i for i, token in self._tokenizer.get_added_tokens_decoder().items() if token.special}

    def encode(
        self,
        text: str,
        truncation: bool | None = None,
        max_length: int | None = None,
        add_special_tokens: bool = True,
    ) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=add_special_tokens).ids

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = False) -> str:
        return self._tokenizer.decode(list(ids), skip_special_tokens=skip_special_tokens)


class LLM:
    def __init__(self, model: str, **asked: Any) -> None:
        for name in asked:
            if name not in OPENING:
                raise TypeError(f"EngineArgs.__init__() got an unexpected keyword argument '{name}'")
        script.opened.append({"model": model, **asked})
        if script.load_error is not None:
            raise script.load_error
        directory = Path(model)
        config = json.loads((directory / "config.json").read_text())
        own, wanted = config["max_position_embeddings"], asked.get("max_model_len")
        if wanted is not None and wanted > own:
            raise ValueError(
                f"User-specified max_model_len ({wanted}) is greater than the derived max_model_len ({own})."
            )
        self._ends = _ends(directory, config)
        self._tokenizer = TokenizerOfFile(directory)
        core = SimpleNamespace(shutdown=lambda: script.closed.append("engine core"))
        model_config = SimpleNamespace(max_model_len=wanted or own)
        self.llm_engine = SimpleNamespace(model_config=model_config, engine_core=core)

    def get_tokenizer(self) -> TokenizerOfFile:
        return self._tokenizer

    def generate(
        self,
        prompts: Sequence[Any],
        sampling_params: Sequence[SamplingParams] | None = None,
        *,
        use_tqdm: bool = True,
        lora_request: object = None,
        priority: object = None,
        tokenization_kwargs: dict[str, Any] | None = None,
        mm_processor_kwargs: dict[str, Any] | None = None,
    ) -> list[Any]:
        assert sampling_params is not None
        assert not use_tqdm, "a bar of its own would be drawn through Suture's"
        assert len(prompts) == len(sampling_params)
        script.calls.append((list(prompts), list(sampling_params)))
        if script.generate_error is not None:
            raise script.generate_error
        pairs = zip(prompts, sampling_params, strict=True)
        found = [self._answer(self._ids(prompt), params.whole) for prompt, params in pairs]
        return found[: len(found) - script.lost]

    def _ids(self, prompt: Any) -> list[int]:
        """A text gets the tokenizer's own BOS here; ids are taken as they are."""
        ids = self._tokenizer.encode(prompt) if isinstance(prompt, str) else list(prompt["prompt_token_ids"])
        if not 0 < len(ids) < self.llm_engine.model_config.max_model_len:
            raise VLLMValidationError(f"The decoder prompt (length {len(ids)}) does not fit the maximum model length")
        return ids

    def _answer(self, prompt: list[int], params: Any) -> Any:
        said = self._tokenizer.encode(script.answer(self._tokenizer.decode(prompt)), add_special_tokens=False)
        room = min(params.max_tokens, self.llm_engine.model_config.max_model_len - len(prompt))
        ids, text, reason = [], "", "length"
        for token in [*said, min(self._ends)][:room]:
            ids.append(token)
            if token in self._ends and not params.ignore_eos:
                reason = "stop"
                if params.include_stop_str_in_output:
                    text = self._text(ids, params)
                break
            text = self._text(ids, params)
            met = [(text.index(mark) + len(mark), mark) for mark in params.stop or [] if mark in text]
            if met:
                end, mark = min(met)
                text, reason = text[: end - (0 if params.include_stop_str_in_output else len(mark))], "stop"
                break
        output = SimpleNamespace(index=0, text=text, token_ids=ids, finish_reason=script.finish or reason)
        return SimpleNamespace(outputs=[output], prompt_token_ids=prompt, finished=True)

    def _text(self, ids: list[int], params: Any) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=params.skip_special_tokens)


class Platform:
    def is_cuda(self) -> bool:
        return bool(script.gpu)

    def get_device_name(self, device_id: int = 0) -> str:
        return script.gpu

    def has_device_capability(self, capability: int, device_id: int = 0) -> bool:
        return script.capability >= capability


current_platform = Platform()


def cleanup_dist_env_and_memory(shutdown_ray: bool = False) -> None:
    script.closed.append("memory")


def put_in_place(folder: Path, patch: pytest.MonkeyPatch) -> Script:
    """Make a package ``vllm`` in ``folder`` and have it found. Its ``AT_IMPORT`` is the environment at its import."""
    package, info = folder / "vllm", folder / f"vllm-{VERSION}.dist-info"
    package.mkdir()
    info.mkdir()
    names = "import os\nfrom fake_vllm import LLM, SamplingParams\nAT_IMPORT = dict(os.environ)\n"
    (package / "__init__.py").write_text(names)
    (package / "platforms.py").write_text("from fake_vllm import current_platform\n")
    (package / "distributed.py").write_text("from fake_vllm import cleanup_dist_env_and_memory\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: vllm\nVersion: {VERSION}\n")
    for name in ("vllm", "vllm.platforms", "vllm.distributed"):
        patch.delitem(sys.modules, name, raising=False)
        patch.setitem(sys.modules, name, None)  # so that undoing removes what is imported meanwhile
        del sys.modules[name]
    patch.syspath_prepend(folder)
    vars(script).update(vars(Script()))
    return script


def _ends(directory: Path, config: dict[str, Any]) -> set[int]:
    """The end tokens, which the real one takes of ``generation_config.json`` whatever is said of its sampling."""
    file = directory / "generation_config.json"
    told = json.loads(file.read_text()).get("eos_token_id") if file.exists() else None
    found = told if told is not None else config["eos_token_id"]
    return set(found) if isinstance(found, list) else {found}
