"""Stage ``base``: the model to repair, ready for training, and as the pack that is measured as baseline."""

from suture.core.plan.stages import BASE, BaseDone
from suture.loop.base_pack import BasePack, base_pack_path, prepare_base, withdraw_unproved
from suture.loop.measuring.pack_file import PackFile
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.store.vouching import require_intact


def base(run: Run) -> BasePack:
    """Prepare the base once; it is the model's first champion where there is none."""
    store, recipe = run.workshop.store, run.recipe
    directory = store.home.base(run.plan.base_sha256)

    def work() -> BaseDone:
        require_intact(store, directory, base_pack_path(directory, recipe.quantisation))
        withdraw_unproved(store, directory)
        made = prepare_base(
            run.foundry,
            run.workshop.packs,
            run.resolved.base,
            directory,
            recipe.quantisation,
            in_service=run.resolved.in_service,
        )
        run.registry.register(recipe.model, made.file.path, made.file.sha256, why=f"base of recipe {recipe.name}")
        return BaseDone(pack=made.file.sha256, path=store.home.relative(made.file.path), record=made.record)

    done = run.stages.once(
        Stage(
            BASE,
            {"source": run.plan.base_sha256, "quantisation": recipe.quantisation.value},
            work,
            files=lambda done: {"pack": store.home.absolute(done.path)},
            left=lambda _: [directory],
        )
    )
    pack = store.home.absolute(done.path)
    return BasePack(directory, done.record, PackFile(pack, done.pack, run.workshop.packs.template(pack)))
