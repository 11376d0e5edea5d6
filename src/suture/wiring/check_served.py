"""Says before a repair what was said of served answers, and whether what is served can be repaired."""

from pathlib import Path

from suture.core.errors import UsageError
from suture.core.plan.recipe import Recipe
from suture.core.teach.served_claims import ServedSettings
from suture.loop.possible_policy import require_repairable
from suture.store.find_model import FoundModel
from suture.store.home import Home
from suture.store.kept_policies import SUFFIX, KeptPolicy, verified_policy
from suture.store.served_file import served_records, standing_claims
from suture.store.store import Store


def served_at_hand(home: Path | str | None, settings: ServedSettings) -> str:
    """Count the answers that somebody said something of, in words. Nothing is asked again for it.

    Raises:
        BadFile: nothing was ever served here.
        UsageError: nobody said anything of an answer that the settings take.
    """
    with served_records(Home(home).served) as file:
        claimed = {(one.record, one.choice) for one in standing_claims(file.claims())}
        records = {one.id: one for one in file.records(since=settings.since)}
    found = sum(
        record_id in records and (settings.model is None or records[record_id].is_of(settings.model, choice))
        for record_id, choice in claimed
    )
    if not found:
        raise UsageError("nobody said anything of a served answer of this sort", mend="suture records list --marked")
    return f"{found} that somebody said something of; each claim is checked before it is taught"


def require_repairable_champion(store: Store, recipe: Recipe, base: FoundModel) -> KeptPolicy | None:
    """The policy that the base is; None for a pack.

    Raises:
        BadFile: its bytes are not those that were kept.
        UsageError: its last tier is an adapter.
    """
    kept = base.alias is not None and isinstance(base.source, Path) and base.source.suffix == SUFFIX
    incumbent = verified_policy(store, base.digest) if kept else None
    require_repairable(recipe, incumbent)
    return incumbent
