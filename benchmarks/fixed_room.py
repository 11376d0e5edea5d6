"""What fixed room and CUDA graphs are worth to engine transformers, in turns in one process.

    python benchmarks/fixed_room.py BASE [--tasks 64] [--max-tokens 256] [--rounds 2] [--out FILE]

BASE is a prepared base: ``suture bench DIR`` leaves one under ``bases/`` of its store. A seeded sample of HumanEval is
asked as one batch, greedily, with room that grows and with fixed room (training/decoding.py), both warmed up first.
Where there is no GPU nothing is captured, and fixed room is measured as it is. Exit code 1 where fixed room repeats
itself otherwise.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from torch import Tensor, device
from vllm_engine import Answers, ask, differing

from suture.core.measure.attempt import Request
from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.base import BASE_GGUF
from suture.core.plan.ports import Generator
from suture.loop.measuring.questions import questions_of
from suture.packs.bases.pack_template import template_of
from suture.suites.catalog import load_suites
from suture.training import decoding, generation
from suture.wiring.engine_table import TRANSFORMERS

WAYS = {"grows": False, "fixed": True}
"""Of room, and whether it is fixed."""


def opened(base: Path, choice: EngineChoice, *, fixed: bool) -> Generator:
    with patch.object(generation, "fixed_room_pays", lambda model, device: fixed):
        return TRANSFORMERS.open(base, choice, TRANSFORMERS.identify(choice), {})


def measure(base: Path, tasks: int, most_tokens: int, rounds: int) -> dict[str, object]:
    choice = EngineChoice(name="transformers", batch=tasks, max_tokens=most_tokens)
    chosen = random.Random(0).sample(load_suites(["humaneval"]), tasks)
    template = template_of(base / BASE_GGUF)
    requests: list[Request] = [question.request for question in questions_of(tuple(chosen), template, choice)]
    captures: list[bool] = []
    real: Callable[[Callable[[], Tensor], device], Callable[[], Tensor] | None] = decoding.captured

    def counted(step: Callable[[], Tensor], place: device) -> Callable[[], Tensor] | None:
        replay = real(step, place)
        captures.append(replay is not None)
        return replay

    said: dict[str, list[Answers]] = {way: [] for way in WAYS}
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    with patch.object(decoding, "captured", counted):
        engines = {way: opened(base, choice, fixed=fixed) for way, fixed in WAYS.items()}
        for number in range(rounds + 1):  # the first warms up
            for way, engine in engines.items():
                began = time.monotonic()
                answers = ask(engine, requests, tasks)
                rate = sum(int(str(answer["tokens"])) for answer in answers) / (time.monotonic() - began)
                print(f"round {number}, room {way}: {rate:.0f} tok/s", flush=True)
                if number:
                    said[way].append(answers)
                    rates[way].append(rate)
    return {
        "identity": TRANSFORMERS.identify(choice).model_dump(mode="json"),
        "tokens_a_second": {way: [round(rate, 1) for rate in found] for way, found in rates.items()},
        "ratio": round(max(rates["fixed"]) / max(rates["grows"]), 2),
        "captured": f"{sum(captures)} of {len(captures)}",
        "fixed against growing": differing(said["grows"][0], said["fixed"][0]),
        "fixed asked again": [differing(said["fixed"][0], again) for again in said["fixed"][1:]],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    found = measure(given.base, given.tasks, given.max_tokens, given.rounds)
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    again = found["fixed asked again"]
    assert isinstance(again, list)
    return int(any(one["differ"] for one in again))


if __name__ == "__main__":
    raise SystemExit(main())
