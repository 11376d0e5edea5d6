"""How an answer is decided: one class a kind, and the closed union of them."""

from typing import Annotated

from pydantic import Field

from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.python import PythonCheck

Check = Annotated[PythonCheck | JsonCheck, Field(discriminator="kind")]
