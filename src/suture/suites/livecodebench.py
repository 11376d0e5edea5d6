"""LiveCodeBench: contest problems, tested through stdin or by calls (Jain et al., 2024, arXiv 2403.07974).

Rows are the official ``code_generation_lite`` JSON lines
(https://huggingface.co/datasets/livecodebench/code_generation_lite); the files are large and are read from a path.
"""

import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from suture.core.errors import MissingTool
from suture.core.measure.checks.python import CallCase, CallCases, PythonCheck, StdinCase, StdinCases
from suture.core.measure.task import Message, Task, fenced
from suture.files.rows import BenchmarkRow, read_rows
from suture.suites.livecodebench_codec import decode_private_tests

PATH_VARIABLE = "SUTURE_LIVECODEBENCH"
ORIGIN = "livecodebench/code_generation_lite"
STDIN = "Read the input from standard input and print the answer."
IMPORTS = """\
from string import *
from re import *
from datetime import *
from collections import *
from heapq import *
from bisect import *
from copy import *
from math import *
from random import *
from statistics import *
from itertools import *
from functools import *
from operator import *
from io import *
from sys import *
from json import *
from builtins import *
from typing import *
import string, re, datetime, collections, heapq, bisect, copy, math, random, statistics, itertools, functools
import operator, io, sys, json
sys.setrecursionlimit(50000)
"""
"""What the official runner puts before each answer (``lcb_runner/evaluation/testing_util.py``, ``import_string``): star
imports, then the same modules by name, so that starter code which names ``List`` runs as it does there."""
CALLS = "Complete this code:\n\n```python\n{starter}\n```"


class LiveCodeBenchRow(BenchmarkRow):
    question_id: str
    question_content: str
    platform: str = ""
    difficulty: str = ""
    starter_code: str = ""
    public_test_cases: str
    private_test_cases: str
    metadata: str = "{}"


class TestCase(BenchmarkRow):
    input: str
    output: str
    testtype: Literal["stdin", "functional"]


_CASES = TypeAdapter(list[TestCase])


def load_livecodebench(path: Path | None = None) -> tuple[Task, ...]:
    """Every task of a ``code_generation_lite`` file: at ``path``, else at ``$SUTURE_LIVECODEBENCH``.

    Raises:
        MissingTool: neither is given.
        BadFile: a broken row, or private tests that are anything but one pickled text; names the line.
    """
    path = path or (Path(os.environ[PATH_VARIABLE]) if os.environ.get(PATH_VARIABLE) else None)
    if path is None:
        mend = f"download a test*.jsonl of {ORIGIN} and set {PATH_VARIABLE} to it"
        raise MissingTool("LiveCodeBench's data is not on this machine", mend=mend)
    return tuple(read_rows(path, livecodebench_task))


def livecodebench_task(row: dict[str, Any]) -> Task:
    """A task from one official row.

    Raises:
        ValueError, BadFile: tests of two types, no tests, no function to call, or tests that cannot be decoded.
    """
    fields = LiveCodeBenchRow.model_validate(row)
    private = fields.private_test_cases
    cases = _CASES.validate_json(fields.public_test_cases) + _CASES.validate_json(
        private if private.lstrip().startswith("[") else decode_private_tests(private)
    )
    kinds = {case.testtype for case in cases}
    if len(kinds) != 1:
        raise ValueError(f"tests of {len(kinds)} types, not of one")
    by_calls = kinds == {"functional"}
    ask = CALLS.format(starter=fields.starter_code.rstrip()) if by_calls else STDIN
    return Task(
        id=f"LiveCodeBench/{fields.question_id}",
        suite="livecodebench",
        messages=(Message(role="user", content=f"{fields.question_content.strip()}\n\n{ask}"),),
        form=fenced("python"),
        check=PythonCheck(
            prelude=IMPORTS,
            entry_point=_function_name(fields.metadata) if by_calls else "",
            tests=_calls(cases) if by_calls else _stdin(cases),
        ),
        official_split="test",
        origin=ORIGIN,
        tags=tuple(tag for tag in ("livecodebench", fields.platform, fields.difficulty) if tag),
    )


def _function_name(metadata: str) -> str:
    name = json.loads(metadata).get("func_name")
    if not isinstance(name, str) or not name:
        raise ValueError("functional tests, but metadata names no func_name")
    return name


def _stdin(cases: list[TestCase]) -> StdinCases:
    return StdinCases(cases=tuple(StdinCase(stdin=case.input, stdout=case.output) for case in cases))


def _calls(cases: list[TestCase]) -> CallCases:
    """``input`` holds one JSON text a line for each argument. A text in it may hold U+2028, which ends no line there
    (``input.split("\\n")`` in ``lcb_runner/evaluation/testing_util.py``)."""
    return CallCases(cases=tuple(CallCase(arguments=_lines(case.input), expected=case.output) for case in cases))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.removesuffix("\n").split("\n")) if text else ()
