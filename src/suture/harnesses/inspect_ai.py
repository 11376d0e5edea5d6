"""inspect_ai's logs: JSON, as ``inspect log convert --to json`` writes it, or ``.eval``, a zip archive of JSON files.

Epochs are repeated measurements. A sample with an error, stopped before it was scored, or left unscored has no verdict.
"""

import json
import math
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue

from suture.core.digest import digest_of
from suture.core.errors import BadFile, UsageError
from suture.core.measure.sheet import SheetEntry
from suture.core.measure.verdict import Reason, Verdict
from suture.files.rows import BenchmarkRow
from suture.harnesses.lm_eval import topics
from suture.harnesses.opened import (
    PASSED,
    Choices,
    Opened,
    ResultsReading,
    Taken,
    failed,
    in_runs,
    take,
    without_verdict,
)

RIGHT: dict[object, bool] = {
    **{1: True, "c": True, "yes": True, "true": True, "1": True},
    **{0: False, "i": False, "n": False, "no": False, "false": False, "0": False},
}
"""What values mean, text in lower case, as ``inspect_ai.scorer.value_to_float`` reads them."""
PARTLY, NO_ANSWER = "p", "n"
CUT_OFF = ("max_tokens", "model_length")
"""Stop reasons of an answer that ran out of tokens."""


class Score(BenchmarkRow):
    value: JsonValue = None
    answer: str | None = None


class Stopped(BenchmarkRow):
    """What ended a sample early: an error, or a limit and its kind."""

    message: str = ""
    type: str = ""


class InspectSample(BenchmarkRow):
    id: int | str
    epoch: int = 1
    input: JsonValue = ""
    target: JsonValue = ""
    choices: JsonValue = None
    output: dict[str, Any] = Field(default_factory=dict)
    scores: dict[str, Score] | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    attachments: dict[str, str] = Field(default_factory=dict)
    error: Stopped | None = None
    limit: Stopped | None = None
    invalidation: dict[str, Any] | None = None


class InspectDataset(BenchmarkRow):
    sample_ids: tuple[int | str, ...] | None = None


class Spec(BenchmarkRow):
    task: str
    dataset: InspectDataset = InspectDataset()


class Log(BenchmarkRow):
    status: str
    eval: Spec
    samples: tuple[InspectSample, ...] | None = None


def knows(row: dict[str, Any]) -> bool:
    return isinstance(row.get("eval"), dict) and ("task" in row["eval"] or "status" in row)


def read(opened: Opened, choices: Choices) -> ResultsReading:
    """Raises UsageError: the scorer's values are neither right nor wrong."""
    path = opened.path
    (log,) = opened.parsed(Log.model_validate)
    if not log.samples:
        said = f"{path}: a log of inspect_ai without samples (its status is {log.status})"
        raise BadFile(said, mend="run it again, without --no-log-samples")
    scorers = tuple(dict.fromkeys(name for sample in log.samples for name in sample.scores or {}))
    if not scorers:
        raise BadFile(f"{path}: a log of inspect_ai in which nothing is scored", mend=f"inspect score {path}")
    taken = {"scorer": take("scorer", choices.scorer, scorers, path)}
    scorer = taken["scorer"].name
    taken |= _metric(log.samples, scorer, choices.metric, path)
    key = taken["metric"].name if "metric" in taken else None
    suite = log.eval.task.rpartition("/")[2]
    entries = [_entry(sample, suite, scorer, key, path) for sample in sorted(log.samples, key=lambda s: s.epoch)]
    instrument = {"harness": "inspect_ai", "suite": suite, **{option: t.name for option, t in taken.items()}}
    named = [opened.sha256, scorer, *([key] if key else [])]
    return ResultsReading(in_runs(entries, opened.sha256, named, instrument), taken, tuple(_notes(log, scorer, key)))


def rows_of_archive(path: Path) -> dict[str, Any]:
    """An ``.eval`` file as the one object that its JSON form is.

    Raises:
        BadFile: no log, cut off, or compressed in a way that this Python cannot unpack.
    """
    mend = f"inspect log convert {path} --to json --output-dir {path.parent}"
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            head = next((name for name in ("header.json", "_journal/start.json") if name in names), None)
            if head is None:
                raise BadFile(f"{path}: a zip archive, and no log of inspect_ai", mend=f"unzip {path}")
            samples = [json.loads(archive.read(n)) for n in names if re.fullmatch(r"samples/[^/].*\.json", n)]
            return {"status": "started", **json.loads(archive.read(head)), "samples": samples}
    except (NotImplementedError, RuntimeError):
        version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        raise BadFile(
            f"{path}: a log of inspect_ai, compressed as {version} cannot unpack it (Zstandard)", mend=mend
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RecursionError, OSError) as error:
        raise BadFile(f"{path}: a log of inspect_ai that is cut off or damaged ({error})", mend=mend) from None


