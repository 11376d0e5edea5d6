import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import UnknownName, UsageError
from suture.core.measure.splits import Split
from suture.core.plan.cell_results import PassChange, changes_by_split, lost_tasks, pareto_front, pass_change
from suture.core.plan.grid import Experiment, cells_of, merged

GRID = Experiment.model_validate(
    {
        "name": "grid",
        "recipe": {"model": "m", "base": "b", "train": {"rank": 4, "epochs": 2}},
        "protocols": {"held-out": {"splits": {"repair": ["a"]}}, "reports": {"splits": {"repair": ["b"]}}},
        "strategies": {"naive": {"train": {"strategy": "naive"}}, "half": {"train": {"epochs": 1}, "scale": 0.5}},
        "seeds": [0, 1, 2],
        "sizes": [0.5, 1],
    }
)


def test_a_cell_is_a_recipe_with_its_part_of_the_grid():
    cell = next(c for c in cells_of(GRID) if (c.protocol, c.strategy, c.seed, c.size) == ("reports", "half", 2, 0.5))
    assert cell.recipe == {
        "name": "grid",
        "model": "m",
        "base": "b",
        "splits": {"repair": ["b"]},
        "train": {"rank": 4, "epochs": 1, "seed": 2},
        "harvest": {"share": 0.5},
        "scale": 0.5,
    }
    assert GRID.recipe["train"] == {"rank": 4, "epochs": 2}


def test_the_grid_is_whole_and_every_strategy_comes_before_the_next_seed():
    cells = list(cells_of(GRID))
    assert len(cells) == len({cell.label for cell in cells}) == 2 * 2 * 3 * 2
    assert [(c.strategy, c.seed) for c in cells[:4]] == [("naive", 0), ("half", 0), ("naive", 1), ("half", 1)]


def test_narrowed():
    cells = list(cells_of(GRID, only=["half"], protocols=["held-out"], seeds=2, sizes=[1.0]))
    assert [(c.strategy, c.protocol, c.seed, c.size) for c in cells] == [
        ("half", "held-out", 0, 1.0),
        ("half", "held-out", 1, 1.0),
    ]


@pytest.mark.parametrize("wanted", [{"only": ["naif"]}, {"protocols": ["reprots"]}])
def test_unknown_names_are_told(wanted):
    with pytest.raises(UnknownName, match="did you mean"):
        list(cells_of(GRID, **wanted))


def test_merging_replaces_lists_and_merges_mappings():
    assert merged({"a": {"x": 1, "y": [1]}, "b": 1}, {"a": {"y": [2]}, "b": {"c": 1}}) == {
        "a": {"x": 1, "y": [2]},
        "b": {"c": 1},
    }


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_the_front_is_what_nothing_beats(points):
    front = pareto_front(points)
    for lost, repaired in points:
        beaten = any((a <= lost and b >= repaired) and (a, b) != (lost, repaired) for a, b in points)
        assert ((lost, repaired) in front) == (not beaten)
    assert list(front) == sorted(front)


@pytest.fixture(scope="module")
def boards(board, result, verdict):
    rows = [  # before, after, split, suite
        ("fail", "pass", Split.REPAIR, "s"),
        ("pass", "fail", Split.REPAIR, "s"),
        ("fail", "pass", Split.HOLDOUT, "s"),
        ("pass", "truncated", Split.HOLDOUT, "s"),
        ("pass", "pass", Split.HOLDOUT, "other"),
        ("fail", "fault", Split.HOLDOUT, "other"),
    ]

    def made(row, side):
        outcome = verdict("fail", "truncated") if row[side] == "truncated" else verdict(row[side])
        return result(f"T/{rows.index(row)}", outcome, split=row[2], suite=row[3])

    return tuple(board([made(row, side) for row in rows], pack=str(side)) for side in (0, 1))


def test_changes_count_what_has_a_verdict_on_both_sides(boards):
    assert pass_change(*boards, lambda task_id: task_id == "T/0") == PassChange(
        total=1, before=0, after=1, gained=1, lost=0
    )
    by_split = changes_by_split(*boards)
    assert by_split["holdout"] == PassChange(total=3, before=2, after=2, gained=1, lost=1)
    assert by_split["holdout other"] == PassChange(total=1, before=1, after=1, gained=0, lost=0)
    assert set(by_split) == {"holdout", "holdout s", "holdout other"}


def test_lost_in_form_is_told_from_lost_in_skill(boards):
    assert lost_tasks(*boards) == (("T/1", "T/3"), ("T/3",))


def test_an_interval_holds_the_change_it_is_of():
    gained = PassChange(total=400, before=16, after=31, gained=18, lost=3)
    low, high = gained.interval
    assert 0 < low < gained.delta / 400 < high < 0.1
    assert gained.p == pytest.approx(0.000745, abs=1e-5)
    assert PassChange(total=0, before=0, after=0, gained=0, lost=0).interval == (-1.0, 1.0)


def test_a_size_that_the_grid_does_not_have():
    grid = Experiment(name="g", recipe={}, protocols={"p": {}}, strategies={"s": {}}, sizes=(0.5, 1.0))
    assert [cell.size for cell in cells_of(grid, sizes=[0.5])] == [0.5]
    with pytest.raises(UsageError, match=r"--size 0\.3: the grid has sizes 0\.5, 1"):
        list(cells_of(grid, sizes=[0.3]))


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_that_no_generator_takes(seed):
    with pytest.raises(ValueError, match="seeds"):
        Experiment(name="g", recipe={}, protocols={"p": {}}, strategies={"s": {}}, seeds=(seed,))
