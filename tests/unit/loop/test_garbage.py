"""What gc removes is referred to by nothing: every report reads as before, and every run can be gone on with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeFoundry

from suture.core.measure.engine_probe import EnginePick
from suture.files.small_files import write_json, write_text
from suture.report.build import build_report
from suture.report.markdown import render_markdown
from suture.store.garbage import Refuse, remove
from suture.store.registry import Registry
from suture.store.verification import verify_store


def collect(shop, **options):
    store = shop.workshop.store
    garbage = Refuse(store, **options).found()
    for item in garbage:
        remove(store, item)
    assert Refuse(store, **options).found() == []
    assert verify_store(store).holds
    return {item.path: item.why for item in garbage}


def texts(shop):
    """Every report, without where the ledger stands."""
    store = shop.workshop.store
    reports = [build_report(store, run["id"], command="suture heal") for run in store.ledger.runs()]
    return [render_markdown(r.model_copy(update={"ledger_records": 0, "ledger_head": ""})) for r in reports]


@pytest.fixture
def two_repairs(shop):
    """One promoted, and one of that champion rejected."""
    shop.heal(FakeFoundry(knows={1, 2}, learns={5}))
    return shop.heal(FakeFoundry(knows={1, 2, 5}, learns={6}, forgets={2}), name="second", base="champion")


def test_reports_of_promoted_and_rejected_runs_read_as_before(shop, two_repairs):
    before, files = texts(shop), set(two_repairs.paths.root.rglob("*"))
    removed = collect(shop)
    assert set(removed.values()) == {
        "the weights of a pack that is kept: it is made again when it is needed",
        "the same bytes are kept among the packs",
    }
    assert texts(shop) == before
    assert set(two_repairs.paths.root.rglob("*")) == files
    assert two_repairs.paths.pack.exists()  # a negative result is kept whole


def test_runs_told_again_and_new_ones_work_afterwards(shop, two_repairs):
    collect(shop)
    again = shop.heal(FakeFoundry(knows={1, 2, 5}, learns={6}, forgets={2}), name="second", base="champion")
    assert (again.decision, again.report) == (two_repairs.decision, two_repairs.report)
    assert shop.heal(FakeFoundry(knows={1, 2, 5}, learns={6}), name="third", base="champion").decision == "promote"
    Registry(shop.workshop.store).rollback("m", why="a test", to=1)


def put(shop, name, text="x"):
    path = shop.workshop.store.home.root / name
    write_text(path, text)
    return path


def test_what_nothing_refers_to(shop, two_repairs):
    run = shop.workshop.store.home.relative(two_repairs.paths.root)
    put(shop, f"packs/{'a' * 64}.gguf")
    put(shop, f"packs/{'a' * 64}.gguf.json")
    put(shop, f"gates/{'b' * 64}.json")
    put(shop, f"adapters/{'c' * 64}.gguf")
    put(shop, f"bases/{'d' * 16}/model.safetensors")
    put(shop, f"bases/{'d' * 16}-q8_0.gguf")
    put(shop, f"{run}/checkpoints/checkpoint-1/model.safetensors")
    put(shop, f"{run}/merged/weights.json")
    put(shop, "runs/gone-0123456789ab/pack.gguf")
    put(shop, "runs/.pack.gguf.partial-123/weights")
    put(shop, f"{run}/.pack.gguf.unproved.gguf")
    mine = [put(shop, name) for name in ("packs/my.gguf", "notes.txt", "bases/README", "runs/notes/a.md")]
    removed = collect(shop)
    assert {
        f"packs/{'a' * 64}.gguf",
        f"packs/{'a' * 64}.gguf.json",
        f"gates/{'b' * 64}.json",
        f"adapters/{'c' * 64}.gguf",
        f"bases/{'d' * 16}",
        f"bases/{'d' * 16}-q8_0.gguf",
        f"{run}/checkpoints",
        f"{run}/merged",
        "runs/gone-0123456789ab",
        "runs/.pack.gguf.partial-123",
        f"{run}/.pack.gguf.unproved.gguf",
    } <= removed.keys()
    assert all(path.exists() for path in mine), "files that Suture did not name are nobody's to remove"


def probe(shop, key, pack):
    path = shop.workshop.store.home.engine_probe(key * 16)
    write_json(path, EnginePick(pack=pack, engine="hare", why=f"hare was fastest on {pack}", readings=()).to_json())
    return path


def test_engine_probes_of_packs_that_no_run_or_alias_knows(shop, two_repairs):
    gate = two_repairs.report
    served, rejected = probe(shop, "a", gate.baseline_pack), probe(shop, "b", gate.candidate_pack)
    mine = put(shop, "engines/notes.json")
    stray, broken = probe(shop, "c", "of a file"), put(shop, f"engines/{'d' * 16}.json", "{")
    removed = collect(shop)
    assert {path: why for path, why in removed.items() if path.startswith("engines/")} == {
        shop.workshop.store.home.relative(stray): (
            "an engine probe of a pack that no run or alias knows: it is made again when it is needed"
        ),
        shop.workshop.store.home.relative(
            broken
        ): "an engine probe that cannot be read: it is made again when it is needed",
    }
    assert served.exists() and rejected.exists() and mine.exists()


@pytest.fixture
def stopped(shop):
    healing = shop.healing(FakeFoundry(knows={1, 2}, learns={5}))
    healing._measure_again = None
    with pytest.raises(TypeError):
        healing.heal()
    return healing.paths


def test_a_stopped_run_is_kept_whole_unless_it_is_given_up(shop, stopped):
    put(shop, shop.workshop.store.home.relative(stopped.checkpoints / "a"))
    removed = collect(shop)
    assert removed == {shop.workshop.store.home.relative(stopped.checkpoints): "training has ended"}
    resumed = FakeFoundry(knows={1, 2}, learns={5})
    directory = shop.workshop.store.home.relative(stopped.root)
    assert Refuse(shop.workshop.store).resumable() == [directory]
    assert shop.heal(resumed).decision == "promote"
    assert resumed.calls == []


def test_a_stopped_run_that_was_given_up_can_be_begun_again(shop, stopped):
    directory = shop.workshop.store.home.relative(stopped.root)
    assert collect(shop, unfinished=True)[directory] == "a run that was stopped, with no result"
    assert shop.heal(FakeFoundry(knows={1, 2}, learns={5})).decision == "promote"


def test_what_an_alias_points_at_is_kept_wherever_it_lies(shop, stopped):
    base = next(shop.workshop.store.home.root.glob("bases/*.gguf"))
    registry = Registry(shop.workshop.store)
    registry.point("m", "mine", stopped.pack, why="a test")
    registry.point("m", "first", base, why="a test")
    removed = collect(shop, unfinished=True)
    assert stopped.pack.exists() and base.exists()
    assert not {shop.workshop.store.home.relative(path) for path in (stopped.root, base)} & removed.keys()


def test_killed_anywhere_it_leaves_a_whole_store_and_goes_on_next_time(shop, two_repairs):
    put(shop, "runs/gone-0123456789ab/pack.gguf")
    support = Path(__file__).parents[2] / "support"
    log = subprocess.run(
        [sys.executable, support / "kills_gc.py", shop.workshop.store.home.root],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(support), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert log.stdout, log.stderr
    found = json.loads(log.stdout)
    assert found["problems"] == []
    assert found["effects"] > 12
