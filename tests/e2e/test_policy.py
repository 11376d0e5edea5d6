"""A policy of the real base and an adapter beside it: gated, promoted, exported, rolled back, verified."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(suture):
    tiny = Path(suture.directory, "tiny.yaml").read_text()
    recipe = Path(suture.directory, "keep.yaml")
    keep = tiny.replace("name: tiny", "name: keep").replace("model: code", "model: kept")
    recipe.write_text(f"{keep}policy: {{form: keep, repaired: adapter, tries: 2}}\n")
    return suture.heal(recipe.name)


@pytest.fixture(scope="module")
def champion(suture, report):
    """Whatever the gate said of one epoch on two tasks."""
    if report["decision"] != "promote":
        directory = Path(suture.directory, report["files"]["json"]).parent
        why = ("--override", "to have something to serve")
        suture("promote", "kept", directory / "policy.json", "--report", directory / "gate.json", *why)
    return suture("registry", "show", "kept")["champion"]


def test_no_pass_of_the_base_is_lost(report):
    gate = report["gate"]
    assert gate["protected"]
    assert (gate["lost"], gate["slipped"]) == ([], [])


def test_the_base_gave_every_answer_that_it_had_passed_with(report):
    base, repaired, tries = report["served"]["tiers"]
    assert base["passed"] == sum(row["before"]["passed"] for row in report["gate"]["rows"] if row["split"] == "all")
    assert (base["asked"], repaired["asked"]) == (4, 4 - base["answered"])
    assert tries["asked"] <= 2 * repaired["asked"]
    assert base["pack"] == repaired["pack"]


def test_what_is_promoted_is_the_policy_that_was_gated(suture, report, champion):
    assert champion == report["gate"]["candidate_pack"]
    kept = json.loads((Path(suture.home) / "policies" / f"{champion}.json").read_text())
    assert [tier["name"] for tier in kept["tiers"]] == ["base", "repaired", "tries"]
    assert (Path(suture.home) / "adapters" / kept["tiers"][1]["adapter"]["sha256"]).is_dir()
    assert suture("verify")["holds"]


def test_its_name_can_be_measured(suture, report, champion):
    said = suture("bench", "kept", "--suite", "humaneval:23-24", "--suite", "humaneval:27-28", "--engine", "llamacpp",
                  "--batch", "2", "--max-tokens", "48", "--out", "again.json")  # fmt: skip
    assert said["served"]["tiers"] == report["served"]["tiers"]


def test_it_is_exported_whole(suture, champion):
    suture("export", "upload", "--model", "kept")
    files = {path.name for path in Path(suture.directory, "upload").rglob("*")}
    assert {"policy.json", "README.md", "kept.gguf", "adapter_model.safetensors", "gate.json"} <= files


def test_a_rollback_and_back_again(suture, report, champion):
    promoted = suture("registry", "history", "kept", "--alias", "champion")["events"][-1]["number"]
    back = suture("rollback", "kept", "--why", "a test")
    assert back["event"]["pack"] == report["gate"]["baseline_pack"]
    assert back["anchors"]["lost"] == []
    again = suture("rollback", "kept", "--to", promoted, "--why", "a test")
    assert again["event"]["pack"] == champion
    assert again["anchors"]["lost"] == []


def test_a_lost_adapter_is_named(suture, champion):
    (weights,) = Path(suture.home, "adapters").glob("*/adapter_model.safetensors")
    aside = weights.rename(weights.with_suffix(".aside"))
    damage = suture("verify", expect=3)["damage"]
    assert any("adapter_model.safetensors" in found["where"] for found in damage)
    aside.rename(weights)
    assert suture("verify")["holds"]
