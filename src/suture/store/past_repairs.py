"""The chain of repairs that led to a pack."""

from collections.abc import Iterator
from dataclasses import dataclass

from suture.core.plan.stages import BASE, PACK
from suture.store.ledger import Ledger


@dataclass(frozen=True)
class PastRepair:
    """A run that made ``pack`` out of ``base`` (SHA-256 of both packs). ``directory`` is relative to the store."""

    run: str
    name: str
    directory: str
    pack: str
    base: str


def repairs_behind(ledger: Ledger, pack: str) -> Iterator[PastRepair]:
    """Every run that made ``pack``, then every run that made its base, and so on; of one pack, the newest run first."""
    made: dict[str, list[PastRepair]] = {}
    for entry in reversed(ledger.runs()):
        packed, base = ledger.result(entry["id"], PACK), ledger.result(entry["id"], BASE)
        if packed is not None and base is not None:
            repair = PastRepair(entry["id"], entry["name"], entry["directory"], packed.sha256, base.pack)
            made.setdefault(packed.sha256, []).append(repair)
    wanted = [pack]
    for made_last in wanted:  # grows while it is walked
        for repair in made.get(made_last, []):
            yield repair
            if repair.base not in wanted:
                wanted.append(repair.base)
