"""A grid of scripted repairs."""

import pytest
from fakes import FakeFoundry, StopsAfter

from suture.core.errors import BadRecipe, UsageError
from suture.core.gate.anchors import KeptCount
from suture.core.plan.grid import Experiment, cells_of, part_of
from suture.loop.run_grid import RecordedCells, _wherever, read_experiment, recipe_of, run_cell
from suture.loop.workshop import Silent
from suture.store.ledger import Ledger
from suture.store.verification import verify_store
from suture.wiring.experiment import experiment


@pytest.fixture
def run(shop):
    grid = Experiment.model_validate(
        {
            "name": "grid",
            "recipe": {"model": "m", "base": str(shop.base), "harvest": {"gate_only": 0.5}},
            "protocols": {"p": {"splits": {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:6-9"]}}},
            "strategies": {"naive": {"train": {"strategy": "naive"}}, "replay": {"train": {"strategy": "replay"}}},
            "seeds": [0, 1],
        }
    )

    half = grid.model_copy(update={"strategies": {"half": {"train": {"strategy": "naive"}, "scale": 0.5}}})

    cells = [*cells_of(grid), *cells_of(half)]

    def run(number, foundry=None, **options):
        cell = cells[number]
        foundry = foundry or FakeFoundry(knows={1, 2, 8}, learns={3, 7}, forgets={8})
        return run_cell(shop.workshop, foundry, cell, recipe_of(cell), relative_to=shop.root, **options)

    run.grid = grid
    run.recorded = lambda number: RecordedCells(shop.workshop.store.ledger, "grid").of(
        cells[number], recipe_of(cells[number])
    )
    return run


def test_says_what_came_of_a_run(run):
    found = run(0)
    assert (found.strategy, found.seed, found.size, found.protocol) == ("naive", 0, 1.0, "p")
    assert (found.trained.total, found.trained.after) == (4, 1)
    assert found.anchors.replay == found.anchors.gate_only == KeptCount(kept=1, total=1)
    assert found.anchors.elsewhere == KeptCount(kept=0, total=1)
    assert (found.lost, found.lost_format, found.repaired) == (1, 0, 2)
    assert (found.splits["holdout"].gained, found.splits["holdout"].lost) == (1, 1)
    assert (found.tokens, found.seconds) == (10, 0.1)


def test_nothing_is_promoted_and_the_pack_is_not_kept(shop, run):
    run(0)
    assert [event.action for event in shop.workshop.store.ledger.events()] == ["register"]
    assert not list(shop.workshop.store.home.root.glob("runs/*/pack.gguf"))
    assert list(shop.workshop.store.home.root.glob("runs/*/adapter/adapter_model.safetensors"))
    run(1, keep_pack=True)
    assert len(list(shop.workshop.store.home.root.glob("runs/*/pack.gguf"))) == 1


def test_the_baseline_is_asked_once_for_the_whole_grid(shop, run):
    opened = []
    engine = shop.workshop.engines.open
    shop.workshop.engines.open = lambda choice, pack: opened.append(pack.parent.name) or engine(choice, pack)
    for number in range(4):
        run(number)
    assert opened.count("bases") == 1


def test_a_finished_cell_is_read_and_not_run(run):
    first = run(0)
    foundry = FakeFoundry(knows=set(), learns=set())
    assert run(0, foundry) == first
    assert foundry.calls == []


def test_what_was_trained_once_is_not_trained_again(run):
    run(0)
    foundry = FakeFoundry(knows={1, 2, 8}, learns={3, 7}, forgets={8})
    half = run(4, foundry)
    assert foundry.calls.count("train") == 0
    assert foundry.calls.count("merge") == 1
    assert half.scale == "0.5"


def test_on_another_class_of_processor_it_is(run):
    """Another processor rounds otherwise, so it would train another adapter."""
    run(0)
    foundry = FakeFoundry(knows={1, 2, 8}, learns={3, 7}, forgets={8})
    foundry.computes_on = "another processor"
    run(4, foundry)
    assert foundry.calls.count("train") == 1


def test_a_stopped_cell_goes_on(shop, run):
    shop.workshop.progress = StopsAfter(24)
    with pytest.raises(KeyboardInterrupt):
        run(0)
    shop.workshop.progress = Silent()
    foundry = FakeFoundry(knows={1, 2, 8}, learns={3, 7}, forgets={8})
    assert run(0, foundry).repaired == 2
    assert "train" not in foundry.calls


def test_the_store_is_sound_afterwards(shop, run):
    run(0)
    assert verify_store(shop.workshop.store).holds


def test_a_grid_with_a_wrong_key_names_it(tmp_path):
    file = tmp_path / "grid.yaml"
    file.write_text("name: g\nrecipe: {}\nprotocols: {p: {}}\nstrategies: {a: {}}\nseed: [1]\n")
    with pytest.raises(BadRecipe, match=r"line 5: unknown key 'seed'; did you mean 'seeds'"):
        read_experiment(file)


def test_a_cell_that_is_no_recipe_is_named():
    grid = Experiment(name="g", recipe={}, protocols={"p": {}}, strategies={"a": {"train": {"rnk": 3}}})
    with pytest.raises(BadRecipe, match="p · a · seed 0 · size 1: "):
        recipe_of(next(cells_of(grid)))


def test_a_result_is_found_by_its_recipe_whatever_machine_measured_it(run):
    assert run.recorded(0) is None
    found = run(0)
    assert run.recorded(0).result == found
    assert run.recorded(1) is None


def test_what_was_measured_on_other_tasks_is_not_put_into_one_table(shop, run, tmp_path, monkeypatch):
    run(0), run(1)
    plan = Ledger.plan
    last = shop.workshop.store.ledger.runs()[-1]["id"]

    def other_tasks(self, run_id):
        found = plan(self, run_id)
        return found.model_copy(update={"suite_digest": "0" * 64}) if run_id == last else found

    monkeypatch.setattr(Ledger, "plan", other_tasks)
    cells = list(cells_of(run.grid))[:2]
    done = experiment(
        run.grid,
        cells,
        tmp_path / "out",
        relative_to=tmp_path,
        command="x",
        gather=True,
        home=shop.workshop.store.home.root,
    )
    assert len(done.outcomes) == 1
    assert done.failed == {cells[1].label: f"it was measured on another base or other tasks than {cells[0].label}"}


def test_a_question_of_served_answers_lies_elsewhere_on_each_machine(shop, run, monkeypatch):
    asked = {"rehearse_from": ("/a/served/0123456789abcdef/questions.jsonl",)}
    recipe = recipe_of(next(cells_of(run.grid)))
    with_asked = recipe.model_copy(update={"harvest": recipe.harvest.model_copy(update=asked)})
    served = recipe.model_copy(update={"harvest": recipe.harvest.model_copy(update={"rehearse_from": ("served",)})})
    assert _wherever(with_asked) == _wherever(served) != _wherever(recipe)


def test_a_grid_has_at_least_one_seed(run):
    for seeds in (0, -1):
        with pytest.raises(UsageError, match="at least one seed"):
            list(cells_of(run.grid, seeds=seeds))


def test_the_table_of_what_is_there_runs_nothing(shop, run, tmp_path):
    first = run(0)
    done = experiment(
        run.grid,
        list(cells_of(run.grid)),
        tmp_path / "out",
        relative_to=shop.root,
        command="suture experiment grid.yaml --gather",
        gather=True,
        home=shop.workshop.store.home.root,
    )
    assert done.outcomes == [first]
    assert list(done.failed.values()) == ["the store has no result of it"] * 3
    assert "--gather" in (tmp_path / "out" / "results.md").read_text()


@pytest.mark.parametrize("parts", [1, 3, 4, 7, 12])
def test_the_parts_of_a_grid_are_the_whole_grid_each_run_once(parts):
    cells = list(range(10))
    found = [part_of(cells, f"{part}/{parts}") for part in range(1, parts + 1)]
    assert [cell for part in found for cell in part] == cells
    assert max(map(len, found)) - min(map(len, found)) <= 1


@pytest.mark.parametrize("written", ["0/4", "5/4", "1/0", "1", "a/b", "1/4/2", "-1/4", "1 / 4", ""])
def test_a_part_that_there_is_not_is_refused(written):
    with pytest.raises(UsageError, match="no part of a grid") as said:
        part_of([], written)
    assert said.value.mend.startswith("--cells 1/4")


def test_a_grid_that_repairs_from_served_answers_is_refused_before_any_work(run, tmp_path):
    cells = list(cells_of(run.grid.model_copy(update={"recipe": {**run.grid.recipe, "served": {}}})))
    with pytest.raises(BadRecipe, match="served: a grid compares its runs on the same tasks"):
        experiment(run.grid, cells, tmp_path / "out", relative_to=tmp_path, command="c", home=tmp_path / "new")
    assert not (tmp_path / "new").exists()
