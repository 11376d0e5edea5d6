"""Resolves ``engine: auto`` by a short timed probe of the installed engines on the pack to be measured."""

import time
from pathlib import Path

from suture.core.digest import digest_of
from suture.core.errors import BadRecipe, SutureError
from suture.core.measure.attempt import Request
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.engine_probe import AUTO, EnginePick, EngineReading, pick
from suture.core.measure.task import Message
from suture.core.plan.ports import Engines
from suture.core.plan.recipe import Recipe
from suture.files.small_files import read_model, write_json
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import GREEDY
from suture.loop.workshop import Workshop

PROBE_TOKENS = 48
PROBES = (
    "Write a Python function `reverse_words(text)` that reverses the order of the words in a string.",
    "Write a Python function `is_prime(n)` that says whether n is a prime number.",
    "Write a Python function `flatten(rows)` that joins a list of lists into one list.",
    "Write a Python function `count_vowels(text)` that counts the vowels in a string.",
    "Write a Python function `second_largest(numbers)` that returns the second largest of a list of numbers.",
    "Write a Python function `fibonacci(n)` that returns the first n Fibonacci numbers.",
    "Write a Python function `to_binary(n)` that returns the binary digits of a number as a string.",
    "Write a Python function `common_items(a, b)` that returns what two lists have in common, without repeats.",
)
"""What every engine is asked, greedily, up to ``PROBE_TOKENS`` new tokens, as one batch."""


def require_computed(engines: Engines, recipe: Recipe) -> None:
    """Asked before any work: whether the recipe's engine computes the packs it wants as they are written.

    Raises:
        UnknownName: no such engine.
        BadRecipe: it does not, or it asks a chat elsewhere and no pack.
    """
    if engines.takes_messages(recipe.engine):
        raise BadRecipe(
            f"recipe {recipe.name}: engine {recipe.engine.name!r} measures what a server has; a repair measures packs",
            mend="engine: {name: llamacpp}; and suture bench measures the server",
        )
    name, types = recipe.engine.name, recipe.quantisation.matrix_types
    if name == AUTO or not (why := engines.why_not(name, types)):
        return
    able = next((other for other in engines.names if not engines.why_not(other, types)), None)
    raise BadRecipe(
        f"recipe {recipe.name}: quantisation: {recipe.quantisation}: {why}",
        mend=f"engine: {{name: {able}}}" if able else "choose another quantisation",
    )


def settle_engine(workshop: Workshop, choice: EngineChoice, pack: PackFile) -> tuple[EngineChoice, str]:
    """``choice`` with ``auto`` replaced by an engine, and why that one; "" where the choice was made by hand.

    The first probe of a pack with these engines, versions and threads is kept in the store and stands from then on: a
    run that is resumed, and both sides of a gate, have one instrument.

    Raises:
        UsageError: no installed engine can read the pack.
    """
    if choice.name != AUTO:
        return choice, ""
    kept = _kept_at(workshop, choice, pack)
    if kept.exists():
        found = read_model(kept, EnginePick, what="engine probe")
    else:
        found = pick(pack.sha256, read_engines(workshop, choice, pack))
        write_json(kept, found.to_json())
    workshop.progress.note(f"engine {found.engine}: {found.why}")
    return choice.model_copy(update={"name": found.engine}), found.why


def read_engines(workshop: Workshop, choice: EngineChoice, pack: PackFile) -> tuple[EngineReading, ...]:
    """Every installed engine on the probe prompts, one after the other."""
    names = workshop.engines.installed()
    workshop.progress.start("probing engines", len(names))
    readings: list[EngineReading] = []
    for name in names:
        readings.append(_read(workshop, choice.model_copy(update={"name": name}), pack))
        workshop.progress.advance(tokens=readings[-1].tokens)
    workshop.progress.finish()
    return tuple(readings)


def _read(workshop: Workshop, choice: EngineChoice, pack: PackFile) -> EngineReading:
    messages = [(Message(role="user", content=text),) for text in PROBES]
    requests = [Request(prompt=pack.template.render(each, "```python\n"), max_tokens=PROBE_TOKENS) for each in messages]
    began = time.monotonic()
    try:
        engine = workshop.engines.open(choice, pack.path)
        try:
            loaded = time.monotonic()
            found = dict(engine.generate(requests, GREEDY))
            done = time.monotonic()
        finally:
            engine.close()
    except SutureError as error:
        return EngineReading(engine=choice.name, error=str(error))
    return EngineReading(
        engine=choice.name,
        identity=engine.identity,
        load=loaded - began,
        seconds=done - loaded,
        tokens=sum(completion.tokens for completion in found.values()),
        answers=tuple(found[index].text for index in range(len(requests))),
    )


def _kept_at(workshop: Workshop, choice: EngineChoice, pack: PackFile) -> Path:
    names = workshop.engines.installed()
    identities = [workshop.engines.identify(choice.model_copy(update={"name": name})).digest for name in names]
    return workshop.store.home.engine_probe(digest_of([pack.sha256, identities, PROBES]))
