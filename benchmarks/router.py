"""How well a router tells four jobs apart, and leaves alone what is of none. Prints tables; needs the extra [router].

    python benchmarks/router.py --mbpp mbpp.jsonl

Learned from: MBPP 601 to 974, the training parts of json-repair and extraction, queries over eight databases, and the
everyday questions that every router brings along. Tools are told by a rule, and so is what says SQL or CREATE TABLE.
Held out: MBPP 11 to 510 and HumanEval, the test parts of json-repair and extraction (other templates and contents),
queries over eight other databases put in other words, what BFCL asks of tables (a part of it that is out of use), and
all of BFCL with its tools. Unknown: what BFCL's users ask, without its tools, which no training saw.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from suture.core.measure.task import Message
from suture.router.classifier import read_classifier
from suture.router.router import Router
from suture.router.seen import Seen, seen_in, seen_of
from suture.suites.bfcl import bfcl_suites
from suture.suites.catalog import load_suites
from suture.wiring.route_train import train_router
from suture.wiring.routes_file import read_routes, router_of

LEARNED_TABLES = {
    "orders": "id, customer, total, placed",
    "employees": "id, name, salary, department",
    "songs": "id, title, artist, seconds",
    "flights": "number, origin, destination, delay",
    "books": "isbn, title, author, year",
    "visits": "id, patient, doctor, day",
    "games": "id, home, away, score",
    "invoices": "id, client, amount, due",
}
HELD_OUT_TABLES = {
    "sensors": "id, place, reading, taken",
    "rentals": "id, car, driver, days",
    "students": "id, name, grade, school",
    "films": "id, title, director, minutes",
    "parcels": "code, sender, weight, city",
    "votes": "id, district, party, count",
    "recipes": "id, dish, cook, minutes",
    "tickets": "id, event, price, seat",
}
LEARNED_QUESTIONS = (
    "CREATE TABLE {t} ({c});\n\nHow many rows of {t} are there for each {b}? Answer with one SQL query.",
    "Schema: {t}({c}). Write a query for the ten largest {d}.",
    "Given the table {t} with columns {c}, select every {b} whose {d} is above the average.",
    "```sql\nCREATE TABLE {t} ({c});\n```\nList all {b} without duplicates, sorted.",
    "Which {b} has the highest {d} in {t}? Use SQL.",
    "SELECT statement wanted: {t} has the columns {c}; per {b} the sum of {d}.",
    "My PostgreSQL table {t} ({c}) holds the data. How do I query the latest {d} of every {b}?",
    "Translate into SQL: rows of {t} where {b} begins with A, newest first. Columns: {c}.",
    "Fix this query: SELEC {b}, {d} FORM {t} GROUP {b}",
    "Write a JOIN of {t} with its copy from last year on {b}, and compare {d}.",
)
HELD_OUT_QUESTIONS = (
    "Table {t}: {c}. Give me an SQL statement that returns the average {d} per {b}.",
    "-- {t}({c})\nReturn the {b} of all rows whose {d} is missing. SQLite, one statement.",
    "I have a database with a table called {t} ({c}). What query shows the five {b} with the smallest {d}?",
    "CREATE TABLE {t} ({c}); Count the rows, grouped by {b}, and keep only groups of more than three.",
    "Write SQL: names of {b} in {t} joined with itself on {d}.",
)
DECORATIONS: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "white space": lambda text: "  " + text.replace(" ", "  ") + "\n\n",
    "please": lambda text: f"Please {text}",
    "could you": lambda text: f"Hello! Could you please {text}",
    "thanks": lambda text: f"{text} Thank you very much!",
}
ROUTES = """
routes:
  - {{name: tools, model: none, rules: [{{has: tools}}]}}
  - {{name: code, model: none, kind: python, suites: ["mbpp:601-974"]}}
  - {{name: json, model: none, kind: json, suites: ["json-repair:train", "extraction:train"]}}
  - name: sql
    model: none
    kind: sql
    rules: [{{contains: create table}}, {{contains: sql}}]
    examples: {sql}
