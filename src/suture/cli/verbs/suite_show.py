"""``suture suite show SUITE`` and ``suture suite schema``."""

import json
import shlex
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import SOURCE_HELP, SUITE_HELP, Common, parse_sources
from suture.cli.output import emit
from suture.core.errors import ExitCode, UnknownName, UsageError
from suture.core.measure.signatures import signature_of
from suture.core.measure.task import Message, Task
from suture.suites.catalog import load_suites
from suture.suites.in_words import passes_when
from suture.suites.row_schema import row_schema

_LINES, _WIDTH = 12, 400
"""Of one part of a task, and characters of a line, where several tasks are shown."""
_INDENT = 12


def show(
    suite: Annotated[list[str], Parameter(help=SUITE_HELP)],
    /,
    *,
    task: Annotated[str | None, Parameter(help="Show the task with this id, whole.")] = None,
    limit: Annotated[int, Parameter(help="How many tasks are shown.")] = 3,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Show tasks: the chat that asks, the tools it offers, when an answer passes, and the reference.

    Long parts are cut, and how many lines are left is said; with --task one task is shown whole. With --json every
    field of the tasks is there.

    Example: suture suite show extraction --limit 1
    """
    common = common or Common()
    if limit < 1:
        raise UsageError(f"--limit {limit} shows nothing", mend="--limit 3")
    tasks = load_suites(suite, sources=parse_sources(source))
    if task is not None:
        shown = [found for found in tasks if found.id == task]
        if not shown:
            raise UnknownName("task", task, [found.id for found in tasks])
    else:
        shown = list(tasks[:limit])
    blocks = [_block(each, lines=None if task else _LINES) for each in shown]
    if len(shown) < len(tasks) and task is None:
        named = shlex.join(suite)
        left = len(tasks) - len(shown)
        blocks.append(
            f"{left} more of {len(tasks)} tasks: suture suite show {named} --limit {min(len(tasks), 4 * limit)}\n"
            f"one of them whole: suture suite show {named} --task {shlex.quote(shown[0].id)}"
        )
    result = {"tasks": len(tasks), "shown": [_as_json(each) for each in shown]}
    emit(result, "\n\n".join(blocks), as_json=common.json)
    return int(ExitCode.DONE)


def schema(*, common: Common | None = None) -> int:
    """Print the JSON Schema (2020-12) of a row of your own, for editors and other validators.

    The keys of `check` follow from the row's `kind`. What only shows when a check is tried, such as a pattern that
    does not compile, is said by `suture suite check`.

    Example: suture suite schema
    """
    found = row_schema()
    emit(found, json.dumps(found, indent=2, ensure_ascii=False), as_json=(common or Common()).json)
    return int(ExitCode.DONE)


def _block(task: Task, *, lines: int | None) -> str:
    """One task. Parts with more than ``lines`` lines are cut."""
    tags = ", ".join(task.tags)
    parts: list[tuple[str, str]] = [(message.role, _said(message)) for message in task.messages]
    parts += [("tools", "\n".join(signature_of(tool) for tool in task.tools))]
    parts += [("passes when", passes_when(task))]
    parts += [("reference", "none: it is counted, and not taught" if task.reference is None else task.reference)]
    parts += [("groups", ", ".join(dict.fromkeys(task.groups)))]
    head = "  ".join(part for part in (task.id, task.check.kind, f"[{tags}]" if tags else "") if part)
    return "\n".join([head, *(_part(name, text, lines) for name, text in parts if text.strip())])


def _said(message: Message) -> str:
    calls = [f"calls {call.as_json()}" for call in message.tool_calls]
    said = f"({message.name}) {message.content}" if message.name else message.content
    return "\n".join([*([said] if said.strip() else []), *calls]) or "(nothing)"


def _part(name: str, text: str, most: int | None) -> str:
    lines = text.strip("\n").splitlines()
    if most is not None and len(lines) > most + 1:
        lines = [*lines[:most], f"... and {len(lines) - most} more lines"]
    if most is not None:
        lines = [line if len(line) <= _WIDTH else f"{line[:_WIDTH]}... {len(line):,} characters" for line in lines]
    first, *others = lines
    return "\n".join([f"  {name:<{_INDENT}} {first}", *(f"  {'':<{_INDENT}} {line}".rstrip() for line in others)])


def _as_json(task: Task) -> dict[str, object]:
    return {**task.to_json(), "kind": task.check.kind, "groups": list(task.groups), "passes_when": passes_when(task)}
