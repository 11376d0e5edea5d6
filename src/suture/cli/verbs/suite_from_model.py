"""``suture suite from-model MODEL``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.engine_help import names_engines
from suture.cli.flags import flags_of
from suture.cli.made_tasks import require_tasks_file, write_made
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import ENGINE_FLAGS, SOURCE_HELP, Common, Judging, parse_sources
from suture.cli.progress import open_progress
from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.loop.task_writing import Drawing
from suture.loop.teacher import Lecture
from suture.wiring.suite_from_model import suite_from_model


@names_engines
def from_model(
    model: Annotated[str, Parameter(help=MODEL_HELP)],
    /,
    *,
    out: Annotated[Path, Parameter(help="Where the tasks go, one JSON object a line.")],
    like: Annotated[list[str], Parameter(help="Suites whose tasks are shown as examples; nothing that is held out.")],
    count: Annotated[int, Parameter(help="How often the model is asked for a task.")] = 200,
    answers: Annotated[int, Parameter(help="Answers that it gives to each, the first of them greedy.")] = 4,
    agree: Annotated[int, Parameter(help="How many of these have to pass the tests that it wrote.")] = 2,
    temperature: Annotated[float, Parameter(help="Of what is drawn.")] = 0.8,
    seed: Annotated[int, Parameter(help="Of what is drawn, and of the examples that are shown.")] = 0,
    unlike: Annotated[list[str] | None, Parameter(help="More suites that no task may resemble.")] = None,
    engine: Annotated[EngineChoice, flags_of(EngineChoice, ENGINE_FLAGS)] = EngineChoice(),
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Let a stronger model write tasks, as lessons for a weaker one.

    It is shown a few tasks and writes another one with tests, and then answers it several times. A task is kept when
    enough of the answers pass its tests, when no trivial body does, and when it resembles no task of `--like`, of a
    suite that is at hand (HumanEval, MBPP and others) or that `--unlike` names. Its reference is the shortest answer
    that passes. What falls is counted by reason. Stopped, it goes on where it was.

    Exit code: 0 tasks were written, 1 none could be made, 2 the model or a suite cannot be read.

    Example: suture suite from-model teacher.gguf --like mbpp:train --out lessons.jsonl
    """
    common, judging = common or Common(), judging or Judging()
    require_tasks_file(out)
    if count < 1 or not 1 <= agree <= answers or temperature <= 0:
        raise UsageError(
            f"no task can come of --count {count}, --answers {answers}, --agree {agree}, --temperature {temperature:g}",
            mend="--count 200 --answers 4 --agree 2 --temperature 0.8",
        )
    made = suite_from_model(
        model,
        like,
        Lecture(count, answers, agree, Drawing(seed, temperature), engine),
        name=out.stem,
        unlike=unlike or (),
        sources=parse_sources(source),
        home=common.home,
        unsafe_local=judging.unsafe_local,
        progress=open_progress(),
    )
    return write_made(
        out,
        made,
        of=(count, "tasks"),
        about={"teacher": made.teacher, "asked": count},
        as_json=common.json,
    )
