"""The real foundry: training (torch, loaded when first used) and packs."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from suture.core.errors import Fault, UsageError
from suture.core.measure.chat import ChatTemplate
from suture.core.model.adapter import AdapterRecord
from suture.core.model.base import BaseRecord
from suture.core.model.pack import Quantisation
from suture.core.model.parity import PROOF_CHATS, compare_chats, compare_predictions, differing_answers
from suture.core.model.proof import Parity
from suture.core.model.scaling import lines_schedule
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.ports import Progress
from suture.core.teach.dataset import Dataset
from suture.engines.probe import Probe
from suture.packs.adapters.adapter import check_merge
from suture.packs.adapters.scaled import scale_layers
from suture.packs.bases.prepare import prepare_base
from suture.packs.gguf.read import read_info
from suture.packs.gguf.verify import compare_tensors
from suture.packs.gguf.write import write_pack
from suture.training.likelihood import target_logliks
from suture.training.logits import Reference
from suture.training.merge import merge
from suture.training.trainer import train

LOGIT_BOUNDS = {Quantisation.BF16: 0.5, Quantisation.F16: 0.25, Quantisation.Q8_0: 1.5, Quantisation.Q4_K_M: 6.0}
"""Nats between llama.cpp on the pack and float32 on the merged weights: what the format's rounding may cost."""

DIVERGENCE_BOUNDS = {Quantisation.BF16: 0.02, Quantisation.F16: 0.02, Quantisation.Q8_0: 0.5, Quantisation.Q4_K_M: 1.5}
"""Nats of KL(merged || packed) of one prediction, which may be a near tie."""

MEAN_DIVERGENCE_BOUNDS = {
    Quantisation.BF16: 0.002,
    Quantisation.F16: 0.002,
    Quantisation.Q8_0: 0.02,
    Quantisation.Q4_K_M: 0.25,
}
"""The same on average over all predictions of a proof."""

ANSWER_TOKENS = 16
"""Of each greedy answer that a pack's proof compares; every one of them is also a prediction compared."""


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
        return target_logliks(base, pairs, self._progress)

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

    def scale_layers(self, adapter: Path, out: Path, *, first: float, last: float) -> str:
        return scale_layers(adapter, lambda layers: lines_schedule(first, last - first, layers), out)

    def merge(self, base: Path, adapter: Path, scale: float, out: Path) -> None:
        merge(base, adapter, scale, out)
        check = check_merge(base, adapter, scale, out)
        if check.failed:
            shutil.rmtree(out, ignore_errors=True)
            raise Fault(
                f"{len(check.failed)} of the merged tensors are not the base with {scale:g} times the adapter's update "
                f"in it, {check.failed[0]} among them"
            )

    def pack(self, merged: Path, base: Path, quantisation: Quantisation, out: Path, lineage: Mapping[str, str]) -> str:
        return write_pack(merged, base, quantisation, out, lineage=lineage)

    def prove(self, pack: Path, merged: Path, prompts: Sequence[str]) -> Parity:
        """Ask llama.cpp and float32 the same: ``prompts`` and the ``PROOF_CHATS`` through the pack's own template."""
        self._progress.start("prove pack", 3)
        checked, failed, worst = compare_tensors(pack, merged)
        self._progress.advance()
        info, probe = read_info(pack), Probe(pack)
        template = self.template(pack) if info.chat_template else None
        chats = PROOF_CHATS if template else ()
        rendered = [template.render(chat) for chat in chats] if template else []
        asked = list(dict.fromkeys([*prompts, *rendered]))
        here = [probe.read(prompt, tokens=ANSWER_TOKENS) for prompt in asked]
        self._progress.advance()
        reference = Reference(merged)
        there = [reference.read(prompt, packed.answer) for prompt, packed in zip(asked, here, strict=True)]
        self._progress.finish()
        return Parity(
            tensors_checked=checked,
            tensors_failed=failed,
            tensors=worst,
            logits=compare_predictions(asked, here, there),
            logit_bound=LOGIT_BOUNDS[Quantisation(info.quantisation)],
            divergence_bound=DIVERGENCE_BOUNDS[Quantisation(info.quantisation)],
            mean_divergence_bound=MEAN_DIVERGENCE_BOUNDS[Quantisation(info.quantisation)],
            chats=compare_chats(
                chats,
                rendered,
                [probe.read_chat(chat, text) for chat, text in zip(chats, rendered, strict=True)],
                [reference.read_chat(chat, text) for chat, text in zip(chats, rendered, strict=True)],
                bos=info.bos or "",
                bos_id=probe.bos_id,
                template_tells_time="strftime_now" in info.chat_template,
            ),
            same_eos=probe.eos == reference.eos,
            answers_compared=len(asked),
            answers=differing_answers(asked, here, there),
            engine=probe.name,
            reference=reference.name,
        )

    def template(self, pack: Path) -> ChatTemplate:
        info = read_info(pack)
        if not info.chat_template:
            raise UsageError(f"{pack} carries no chat template", mend="use an instruct model's GGUF")
        return ChatTemplate(source=info.chat_template, bos=info.bos or "", eos=info.eos or "", adds_bos=info.add_bos)
