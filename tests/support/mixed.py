"""Tasks of all six kinds, a few each: a suite of mixed jobs. A small model can do some of them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

KINDS = ("python", "tool-calls", "json", "sql", "text", "grader")

_WEATHER = {
    "name": "get_weather",
    "description": "Weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
_SHOP = (
    "CREATE TABLE item(label TEXT, price REAL, shelf TEXT); "
    "INSERT INTO item VALUES ('mug', 4.5, 'a'), ('rug', 50, 'b'), ('pen', 2, 'a'), ('lamp', 20, 'c');"
)
_ANAGRAM = """\
def grade(answer, task):
    word = task["check"]["expected"]
    said = answer.strip().lower()
    return said != word and sorted(said) == sorted(word)
"""
_CITIES = ("Bern", "Oslo", "Lima", "Rome")
_PEOPLE = (("Ann", 31), ("Bob", 7), ("Eve", 64), ("Tom", 19))
_PROGRAMS = (
    ("add", "a, b", "Return the sum of a and b.", "a + b", "add(2, 3) == 5"),
    ("length", "text", "Return the length of text.", "len(text)", "length('abc') == 3"),
    ("largest", "numbers", "Return the largest of numbers.", "max(numbers)", "largest([1, 5, 2]) == 5"),
    ("thrice", "text", "Return text three times, parted by dashes.", "'-'.join([text] * 3)", "thrice('a') == 'a-a-a'"),
)
_QUERIES = (
    ("All labels.", "SELECT label FROM item"),
    ("Labels of what costs less than 10.", "SELECT label FROM item WHERE price < 10"),
    ("How many items are on shelf 'a'?", "SELECT count(*) FROM item WHERE shelf = 'a'"),
    ("The total price by shelf, with the shelf.", "SELECT shelf, sum(price) FROM item GROUP BY shelf"),
)
_TEXTS = (
    ("What is the capital of France?", {"contains": "Paris"}, "Paris"),
    ("What is the capital of Peru?", {"contains": "Lima"}, "Lima"),
    ("12 boxes of 6 eggs. How many eggs? The number alone.", {"number": "72"}, "72"),
    ("Positive or negative, in one word: 'I want my money back.'", {"exact": "negative"}, "negative"),
)
_WORDS = (("listen", "silent"), ("earth", "heart"), ("night", "thing"), ("study", "dusty"))


def rows_of(kind: str) -> list[dict[str, Any]]:
    """Four rows of a suite's file. Ids are ``KIND/NUMBER``, and every row has a reference."""
    return [{"id": f"{kind}/{number}", "kind": kind, **_row(kind, number)} for number in range(4)]


def write_mixed(path: Path, kinds: Iterable[str] = KINDS) -> Path:
    """One file of tasks of these kinds."""
    path.write_text("".join(json.dumps(row) + "\n" for kind in kinds for row in rows_of(kind)))
    return path


def _row(kind: str, number: int) -> dict[str, Any]:
    match kind:
        case "python":
            name, parameters, what, value, test = _PROGRAMS[number]
            prompt = f"Write a Python function `{name}({parameters})`. {what}"
            body = f"def {name}({parameters}):\n    return {value}"
            tests = {"kind": "assertions", "statements": [f"assert {test}"]}
            check: dict[str, Any] = {"entry_point": name, "tests": tests}
            return {"prompt": prompt, "check": check, "reference": body, "form": _fenced("python")}
        case "tool-calls":
            city = _CITIES[number]
            calls = [{"name": "get_weather", "arguments": {"city": city}}] if number else []
            prompt = f"How is the weather in {city}?" if number else "Thank you, that is all!"
            return {"prompt": prompt, "tools": [_WEATHER], "check": {"calls": calls}, "reference": json.dumps(calls)}
        case "json":
            name, age = _PEOPLE[number]
            value = {"name": name, "age": age}
            prompt = f"As JSON with the keys name and age: {name} is {age} years old."
            return {
                "prompt": prompt,
                "check": {"equals": value},
                "reference": json.dumps(value),
                "form": _fenced("json"),
            }
        case "sql":
            what, query = _QUERIES[number]
            prompt = f"Write one SQLite query. Table item(label TEXT, price REAL, shelf TEXT). {what}"
            check = {"setup": _SHOP, "reference": query}
            return {"prompt": prompt, "check": check, "reference": query, "form": _fenced("sql")}
        case "text":
            prompt, check, reference = _TEXTS[number]
            return {"prompt": prompt, "check": check, "reference": reference}
        case _:
            word, reference = _WORDS[number]
            check = {"grader": _ANAGRAM, "expected": word}
            return {"prompt": f"One anagram of '{word}', and nothing else.", "check": check, "reference": reference}


def _fenced(language: str) -> dict[str, Any]:
    return {"opening": f"```{language}\n", "closing": "\n```", "stop": ["\n```\n"], "max_tokens": 48}
