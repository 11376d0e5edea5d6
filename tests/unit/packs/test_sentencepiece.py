"""Gemma 3: what llama.cpp takes for granted is what the configuration says, or the model is refused."""

import json

import pytest
from tiny_models import make_model

from suture.core.errors import UsageError
from suture.files.gguf_header import read_header
from suture.packs.bases.prepare_base import prepare_base
from suture.training.load import load_tokenizer


def edited(folder, file, change):
    path = folder / file
    value = json.loads(path.read_text("utf-8"))
    change(value)
    path.write_text(json.dumps(value), "utf-8")
    return folder


@pytest.mark.parametrize(
    "changes",
    [
        {"layer_types": ["full_attention"] * 7},
        {"query_pre_attn_scalar": 64},
        {"final_logit_softcapping": 30.0},
        {"use_bidirectional_attention": True},
        {
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
            }
        },
    ],
)
def test_settings_that_llama_cpp_would_not_compute_with(tmp_path, changes):
    source = edited(make_model(tmp_path / "source", "gemma3"), "config.json", lambda config: config.update(changes))
    with pytest.raises(UsageError, match=next(iter(changes))):
        prepare_base(source, tmp_path / "base")


def test_pairs_that_are_not_the_vocabulary_s_are_refused(tmp_path):
    source = make_model(tmp_path / "source", "gemma3")
    edited(source, "tokenizer.json", lambda tokenizer: tokenizer["model"]["merges"].pop())
    with pytest.raises(UsageError, match=r"tokenizer\.json: merges holds other pairs"):
        prepare_base(source, tmp_path / "base")


def test_spaces_and_unknown_characters_come_back(base_of):
    base = base_of("gemma3")
    tokenizer = load_tokenizer(base)
    for text in ("  def  add(a):\n\treturn é 😀", " leading", "trailing  "):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_norms_scale_by_one_more(base_of):
    from gguf import GGUFReader

    from suture.packs.hugging_face.weights import open_weights

    base = base_of("gemma3")
    packed = {t.name: t.data for t in GGUFReader(base / "base.gguf").tensors}
    wanted = open_weights(base)["model.norm.weight"].as_float32() + 1
    assert (packed["output_norm.weight"] == wanted).all()
    assert read_header(base / "base.gguf").get("gemma3.attention.sliding_window") == 16
