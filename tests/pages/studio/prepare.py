"""Results of 120 tasks before and after, with their answers: one was lost, one gained."""

import json
from pathlib import Path

NAMES = ("ann", "bea", "cem", "dan", "eve", "fay", "gil", "hal", "ida", "jon", "kim", "lea")
PEOPLE = [*NAMES, *(f"{name}{number}" for name in NAMES for number in range(2, 11))]
for name, failing in (("before", {"bea", "cem"}), ("after", {"cem", "eve"})):
    rows = [
        {
            "id": f"fee/{who}",
            "prompt": f"What does {who} owe?",
            "answer": "no idea" if who in failing else "12",
            "passed": who not in failing,
        }
        for who in PEOPLE
    ]
    Path(f"{name}.json").write_text(json.dumps(rows))
