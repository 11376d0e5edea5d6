"""The real foundry: training (torch, loaded when first used) and packs."""

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from suture.core.chat import ChatTemplate
from suture.core.dataset import Dataset
from suture.core.errors import UsageError
from suture.core.pack import AdapterRecord, BaseRecord, Parity, Quantisation, TrainSettings
from suture.core.parity import NextToken, compare_next_tokens
from suture.core.ports import Progress
from suture.engines.probe import next_tokens
from suture.packs.prepare import prepare_base
from suture.packs.read import read_info
from suture.packs.verify import compare_tensors
from suture.packs.write import write_pack
from suture.training.likelihood import target_logliks
from suture.training.logits import next_token_logprobs
from suture.training.merge import merge
from suture.training.trainer import train

LOGIT_BOUNDS = {Quantisation.BF16: 0.25, Quantisation.F16: 0.25, Quantisation.Q8_0: 1.0}
"""Nats between llama.cpp on the pack and float32 on the merged weights: what the format's rounding may cost."""


class TorchFoundry:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @property
    def versions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for package in ("torch", "transformers", "peft", "gguf"):
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                found[package] = "absent"
        return found

    def prepare_base(self, source: Path | str, out: Path) -> BaseRecord:
        return prepare_base(source, out, progress=self._progress)

    def loglikelihoods(self, base: Path, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return target_logliks(base, pairs)

    def train(
        self, base: Path, dataset: Dataset, settings: TrainSettings, out: Path, checkpoints: Path
    ) -> AdapterRecord:
        return train(
            base,
            dataset.rows,
            settings,
            out,
            dataset_sha256=dataset.manifest.rows_sha256,
            progress=self._progress,
            checkpoints=checkpoints,
        )

    def merge(self, base: Path, adapter: Path, scale: float, out: Path) -> None:
        merge(base, adapter, scale, out)

    def pack(self, merged: Path, base: Path, quantisation: Quantisation, out: Path, lineage: Mapping[str, str]) -> str:
        return write_pack(merged, base, quantisation, out, lineage=lineage)

    def prove(self, pack: Path, merged: Path, prompts: Sequence[str]) -> Parity:
        checked, failed, worst = compare_tensors(pack, merged)
        there = [
            NextToken(prompt_tokens=len(token.ids), logprobs=token.logprobs)
            for token in next_token_logprobs(merged, prompts)
        ]
        quantisation = Quantisation(read_info(pack).quantisation)
        return Parity(
            tensors_checked=checked,
            tensors_failed=failed,
            tensors=worst,
            logits=compare_next_tokens(prompts, next_tokens(pack, prompts), there),
            logit_bound=LOGIT_BOUNDS[quantisation],
        )

    def template(self, pack: Path) -> ChatTemplate:
        info = read_info(pack)
        if not info.chat_template:
            raise UsageError(f"{pack} carries no chat template", mend="use an instruct model's GGUF")
        return ChatTemplate(source=info.chat_template, bos=info.bos or "", eos=info.eos or "", adds_bos=info.add_bos)
