"""What fixed room and CUDA graphs are worth to engine transformers, in turns in one process.

    python benchmarks/fixed_room.py BASE [--tasks 64] [--max-tokens 256] [--rounds 2] [--out FILE]

BASE is a prepared base: ``suture bench DIR`` leaves one under ``bases/`` of its store. Seeded samples of HumanEval,
another each round, are asked as one batch, greedily: with room that grows, with fixed room, and with fixed room whose
steps are CUDA graphs (training/decoding.py). The first round warms up. Where there is no GPU nothing is captured. Exit
code 1 where a graph says anything else than the same steps without one, or where nothing was captured on a GPU.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from vllm_engine import Answers, ask, differing, sample, tokens_of

from suture.core.errors import SutureError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.ports import Generator
from suture.training import generation
from suture.training.graphs import Graphs, Replay
from suture.wiring.engine_table import TRANSFORMERS

GROWS, FIXED, GRAPHS = WAYS = ("grows", "fixed", "fixed, graphs")


class Counted(Graphs):
    """How often a step was captured, and what came of it."""

    def __init__(self, *, off: bool) -> None:
        super().__init__()
        self._refused, self.captured, self.said = off, 0, ""

    def capture(self, step: Callable[[], Tensor], device: torch.device) -> Replay | None:
        replay = super().capture(step, device)
        self.captured += replay is not None
        return replay

    def refuse(self, why: str) -> None:
        super().refuse(why)
        self.said = why


def opened(base: Path, choice: EngineChoice, way: str) -> tuple[Generator, Counted]:
    graphs = Counted(off=way != GRAPHS)
    pays = generation.fixed_room_pays

    def asked_for(model: Any, device: str) -> bool:
        return way != GROWS and (device == "cpu" or pays(model, device))

    with patch.object(generation, "fixed_room_pays", asked_for), patch.object(generation, "Graphs", lambda: graphs):
        return TRANSFORMERS.open(base, choice, TRANSFORMERS.identify(choice), {}), graphs


def ratios(rates: list[float], others: list[float]) -> list[float]:
    return [round(rate / other, 2) for rate, other in zip(rates, others, strict=True)]


def measure(base: Path, tasks: int, most_tokens: int, rounds: int) -> dict[str, Any]:
    choice = EngineChoice(name="transformers", batch=tasks, max_tokens=most_tokens)
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    differ: dict[str, list[dict[str, object]]] = {GROWS: [], FIXED: []}
    engines = {way: opened(base, choice, way) for way in WAYS}
    for number in range(rounds + 1):
        requests = sample(base, choice, tasks, seed=number)
        said: dict[str, Answers] = {}
        for way, (engine, _) in engines.items():
            began = time.monotonic()
            said[way] = ask(engine, requests, tasks)
            rate = tokens_of(said[way]) / (time.monotonic() - began)
            print(f"round {number}, {way}: {rate:.0f} tok/s", flush=True)
            if number:
                rates[way].append(round(rate, 1))
        for way, found in differ.items():
            found.append(differing(said[way], said[GRAPHS]))
    graphs = engines[GRAPHS][1]
    return {
        "identity": TRANSFORMERS.identify(choice).model_dump(mode="json"),
        "tokens_a_second": rates,
        "ratios to growing": {way: ratios(rates[way], rates[GROWS]) for way in WAYS},
        "captured": graphs.captured,
        "refused": graphs.said,
        "graphs against growing, by round": differ[GROWS],
        "graphs against the same steps without": differ[FIXED],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    try:
        found = measure(given.base, given.tasks, given.max_tokens, given.rounds)
    except SutureError as error:
        raise SystemExit(f"{error}: {error.mend}") from None
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    other = any(one["differ"] for one in found["graphs against the same steps without"])
    return int(other or (torch.cuda.is_available() and not (found["captured"] and not found["refused"])))


if __name__ == "__main__":
    raise SystemExit(main())
