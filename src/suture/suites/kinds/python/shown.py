"""The check that a prompt for a program carries in itself: its examples, its signature, the helpers it gives."""

import re

from suture.core.measure.asked import Asked
from suture.core.measure.checks.python import Assertions, Limits, PythonCheck
from suture.core.measure.grounds import Grounds
from suture.suites.kinds.kind import Shown
from suture.suites.kinds.python.asked_function import given_in, leaves_methods, wanted_in
from suture.suites.kinds.python.code_in_prompt import code_in
from suture.suites.kinds.python.example_statements import setup_of
from suture.suites.kinds.python.prompt_doubts import agreeing, prints_only
from suture.suites.kinds.python.prompt_examples import MOST, assertions_in, examples_in

LIMITS = Limits(cpu_s=5.0, wall_s=10.0)
MOST_LETTERS = 64 * 1024
"""Of a prompt that is searched for examples."""
_READS_INPUT = re.compile(
    r"\b(?:stdin|standard\s+input)\b|\binput\(\)|^\W*(?:input\s+format|sample\s+input)\b", re.IGNORECASE | re.MULTILINE
)
"""Of a task for a script, whose text may define functions that nobody is to write."""
_ASKS_ITSELF = re.compile(r"`|\(|_|\b(?:function|method|class|program|def|named|called)\b", re.IGNORECASE)
"""Of a message that says what is to be written, and leaves it to nobody."""


def shown_check(asked: Asked) -> Shown | None:
    """Examples where the last message shows any; else only that the program can be loaded, and defines what was asked
    for. What the system says holds where it is about a function that the last message names, or leaves to it. None
    where no name is given to what is to be written, and for prompts beyond all size: examples are at most a few."""
    if sum(map(len, asked.texts)) > MOST_LETTERS:
        return None
    try:
        last, *system = asked.texts or ("",)
        if (found := _shown_in(last)) is not None:
            return found
        return next((one for text in system if (one := _shown_in(text)) is not None and _is_about(one, last)), None)
    except RecursionError:  # nested beyond what can be written again
        return None


def _is_about(shown: Shown, last: str) -> bool:
    """Whether a message asks for this function: it names it, or leaves what is to be written to others."""
    name = shown.check.entry_point if isinstance(shown.check, PythonCheck) else ""
    return name in re.findall(r"\w+", last) or not _ASKS_ITSELF.search(last)


def _shown_in(text: str) -> Shown | None:
    blocks, prose = code_in(text)
    if _READS_INPUT.search(prose) or any(map(leaves_methods, blocks)):
        return None
    wanted = wanted_in(blocks, prose)
    if wanted is None:
        return None
    statements = [statement for block in blocks for statement in assertions_in(block, wanted.name)]
    if not prints_only(text):
        statements += examples_in(wanted.docstring, wanted.name, wanted.parameters, raw=wanted.raw)
        statements += examples_in(prose, wanted.name, wanted.parameters)
    statements = agreeing(dict.fromkeys(statements), text)[:MOST]
    check = PythonCheck(
        given=wanted.given if wanted.stub else given_in(blocks, wanted.name),
        stub=wanted.stub,
        entry_point=wanted.name,
        tests=Assertions(setup=setup_of(statements), statements=tuple(statements) or ("pass",)),
        limits=LIMITS,
    )
    return Shown(check, Grounds.EXAMPLES if statements else Grounds.FORM)
