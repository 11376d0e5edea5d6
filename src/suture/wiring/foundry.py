"""The real foundry: training (torch, loaded when first used) and packs."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from suture.core.errors import Fault, UsageError
from suture.core.model.adapter_records import AdapterRecord, ImportedAdapter
from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.proof import Parity
from suture.core.model.scaling import lines_schedule
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.ports import Progress
from suture.core.teach.dataset import Dataset
from suture.machine.graphics import computing_class
from suture.packs.adapters.importing import import_adapter
from suture.packs.adapters.merge_check import check_merge, is_sum, require_plain
from suture.packs.adapters.scaled import scale_layers
from suture.packs.adapters.settings import read_settings
from suture.packs.adapters.updates import read_updates
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.gguf.tensor_proof import compare_tensors
from suture.packs.gguf.write_gguf import write_pack
from suture.packs.hugging_face.weights import open_weights
from suture.training.extra import require_train_extra
from suture.training.likelihood import target_logliks
from suture.training.merged_directory import merge
from suture.training.trainer import train
from suture.wiring.proof import prove_base, prove_pack, require_tools


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

    @property
    def computes_on(self) -> str:
        return computing_class()

    def prepare_base(self, source: Path | str, out: Path) -> BaseRecord:
        """Prepare a base, with the proof that the serving engine computes the base as its source says.

        Raises:
            MissingTool: transformers or llama.cpp, which that proof needs, is not installed.
        """
        require_tools()
        return prepare_base(source, out, prove=prove_base, progress=self._progress)

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

    def import_adapter(self, source: Path, base: Path, out: Path, *, any_name: bool = False) -> ImportedAdapter:
        """Import an adapter; then peft merges one matrix, and the sum must be the one that every merge is held to.

        Raises:
            MissingTool: peft is not installed.
            Fault: peft computes that matrix otherwise.
        """
        require_train_extra()
        from suture.training.one_matrix import merged_matrix

        imported = import_adapter(source, base, out, any_name=any_name)
        weights = open_weights(base)
        update = read_updates(out, read_settings(out), weights)[0]
        if not is_sum(weights[update.name], update, merged_matrix(out, update.name, weights[update.name].as_float32())):
            shutil.rmtree(out)
            raise Fault(
                f"peft {version('peft')} merges {update.name!r} of {source} differently from what its matrices say"
            )
        return imported

    def merge(self, base: Path, adapter: Path, scale: float, out: Path) -> None:
        require_plain(adapter, base)
        merge(base, adapter, scale, out)
        check = check_merge(base, adapter, scale, out)
        if check.failed:
            shutil.rmtree(out, ignore_errors=True)
            raise Fault(
                f"{len(check.failed)} of the merged tensors are not the base with {scale:g} times the adapter's update "
                f"in it, {check.failed[0]} among them"
            )

    def pack(self, merged: Path, base: Path, quantisation: Quantisation, out: Path, lineage: Mapping[str, str]) -> str:
        """A pack of the base itself is compared tensor by tensor; one of a repair is proved on its own."""
        sha256 = write_pack(merged, base, quantisation, out, lineage=lineage)
        if merged == base:
            _, failed, worst = compare_tensors(out, merged)
            if failed:
                out.unlink()
                raise UsageError(
                    f"{failed} tensors of this base cannot be kept as {quantisation}, {worst[0].name} among them",
                    mend="choose another quantisation",
                )
        return sha256

    def prove(self, pack: Path, merged: Path, prompts: Sequence[str]) -> Parity:
        return prove_pack(pack, merged, prompts, self._progress)
