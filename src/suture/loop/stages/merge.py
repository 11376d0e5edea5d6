"""Stage ``merge``: the adapter's update into the base's weights, large, and kept only until packed."""

from suture.core.model.adapter_records import MERGE_RECORD, MergeRecord
from suture.core.plan.stages import MERGE
from suture.loop.base_pack import BasePack
from suture.loop.packing import merge_adapter
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.scale_choice import ChosenAdapter
from suture.store.vouching import discard


def merge(run: Run, base: BasePack, chosen: ChosenAdapter) -> MergeRecord:
    """Raises Fault: the merged weights are not the base with the adapter's update in it."""

    def work() -> MergeRecord:
        discard_merged(run)  # of a merge that was stopped
        return merge_adapter(run.foundry, base, chosen.directory, chosen.trial.scale, run.paths.merged)

    files = {"merged": run.paths.merged / MERGE_RECORD}
    return run.stages.once(Stage(MERGE, made_from(chosen), work, files=lambda _: files))


def made_from(chosen: ChosenAdapter) -> dict[str, object]:
    """What merged weights, and the pack of them, follow from."""
    return {"adapter": chosen.adapter.sha256, "dataset": chosen.adapter.dataset, "scale": chosen.trial.scale}


def discard_merged(run: Run) -> None:
    discard(run.workshop.store, run.paths.merged)
