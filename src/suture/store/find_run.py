"""Finds a run by what a person calls it."""

from pathlib import Path

from suture.core.errors import UnknownName, UsageError
from suture.store.store import Store


def find_run(store: Store, name: str | None = None) -> str:
    """The id of a run by its id, its recipe's name or its directory; of the latest when left out.

    Raises:
        UsageError: no run yet.
        UnknownName: no such run.
    """
    runs = store.ledger.runs()
    if not runs:
        raise UsageError("no runs yet", mend="suture heal RECIPE")
    last = Path(name).name if name else ""
    found = [
        one["id"]
        for one in runs
        if name is None or name in (one["id"], one["name"]) or last == f"{one['name']}-{one['id']}"
    ]
    if not found:
        known = {one[key] for one in runs for key in ("id", "name")}
        raise UnknownName("run", str(name), known, mend="suture report --list")
    return str(found[-1])
