"""Where things lie, and how the ledger writes it down."""

from pathlib import Path

import pytest

from suture.store.home import Home
from suture.store.run_paths import RunPaths


def test_by_default_a_hidden_folder_of_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.delenv("SUTURE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Home().root == tmp_path / ".suture"


@pytest.mark.parametrize("value", ["", "elsewhere"])
def test_the_variable_moves_it_unless_it_is_empty(monkeypatch, tmp_path, value):
    monkeypatch.setenv("SUTURE_HOME", value)
    monkeypatch.chdir(tmp_path)
    assert Home().root == tmp_path / (value or ".suture")
    assert Home(tmp_path / "given").root == tmp_path / "given"


def test_a_later_change_of_directory_moves_nothing(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    home = Home(Path("here"))
    monkeypatch.chdir("/")
    assert home.ledger == tmp_path / "here" / "ledger.db"


def test_paths_inside_are_written_relative_so_that_the_store_can_be_moved(tmp_path):
    home, moved = Home(tmp_path / "a"), Home(tmp_path / "b")
    written = home.relative(home.pack("abc"))
    assert written == "packs/abc.gguf"
    assert moved.absolute(written) == moved.pack("abc")


def test_paths_outside_are_written_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path / "a")
    written = home.relative(Path("model.gguf"))
    assert written == str(tmp_path / "model.gguf")
    assert home.absolute(written) == tmp_path / "model.gguf"


@pytest.mark.parametrize("place", ["", "runs/x-1/pack.gguf", "../outside.gguf"])
def test_what_is_written_leads_back(tmp_path, place):
    home = Home(tmp_path / "a")
    path = home.root / place
    assert home.absolute(home.relative(path)) == path


def test_two_runs_of_one_recipe_have_two_folders():
    home = Home(Path("/h"))
    assert home.run("quick", "abc") == Path("/h/runs/quick-abc")
    assert home.base("0" * 64) == Path("/h/bases") / ("0" * 16)


def test_a_runs_files_have_different_names():
    paths = RunPaths(Path("/r"))
    names = [name for name, value in vars(RunPaths).items() if isinstance(value, property)]
    assert len({getattr(paths, name) for name in names}) == len(names) > 5
