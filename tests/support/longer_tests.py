"""Which tests take longer, and are left out of `make test`: those of a measured list, and all that loads torch.

The list is one of cases: of a test with many, the quick ones stay in `make test`. `make longer-list` writes it anew.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

TESTS = Path(__file__).parents[1]
LIST = TESTS / "longer.txt"
LIMIT = 0.1
"""Seconds of processor time, of a test and of the processes that it starts and waits for."""
STAYS = 0.07
"""Seconds from which a case that is listed already stays so: what takes about the limit is not listed now and then."""
QUICK = "not slow and not longer"
"""What `make test` selects by."""
LOADS_TORCH = (
    TESTS / "unit" / "training",
    TESTS / "unit" / "packs",
    TESTS / "unit" / "engines" / "test_vllm.py",
    TESTS / "contract" / "test_trainer.py",
)
"""Loading torch takes each worker as long as hundreds of quick tests. The repair of the real model loads it in a
process of its own."""
MAKES_MODELS = "base_of"
"""The fixture that makes a small model with torch."""
ALWAYS = ("tests/e2e/test_heal.py", "tests/unit/core/test_gate_laws.py")
"""How the ids begin of what `make test` runs however long it takes: the laws of the gate, and a real repair."""


def loads_torch(path: Path) -> bool:
    return any(path.is_relative_to(place) for place in LOADS_TORCH)


def listed(file: Path = LIST) -> frozenset[str]:
    """Ids of tests, as pytest prints them."""
    return frozenset(line for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")


def processor_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measured(files: Iterable[Path]) -> list[dict[str, float]]:
    """Of each run, the processor seconds of every test; the workers of one write a file each: ``RUN.WORKER.tsv``."""
    runs: dict[str, dict[str, float]] = {}
    for file in files:
        run = runs.setdefault(file.name.partition(".")[0], {})
        for line in file.read_text(encoding="utf-8").splitlines():
            seconds, _, test = line.partition("\t")
            run[test] = float(seconds)
    return list(runs.values())


def longer_of(runs: Sequence[Mapping[str, float]], before: Collection[str] = ()) -> list[str]:
    """Tests that took so long in every run: the first that needs a package or a model pays for it in one run only.

    Args:
        before: those that were listed before.
    """
    least = {test: min(run.get(test, 0.0) for run in runs) for test in runs[0] if not test.startswith(ALWAYS)}
    return sorted(test for test, seconds in least.items() if seconds >= (STAYS if test in before else LIMIT))
