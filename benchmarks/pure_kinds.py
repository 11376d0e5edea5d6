"""How many verdicts a second the kinds that run nothing reach on one core, checks compiled once.

    python benchmarks/pure_kinds.py

A verdict is ``extract`` and ``decide``, as measuring calls them. Answers are drawn from a fixed list of right and wrong
ones, so that no verdict is found in a cache. Prints one row a check; CPU seconds, so that other processes do not count.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from kinds import completed, own

from suture.core.measure.verdict import Verdict
from suture.suites.kinds import kind_of

VERDICTS = 20_000
PERSON = {"name": "Ada", "born": 1815, "tags": ["a", "b"], "address": {"city": "London", "code": "W1"}, "score": 0.3}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Z][a-z]+$"},
        "born": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["name", "born"],
}
VALUES = [json.dumps({**PERSON, "born": year}) for year in range(1810, 1820)]
FENCED = [f"Here it is:\n```json\n{json.dumps({**PERSON, 'born': year}, indent=2)}\n```" for year in range(1810, 1820)]
ANIMALS = {"A": "a horse", "B": "a duck", "C": "a van", "D": "a goat"}
WEATHER = {
    "name": "get_weather",
    "description": "Weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
    },
}
CALLS = [
    *[json.dumps([{"name": "get_weather", "arguments": {"city": "Bern", "days": days}}]) for days in range(1, 6)],
    "[get_weather(city='Bern', days=2)]",
    "None of these functions can do that.",
]
WANTED = {"get_weather": {"city": ["Bern", "Berne"], "days": [2, ""]}}
CASES = {
    "text: exact": ("text", {"exact": "Rio de Janeiro"}, ["Rio de Janeiro", "Rio", "It is Rio de Janeiro."]),
    "text: exact, case and punctuation ignored": (
        "text",
        {"exact": "Rio de Janeiro", "ignore": ["case", "punctuation"]},
        ["rio de janeiro.", "Rio!", "S\u00e3o Paulo"],
    ),
    "text: one of": ("text", {"one_of": ["spam", "ham"], "target": "ham"}, ["spam", "ham", "not ham"]),
    "text: contains": ("text", {"contains": ["red", "hat"]}, ["a red hat", "that is red", "no"]),
    "text: number": ("text", {"number": 18, "where": "last"}, ["So it is 9 * 2 = $18.", "18", "19.50 in all"]),
    "text: choice": ("text", {"choice": "B", "options": ANIMALS}, ["B", "The answer is a duck.", "A, B", "D) a goat"]),
    "text: pattern": ("text", {"regex": "[A-Z]{2}-[0-9]+"}, ["AB-12", "it is AB-12", "AB-"]),
    "json: equal": ("json", {"equals": PERSON}, VALUES),
    "json: equal, in a fence": ("json", {"equals": PERSON}, FENCED),
    "json: subset, unordered, tolerance": (
        "json",
        {"equals": PERSON, "subset": True, "unordered": True, "rel_tol": 0.01},
        VALUES,
    ),
    "json: schema": ("json", {"schema": SCHEMA}, VALUES),
    "tool-calls: exact": ("tool-calls", {"calls": [WANTED]}, CALLS),
    "tool-calls: bfcl-ast": ("tool-calls", {"calls": [WANTED], "rule": "bfcl-ast@2026.3.23"}, CALLS),
    "tool-calls: nothing to call": ("tool-calls", {"calls": []}, CALLS),
}


def rate(kind: str, check: dict, answers: list[str]) -> float:
    """Verdicts a CPU second; the best of three rounds."""
    tools = [WEATHER] if kind == "tool-calls" else []
    task, completions = own(kind, check, tools=tools), [completed(answer) for answer in answers]
    judged = kind_of(task)
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for number in range(VERDICTS):
            answer = judged.extract(task, completions[number % len(completions)])
            if not isinstance(answer, Verdict):
                judged.decide(task, answer)
        best = max(best, VERDICTS / (time.process_time() - began))
    return best


if __name__ == "__main__":
    print(f"{'check':44} verdicts/s")
    for name, (kind, check, answers) in CASES.items():
        print(f"{name:44} {rate(kind, check, answers):10,.0f}")
