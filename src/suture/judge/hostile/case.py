"""One program of the suite, and the file format that many are kept in.

    what the file is about, one line: the family
    === common
    source put before every program that follows
    === name of the case | task echo | fail:wrong
    source of the program

``task`` names one of ``tasks.TASKS`` (``double`` when left out). A verdict key says what the program
must get; without one, a hostile program may get any FAIL and an honest one must pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from suture.core.measure.task import Task
from suture.judge.hostile.hostile_tasks import TASKS

_MARK = "=== "


@dataclass(frozen=True)
class Case:
    """Attributes:
    family: the kind of attack, as the self-test's table groups them.
    key: the verdict it must get; None for any FAIL, so that a PASS is a false PASS.
    """

    family: str
    name: str
    program: str
    task: Task
    key: str | None

    def judged_right(self, key: str) -> bool:
        return key.startswith("fail:") if self.key is None else key == self.key


def parse(text: str, *, honest: bool) -> Iterator[Case]:
    """Raises ``KeyError`` for a task nobody defined."""
    family, *blocks = text.rstrip("\n").split("\n" + _MARK)
    common = ""
    for block in blocks:
        header, _, source = block.partition("\n")
        name, *options = header.split(" | ")
        source += "\n"
        if name == "common":
            common = source
            continue
        task, key = TASKS["double"], "pass" if honest else None
        for option in options:
            if option.startswith("task "):
                task = TASKS[option.removeprefix("task ")]
            else:
                key = option
        yield Case(family.strip(), name, common + source, task, key)
