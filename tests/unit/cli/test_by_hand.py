"""``suture bench``, ``harvest``, ``train`` and ``rescue`` by hand, with a script for a model and a fake foundry."""

import json
import shutil
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from fakes import FakeFoundry, FakePacks, scripted_workshop, write_suite

from suture.core.teach.dataset import RowKind, TargetKind
from suture.files.atomic import whole_directory
from suture.store.datasets import read_dataset

VERBS = ("bench", "harvest", "rescue", "train")


@pytest.fixture
def scripted(tmp_path, monkeypatch):
    """Inside ``tmp_path`` a model that knows tasks 1 and 2 of ten, solves 5 when it is drawn, and copies 7."""
    monkeypatch.chdir(tmp_path)
    write_suite(tmp_path / "ten.jsonl", 10)
    (tmp_path / "base.gguf").write_text("[1, 2]")
    foundry = FakeFoundry(knows={1, 2}, learns={5, 6}, forgets={2}, careful=0.6, along={1: {5}})

    @contextmanager
    def open_workshop(home=None, **_: object):
        workshop = scripted_workshop(Path(), lucky={5}, copies={7})
        with closing(workshop.store.ledger):
            yield workshop

    def take_in(source: Path, base: Path, out: Path, **_: object) -> None:
        with whole_directory(out) as partial:
            shutil.copyfile(source / "adapter_model.safetensors", partial / "adapter_model.safetensors")

    foundry.import_adapter = take_in
    with ExitStack() as patches:
        for verb in VERBS:
            patches.enter_context(patch(f"suture.wiring.{verb}.TorchFoundry", lambda progress: foundry))
            if verb != "train":
                patches.enter_context(patch(f"suture.wiring.{verb}.open_workshop", open_workshop))
        patches.enter_context(patch("suture.wiring.train.GgufPacks", FakePacks))
        yield foundry


@pytest.fixture
def board(scripted, suture):
    assert suture("bench", "base.gguf", "--suite", "ten.jsonl", "--engine", "scripted", "--out", "board.json").code == 0
    return "board.json"


def failures(directory: str):
    return {row.task_id: row for row in read_dataset(Path(directory)).rows if row.kind is RowKind.FAILURE}


def test_bench_writes_what_it_prints(suture, board, tmp_path):
    said = suture("bench", "base.gguf", "--suite", "ten.jsonl", "--engine", "scripted", "--json")
    assert said.json["passed"] == ["ten/1", "ten/2"]
    assert json.loads((tmp_path / "scoreboard.json").read_text())["pack"] == said.json["pack"]


def test_harvest_without_a_model_teaches_references(suture, board):
    said = suture("harvest", board, "--normalise", "--json")
    assert said.json["targets"] == {"restyled": 8}
    assert "8 failures (0 without a target: not trained on), 2 anchors" in suture("harvest", board).out


def test_harvest_asks_the_model_again(suture, board):
    words = ["--base", "base.gguf", "--samples", "2", "--rewrites", "1", "--otherwise", "nothing"]
    said = suture("harvest", board, *words, "--json")
    assert said.code == 0
    assert said.json["targets"] == {"own-sample": 1, "own-rewrite": 1}
    rows = failures("dataset")
    assert rows["ten/5"].target_kind is TargetKind.OWN_SAMPLE
    assert rows["ten/7"].target_kind is TargetKind.OWN_REWRITE
    assert not rows["ten/8"].trainable
    assert said.json["own_answers"]


def test_harvest_takes_the_likeliest_and_rehearses(suture, board):
    said = suture("harvest", board, "--base", "base.gguf", "--likeliest", "0.5", "--rehearse", "10", "--json")
    assert said.code == 0
    assert said.json["failures_out_of_reach"] == 4
    assert said.json["rehearsals"] > 0 and said.json["rehearsal"]


@pytest.mark.parametrize("asking", ["--samples 1", "--rewrites 1", "--rehearse 1", "--likeliest 0.5"])
def test_what_asks_the_model_needs_it(suture, board, asking):
    said = suture("harvest", board, *asking.split())
    assert said.code == 2
    assert asking.split()[0].removeprefix("--") in said.err and "mend: name it: --base MODEL" in said.err


def test_another_model_than_was_measured(suture, board, tmp_path):
    (tmp_path / "other.gguf").write_text("[1]")
    said = suture("harvest", board, "--base", "other.gguf", "--samples", "1")
    assert said.code == 2 and "other.gguf is not the model that was measured" in said.err


def test_train_has_every_setting_of_a_recipe(suture, board):
    suture("harvest", board)
    said = suture("train", "dataset", "--base", "base.gguf", "--keep-every", "4", "--kl-budget", "0.1", "--json")
    assert said.code == 0
    assert (said.json["settings"]["keep_every"], said.json["settings"]["kl_budget"]) == (4, 0.1)


@pytest.fixture
def adapter(suture, board):
    suture("harvest", board)
    assert suture("train", "dataset", "--base", "base.gguf").code == 0
    return "adapter"


