"""Recognises, by their keys, files that are often mistaken for results."""

from collections.abc import Mapping
from typing import Any

STRANGERS = (
    (
        {"results", "configs", "versions"},
        "lm-eval's averages; its rows are in samples_*.jsonl",
        "lm_eval --log_samples --output_path results",
    ),
    (
        {"decision", "protected", "candidate_pack"},
        "a gate report, the outcome of a comparison",
        "suture gate BASELINE CANDIDATE",
    ),
    ({"doc_id", "metrics"}, "lm-eval's samples, which are scored already", "suture compare before.jsonl after.jsonl"),
    ({"task_id", "test"}, "tasks, not answers to them", "suture bench MODEL --suite {path}"),
    ({"task_id", "test_list"}, "tasks, not answers to them", "suture bench MODEL --suite {path}"),
    (
        {"question_id", "graded_list"},
        "LiveCodeBench's judged samples",
        "give rows of id (question_id), run and passed (each of graded_list), see docs/ci.md",
    ),
    (
        {"eval", "hash"},
        "results of an evalplus before 0.2",
        "score again with a newer one, or give rows of id and passed (docs/ci.md)",
    ),
    (
        {"eval", "date"},
        "results of another program than evalplus, such as BigCodeBench",
        "give rows of id and passed (docs/ci.md)",
    ),
    ({"question_id", "question_content"}, "tasks, not answers to them", "suture bench MODEL --suite {path}"),
    ({"task_id", "completion"}, "samples that were not judged", "suture judge --suite humaneval {path}"),
    ({"task_id", "solution"}, "samples that were not judged", "suture judge --suite humaneval {path}"),
    ({"messages"}, "chats, as for fine-tuning", None),
    ({"openapi"}, "an OpenAPI description", None),
)
"""Keys that give it away, what it is, and what to do; ``{path}`` stands for the file."""


def stranger(row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Say what an object that is no results seems to be, and what mends it."""
    for keys, what, mend in STRANGERS:
        if keys <= row.keys():
            return what, mend
    keys = list(row)
    return (
        f"an object with keys {', '.join(keys[:6])}{', ...' if len(keys) > 6 else ''}" if keys else "an empty object",
        None,
    )
