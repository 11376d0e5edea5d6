"""How an answer is decided: one class a kind, and the closed union of them."""

from typing import Annotated

from pydantic import Field

from suture.core.measure.checks.grader import GraderCheck
from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.checks.sql import SqlCheck
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.checks.tool_calls import ToolCallsCheck

Check = Annotated[
    PythonCheck | JsonCheck | TextCheck | SqlCheck | GraderCheck | ToolCallsCheck, Field(discriminator="kind")
]
