"""OpenAI's evals: the log of the ``oaieval`` program, and the output items of the Evals API.

A log is events, one a line: ``match`` says whether a sample was right, ``sampling`` what was asked and answered,
``error`` that nothing came of it. An output item carries the results of all its graders: it passes when they all do.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from suture.core.digest import digest_of
from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object
from suture.core.measure.sheet import SheetEntry
from suture.core.measure.verdict import Reason, Verdict
from suture.files.rows import Located
from suture.harnesses.opened import PASSED, Choices, Opened, ResultsReading, failed, id_of, in_runs, without_verdict

ITEM = "eval.run.output_item"


def knows(row: Mapping[str, Any]) -> bool:
    return _is_item(row) or _is_list(row) or _is_event(row) or (bool(row) and row.keys() <= {"spec", "final_report"})


def read(opened: Opened, _choices: Choices) -> ResultsReading:
    """Raises BadFile: no sample in it was decided."""
    items = list(_items(opened.rows))
    entries = [_of_item(item) for item in items] if items else list(_of_events(opened.rows))
    if not entries:
        said = f"{opened.path}: no sample was decided: no `match` event, and no output item"
        raise BadFile(said, mend="oaieval MODEL EVAL")
    return ResultsReading(in_runs(entries, opened.sha256, [opened.sha256], {"harness": "openai-evals"}), {})


def _is_item(row: Mapping[str, Any]) -> bool:
    return row.get("object") == ITEM


def _is_list(row: Mapping[str, Any]) -> bool:
    data = row.get("data")
    return row.get("object") == "list" and is_list(data) and any(is_object(one) and _is_item(one) for one in data)


def _is_event(row: Mapping[str, Any]) -> bool:
    return {"run_id", "event_id", "type", "data"} <= row.keys()


def _items(rows: Any) -> Iterator[dict[str, Any]]:
    for located in rows:
        if _is_item(located.row):
            yield located.row
        elif _is_list(located.row):
            yield from (one for one in located.row["data"] if is_object(one))


def _of_item(item: Mapping[str, Any]) -> SheetEntry:
    asked = item.get("datasource_item")
    task_id = id_of(item.get("datasource_item_id")) or str(item.get("id"))
    results = [result for result in item.get("results") or () if is_object(result)]
    sample = item.get("sample")
    said = "\n".join(_texts(sample.get("output"))) if is_object(sample) else ""
    if item.get("status") in ("error", "errored") or not results or (is_object(sample) and sample.get("error")):
        verdict = without_verdict("the run had an error")
    elif all(result.get("passed") is True for result in results):
        verdict = PASSED
    else:
        verdict = _wrong(said)
    return SheetEntry(task_id, digest_of([task_id, asked]), verdict, "openai-evals", answer=said)


def _texts(messages: Any) -> Iterator[str]:
    for message in messages if is_list(messages) else ():
        content = message.get("content") if is_object(message) else message
        if isinstance(content, str):
            yield content


def _of_events(rows: Any) -> Iterator[SheetEntry]:
    """A sample with several ``match`` events passes when all do, as where several answers are wanted at once."""
    matches: dict[str, list[bool]] = {}
    prompts: dict[str, Any] = {}
    answers: dict[str, str] = {}
    errors: dict[str, str] = {}
    for located in rows:
        row, sample = located.row, located.row.get("sample_id")
        if not isinstance(sample, str) or not is_object(row.get("data")):
            continue
        data, event = row["data"], row.get("type")
        if event == "match":
            matches.setdefault(sample, []).append(_correct(data, located))
            answers.setdefault(sample, _answer(data.get("sampled")))
        elif event == "sampling":
            prompts.setdefault(sample, data.get("prompt"))
            answers[sample] = _answer(data.get("sampled"))
        elif event == "error":
            errors[sample] = str(data.get("message"))
    for sample in dict.fromkeys([*matches, *errors]):
        verdict = without_verdict(errors[sample]) if sample not in matches else None
        if verdict is None:
            verdict = PASSED if all(matches[sample]) else _wrong(answers[sample])
        suite = sample.partition(".")[0]
        yield SheetEntry(
            sample, digest_of([sample, prompts.get(sample)]), verdict, suite, answer=answers.get(sample, "")
        )


def _correct(data: Mapping[str, Any], located: Located) -> bool:
    correct = data.get("correct")
    if not isinstance(correct, bool):
        raise BadFile(f"{located.at}: a match whose `correct` is {correct!r}", mend="give the log as oaieval wrote it")
    return correct


def _answer(sampled: Any) -> str:
    if is_list(sampled):
        return "\n".join(str(one) for one in sampled)
    return "" if sampled is None else str(sampled)


def _wrong(answer: str) -> Verdict:
    return failed(Reason.WRONG if answer.strip() else Reason.NO_ANSWER)
