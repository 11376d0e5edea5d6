"""Writes tests/longer.txt from runs that were measured: see `make longer-list`.

.venv/bin/python scripts/longer_list.py build/times/*.tsv
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from longer_tests import LIMIT, LIST, listed, longer_of, measured

HEADER = f"""\
# Cases that took {LIMIT} s of processor time or more in each of {{runs}} runs on {{cores}} cores: `make test` leaves
# them to `make test-longer`. Written by `make longer-list`; what is not here, new or renamed, is quick until then.
"""


def main(files: list[str]) -> None:
    runs = measured(map(Path, files))
    longer = set(longer_of(runs, listed()))
    header = HEADER.format(runs=len(runs), cores=len(os.sched_getaffinity(0)))
    LIST.write_text(header + "".join(f"{test}\n" for test in sorted(longer)), encoding="utf-8")
    spent = sum(runs[0].values())
    quick = sum(seconds for test, seconds in runs[0].items() if test not in longer)
    print(f"{len(longer)} of {len(runs[0])} cases take longer; the others {quick:.0f} of {spent:.0f} processor seconds")


if __name__ == "__main__":
    main(sys.argv[1:])
