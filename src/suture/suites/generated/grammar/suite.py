"""Suite ``grammar``: small Python functions that nobody wrote, each composed of one to three steps and executed.

For lessons and rehearsal: thousands of different tasks with right answers, none of them from a benchmark. The splits
are made by the steps, so that no two of them share a composition.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from suture.core.digest import digest_of
from suture.core.measure.task import Task
from suture.suites.generated.choice import Choices
from suture.suites.generated.grammar.inputs import Given, chosen_input
from suture.suites.generated.grammar.steps import ARGUMENT, STEPS, Step, Value
from suture.suites.mbpp import mbpp_task

NAME = "grammar"
SEED = 1
TASKS = 4000
TESTS, TRIES = 3, 6
"""Shown and deciding; and inputs by which two functions are told apart."""
LONGEST = 120
"""Characters of a shown value."""
SPLITS = ("train",) * 8 + ("validation", "test")
ENDS = (Value.COUNT, Value.TRUTH)


class Composed(NamedTuple):
    """Steps with their constants."""

    steps: tuple[Step, ...]
    constants: tuple[int | str, ...]

    @property
    def name(self) -> str:
        parts = [
            step.name + (f"_{k}" if isinstance(k, int) else "")
            for step, k in zip(self.steps, self.constants, strict=True)
        ]
        return f"{'_'.join(parts)}_of_{ARGUMENT[self.takes]}"

    @property
    def takes(self) -> Value:
        return self.steps[0].takes


@cache
def load_grammar(*, count: int = TASKS, seed: int = SEED) -> tuple[Task, ...]:
    """The first ``count`` tasks of a seed. Equal seeds give equal tasks, byte for byte; more contain fewer."""
    tasks = _tasks(seed)
    return tuple(next(tasks) for _ in range(count))


def _tasks(seed: int) -> Iterator[Task]:
    choices, asked, behaviours = Choices(NAME, seed), set[str](), set[str]()
    number = 0
    while True:
        composed = _composed(choices)
        inputs = [chosen_input(composed.takes, choices) for _ in range(TRIES)]
        code, said = _code(composed), _said(composed)
        outputs = _outputs(code, composed.name, inputs)
        if said in asked or not _worth_asking(inputs, outputs) or not _each_step_counts(composed, inputs):
            continue
        behaviour = digest_of(_outputs(code, composed.name, _probes(composed.takes)))
        if behaviour in behaviours:
            continue
        asked.add(said)
        behaviours.add(behaviour)
        shown = list(zip(inputs, outputs, strict=True))[:TESTS]
        yield _task(number, composed, code, said, shown).model_copy(update={"origin": f"generated, seed {seed}"})
        number += 1


def _composed(choices: Choices) -> Composed:
    """One to three steps, each taking what the one before gives."""
    wanted = choices.pick((1, 2, 2, 3, 3, 3))
    steps = [choices.pick([step for step in STEPS if step.takes in ARGUMENT])]
    while len(steps) < wanted and steps[-1].gives not in ENDS:
        following = [step for step in STEPS if step.takes is steps[-1].gives and step not in steps]
        steps.append(choices.pick(following))
    constants = tuple(choices.pick(step.constants) if step.constants else "" for step in steps)
    return Composed(tuple(steps), constants)


def _code(composed: Composed) -> str:
    """One expression a line; an operand that is used more than once is a name."""
    argument = ARGUMENT[composed.takes]
    lines, x = list[str](), argument
    for step, k in zip(composed.steps[:-1], composed.constants[:-1], strict=True):
        lines.append(f"    {_result(step)} = {step.code.format(x=x, k=k)}")
        x = _result(step)
    last = composed.steps[-1].code.format(x=x, k=composed.constants[-1])
    return "\n".join([f"def {composed.name}({argument}):", *lines, f"    return {last}"])


def _result(step: Step) -> str:
    return ARGUMENT.get(step.gives, "result")


def _said(composed: Composed) -> str:
    parts = [step.says.format(k=k) for step, k in zip(composed.steps, composed.constants, strict=True)]
    *before, last = parts
    if composed.steps[-1].gives in ENDS:
        way = f" and {', then '.join(before)}" if before else ""
        return f"Write a function to take {composed.takes.value}{way}, and return {last}."
    way = ", then ".join(parts)
    return f"Write a function to take {composed.takes.value}, {way}, and return the result."


def _outputs(code: str, name: str, inputs: list[Given]) -> list[Any]:
    """Run the function, which is made of this module's own steps and of nothing else."""
    scope: dict[str, Any] = {}
    exec(compile(code, NAME, "exec"), scope)  # noqa: S102 - see above
    return [scope[name](given) for given in inputs]


def _worth_asking(inputs: list[Given], outputs: list[Any]) -> bool:
    """Something happens, not always the same, and it can be shown."""
    shown = [repr(output) for output in outputs]
    if max(map(len, shown)) > LONGEST or all(a == b for a, b in zip(inputs, outputs, strict=True)):
        return False
    return len(set(shown[:TESTS])) > 1 and sum(output in ([], "", 0) for output in outputs[:TESTS]) < TESTS - 1


def _each_step_counts(composed: Composed, inputs: list[Given]) -> bool:
    """Whether every step changes what it is given, for some input."""
    values: list[Any] = list(inputs)
    for step, k in zip(composed.steps, composed.constants, strict=True):
        compute = _computing(step, k)
        after = [compute(value) for value in values]
        if after == values:
            return False
        values = after
    return True


@cache
def _computing(step: Step, k: int | str) -> Callable[[Any], Any]:
    return eval(f"lambda x: {step.code.format(x='x', k=k)}")  # noqa: S307 - a step of this module's table


@cache
def _probes(value: Value) -> list[Given]:
    """The same for all functions, so that two that do the same are told."""
    choices = Choices(NAME, "probes", value.name)
    return [chosen_input(value, choices) for _ in range(TRIES)]


def _task(number: int, composed: Composed, code: str, said: str, shown: list[tuple[Given, Any]]) -> Task:
    """Tasks of the same steps belong together, whatever their constants."""
    steps = " ".join(step.name for step in composed.steps)
    row = {
        "task_id": number,
        "text": said,
        "code": code + "\n",
        "test_list": [f"assert {composed.name}({given!r}) == {output!r}" for given, output in shown],
    }
    task = mbpp_task(row, suite=NAME, origin="", licence="CC0-1.0", prefix=NAME)
    part = int(digest_of(steps)[:8], 16) % len(SPLITS)
    tags = (NAME, f"{NAME}:{len(composed.steps)}")
    return task.model_copy(update={"official_split": SPLITS[part], "groups": (f"{NAME} {steps}",), "tags": tags})
