"""What a gate report rests on, in sentences."""

from collections.abc import Iterable, Iterator, Sequence

from suture.core.gate.gate_report import GateReport
from suture.core.gate.repeats import noise_risk
from suture.core.model.registry_events import NumberedEvent, RegistryEvent, overrides, pack_of

FEW = 2
"""Losses that may have a tag in common by chance."""


def evidence_lines(gate: GateReport, *, settling: bool = True) -> list[str]:
    """Bounds and tests, the price of the look, and the champion's own noise; then what would settle a hold."""
    lines: list[str] = []
    if gate.anchors is not None and gate.anchors.anchors:
        lines.append(gate.anchors.says)
    lines.extend(_luck(gate))
    lines.extend(common_tag(gate))
    if gate.holdout is not None:
        lines.append(gate.holdout.says)
    if gate.look is not None:
        lines.append(_price(gate))
    lines.append(_noise(gate))
    lines.extend(_rounding(gate))
    if settling:
        lines.extend(f"to settle it: {line}" for line in gate.settles)
    return lines


def comparison_lines(gate: GateReport) -> list[str]:
    """Return the lines of a comparison that decides nothing."""
    change = gate.holdout
    if change is None:
        return []
    return [
        f"{change.gained} gained and {change.lost} lost of {change.tasks}: exact McNemar, one-sided, p = "
        f"{change.gain_p:.3g} for a gain and p = {change.loss_p:.3g} for a loss",
        _noise(gate),
        *_rounding(gate),
    ]


def override_lines(against: Iterable[NumberedEvent], champion: str | None) -> list[str]:
    """One line for each promotion of a model against the gate: shown, in red where there are colours, ever after."""
    return [_override(found, in_service=found.event.pack == champion) for found in against]


def overrides_of(events: Sequence[RegistryEvent], model: str) -> list[str]:
    """``override_lines`` of a model as its events say."""
    return override_lines(overrides(events, model), pack_of(events, model))


def _override(found: NumberedEvent, *, in_service: bool) -> str:
    event = found.event
    return (
        f"OVERRIDE: pack {event.pack[:12]} was promoted against the gate by {event.who} on {event.at[:10]}: "
        f"{event.against_the_gate} (event {found.number}; {'in service' if in_service else 'no longer in service'})"
    )


def _luck(gate: GateReport) -> Iterator[str]:
    if gate.lucky:
        lost = [task_id for task_id in gate.lucky if task_id in gate.slipped]
        held = gate.holdout.lost if gate.holdout is not None and lost else 0
        counted = f"; luck or not, the {held} lost of those held out count there" if held else ""
        yield (
            f"{len(gate.lucky)} more tasks passed by luck (a draw of the baseline failed, or the answer says "
            f"nothing) and were not protected; {len(lost)} of them were lost{counted}"
        )


def common_tag(gate: GateReport) -> Iterator[str]:
    """What most losses have in common, where little is left of a tag of theirs; the tag of fewest tasks says most."""
    losses = len(gate.lost) + len(gate.slipped)
    shared = [row for row in gate.tags if FEW < row.lost > losses / 2 and row.after < row.before / 2]
    if shared:
        tag = min(shared, key=lambda row: row.tasks)
        yield (
            f"{tag.lost} of the {losses} lost have the tag {tag.tag}, of which {tag.before} of {tag.tasks} passed "
            f"before and {tag.after} pass now"
        )


def _price(gate: GateReport) -> str:
    look, change = gate.look, gate.holdout
    if look is None or change is None:
        return ""
    if gate.uncounted:
        return f"looks are off: each check may be wrong with a chance of {look.alpha:.3g} in each direction"
    again = "; this candidate had been shown to them before, and looking again is another look" if look.again else ""
    return (
        f"look {look.number} at these {change.tasks} held-out tasks ({look.holdout[:12]}): it spends "
        f"{look.alpha:.3g} of alpha, and {look.left:.3g} is left for all later ones{again}"
    )


def _noise(gate: GateReport) -> str:
    if gate.noise is None:
        return "self-noise: not measured (the baseline was measured once)"
    tasks = sum(row.before.total for row in gate.rows if row.split == "all")
    if gate.noise.rounding:
        return (
            "self-noise: the baseline was measured once; were it as noisy as in other batches, the chance that noise "
            f"alone decides one of {tasks} tasks is {noise_risk(gate.noise, tasks, gate.repeats):.2g}"
        )
    return (
        f"self-noise: {gate.noise.flips} of {gate.noise.pairs} tasks measured twice on the baseline changed their "
        f"verdict; a disagreement takes {gate.repeats} runs (chance that noise alone decides one: "
        f"{noise_risk(gate.noise, tasks, gate.repeats):.2g})"
    )


def _rounding(gate: GateReport) -> Iterator[str]:
    if gate.rounding is None:
        return
    changed = f"; among the changed tasks: {', '.join(gate.fragile)}" if gate.fragile else "; none of the changed tasks"
    yield (
        f"rounding: {gate.rounding.flips} of {gate.rounding.pairs} verdicts of the baseline change in other batches or "
        f"another order{changed}"
    )
