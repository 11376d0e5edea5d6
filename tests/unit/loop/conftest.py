from pathlib import Path

import pytest
from fakes import FakeFoundry, FakeJudge, recipe, scripted_workshop, write_suite

from suture.loop.plan import resolve
from suture.loop.repair import RepairResult, RepairRun


class Shop:
    """One store, one suite of ten tasks, and as many repairs as a test wants."""

    def __init__(self, root: Path, **model: set[int]) -> None:
        self.root = root
        self.suite = write_suite(root / "ten.jsonl", 10)
        self.base = root / "base.gguf"
        self.base.write_bytes(b"a model")
        self.workshop = scripted_workshop(root, **model)

    def healing(self, foundry: FakeFoundry, **changes: object) -> RepairRun:
        written = recipe(self.suite, self.base, **changes)
        return RepairRun(self.workshop, foundry, resolve(self.workshop, foundry, written, relative_to=self.root))

    def heal(self, foundry: FakeFoundry, **changes: object) -> RepairResult:
        return self.healing(foundry, **changes).heal()

    def judge_with(self, judge: FakeJudge) -> None:
        self.workshop.judge = judge


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    shop.workshop.store.ledger.close()


@pytest.fixture
def other_shop(tmp_path_factory):
    """The same tasks and base under other paths, in another store."""
    shop = Shop(tmp_path_factory.mktemp("other"))
    yield shop
    shop.workshop.store.ledger.close()


@pytest.fixture
def shop_of(tmp_path):
    """A shop whose model is ``lucky`` at a temperature and ``copies`` what it is shown."""
    made: list[Shop] = []

    def shop_of(**model: set[int]) -> Shop:
        made.append(Shop(tmp_path, **model))
        return made[-1]

    yield shop_of
    for shop in made:
        shop.workshop.store.ledger.close()
