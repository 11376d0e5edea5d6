"""JUnit XML, as pytest, Jest, Go's and most other test runners write it: one test case is one task.

A ``failure`` is a fail and an ``error`` is no verdict. A skipped case was not measured and is left out. The same case
again, as retries give it, is a repeated measurement.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

from suture.core.digest import digest_of
from suture.core.errors import BadFile
from suture.core.measure.sheet import SheetEntry
from suture.core.measure.verdict import Reason, Verdict
from suture.files.rows import Located
from suture.harnesses.opened import PASSED, Choices, Opened, ResultsReading, failed, in_runs, without_verdict

MARK = "junit testcase"
"""The key under which a case stands as a row."""
MEND = "write it again: pytest --junitxml=FILE"


def is_junit(head: bytes) -> bool:
    """Tell from a file's first bytes whether it is JUnit's XML."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"<testsuites", b"<testsuite")) or (start.startswith(b"<?xml") and b"<testsuite" in start)


def rows_of_xml(path: Path) -> list[Located]:
    """Every test case as a row. Raises BadFile: no XML, a document with a DTD, or no test case in it."""
    found = _Cases(path)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = found.begin, found.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = found.text, found.refuse
    try:
        parser.Parse(path.read_bytes(), True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise BadFile(f"{path}, line {error.lineno}: not well-formed XML ({why})", mend=MEND) from None
    if not found.rows:
        raise BadFile(f"{path}: JUnit XML without one test case", mend=MEND)
    return found.rows


class _Cases:
    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, list[Located]()
        self._suites: list[str] = []
        self._case: dict[str, Any] | None = None
        self._inside = ""

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "testsuite":
            self._suites.append(attributes.get("name", ""))
        elif name == "testcase":
            suite = attributes.get("classname") or (self._suites[-1] if self._suites else "")
            self._case = {"name": attributes.get("name", ""), "suite": suite, "result": "passed", "detail": ""}
        elif self._case is not None and name in ("failure", "error", "skipped"):
            self._case["result"] = name
            self._case["detail"] = attributes.get("message", "")
        self._inside = name

    def text(self, data: str) -> None:
        if self._case is not None and self._inside == "system-out":
            self._case["answer"] = self._case.get("answer", "") + data

    def end(self, name: str) -> None:
        self._inside = ""
        if name == "testsuite" and self._suites:
            self._suites.pop()
        elif name == "testcase" and self._case is not None:
            self.rows.append(Located(f"{self.path}, test case {len(self.rows) + 1}", {MARK: self._case}))
            self._case = None

    def refuse(self, *_: object) -> None:
        raise BadFile(f"{self.path}: XML with a DTD, which results of tests do not need", mend=MEND)


def knows(row: Mapping[str, Any]) -> bool:
    return MARK in row


def read(opened: Opened, _choices: Choices) -> ResultsReading:
    cases = [located.row[MARK] for located in opened.rows]
    measured = [case for case in cases if case["result"] != "skipped"]
    if not measured:
        raise BadFile(f"{opened.path}: every test case was skipped", mend=MEND)
    entries = [_entry(case) for case in measured]
    skipped = len(cases) - len(measured)
    notes = (f"{skipped} skipped cases are left out",) if skipped else ()
    return ResultsReading(in_runs(entries, opened.sha256, [opened.sha256], {"harness": "junit"}), {}, notes)


def _entry(case: Mapping[str, Any]) -> SheetEntry:
    suite = case["suite"] or "junit"
    task_id = f"{case['suite']}::{case['name']}" if case["suite"] else str(case["name"])
    return SheetEntry(task_id, digest_of(task_id), _verdict(case), suite, answer=str(case.get("answer", "")))


def _verdict(case: Mapping[str, Any]) -> Verdict:
    if case["result"] == "error":
        return without_verdict(case["detail"])
    return PASSED if case["result"] == "passed" else failed(Reason.WRONG, case["detail"])
