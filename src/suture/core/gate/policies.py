"""What a gate in somebody's CI asks for, by name, as rules of the gate. Decides nothing by itself."""

from enum import StrEnum

from suture.core.frozen import Frozen
from suture.core.gate.rules import GateRules
from suture.core.measure.splits import Split


class GatePolicy(StrEnum):
    """`no-worse`: the pass rate did not fall by more than the margin. `no-lost`: nothing that passed fails now.
    `better`: no worse, and a gain that chance does not explain."""

    NO_WORSE = "no-worse"
    NO_LOST = "no-lost"
    BETTER = "better"


class CountLooks(StrEnum):
    """`off`: every check is the first. `count`: each one is counted in the store, and spends part of alpha."""

    OFF = "off"
    COUNT = "count"


class Asked(Frozen):
    """How a gate report came about, where a policy was asked for.

    Attributes:
        certify: what the margins promise has to be proved.
        chosen_margin: nobody gave a margin, and the smallest was taken that these tasks can prove.
        too_few: the tasks are too few to show anything, whatever the candidate does.
    """

    policy: GatePolicy
    looks: CountLooks
    certify: bool = False
    chosen_margin: bool = False
    too_few: bool = False


def rules_of(policy: GatePolicy, rules: GateRules, *, margin: float | None = None) -> GateRules:
    """``rules``, and where they say nothing what ``policy`` means. What was set stays.

    Args:
        margin: of the loss of anchors and of the held-out fall, where they are not set apart.
    """
    meant: dict[str, object] = {
        "min_repaired": 0,
        "protect": tuple(Split) if policy is GatePolicy.NO_LOST or rules.loss_budget is not None else (),
        "require_gain": policy is GatePolicy.BETTER,
    }
    if margin is not None:
        meant |= {"margin": margin, "holdout_margin": margin}
    return with_defaults(rules, meant)


def with_defaults(rules: GateRules, meant: dict[str, object]) -> GateRules:
    """``rules``, with ``meant`` for every field that was not set."""
    return rules.model_copy(update={name: value for name, value in meant.items() if name not in rules.model_fields_set})
