"""A directory ready to upload: what it says is what was measured, and it is written whole or not at all."""

import json

import pytest
from fakes import FakeFoundry, recipe, scripted_workshop, write_suite

from suture.core.errors import BadFile, UsageError
from suture.core.model.pack_manifest import PackManifest
from suture.files.small_files import read_model, sha256_of
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.report.card import metadata_of
from suture.report.upload_directory import export
from suture.store.registry import Registry


@pytest.fixture
def shop(tmp_path):
    workshop = scripted_workshop(tmp_path)
    base = tmp_path / "base.gguf"
    base.write_bytes(b"a model")
    suite = write_suite(tmp_path / "ten.jsonl", 10)

    def heal(foundry, **changes):
        splits = {"repair": [f"{suite}:0-5"], "holdout": [f"{suite}:6-9"]}
        written = recipe(suite, base, **({"splits": splits, "suites": []} | changes))
        return RepairRun(workshop, foundry, resolve(workshop, foundry, written, relative_to=tmp_path)).heal()

    workshop.repair = heal
    workshop.export = lambda out="out", **options: export(
        workshop.store, options.pop("model", "m"), tmp_path / out, **options
    )
    workshop.registry = Registry(workshop.store, who="ann")
    yield workshop
    workshop.store.ledger.close()


def repaired(shop, **changes):
    return shop.repair(FakeFoundry(knows={1, 8}, learns={2, 5}), **changes)


def test_every_file_is_there_and_is_what_was_gated(shop, tmp_path):
    healed = repaired(shop)
    card = shop.export()
    out = tmp_path / "out"
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == {
        "Modelfile",
        "README.md",
        "m-Q8_0.gguf",
        "m-Q8_0.gguf.json",
        "gate.json",
        "gate.md",
        "adapter/adapter_model.safetensors",
        "adapter/suture.json",
    }
    assert sha256_of(out / "m-Q8_0.gguf") == healed.report.candidate_pack == card.pack
    assert all(sha256_of(out / name) == sha256 for name, sha256 in card.files.items())
    assert "\nFROM ./m-Q8_0.gguf\n" in (out / "Modelfile").read_text()
    assert json.loads((out / "gate.json").read_text())["decision"] == "promote"
    assert "<details><summary>Repaired: ten/2" in (out / "gate.md").read_text()
    assert str(tmp_path) not in "".join(path.read_text() for path in out.rglob("*") if path.is_file())


def test_the_hub_reads_the_card(shop, tmp_path):
    hub = pytest.importorskip("huggingface_hub")
    repaired(shop)
    shop.export(base_model="owner/base")
    card = hub.ModelCard.load(tmp_path / "out" / "README.md", ignore_metadata_errors=False)
    assert (card.data.base_model, card.data.pipeline_tag, card.data.model_name) == (
        "owner/base",
        "text-generation",
        "m",
    )
    assert "gguf" in card.data.tags
    (result,) = card.data.eval_results
    assert (result.task_type, result.metric_type, result.metric_value) == ("text-generation", "pass@1", 0.25)
    assert result.dataset_name == "ten (4 held-out tasks)"
    assert f"\n| repaired | {2} |" in card.text


def test_without_held_out_tasks_the_card_says_that_trained_on_ones_count(shop):
    repaired(shop, splits={"seed": 0, "repair": 1.0}, suites=[str(next(shop.store.home.root.parent.glob("ten.jsonl")))])
    (index,) = metadata_of(shop.export())["model-index"]
    (result,) = index["results"]
    assert result["dataset"]["name"] == "ten (all 10 tasks, trained-on ones among them)"
    assert result["metrics"][0]["value"] == 0.4


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("My Own 1.0", {"license": "other", "license_name": "my-own-1.0"}),
        ("", {}),
    ],
)
def test_the_licence_of_the_base(shop, tmp_path, licence, said):
    healed = repaired(shop)
    kept = shop.store.home.pack(healed.report.candidate_pack)
    path = kept.with_name(kept.name + ".json")
    manifest = read_model(path, PackManifest, what="pack manifest").model_copy(update={"licence": licence})
    path.write_text(manifest.model_dump_json())
    found = metadata_of(shop.export())
    assert {key: value for key, value in found.items() if key.startswith("license")} == said
    assert ("find out before you pass this on" in (tmp_path / "out" / "README.md").read_text()) == (not licence)


def test_data_and_lineage_over_all_repairs(shop):
    repaired(shop)
    shop.repair(FakeFoundry(knows={1, 2, 5, 8}, learns={3}), name="second", base="champion")
    card = shop.export()
    assert [ancestor.recipe for ancestor in card.lineage] == ["second", "scripted"]
    assert [(source.suite, source.rows) for source in card.data] == [("ten", 12)]


def test_rows_that_were_changed_since_are_no_data_to_tell_of(shop, tmp_path):
    repaired(shop)
    (rows,) = tmp_path.rglob("rows.jsonl")
    rows.write_text(rows.read_text().replace('"ten"', '"eleven"'))
    with pytest.raises(BadFile, match="changed after it was harvested"):
        shop.export()


def test_the_card_says_how_to_use_it_and_what_the_adapter_beside_it_is(shop, tmp_path):
    repaired(shop, scale=0.5)
    shop.export()
    text = (tmp_path / "out" / "README.md").read_text()
    assert "`llama-server -m m-Q8_0.gguf`" in text
    assert "the pack has it at scale 0.5. By itself it was not measured." in text


def test_an_override_is_on_the_card(shop, tmp_path):
    healed = shop.repair(FakeFoundry(knows={1, 8}, learns={5}, forgets={1}))
    shop.registry.promote("m", healed.paths.pack, healed.report, why="a test", override="we need task 5")
    shop.export()
    text = (tmp_path / "out" / "README.md").read_text()
    assert "> [!CAUTION]" in text and "promoted against the gate by ann" in text and "**REJECT.**" in text


def test_after_a_rollback_the_card_is_that_of_the_pack_that_stands(shop):
    first = repaired(shop)
    shop.repair(FakeFoundry(knows={1, 2, 5, 8}, learns={3}), name="second", base="champion")
    shop.registry.rollback("m", why="a test")
    assert shop.export().gate == first.report
    shop.registry.rollback("m", why="a test")
    with pytest.raises(UsageError, match="was never gated"):
        shop.export("again")


def test_a_store_of_before_gate_reports_were_kept(shop):
    healed = repaired(shop)
    shop.store.home.gate_report(healed.report.digest).unlink()
    assert shop.export().gate == healed.report


def test_a_pack_of_another_tool(shop, tmp_path):
    """Gated by hand: no manifest, no run."""
    healed = repaired(shop)
    foreign = tmp_path / "foreign.gguf"
    foreign.write_bytes(b"a pack")
    report = healed.report.model_copy(update={"candidate_pack": sha256_of(foreign)})
    shop.registry.promote("by-hand", foreign, report, why="a test")
    card = shop.export(model="by-hand")
    text = (tmp_path / "out" / "README.md").read_text()
    assert (card.file, card.manifest, card.run) == ("by-hand.gguf", None, None)
    assert "no run of the store says on what" in text and "Not known" in text


def test_whole_or_not_at_all(shop, tmp_path):
    healed = repaired(shop)
    shop.store.home.gate_report(healed.report.digest).write_text(
        healed.report.model_copy(update={"repeats": 9}).model_dump_json()
    )
    with pytest.raises(BadFile, match="was changed"):
        shop.export()
    shop.store.home.pack(healed.report.candidate_pack).write_bytes(b"other bytes")
    with pytest.raises(BadFile, match="was changed"):
        shop.export()
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []
