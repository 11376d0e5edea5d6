"""Stage ``pack``: the merged weights as one GGUF file, proved to be the merged model."""

from suture.core.model.pack_manifest import PackManifest
from suture.core.plan.stages import PACK
from suture.loop.base_pack import BasePack
from suture.loop.measuring.pack_file import PackFile
from suture.loop.packing import make_pack
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.scale_choice import ChosenAdapter
from suture.loop.stages.merge import discard_merged, made_from, merge
from suture.store.datasets import read_dataset
from suture.store.kept_packs import manifest_path

PROMPTS = 4
"""Of the dataset, that a pack's proof is made along besides its own."""


def packed(run: Run, base: BasePack, chosen: ChosenAdapter) -> PackFile:
    """Merge and pack; merged weights are made only for this, and removed when the pack is proved.

    Raises:
        Fault: the merge or the pack's proof failed.
    """

    def work() -> PackManifest:
        prompts = [row.prompt for row in read_dataset(run.paths.dataset).rows[:PROMPTS]]
        return make_pack(
            run.foundry,
            run.paths.merged,
            base,
            run.recipe.quantisation,
            run.paths.pack,
            prompts=prompts,
            plan=run.plan.digest,
        )

    stage = Stage(
        PACK,
        made_from(chosen),
        work,
        files=lambda _: {"pack": run.paths.pack},
        left=lambda _: [manifest_path(run.paths.pack)],
    )
    if run.stages.known(stage) is None:
        merge(run, base, chosen)
    manifest = run.stages.once(stage)
    discard_merged(run)  # large, and `suture merge` makes it again
    return PackFile(run.paths.pack, manifest.sha256, run.workshop.packs.template(run.paths.pack))
