"""Who should steer a route of several policies: learners compared in worlds that were written down before.

    python benchmarks/steering.py --comparison first
    python benchmarks/steering.py --out docs/evidence/steering.json --picture docs/evidence/steering.svg

Each learner's setting is chosen on one stream of random numbers, by its mean regret beside that of `uniform` over all
worlds, and compared on another: `docs/evidence/steering.md` says what was decided before each comparison was run.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from steering_learners import (
    FIRST,
    SECOND,
    Conductance,
    Discounted,
    Greedy,
    Learner,
    OwnConductance,
    Setting,
    Static,
    TwoClocks,
    Uniform,
    believing,
    deaf,
    listening,
)
from steering_worlds import BREAK, GATE_COUNTS, STEPS, WORLDS, Batch, Floats, Heard

TUNING = 1
"""Stream of random numbers that settings are chosen on."""
POINTS = 50
"""Of a line in the picture."""
Z = 1.96
Ears = Callable[[Heard], Heard]


@dataclass(frozen=True)
class Comparison:
    """``ears``: how all learners hear what people say; ``served``: whose variants are added, which hear otherwise."""

    stream: int
    learners: tuple[type[Learner], ...]
    ears: Ears
    served: type[Learner]
    variants: Mapping[str, Ears]


COMPARISONS = {
    "first": Comparison(2, FIRST, listening, Discounted, {"all said believed": believing, "nothing said heard": deaf}),
    "second": Comparison(
        3, SECOND, deaf, TwoClocks, {"heard within bounds": listening, "all said believed": believing}
    ),
}


@dataclass(frozen=True)
class Outcome:
    """``regret``: settings x worlds x seeds, over all steps; ``course``: its mean over seeds, by step and world."""

    regret: Floats
    course: Floats


def play(kind: type[Learner], settings: Sequence[Setting], ears: Ears, *, stream: int, seeds: int) -> Outcome:
    """One learner, in all its settings, in all worlds."""
    batch = Batch(stream, seeds, len(settings))
    columns = {name: np.repeat([one[name] for one in settings], batch.rows // len(settings)) for name in settings[0]}
    if kind is Static:
        columns["best"] = batch.quality(0).argmax(axis=1)
    learner = kind(batch.rows, columns)
    rng = np.random.default_rng([stream, 7])
    total = np.zeros(batch.rows)
    course: list[Floats] = []
    every = STEPS // POINTS
    for step in batch.steps():
        if step == BREAK:
            learner.enter(batch.gated, batch.mended, batch.gate, GATE_COUNTS - batch.gate)
        asked = learner.choose(rng)
        quality = batch.quality(step)
        total += quality.max(axis=1) - quality[np.arange(batch.rows), asked]
        learner.hear(ears(batch.answer(step, asked)))
        if (step + 1) % every == 0:
            course.append(batch.world_of(total).mean(axis=(0, 2)))
    return Outcome(batch.world_of(total), np.array(course))


def beside_uniform(regret: Floats, uniform: Floats) -> Floats:
    """Mean over worlds of a learner's regret beside that of `uniform`; by seed."""
    return (regret / uniform.mean(axis=1, keepdims=True)).mean(axis=0)


def tune(comparison: Comparison, seeds: int) -> tuple[dict[str, Setting], list[str]]:
    """The best setting of each learner, and the table of all."""
    uniform = play(Uniform, [{}], deaf, stream=TUNING, seeds=seeds).regret[0]
    best: dict[str, Setting] = {}
    lines = ["| learner | setting | regret beside uniform |", "|---|---|---:|"]
    for kind in comparison.learners:
        found = play(kind, kind.grid, comparison.ears, stream=TUNING, seeds=seeds)
        scores = [float(beside_uniform(one, uniform).mean()) for one in found.regret]
        best[kind.name] = kind.grid[int(np.argmin(scores))]
        for setting, score in zip(kind.grid, scores, strict=True):
            chosen = " (chosen)" if setting is best[kind.name] else ""
            lines.append(f"| {kind.name} | {shown(setting)}{chosen} | {score:.3f} |")
    return best, lines


def compare(comparison: Comparison, best: Mapping[str, Setting], seeds: int) -> dict[str, Outcome]:
    """Every learner in its setting, and the variants of the one that is served."""
    stream, ears, served = comparison.stream, comparison.ears, comparison.served
    settings = {Uniform: {}, Static: {}, **{kind: best[kind.name] for kind in comparison.learners}}
    found = {kind.name: play(kind, [one], ears, stream=stream, seeds=seeds) for kind, one in settings.items()}
    for name, others in comparison.variants.items():
        found[f"{served.name}, {name}"] = play(served, [best[served.name]], others, stream=stream, seeds=seeds)
    return found


