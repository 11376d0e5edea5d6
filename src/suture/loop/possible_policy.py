"""Refuses a recipe whose policy could not be put together, whatever is trained, before any work."""

from collections.abc import Sequence

from suture.core.errors import UsageError
from suture.core.measure.attempt import AdapterUse
from suture.core.measure.engine_probe import AUTO
from suture.core.measure.policy import speaks_anyway
from suture.core.measure.task import Task
from suture.core.plan.policy_settings import PolicyForm, RepairedAs, alone, policy_of
from suture.core.plan.ports import Engines
from suture.core.plan.recipe import Recipe
from suture.store.kept_policies import KeptPolicy

_ANY = "0" * 64
"""Stands for a pack that is not made yet."""


def require_policy(engines: Engines, recipe: Recipe, incumbent: KeptPolicy | None, tasks: Sequence[Task]) -> None:
    """Raises UsageError naming the key."""
    settings = recipe.policy
    require_repairable(recipe, incumbent)
    if settings.is_single:
        return
    if settings.form is PolicyForm.ROUTE and incumbent is not None:
        raise UsageError(
            "policy: form `route` parts suites between a base and its repair, and the champion is a policy"
        )
    beside = settings.repaired is RepairedAs.ADAPTER
    if beside and (recipe.engine.name == AUTO or not engines.hot_adapters(recipe.engine)):
        raise UsageError(
            f"policy: the repaired model is to be an adapter, and engine {recipe.engine.name!r} loads none",
            mend="engine: {name: llamacpp}, or policy: {repaired: pack}",
        )
    try:
        policy_of(
            settings,
            incumbent.policy if incumbent else alone(_ANY),
            pack=_ANY,
            adapter=AdapterUse(sha256=_ANY, scale=1.0) if beside else None,
            suites=tuple(dict.fromkeys(task.suite for task in tasks)),
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def require_repairable(recipe: Recipe, incumbent: KeptPolicy | None) -> None:
    """Raises UsageError: what is served ends in an adapter, whose weights are no pack."""
    if incumbent is not None and speaks_anyway(incumbent.policy.tiers).adapter is not None:
        raise UsageError(
            f"base: the champion of {recipe.model!r} is a policy whose last tier is an adapter, and only a pack can be "
            "repaired",
            mend=f"suture rollback {recipe.model}, then a repair with policy: {{repaired: pack}}",
        )
