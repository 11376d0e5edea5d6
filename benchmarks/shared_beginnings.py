"""A step of eight rows that begin alike: computed together, and each by itself. CPU seconds, the two in turn.

    .venv/bin/python benchmarks/shared_beginnings.py [--shared 300] [--own 60] [--precision bfloat16] [--rounds 3]

Rows are of random tokens for SmolLM2-135M-Instruct: ``--shared`` tokens that all of them begin with, then ``--own`` of
each, half of which are taught. One thread; the first round warms up and is not counted.
"""

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

ROWS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=int, default=300)
    parser.add_argument("--own", type=int, default=60)
    parser.add_argument("--precision", default="bfloat16")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    from trainer import prepare

    from suture.core.model.train_settings import TrainSettings
    from suture.training.deterministic import deterministic
    from suture.training.examples import Example
    from suture.training.fresh_adapter import with_adapter
    from suture.training.frozen_base import FrozenBase
    from suture.training.objective import objective_of
    from suture.training.step_plan import gradients_here, planned_from

    chance = random.Random(0)

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(chance.randrange(100, 40_000) for _ in range(count))

    def row(begins: tuple[int, ...], key: int) -> Example:
        return Example((*begins, *tokens(options.own)), options.own // 2, False, key)

    beginning = tokens(options.shared)
    alike = [row(beginning, key) for key in range(ROWS)]
    strangers = [row(tokens(options.shared), key) for key in range(ROWS)]
    settings = TrainSettings(strategy="naive", precision=options.precision, rank=8, alpha=16, batch=ROWS)
    objective = objective_of(settings)
    seconds: dict[str, list[float]] = {"together": [], "apart": []}
    with tempfile.TemporaryDirectory() as folder, deterministic(one_thread=True):
        base, _ = prepare(Path(folder), 1, "")
        model = with_adapter(base, settings)
        model.train()
        frozen = FrozenBase(model)
        with (
            gradients_here(model, frozen, objective, planned_from(alike, objective)) as together,
            gradients_here(model, frozen, objective, planned_from(strangers, objective)) as apart,
        ):
            for _ in range(options.rounds + 1):
                for name, step in (("together", together), ("apart", apart)):
                    began = time.process_time()
                    step.add(alike)
                    seconds[name].append(time.process_time() - began)
    medians = {name: statistics.median(each[1:]) for name, each in seconds.items()}
    print(f"{options.precision}, {ROWS} rows of {options.shared} + {options.own} tokens:", end=" ")
    print(f"together {medians['together']:.1f} s, apart {medians['apart']:.1f} s,", end=" ")
    print(f"{medians['apart'] / medians['together']:.2f} times")


if __name__ == "__main__":
    main()