def regrets(found: Mapping[str, Outcome]) -> list[str]:
    """A row a learner, a column a world: mean regret and half the width of its 95% interval."""
    uniform = found[Uniform.name].regret[0]
    heads = [*(world.name for world in WORLDS), "beside uniform"]
    lines = [f"| learner | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for name, outcome in found.items():
        cells = [around(one) for one in outcome.regret[0]]
        lines.append(f"| {name} | {' | '.join(cells)} | {around(beside_uniform(outcome.regret[0], uniform), 3)} |")
    return lines


def against(found: Mapping[str, Outcome], name: str) -> list[str]:
    """How much more each other learner lost than ``name``, seed by seed."""
    uniform = found[Uniform.name].regret[0]
    own = found[name].regret[0]
    heads = [*(world.name for world in WORLDS), "beside uniform"]
    lines = [f"| learner | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for other, outcome in found.items():
        if other != name:
            more = [around(theirs - ours) for theirs, ours in zip(outcome.regret[0], own, strict=True)]
            score = beside_uniform(outcome.regret[0], uniform) - beside_uniform(own, uniform)
            lines.append(f"| {other} | {' | '.join(more)} | {around(score, 3)} |")
    return lines


def winners(found: Mapping[str, Outcome], learners: Sequence[type[Learner]]) -> list[str]:
    """By world: who lost least of those that learn, and who did not lose more than that one for sure."""
    names = [kind.name for kind in learners]
    lines: list[str] = []
    for place, world in enumerate(WORLDS):
        rows = {name: found[name].regret[0][place] for name in names}
        first = min(rows, key=lambda name: rows[name].mean())
        level = [name for name in names if name != first and low(rows[name] - rows[first]) <= 0]
        lines.append(f"{world.name}: {first}" + (f"; no worse for sure: {', '.join(level)}" if level else ""))
    return lines


def low(values: Floats) -> float:
    return float(values.mean() - Z * values.std(ddof=1) / np.sqrt(len(values)))


def around(values: Floats, digits: int = 0) -> str:
    half = Z * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.{digits}f} ± {half:.{max(digits, 1)}f}"


def shown(setting: Setting) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in setting.items()) or "none"


def picture(found: Mapping[str, Outcome], names: Sequence[str]) -> str:
    """A panel a world: regret so far, of four learners."""
    from suture.studio.pictures.curves import Line, curve
    from suture.studio.pictures.frame import as_file

    across = [(at + 1) * (STEPS // POINTS) for at in range(POINTS)]
    wide, high, columns = 420, 270, 2
    panels: list[str] = []
    for place, world in enumerate(WORLDS):
        lines = [Line(n, tuple(zip(across, map(float, found[n].course[:, place]), strict=True))) for n in names]
        drawn = curve(f"{world.name}: regret", lines, across="prompts")
        x, y = place % columns * wide, place // columns * high
        panels.append(str(drawn).replace("<svg ", f'<svg x="{x}" y="{y}" height="254" ', 1))
    size = f'viewBox="0 0 {wide * columns} {high * -(-len(WORLDS) // columns)}" width="{wide * columns}"'
    title = "<title>Regret of four learners in eight worlds</title>"
    return as_file(f'<svg class="picture" {size} role="img">{title}{"".join(panels)}</svg>')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--comparison", choices=list(COMPARISONS), default="second", help="which of the two")
    parser.add_argument("--seeds", type=int, default=400, help="seeds that learners are compared on")
    parser.add_argument("--tuning-seeds", type=int, default=60, help="seeds that settings are chosen on")
    parser.add_argument("--tune-only", action="store_true", help="choose settings, and compare nothing")
    parser.add_argument("--out", type=Path, help="where the numbers are written")
    parser.add_argument("--picture", type=Path, help="where the picture is written")
    args = parser.parse_args()
    began, comparison = time.process_time(), COMPARISONS[args.comparison]
    best, tuned = tune(comparison, args.tuning_seeds)
    print("\n".join(tuned), f"\n\n{time.process_time() - began:.0f} CPU s\n")
    if args.tune_only:
        return
    found, served = compare(comparison, best, args.seeds), comparison.served.name
    print("\n".join([*regrets(found), "", f"More regret than {served}, seed by seed:", ""]))
    print("\n".join([*against(found, served), "", "Least regret:", "", *winners(found, comparison.learners)]))
    print(f"\n{time.process_time() - began:.0f} CPU s")
    if args.out:
        told = {
            name: {world.name: round(float(one.mean()), 2) for world, one in zip(WORLDS, each.regret[0], strict=True)}
            for name, each in found.items()
        }
        args.out.write_text(json.dumps({"seeds": args.seeds, "settings": best, "regret": told}, indent=1) + "\n")
    if args.picture:
        names = (served, OwnConductance.name, Greedy.name, Conductance.name)
        args.picture.write_text(picture(found, names) + "\n")


if __name__ == "__main__":
    main()
