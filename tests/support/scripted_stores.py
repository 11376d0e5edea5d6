"""Stores with a scripted repair in each, as several machines would have them."""

from pathlib import Path

from fakes import FakeFoundry, recipe, scripted_workshop, write_suite

from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.store import Store


def heal(root, *, learns=frozenset({1, 2, 3}), progress=None, name="scripted"):
    """A repair in a store below ``root``; the same inputs give the same run anywhere."""
    root.mkdir(exist_ok=True)
    write_suite(root / "suite.jsonl", 10)
    (root / "base.gguf").write_bytes(b"a model")
    workshop = scripted_workshop(root)
    workshop.progress = progress or workshop.progress
    foundry = FakeFoundry(knows={5, 6}, learns=set(learns))
    written = recipe(Path("suite.jsonl"), Path("base.gguf"), name=name)
    try:
        return RepairRun(workshop, foundry, resolve(workshop, foundry, written, relative_to=root)).heal()
    finally:
        workshop.store.ledger.close()


def opened(root):
    home = Home(root / "home")
    return Store(home, Ledger(home.ledger))
