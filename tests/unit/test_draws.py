"""A run draws what the run before drew, whatever else was imported meanwhile."""

import importlib
import sys

from draws import cases
from hypothesis import given, settings
from hypothesis import strategies as st


def drawn():
    found = []

    @settings(derandomize=True)
    @given(st.integers(), st.text(max_size=9), st.floats())
    def draw(number, text, share):
        found.append(repr((number, text, share)))

    draw()
    return found


def test_the_same_cases_whatever_is_imported(tmp_path, monkeypatch):
    before = drawn()
    (tmp_path / "imported_meanwhile.py").write_text("X = [" + ", ".join(f"'w{n}', {n}" for n in range(900, 999)) + "]")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("imported_meanwhile")
    assert drawn() == before
    del sys.modules["imported_meanwhile"]
    assert len(before) >= 100


def test_a_test_draws_as_many_as_it_says_and_more_in_a_random_run():
    assert cases(60).max_examples == 60 * settings.default.max_examples // 100
    assert cases(60).derandomize == settings.default.derandomize
