"""How many attempts a second one writer records, batch by batch and several batches in one transaction.

    python benchmarks/group_commit.py [--attempts 64000] [--json FILE]

A batch is 32 attempts of about 1 kB, and an eighth as many verdicts, as measuring records them. The ledger lies in
``--folder`` (by default the usual temporary directory), so that its disk is the one that is measured.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from suture.core.digest import digest_of_text
from suture.core.measure.attempt import Attempt, Completion, EngineIdentity, FinishReason, Sampling
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.files.small_files import write_json
from suture.store.ledger import Ledger

BATCH = 32
TEXT = "    total = 0\n    for value in values:\n        total += value\n    return total\n" * 3
ENGINE, SAMPLING = EngineIdentity(name="scripted", version="1", threads=1, batch=BATCH), Sampling()
VERDICT = Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, cpu_s=0.01)


def batch_of(first: int) -> list[Attempt]:
    return [
        Attempt(
            task_id=f"T/{number}",
            task_digest=f"{number:064x}",
            pack="a" * 64,
            engine=ENGINE,
            sampling=SAMPLING,
            prompt_digest=f"{number:064x}",
            completion=Completion(text=f"{TEXT}# {number}", finish=FinishReason.STOP, prompt_tokens=90, tokens=80),
        )
        for number in range(first, first + BATCH)
    ]


def key_of(batch: int) -> str:
    return digest_of_text(f"batch {batch}")


def verdicts_on(attempts: list[Attempt]) -> list[tuple[str, str, str, Verdict]]:
    """On an eighth of them."""
    return [(one.task_digest, digest_of_text(one.completion.text), "j" * 64, VERDICT) for one in attempts[::8]]


def rate(folder: Path, batches: list[list[Attempt]], group: int) -> float:
    """Attempts a second. ``group``: batches in one transaction."""
    ledger = Ledger(folder / f"group-{group}" / "ledger.db")
    began = time.monotonic()
    for start in range(0, len(batches), group):
        some = batches[start : start + group]
        with ledger.together():
            for number, attempts in enumerate(some, start):
                ledger.add_attempts(key_of(number), attempts)
        ledger.add_verdicts([verdict for attempts in some for verdict in verdicts_on(attempts)])
    seconds = time.monotonic() - began
    ledger.close()
    return len(batches) * BATCH / seconds


def main(attempts: int, folder: Path | None) -> dict[str, object]:
    batches = [batch_of(first) for first in range(0, attempts, BATCH)]
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        rates = {str(group): round(rate(Path(temporary), batches, group)) for group in (1, 2, 4, 8, 16, 32)}
    return {"attempts": attempts, "batch": BATCH, "attempts a second, by batches in a transaction": rates}


def run(measure: Callable[[int, Path | None], dict[str, object]]) -> None:
    """Measure as the command line says, and print or keep what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--attempts", type=int, default=64_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(options.attempts, options.folder)
    print(json.dumps(found, indent=1))
    if options.json:
        write_json(options.json, found)


if __name__ == "__main__":
    run(main)