def test_rescue_tries_scales_and_steps(suture, adapter, tmp_path):
    words = [adapter, "--base", "base.gguf", "--suite", "ten.jsonl", "--engine", "scripted"]
    said = suture("rescue", *words, "--scale", "0.6", "--scale", "1", "--steps", "--json")
    assert said.code == 0
    assert (said.json["best"]["scale"], said.json["best"]["step"]) == (0.6, None)
    assert {trial["step"] for trial in said.json["trials"]} == {None, 1}
    lossless = suture("rescue", *words, "--scale", "1", "--steps", "--out", "again", "--json")
    assert lossless.json["best"]["step"] == 1, "at full scale only the earlier step loses nothing"
    learned = json.loads((tmp_path / "again" / "adapter_model.safetensors").read_text())["learns"]
    assert learned == [5]


def test_an_adapter_of_another_tool_has_no_steps(suture, adapter, tmp_path):
    (tmp_path / "adapter" / "suture.json").unlink()
    words = ["--base", "base.gguf", "--suite", "ten.jsonl", "--engine", "scripted", "--scale", "0.6"]
    said = suture("rescue", "adapter", *words, "--steps")
    assert said.code == 2 and "mend: leave steps out" in said.err
    assert suture("rescue", "adapter", *words).code == 0


KEEP = """
tiers:
  - {name: base, model: base.gguf}
  - {name: repaired, model: repaired.gguf}
  - {name: tries, model: repaired.gguf, answers: 2, temperature: 0.8}
"""


@pytest.fixture
def policy(scripted, tmp_path):
    """Writes ``keep.yaml``; the base knows 1 and 2, the repaired model 2 and 6, and solves 5 when it is drawn."""
    (tmp_path / "repaired.gguf").write_text("[2, 6]")

    def policy(text=KEEP):
        (tmp_path / "keep.yaml").write_text(text)
        return ["bench", "--policy", "keep.yaml", "--suite", "ten.jsonl", "--engine", "scripted", "--out", "kept.json"]

    return policy


def test_bench_measures_a_policy_and_says_who_answered(suture, policy):
    said = suture(*policy(), "--json")
    assert said.json["passed"] == ["ten/1", "ten/2", "ten/5", "ten/6"]
    served = said.json["served"]
    assert [(tier["name"], tier["answered"], tier["passed"]) for tier in served["tiers"]] == [
        ("base", 2, 2),
        ("repaired", 7, 1),
        ("tries", 1, 1),
    ]
    assert (served["fallback_count"], len(served["packs_used"])) == (8, 2)
    assert (
        "answered by base 2 (2 pass), repaired 7 (1 pass), tries 1 (1 pass); fallback_count 8" in suture(*policy()).out
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tiers: []", "tiers"),
        ("tiers: [{name: a, model: base.gguf, answer: 2}]", "unknown key 'tiers.0.answer'; did you mean 'answers'?"),
        ("tiers: [{name: a, model: nowhere.gguf}]", "no such file"),
        ("tiers: [{name: a, model: base.gguf, answers: 2}]", "2 greedy answers would all be equal"),
        ("tiers: [{name: a, model: base.gguf}, {name: a, model: base.gguf}]", "two tiers have one name"),
        ("tiers: [{name: a, model: base.gguf, adapter: .}]", "holds no adapter_config.json"),
        ("silent: often\ntiers: [{name: a, model: base.gguf}]", "silent"),
        ("tiers: [{name: a, model: base.gguf, suites: [other]}]", "no tier of the policy is for suite 'ten'"),
        ("- a", "mapping of keys"),
    ],
)
def test_a_policy_that_cannot_be_measured_is_one_clear_line(suture, policy, text, why):
    said = suture(*policy(text))
    assert said.code == 2
    assert why in said.err
    assert "Traceback" not in said.err


def test_a_model_or_a_policy_and_not_both(suture, policy):
    assert "name a model, a policy or routes, and one of them" in suture("bench", "base.gguf", *policy()[1:]).err
    assert "name a model, a policy or routes, and one of them" in suture("bench", "--suite", "ten.jsonl").err


def test_a_policy_measured_by_hand_is_promoted_with_all_its_packs(suture, policy, monkeypatch):
    monkeypatch.setattr("suture.wiring.promote.GgufPacks", FakePacks)
    bench = policy()
    assert suture("bench", "base.gguf", *bench[3:-1], "base.json").code == 0
    assert suture(*bench).code == 0
    gate = suture("gate", "base.json", "kept.json", "--policy", "no-lost", "--looks", "count")
    assert gate.code == 0, gate.err
    changed = KEEP.replace("answers: 2", "answers: 3")
    Path("changed.yaml").write_text(changed)
    refused = suture("promote", "m", "changed.yaml", "--report", "gate.json", "--baseline", "base.gguf")
    assert (
        refused.code != 0 and "changed.yaml" in refused.err and "/tmp" not in refused.err.replace(str(Path.cwd()), "")
    )
    said = suture("promote", "m", "keep.yaml", "--report", "gate.json", "--baseline", "base.gguf", "--json").json
    shown = suture("registry", "show", "m", "--json").json
    assert shown["champion"] == said["pack"]
    home = Path("home")
    kept = json.loads((home / "policies" / f"{said['pack']}.json").read_text())
    assert all((home / "packs" / f"{tier['pack']}.gguf").exists() for tier in kept["tiers"])
    assert suture("verify").code == 0
