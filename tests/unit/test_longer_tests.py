"""What `make test` leaves out: a measured list, whose tests are all there, and what loads torch."""

import ast
import re
from pathlib import Path

import pytest
from longer_tests import ALWAYS, LIST, LOADS_TORCH, QUICK, TESTS, listed, loads_torch, longer_of, measured

ROOT = TESTS.parent


def functions_of(file):
    """Names as pytest prints them, those of classes with their class."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef))


def test_every_test_of_the_list_is_there():
    """One that was renamed would be quick again, and nobody told."""
    found = {test.partition("[")[0] for test in listed()}
    files = {ROOT / test.partition("::")[0] for test in found}
    there = {
        f"{file.relative_to(ROOT).as_posix()}::{name}" for file in files if file.exists() for name in functions_of(file)
    }
    gone = sorted(found - there)
    assert not gone, f"tests/longer.txt names tests that are gone: rename or remove their lines: {gone}"


def test_the_laws_of_the_gate_and_the_real_models_repair_are_never_left_out():
    assert not [test for test in listed() if test.startswith(ALWAYS)]
    assert longer_of([dict.fromkeys((f"{ALWAYS[0]}test_heal.py::test_a", "tests/unit/test_b.py::test_c"), 9.0)]) == [
        "tests/unit/test_b.py::test_c"
    ]


def test_what_loads_torch_is_where_it_is_said():
    assert all(place.exists() for place in LOADS_TORCH)
    assert loads_torch(TESTS / "unit" / "training" / "test_merge.py")
    assert not loads_torch(TESTS / "unit" / "loop" / "test_killed.py")


def selects(target):
    """What ``make TARGET`` selects by."""
    return re.search(rf'^{target}: setup\n\t\S+/pytest -m "([^"]+)"', (ROOT / "Makefile").read_text(), re.MULTILINE)[1]


@pytest.mark.parametrize(("longer", "slow"), [(False, False), (True, False), (False, True), (True, True)])
def test_every_test_is_quick_or_left_to_the_slow_ones(longer, slow):
    chosen = {
        name: eval(selects(name), {"longer": longer, "slow": slow}) for name in ("test", "test-longer", "test-slow")
    }
    assert chosen["test"] != chosen["test-slow"]
    assert chosen["test-longer"] <= chosen["test-slow"]
    assert chosen["test"] or slow or chosen["test-longer"]


def test_what_make_test_selects_is_one_expression():
    """Files that load torch are left unread by it, and there are fewer workers."""
    assert selects("test") == QUICK


def test_lines_that_say_what_the_list_is_are_no_tests(tmp_path):
    (tmp_path / "longer.txt").write_text("# a comment\n\ntests/a.py::test_b[c # d]\n")
    assert listed(tmp_path / "longer.txt") == {"tests/a.py::test_b[c # d]"}
    assert LIST.exists()


@pytest.fixture
def times(tmp_path):
    """Two runs, of which the first has two workers."""
    written = {
        "first.gw0": "0.500\ta\n0.010\tb\n",
        "first.gw1": "0.300\tc\n",
        "second.gw0": "0.400\ta\n0.600\tb\n0.01\tc\n",
    }
    for name, lines in written.items():
        (tmp_path / f"{name}.tsv").write_text(lines)
    return sorted(Path(tmp_path).iterdir())


def test_what_takes_longer_in_every_run_takes_longer(times):
    """Whoever comes first pays for what all need: in the one run ``c``, in the other ``b``."""
    runs = measured(times)
    assert [len(run) for run in runs] == [3, 3]
    assert longer_of(runs) == ["a"]


def test_what_takes_about_the_limit_stays_where_it_was():
    runs = [{"a": 0.08, "b": 0.08, "c": 0.06, "d": 0.11}]
    assert longer_of(runs, before={"a", "c"}) == ["a", "d"]
