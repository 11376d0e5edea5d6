"""Tasks of one's own, code with doctests, and files of other tools."""

import json
from pathlib import Path

TASKS = [
    {"id": f"a/{n}", "kind": "text", "prompt": f"What is {n} and {n}?", "expected": str(2 * n), "reference": str(2 * n)}
    for n in range(1, 10)
]
CODE = '''"""Amounts."""


def with_tip(cents, percent):
    """Return the amount with a tip, rounded down to whole cents.

    >>> with_tip(1000, 15)
    1150
    >>> with_tip(999, 10)
    1098
    """
    return cents * (100 + percent) // 100
'''
PROMPTFOO = """\
prompts: ["Capital of {{country}}? One word."]
tests:
  - vars: {country: Peru}
    assert: [{type: equals, value: Lima}]
  - vars: {country: Kenya}
    assert: [{type: equals, value: Nairobi}]
"""

Path("my-tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in TASKS))
Path("path/to/code").mkdir(parents=True)
Path("path/to/code/tips.py").write_text(CODE)
Path("promptfooconfig.yaml").write_text(PROMPTFOO)
Path("tickets.csv").write_text("question,answer\nMay I return it?,yes\nIs it free of charge?,no\n")
Path("mail.csv").write_text("text,class\nYou have won a prize,spam\nThe meeting is at ten,no spam\n")
