"""Suture's own scoreboards, as ``suture bench --out`` writes them."""

from typing import Any

from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import sheet_of
from suture.harnesses.opened import Choices, Opened, ResultsReading


def knows(row: dict[str, Any]) -> bool:
    return "pack" in row and "suite_digest" in row


def read(opened: Opened, _choices: Choices) -> ResultsReading:
    (scoreboard,) = opened.parsed(Scoreboard.model_validate)
    return ResultsReading([sheet_of(scoreboard)], {}, board=scoreboard)
