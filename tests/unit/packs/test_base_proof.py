"""A base is proved once, when it is prepared: its source by its own framework against what was made of it."""

import json

import pytest
from sources import edit
from tiny_models import TEMPLATE

from suture.core.errors import MissingTool, UsageError
from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import Quantisation
from suture.loop.base_pack import base_pack_path, prepare_base
from suture.loop.workshop import Silent
from suture.machine.installing import install_extra
from suture.packs.bases import prepare_base as preparing
from suture.packs.families.table import ARCHITECTURES
from suture.wiring.foundry import TorchFoundry
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.proof import prove_base

pytest.importorskip("xllamacpp")


@pytest.mark.parametrize("family", ARCHITECTURES)
def test_a_right_base_is_proved_and_the_record_keeps_the_proof(source, tmp_path, family):
    record = TorchFoundry(Silent()).prepare_base(source(family), tmp_path / "base")
    assert record == BaseRecord.model_validate_json((tmp_path / "base/suture.json").read_bytes())
    assert record.proof is not None
    assert record.proof.holds
    assert (len(record.proof.chats), len(record.proof.logits)) == (2, 3)
    assert sum(proof.positions for proof in record.proof.logits) > 3
    assert "xllamacpp" in record.proof.engine
    assert "transformers" in record.proof.reference


@pytest.mark.parametrize("quantisation", [Quantisation.Q8_0, Quantisation.Q4_K_M])
def test_a_gguf_source_is_the_file_itself(base_of, tmp_path, quantisation):
    foundry = TorchFoundry(Silent())
    pack = tmp_path / "p.gguf"
    foundry.pack(base_of(), base_of(), quantisation, pack, {})
    record = foundry.prepare_base(pack, tmp_path / "base")
    assert record.proof is not None
    assert record.proof.holds
    edit(tmp_path / "base/config.json", rms_norm_eps=1.0)
    assert any("predict" in complaint for complaint in prove_base(pack, tmp_path / "base").complaints)


def other(directory, what):
    """The directory with something changed after the base was made of it."""
    config = json.loads((directory / "config.json").read_text())
    if what == "positions":
        edit(directory / "config.json", rope_parameters=config["rope_parameters"] | {"rope_theta": 100.0})
    elif what == "activation":
        edit(directory / "config.json", hidden_act="relu")
    elif what == "template":
        edit(directory / "tokenizer_config.json", chat_template=TEMPLATE.replace("user", "").replace("\n", "", 1))
    elif what == "refusal":
        no_system = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}" + TEMPLATE
        edit(directory / "tokenizer_config.json", chat_template=no_system)
    elif what == "tokenizer":
        edit(directory / "tokenizer.json", normalizer={"type": "Lowercase"})
    elif what == "end":
        edit(directory / "tokenizer_config.json", eos_token="<|endoftext|>")


@pytest.mark.parametrize(
    ("what", "complaint"),
    [
        ("positions", "predicted otherwise"),
        ("activation", "predicted otherwise"),
        ("template", "chat template"),
        ("refusal", "1 of 2 conversations rendered differently"),
        ("tokenizer", "tokenizer"),
        ("end", "EOS"),
    ],
)
def test_what_is_computed_otherwise_is_seen(source, base_of, what, complaint):
    directory = source()
    prepared = base_of()
    assert prove_base(directory, prepared).complaints == ()
    other(directory, what)
    assert any(complaint in found for found in prove_base(directory, prepared).complaints)


def test_a_base_that_cannot_be_proved_is_refused_by_its_source_and_nothing_is_left(source, tmp_path, monkeypatch):
    def converted_otherwise(path, out, name):
        record = convert(path, out, name)
        edit(path / "config.json", rms_norm_eps=3.0)
        return record

    convert = preparing.convert_directory
    monkeypatch.setattr(preparing, "convert_directory", converted_otherwise)
    directory = source()
    with pytest.raises(UsageError, match="is computed differently by llama") as caught:
        TorchFoundry(Silent()).prepare_base(directory, tmp_path / "base")
    assert str(directory) in str(caught.value)
    assert caught.value.mend
    assert not (tmp_path / "base").exists()


def test_without_transformers_no_base_is_prepared_unproved(source, tmp_path, monkeypatch):
    monkeypatch.setattr("suture.wiring.proof.find_spec", lambda module: module != "transformers" or None)
    with pytest.raises(MissingTool, match="proved when it is prepared") as caught:
        TorchFoundry(Silent()).prepare_base(source(), tmp_path / "base")
    assert caught.value.mend == install_extra("train")
    assert not (tmp_path / "base").exists()


@pytest.mark.parametrize("changes", [{"attention_dropout": "much"}, {"use_cache": 3}, {"id2label": 3}])
def test_a_directory_that_transformers_cannot_load_is_refused_by_its_own_name(source, tmp_path, changes):
    directory = source()
    edit(directory / "config.json", **changes)
    with pytest.raises(UsageError, match="transformers cannot load") as caught:
        TorchFoundry(Silent()).prepare_base(directory, tmp_path / "base")
    assert str(directory) in str(caught.value)
    assert not (tmp_path / "base").exists()


def test_what_an_older_version_prepared_unproved_is_prepared_again(source, tmp_path):
    foundry, directory = TorchFoundry(Silent()), tmp_path / "base"
    first = prepare_base(foundry, GgufPacks(), source(), directory, Quantisation.Q8_0)
    made = (directory / "suture.json").stat().st_mtime_ns
    assert prepare_base(foundry, GgufPacks(), tmp_path / "source", directory, Quantisation.Q8_0).record == first.record
    assert (directory / "suture.json").stat().st_mtime_ns == made
    edit(directory / "suture.json", proof=..., template=..., tokenizer=..., schema_version=1)
    base_pack_path(directory, Quantisation.Q8_0).write_bytes(b"older")
    again = prepare_base(foundry, GgufPacks(), tmp_path / "source", directory, Quantisation.Q8_0)
    assert (again.record, again.file.sha256) == (first.record, first.file.sha256)


def test_a_base_that_a_format_cannot_hold_is_refused(source, tmp_path):
    import torch
    from safetensors.torch import load_file, save_file

    directory = source()
    weights = load_file(directory / "model.safetensors")
    weights["model.embed_tokens.weight"][300, 0] = torch.tensor(1e6)
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    preparing.prepare_base(directory, tmp_path / "base")
    with pytest.raises(UsageError, match=r"cannot be kept as f16, token_embd\.weight"):
        TorchFoundry(Silent()).pack(tmp_path / "base", tmp_path / "base", Quantisation.F16, tmp_path / "p.gguf", {})
    assert not (tmp_path / "p.gguf").exists()