"""


def queries(tables: dict[str, str], questions: Sequence[str]) -> list[str]:
    found: list[str] = []
    for table, columns in tables.items():
        first, second, *_ = columns.split(", ")[1:]
        found += [question.format(t=table, c=columns, b=first, d=second) for question in questions]
    return found


def bfcl_tables() -> list[Seen]:
    """Questions to a function that runs queries, without that function."""
    file = files("bfcl_eval").joinpath("data/unused_datasets/question/BFCL_v4_sql.json")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Seen(_last(row["question"])) for row in rows]


def _last(chat: list[Any]) -> str:
    said = chat[-1]
    return _last(said) if isinstance(said, list) else said["content"]


def without_tools(selector: str) -> list[Seen]:
    return [seen_in(task.messages) for task in load_suites([selector])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mbpp", type=Path, required=True, help="MBPP's file of tasks")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    options = parser.parse_args()
    sources = {"mbpp": options.mbpp}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "routes.yaml"
        path.write_text(ROUTES.format(sql=json.dumps(queries(LEARNED_TABLES, LEARNED_QUESTIONS))))
        began = time.process_time()
        place, trained = train_router(path, sources)
        print(f"trained in {time.process_time() - began:.1f} CPU s, {place.stat().st_size / 1024:.0f} KiB")
        print(f"learned {trained.learned}, threshold {trained.threshold:.3f}")
        router = router_of(path, read_routes(path))
        read_classifier(place)
    held: dict[str, dict[str, list[Seen]]] = {
        "code": {
            "mbpp 11-510": [seen_of(task) for task in load_suites(["mbpp:11-510"], sources=sources)],
            "humaneval": [seen_of(task) for task in load_suites(["humaneval"])],
        },
        "json": {
            "json-repair test": [seen_of(task) for task in load_suites(["json-repair:test"])],
            "extraction test": [seen_of(task) for task in load_suites(["extraction:test"])],
        },
        "sql": {
            "queries": [Seen(text) for text in queries(HELD_OUT_TABLES, HELD_OUT_QUESTIONS)],
            "bfcl, out of use": bfcl_tables(),
        },
        "tools": {"bfcl": [seen_of(task) for suite in bfcl_suites() for task in load_suites([suite])]},
        "unknown": {
            suite: without_tools(suite) for suite in ("bfcl:simple_python", "bfcl:live_simple", "bfcl:live_irrelevance")
        },
    }
    figures = leak_matrix(router, held)
    figures["decorated"] = decorated(router, held)
    figures["microseconds"] = speed(router, held)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if figures["known"] >= 0.99 and figures["unknown"] >= 0.95 else 1


def leak_matrix(router: Router, held: dict[str, dict[str, list[Seen]]]) -> dict[str, Any]:
    print("\n| held out | prompts | code | json | sql | tools | unknown | right |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    right: Counter[bool] = Counter()
    total: Counter[bool] = Counter()
    matrix: dict[str, dict[str, int]] = {}
    jobs: list[float] = []
    for route, suites in held.items():
        before = right[False], total[False]
        for suite, prompts in suites.items():
            went = Counter(router.route(seen).route or "unknown" for seen in prompts)
            matrix[suite if route != "unknown" else f"{suite}, no tools"] = dict(went)
            right[route == "unknown"] += went[route]
            total[route == "unknown"] += len(prompts)
            cells = " | ".join(str(went[name]) for name in held)
            name = suite if route != "unknown" else f"{suite}, no tools"
            print(f"| {name} ({route}) | {len(prompts)} | {cells} | {went[route] / len(prompts):.1%} |")
        if route != "unknown":
            jobs.append((right[False] - before[0]) / (total[False] - before[1]))
    known, unknown = (right[which] / total[which] for which in (False, True))
    alike = sum(jobs) / len(jobs)
    print(f"\nfour jobs: {right[False]} of {total[False]} ({known:.2%}); each job weighing the same {alike:.2%}")
    print(f"unknown: {right[True]} of {total[True]} ({unknown:.2%})")
    return {"known": known, "each_job_alike": alike, "unknown": unknown, "matrix": matrix}


def decorated(router: Router, held: dict[str, dict[str, list[Seen]]]) -> dict[str, list[int]]:
    """How many prompts take another route when case, white space or courtesies change."""
    chosen = random.Random(7)
    prompts = [
        seen for suites in held.values() for own in suites.values() for seen in chosen.sample(own, min(len(own), 100))
    ]
    print("\n| changed | prompts | other route |")
    print("|---|---:|---:|")
    counts: dict[str, list[int]] = {}
    for name, change in DECORATIONS.items():
        moved = sum(
            router.route(seen).route != router.route(replace(seen, text=change(seen.text))).route for seen in prompts
        )
        counts[name] = [moved, len(prompts)]
        print(f"| {name} | {len(prompts)} | {moved} |")
    return counts


def speed(router: Router, held: dict[str, dict[str, list[Seen]]]) -> float:
    prompts = [seen_in([Message(role="user", content=seen.text)]) for seen in held["code"]["mbpp 11-510"]]
    began = time.process_time()
    for seen in prompts:
        router.route(seen)
    took = (time.process_time() - began) / len(prompts) * 1e6
    print(f"\n{took:.0f} us of CPU a prompt of {sum(len(seen.text) for seen in prompts) // len(prompts)} characters")
    return round(took)


if __name__ == "__main__":
    sys.exit(main())
