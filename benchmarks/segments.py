"""How long answers of another store take to come home: appended one by one, and joined as a segment.

    python benchmarks/segments.py [--attempts 64000] [--json FILE]

The other store is verified first in both cases; that is timed apart. Then batches are looked up in each home, those
that are there and as many that are not. Stores lie in ``--folder`` (by default the usual temporary directory).
"""

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from group_commit import BATCH, batch_of, key_of, run, verdicts_on
from scripted_stores import heal, opened

from suture.store.import_runs import import_runs
from suture.store.ledger import Ledger
from suture.store.verification import verify_store

LOOKED_UP = 2_000


def fill(ledger: Ledger, attempts: int) -> None:
    for number, first in enumerate(range(0, attempts, BATCH)):
        some = batch_of(first)
        with ledger.together():
            ledger.add_attempts(key_of(number), some)
            ledger.add_verdicts(verdicts_on(some))


def microseconds(ledger: Ledger, first: int, last: int) -> float:
    """Of one look-up, over ``LOOKED_UP`` keys from ``first`` to ``last``."""
    keys = [key_of(number) for number in range(first, last, max(1, (last - first) // LOOKED_UP))]
    began = time.monotonic()
    for one in keys:
        ledger.attempts(one)
    return round((time.monotonic() - began) / len(keys) * 1e6, 1)


def main(attempts: int, folder: Path | None) -> dict[str, object]:
    batches, found = attempts // BATCH, dict[str, object]()
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        root = Path(temporary)
        heal(root / "other")
        with closing((other := opened(root / "other")).ledger):
            fill(other.ledger, attempts)
            began = time.monotonic()
            assert verify_store(other).holds
            verifying = time.monotonic() - began
            for way in ("appended", "joined"):
                with closing((home := opened(root / way)).ledger):
                    began = time.monotonic()
                    done = import_runs(home, other, as_segment=way == "joined")
                    assert done.attempts >= attempts
                    found[way] = {
                        "seconds": round(time.monotonic() - began - verifying, 2),
                        "records here": home.ledger.head[0],
                        "microseconds to look up a batch": microseconds(home.ledger, 0, batches),
                        "microseconds where there is none": microseconds(home.ledger, batches, 2 * batches),
                    }
    return {"attempts": attempts, "seconds to verify the other store": round(verifying, 2), **found}


if __name__ == "__main__":
    run(main)
