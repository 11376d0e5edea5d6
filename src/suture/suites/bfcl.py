"""The Berkeley Function-Calling Leaderboard, version 4, single turn, from the package ``bfcl-eval`` (Apache-2.0).

Left out: Java and JavaScript (their wanted values are source texts), ``live_relevance`` (any call passes), and
everything that takes several turns.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from suture.core.errors import MissingTool, UnknownName
from suture.core.json_types import is_object
from suture.core.measure.checks.tool_calls import BFCL, ToolCallsCheck
from suture.core.measure.task import AnswerForm, Message, Task
from suture.core.measure.tools import Tool
from suture.machine.installing import pip_install
from suture.suites.kinds.tool_calls.kind import reference_of

CATEGORIES = (
    "simple_python",
    "multiple",
    "parallel",
    "parallel_multiple",
    "irrelevance",
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
    "live_irrelevance",
)
RELEASE = "2026.3.23"
ONE_SHORT_CALL = frozenset({"simple_python", "multiple", "irrelevance", "live_irrelevance"})
"""Categories whose longest reference has 103 of SmolLM2's tokens, or calls nothing."""
ENOUGH_FOR_ONE = 128
"""Tokens of an answer there; a model that cannot call runs on to the end of any number."""
BROKEN = frozenset(
    {
        "live_simple_106-63-0",
        "live_simple_112-68-0",
        "live_multiple_862-181-3",
        "live_multiple_964-207-0",
        "live_multiple_507-149-4",
    }
)
"""References that cannot pass the official rule: a required parameter without an allowed value."""
_TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": None}
"""The data's own words, as JSON Schema has them; ``any`` is a schema without a type."""


def bfcl_suites() -> tuple[str, ...]:
    return tuple(f"bfcl:{category}" for category in CATEGORIES)


@cache
def load_bfcl(category: str) -> tuple[Task, ...]:
    """The tasks of one category, under their official ids.

    Raises:
        MissingTool: the package is not installed, or another release is.
        UnknownName: no such category, or one that is left out.
    """
    if category not in CATEGORIES:
        raise UnknownName("suite", f"bfcl:{category}", bfcl_suites())
    answers = _data() / "possible_answer" / f"BFCL_v4_{category}.json"
    wanted = {row["id"]: row["ground_truth"] for row in _rows(answers)} if answers.exists() else {}
    rows = [row for row in official_rows(category) if row["function"]]
    return tuple(_task(row, wanted.get(row["id"], []), f"bfcl:{category}") for row in rows)


def official_rows(category: str) -> Iterator[dict[str, Any]]:
    """The questions of a category as the package has them."""
    return _rows(_data() / f"BFCL_v4_{category}.json")


def _task(row: Mapping[str, Any], wanted: list[dict[str, Any]], suite: str) -> Task:
    functions = cast("list[dict[str, Any]]", row["function"])
    task = Task(
        id=row["id"],
        suite=suite,
        messages=tuple(Message(role=turn["role"], content=turn["content"]) for turn in row["question"][0]),
        tools=tuple(_tool(json.dumps(function)) for function in functions),
        form=AnswerForm(max_tokens=ENOUGH_FOR_ONE if suite.removeprefix("bfcl:") in ONE_SHORT_CALL else None),
        check=ToolCallsCheck.model_validate({"rule": BFCL, "calls": wanted}),
        origin=f"bfcl-eval {RELEASE}",
        licence="Apache-2.0",
        tags=(suite,),
        groups=tuple(f"function {name}" for call in wanted for name in call),
    )
    return task.model_copy(update={"reference": reference_of(task)})


@cache
def _tool(function: str) -> Tool:
    """By its text: most tasks share their functions with others, and reading a schema is most of reading a task."""
    return Tool.model_validate(tool_in_json_schema(json.loads(function)))


def tool_in_json_schema(tool: Any) -> Any:
    """A definition in OpenAI's form or bare, its parameters as JSON Schema has them; what is none stays as it is."""
    if not is_object(tool):
        return tool
    if is_object(tool.get("function")):
        return {**tool, "function": tool_in_json_schema(tool["function"])}
    return {**tool, "parameters": _json_schema(tool["parameters"])} if "parameters" in tool else tool


def _json_schema(schema: Any) -> Any:
    """A schema in the data's own words for types, as JSON Schema has them; what is no schema stays as it is."""
    if not is_object(schema):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "type":
            word = _TYPES.get(value, value) if isinstance(value, str) else value
            found |= {} if word is None else {"type": word}
        elif key == "properties" and is_object(value):
            found[key] = {name: _json_schema(inner) for name, inner in value.items()}
        elif key == "items":
            found[key] = _json_schema(value)
        elif not (key == "optional" and isinstance(value, bool)):
            found[key] = value
    return found


def _data() -> Path:
    try:
        found = version("bfcl-eval")
    except PackageNotFoundError:
        found = ""
    spec = find_spec("bfcl_eval")
    if found != RELEASE or spec is None or spec.origin is None:
        what = f"is {found}" if found else "is not installed"
        raise MissingTool(
            f"suite bfcl needs the package bfcl-eval {RELEASE}, which {what}",
            mend=pip_install("--no-deps", f"bfcl-eval=={RELEASE}"),
        )
    return Path(spec.origin).parent / "data"


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())
