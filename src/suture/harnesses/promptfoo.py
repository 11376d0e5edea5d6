"""promptfoo's results: ``promptfoo eval -o results.json``, or ``.jsonl``, one result a line.

A file may hold several providers and prompts; one column of its table, a provider under a prompt, is one side. The same
test again (``--repeat``) is a repeated measurement. An error of the provider is no verdict. Files of version 2 number
neither columns nor tests: there the provider and the prompt's label are a column, and the variables are the test.
"""

import json
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from pydantic import Field, JsonValue, model_validator

from suture.core.digest import digest_of
from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object
from suture.core.measure.sheet import SheetEntry
from suture.core.measure.verdict import Reason, Verdict
from suture.files.rows import BenchmarkRow
from suture.harnesses.lm_eval import topics
from suture.harnesses.opened import PASSED, Choices, Opened, ResultsReading, failed, in_runs, take, without_verdict

ERROR = 2
"""``ResultFailureReason.ERROR`` (``src/types/index.ts``); 1 is a failed assertion."""
_LONGEST_NAME = 60


class Provider(BenchmarkRow):
    id: str = ""
    label: str = ""


class Prompt(BenchmarkRow):
    raw: str = ""
    label: str = ""
    display: str = ""


class PromptfooTest(BenchmarkRow):
    description: str | None = None
    vars: dict[str, JsonValue] = Field(default_factory=dict)
    tests: JsonValue = Field(default=None, alias="assert")
    threshold: float | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)

    @property
    def digest(self) -> str:
        asked = {name: value for name, value in self.vars.items() if name != "sessionId"}
        return digest_of([self.description, asked, self.tests, self.threshold])

    @property
    def name(self) -> str:
        told = self.description or ", ".join(f"{name}={_text(value)}" for name, value in self.vars.items()) or "test"
        told = " ".join(told.split())
        return told if len(told) <= _LONGEST_NAME else told[: _LONGEST_NAME - 3] + "..."


class PromptfooResult(BenchmarkRow):
    promptIdx: int | None = None  # noqa: N815 - promptfoo's spelling
    testIdx: int = 0  # noqa: N815
    provider: Provider = Provider()
    prompt: Prompt = Prompt()
    test: PromptfooTest = Field(default_factory=PromptfooTest, alias="testCase")
    success: bool
    failureReason: int | None = None  # noqa: N815
    error: str | None = None
    graded: dict[str, Any] | None = Field(default=None, alias="gradingResult")
    response: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_version_2(cls, row: Any) -> Any:
        if not is_object(row) or "testCase" in row or not is_object(row.get("vars")):
            return row
        named = {"provider": {"id": row["provider"]}} if isinstance(row.get("provider"), str) else {}
        return {**row, **named, "testCase": {"vars": row["vars"]}}


_VERSION_2 = frozenset({"provider", "prompt", "vars", "success"})


def knows(row: dict[str, Any]) -> bool:
    by_row = "success" in row and ("testCase" in row or row.keys() >= _VERSION_2)
    return by_row or isinstance(_table(row), list)


def read(opened: Opened, choices: Choices) -> ResultsReading:
    path = opened.path
    rows = _table(opened.rows[0].row)
    results = opened.parsed(PromptfooResult.model_validate) if rows is None else _nested(rows, opened)
    if not results:
        raise BadFile(f"{path}: results of promptfoo without one result", mend="promptfoo eval -o results.json")
    results = _numbered(results)
    columns = _columns(results)
    provider = take("provider", choices.provider, tuple(dict.fromkeys(p for p, _ in columns.values())), path)
    prompts = tuple(dict.fromkeys(prompt for named, prompt in columns.values() if named == provider.name))
    prompt = take("prompt", choices.prompt, prompts, path)
    column = {index for index, names in columns.items() if names == (provider.name, prompt.name)}
    chosen = sorted((r for r in results if r.promptIdx in column), key=lambda result: result.testIdx)
    subject = digest_of([opened.sha256, provider.name, prompt.name])
    sheets = in_runs(list(_entries(chosen)), subject, [subject], {"harness": "promptfoo"})
    return ResultsReading(sheets, {"provider": provider, "prompt": prompt}, tuple(_notes(chosen)))


def _table(row: dict[str, Any]) -> list[Any] | None:
    """The results inside a whole file; None for a row of a ``.jsonl``."""
    table = row.get("results")
    found = table.get("results") if is_object(table) else None
    return found if is_list(found) else None


def _nested(rows: Sequence[Any], opened: Opened) -> list[PromptfooResult]:
    inside = Opened(opened.path, [opened.rows[0]._replace(row=row) for row in rows], opened.sha256)
    return inside.parsed(PromptfooResult.model_validate)


def _numbered(results: Sequence[PromptfooResult]) -> list[PromptfooResult]:
    """With the number of its column in each. Without a label a prompt is told by nothing: its text has the test's
    variables in it."""
    seen: dict[tuple[str, str], int] = {}
    found: list[PromptfooResult] = []
    for result in results:
        named = (result.provider.label or result.provider.id, result.prompt.label or result.prompt.display)
        number = seen.setdefault(named, len(seen)) if result.promptIdx is None else result.promptIdx
        found.append(result.model_copy(update={"promptIdx": number}))
    return found


def _columns(results: Sequence[PromptfooResult]) -> dict[int, tuple[str, str]]:
    """Provider and prompt of each column by its number; two providers of one name are told apart by it."""
    found: dict[int, tuple[str, str]] = {}
    for column, result in sorted(((result.promptIdx or 0, result) for result in results), key=itemgetter(0)):
        provider = result.provider.label or result.provider.id
        prompt = " ".join((result.prompt.label or result.prompt.display or result.prompt.raw).split())
        number = 1
        name = provider
        while any(index != column and known == (name, prompt) for index, known in found.items()):
            number += 1
            name = f"{provider} #{number}"
        found.setdefault(column, (name, prompt))
    return found


def _entries(results: Sequence[PromptfooResult]) -> Iterator[SheetEntry]:
    names: dict[str, str] = {}
    for result in results:
        digest = result.test.digest
        if digest not in names:
            alike = sum(name.partition(" #")[0] == result.test.name for name in names.values())
            names[digest] = f"{result.test.name} #{alike + 1}" if alike else result.test.name
        yield SheetEntry(
            task_id=names[digest],
            digest=digest,
            verdict=_verdict(result),
            suite="promptfoo",
            tags=topics(result.test.metadata),
            answer=_answer(result),
        )


def _verdict(result: PromptfooResult) -> Verdict:
    if _is_error(result):
        return without_verdict(f"error: {(result.error or '').partition(chr(10))[0]}")
    if result.success:
        return PASSED
    return failed(Reason.WRONG if _answer(result).strip() else Reason.NO_ANSWER)


def _is_error(result: PromptfooResult) -> bool:
    """Older files name no reason; what was not graded was not answered."""
    return result.failureReason == ERROR or bool(result.failureReason is None and result.error and not result.graded)


def _answer(result: PromptfooResult) -> str:
    output = (result.response or {}).get("output")
    return "" if output is None else _text(output)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _notes(results: Sequence[PromptfooResult]) -> Iterator[str]:
    if errors := sum(_is_error(result) for result in results):
        yield f"{errors} results are errors and have no verdict"
    if untested := sum(not result.test.tests for result in results):
        yield f"{untested} tests assert nothing and always pass"