def _metric(samples: Sequence[InspectSample], scorer: str, wanted: str | None, path: Path) -> dict[str, Taken]:
    """Of a scorer that gives several values by name, the one to take."""
    values = [sample.scores[scorer].value for sample in samples if sample.scores and scorer in sample.scores]
    keys = tuple(dict.fromkeys(key for value in values if isinstance(value, dict) for key in value))
    if not keys and wanted is not None:
        raise UsageError(f"{path}: scorer {scorer} gives one value, without names", mend="leave --metric out")
    return {"metric": take("metric", wanted, keys, path)} if keys else {}


def _entry(sample: InspectSample, suite: str, scorer: str, key: str | None, path: Path) -> SheetEntry:
    name = str(sample.id)
    asked = [_plain(sample.input, sample), _plain(sample.target, sample), sample.choices]
    return SheetEntry(
        task_id=name if "/" in name else f"{suite}/{name}",
        digest=digest_of(asked),
        verdict=_verdict(sample, scorer, key, path),
        suite=suite,
        tags=topics(sample.metadata),
        answer=_answer(sample, scorer),
    )


def _verdict(sample: InspectSample, scorer: str, key: str | None, path: Path) -> Verdict:
    if sample.error is not None:
        return without_verdict(f"error: {sample.error.message}")
    if sample.invalidation is not None:
        return without_verdict("invalidated")
    value = _value(sample, scorer, key)
    if value is None:
        return without_verdict(f"stopped by its limit: {sample.limit.type}" if sample.limit else "not scored")
    if value != PARTLY and value not in RIGHT:
        told = f"{scorer}{f' ({key})' if key else ''}"
        raise UsageError(
            f"{path}: sample {sample.id}: scorer {told} says {value!r}, which is neither right nor wrong",
            mend="name a scorer whose values are C and I, or 1 and 0: --scorer, --metric",
        )
    return PASSED if RIGHT.get(value) else failed(*_why(sample, scorer, value))


def _why(sample: InspectSample, scorer: str, value: object) -> tuple[Reason, str]:
    choices: list[dict[str, Any]] = sample.output.get("choices") or [{}]
    if choices[0].get("stop_reason") in CUT_OFF:
        return Reason.TRUNCATED, ""
    if value == NO_ANSWER or not _answer(sample, scorer).strip():
        return Reason.NO_ANSWER, ""
    return Reason.WRONG, "partly correct" if value == PARTLY else ""


def _value(sample: InspectSample, scorer: str, key: str | None) -> str | float | None:
    """One value, text in lower case; None for what was not scored, which inspect_ai also writes as NaN."""
    score = (sample.scores or {}).get(scorer)
    value = score.value if score else None
    if isinstance(value, dict):
        value = value.get(key or "")
    if isinstance(value, float) and math.isnan(value):
        return None
    return json.dumps(value) if isinstance(value, list | dict) else value.lower() if isinstance(value, str) else value


def _answer(sample: InspectSample, scorer: str) -> str:
    text = sample.output.get("completion")
    score = (sample.scores or {}).get(scorer)
    return _resolved(text if isinstance(text, str) and text else (score.answer if score else None) or "", sample)


def _plain(content: JsonValue, sample: InspectSample) -> JsonValue:
    """What was asked, without the ids that every run makes anew: texts, and the roles of messages."""
    if isinstance(content, str):
        return _resolved(content, sample)
    if isinstance(content, list):
        return [_plain(part, sample) for part in content]
    if isinstance(content, dict):
        kept = ("role", "content", "type", "text", "image", "audio", "video", "name", "arguments")
        return {name: _plain(content[name], sample) for name in kept if name in content}
    return content


def _resolved(text: str, sample: InspectSample) -> str:
    """Long texts may stand elsewhere in the sample, under their hash."""
    return re.sub(r"attachment://(\w+)", lambda found: sample.attachments.get(found[1], found[0]), text)


def _notes(log: Log, scorer: str, key: str | None) -> Iterator[str]:
    samples = log.samples or ()
    if log.status != "success":
        yield f"its status is {log.status}"
    if never := set(log.eval.dataset.sample_ids or ()) - {sample.id for sample in samples}:
        yield f"{len(never)} of {len(log.eval.dataset.sample_ids or ())} samples were never run"
    if errors := sum(sample.error is not None for sample in samples):
        yield f"{errors} samples ended in an error and have no verdict"
    if partly := sum(_value(sample, scorer, key) == PARTLY for sample in samples):
        yield f"{partly} partly correct answers (P) count as failed"
