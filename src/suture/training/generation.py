"""Text generation by transformers: any Hugging Face directory, on a CPU or a GPU; the reference for the other engines.

Rows of a batch are padded on the left and share each step; a row that is done leaves the batch. What a row said is
looked at every ``LOOK`` tokens, so that a GPU is not made to wait for each one.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer

from suture.core.errors import BadFile, Fault
from suture.core.measure.attempt import AdapterUse, Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.machine.graphics import gpu_driver
from suture.training.decoding import FIXED_NUMBERS, Fixed, Growing, Steps, fixed_room_pays
from suture.training.graphs import Graphs
from suture.training.load import end_ids, load_model, load_tokenizer, usual_device
from suture.training.quiet import quiet
from suture.training.sampling import choose, sample_tokens

LOOK = 8


def identify_transformers(*, threads: int, batch: int, processor: str, dtype: str | None = None) -> EngineIdentity:
    """``dtype``: BF16 on a GPU and float32 on a CPU, whose class ``processor`` is, unless it is given."""
    gpu = torch.cuda.is_available()
    return EngineIdentity(
        name="transformers",
        version=version("transformers"),
        threads=threads,
        batch=batch,
        device=f"cuda: {torch.cuda.get_device_name()}" if gpu else "cpu",
        driver=gpu_driver() if gpu else None,
        dtype=dtype or ("bfloat16" if gpu else "float32"),
        processor=None if gpu else processor,
        numbers=f"torch {version('torch')}, {FIXED_NUMBERS}" if gpu else None,
    )


class TransformersEngine:
    def __init__(self, model: Path, identity: EngineIdentity, adapters: Mapping[str, Path] | None = None) -> None:
        """``adapters``: PEFT directories by the SHA-256 of their weights. Raises BadFile: the model or one of them."""
        torch.set_num_threads(identity.threads)
        self.identity = identity
        self._device = usual_device()
        self._tokenizer = load_tokenizer(model)
        self._model = load_model(model, getattr(torch, identity.dtype or "float32")).to(self._device).eval()
        self._fixed, self._graphs = fixed_room_pays(self._model, self._device), Graphs()
        self._longest = int(self._model.config.max_position_embeddings)
        self._ends = end_ids(self._model, self._tokenizer)
        self._pad = self._tokenizer.pad_token_id or 0
        self._adapters = set(adapters or {})
        for sha256, path in (adapters or {}).items():
            self._model = _with_adapter(self._model, sha256, path)

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """One batch an adapter use, sorted by length; an answer is yielded when its row is done."""
        started = time.monotonic()
        prompts = [self._tokenizer(request.prompt)["input_ids"] for request in requests]
        for use in dict.fromkeys(request.adapter for request in requests):
            rows = sorted((i for i, r in enumerate(requests) if r.adapter == use), key=lambda i: -len(prompts[i]))
            for index in [row for row in rows if len(prompts[row]) >= self._longest]:
                yield index, Completion.cut_off(len(prompts[index]), time.monotonic() - started)
            fitting = [row for row in rows if len(prompts[row]) < self._longest]
            if fitting:
                asked = [requests[i] for i in fitting]
                for row, ids, finish in self._batch([prompts[i] for i in fitting], asked, use, sampling, fitting):
                    text = self._tokenizer.decode(ids, skip_special_tokens=True)
                    ends = [at for mark in requests[row].stop if (at := text.find(mark)) >= 0]
                    completion = Completion(
                        text=text[: min(ends)] if ends else text,
                        finish=finish,
                        prompt_tokens=len(prompts[row]),
                        tokens=len(ids),
                        seconds=time.monotonic() - started,
                    )
                    yield row, completion

    def _batch(
        self,
        prompts: list[list[int]],
        requests: list[Request],
        use: AdapterUse | None,
        sampling: Sampling,
        rows: list[int],
    ) -> Iterator[tuple[int, list[int], FinishReason]]:
        """``(row, ids of its answer, why it ended)``. Shapes: B running rows, T tokens of the longest prompt."""
        width = max(map(len, prompts))
        ids = torch.tensor([[self._pad] * (width - len(p)) + p for p in prompts], device=self._device)  # (B, T)
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=self._device)
        places = (mask.cumsum(1) - 1).clamp(min=0)
        budgets = [
            min(request.max_tokens, self._longest - len(prompt))
            for request, prompt in zip(requests, prompts, strict=True)
        ]
        budget = max(budgets)
        lots = sample_tokens(sampling, rows, budget).to(self._device)  # (B, budget), or (B, 0) where nothing is drawn
        said, running = ids[:, :0], list(range(len(prompts)))
        read = Growing(self._model, partial(self._beside, use), ids, mask, places)
        logits = read.first
        steps: Steps = Fixed(read, budget, self._graphs) if self._fixed and budget > 1 else read
        del read
        while running:
            at = said.shape[1]
            token = choose(logits.float(), sampling, lots[:, at : at + 1])  # (B, 1)
            said = torch.cat([said, token], dim=1)
            if said.shape[1] % LOOK == 0 or said.shape[1] in budgets:
                stay = []
                for place, answer in enumerate(said.tolist()):
                    asked = running[place]
                    end = self._end(answer, requests[asked].stop)
                    if end is None and len(answer) < budgets[asked]:
                        stay.append(place)
                        continue
                    finish = FinishReason.LENGTH if end is None else FinishReason.STOP
                    yield rows[asked], answer[:end], finish
                if len(stay) < len(running):
                    chosen = torch.tensor(stay, dtype=torch.long, device=self._device)
                    running = [running[place] for place in stay]
                    if running:
                        steps.keep(chosen)
                    token, said, lots = token[chosen], said[chosen], lots[chosen]
            if running:
                logits = steps.next(token)

    def _end(self, answer: list[int], stop: Sequence[str]) -> int | None:
        """How many tokens the answer has up to its end token or the first whole stop string; None: it goes on."""
        end = next((at + 1 for at, token in enumerate(answer) if token in self._ends), None)
        text = self._tokenizer.decode(answer[:end], skip_special_tokens=True)
        if not any(mark in text for mark in stop):
            return end
        looked = range(max(1, len(answer) - LOOK), len(answer) + 1)
        return next(
            n for n in looked if any(m in self._tokenizer.decode(answer[:n], skip_special_tokens=True) for m in stop)
        )

    def _beside(self, use: AdapterUse | None) -> AbstractContextManager[object]:
        """The adapter switched on at its scale, or every adapter off. Raises Fault: it is not loaded."""
        if use is None:
            return self._model.disable_adapter() if self._adapters else nullcontext()
        if use.sha256 not in self._adapters:
            raise Fault(f"adapter {use.sha256[:12]} is not loaded")
        self._model.set_adapter(use.sha256)
        for module in self._model.modules():
            if isinstance(module, LoraLayer):
                module.set_scale(use.sha256, use.scale)
        return nullcontext()

    def close(self) -> None:
        del self._model
        if self._device == "cuda":
            torch.cuda.empty_cache()  # what is left unused here is room for another process


def _with_adapter(model: Any, sha256: str, path: Path) -> Any:
    try:
        with quiet():
            if isinstance(model, PeftModel):
                model.load_adapter(str(path), adapter_name=sha256)
                return model
            return PeftModel.from_pretrained(model, str(path), adapter_name=sha256).eval()
    except (ValueError, KeyError, TypeError, RuntimeError, OSError) as error:
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadFile(f"the adapter {path} does not fit: {first_line}", mend="use its own base") from error
