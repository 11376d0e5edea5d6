"""A GGUF file is prepared as llama.cpp computes it, or refused by the name of what is in the way."""

import numpy as np
import pytest
from gguf import GGUFValueType, GGUFWriter

from suture.core.errors import BadFile, UsageError
from suture.core.model.pack_manifest import Quantisation
from suture.files.gguf_header import Entry, read_header
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.gguf.layout import Layout
from suture.packs.gguf.write_gguf import write_gguf

KINDS = {
    bool: GGUFValueType.BOOL,
    int: GGUFValueType.UINT32,
    float: GGUFValueType.FLOAT32,
    str: GGUFValueType.STRING,
}


@pytest.fixture
def made(base_of, tmp_path):
    """The GGUF file of a base with other metadata; None takes a key away."""

    def made(changes, family="llama"):
        base = base_of(family)
        header = read_header(base / "base.gguf")
        entries = {key: entry for key, entry in header.entries.items() if changes.get(key, "kept") is not None}
        entries |= {key: Entry(value, KINDS[type(value)]) for key, value in changes.items() if value is not None}
        out = tmp_path / "m.gguf"
        write_gguf(base, entries, Layout.of(header, base / "base.gguf"), Quantisation.BF16, out)
        return out

    return made


def refused(source, out, *words):
    with pytest.raises(UsageError) as caught:
        prepare_base(source, out)
    text = f"{caught.value} {caught.value.mend}"
    assert all(word in text for word in words), text
    assert str(source) in str(caught.value)
    assert caught.value.mend
    assert not out.exists()


@pytest.mark.parametrize(
    ("family", "key", "value"),
    [
        ("llama", "llama.rope.dimension_count", 8),
        ("llama", "llama.attention.value_length", 8),
        ("llama", "llama.attention.scale", 0.5),
        ("llama", "llama.attention.sliding_window", 64),
        ("llama", "llama.attention.causal", False),
        ("llama", "llama.expert_count", 8),
        ("llama", "llama.logit_scale", 0.5),
        ("llama", "llama.rope.scaling.type", "yarn"),
        ("llama", "llama.rope.scaling.attn_factor", 2.0),
        ("qwen3", "qwen3.rope.scaling.type", "longrope"),
        ("gemma3", "gemma3.rope.scaling.type", "linear"),
        ("gemma3", "gemma3.final_logit_softcapping", 30.0),
        ("gemma3", "gemma3.rope.freq_base_swa", 20000.0),
        ("llama", "llama.a_key_of_next_year", 1),
        ("llama", "tokenizer.ggml.add_eos_token", True),
        ("llama", "tokenizer.ggml.normalizer.lowercase", True),
        ("llama", "tokenizer.ggml.suppress_tokens", "x"),
        ("llama", "tokenizer.ggml.a_key_of_next_year", True),
    ],
)
def test_a_key_that_is_not_carried_over_is_refused_by_name(made, tmp_path, family, key, value):
    refused(made({key: value}, family), tmp_path / "base", key)


@pytest.mark.parametrize(
    "changes",
    [
        {"llama.rope.dimension_count": 16, "llama.attention.key_length": 16, "llama.attention.value_length": 16},
        {"llama.expert_count": 0, "llama.attention.causal": True, "llama.rope.scaling.type": "none"},
        {"mradermacher.quantized_by": "somebody", "quantize.imatrix.chunks_count": 7, "general.organization": "x"},
        {"tokenizer.chat_template.tool_use": "{{ messages }}", "tokenizer.ggml.add_sep_token": False},
    ],
)
def test_keys_without_effect(made, tmp_path, changes):
    record = prepare_base(made(changes), tmp_path / "base")
    assert record.template is not None
    others = tuple(key for key in changes if key.startswith("tokenizer.chat_template."))
    assert (record.template.file, record.template.passed_over) == ("tokenizer.chat_template", others)


@pytest.mark.parametrize("key", ["llama.rope.scaling.factor", "llama.rope.scale_linear"])
def test_a_factor_alone_is_linear_scaling_as_llama_cpp_takes_it(made, tmp_path, key):
    import json

    prepare_base(made({key: 2.0}), tmp_path / "base")
    rope = json.loads((tmp_path / "base/config.json").read_text())["rope_parameters"]
    assert (rope["rope_type"], rope["factor"]) == ("linear", 2.0)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("tokenizer.chat_template", ("no chat template", "gguf-new-metadata")),
        ("tokenizer.ggml.eos_token_id", ("no token that ends an answer", "eos")),
        ("llama.context_length", ("does not state llama.context_length",)),
    ],
)
def test_what_a_model_needs_is_asked_for_by_name(made, tmp_path, key, words):
    refused(made({key: None}), tmp_path / "base", *words)


def test_an_end_that_is_no_number_is_none(made, tmp_path):
    refused(made({"tokenizer.ggml.eos_token_id": "</s>"}), tmp_path / "base", "no token that ends an answer")


def test_a_file_that_ends_every_prompt_is_not_measured_either(made):
    from suture.packs.bases.pack_template import template_of

    with pytest.raises(UsageError, match=r"m\.gguf puts the end token"):
        template_of(made({"tokenizer.ggml.add_eos_token": True}))


def test_a_file_that_is_no_model(made, tmp_path):
    refused(made({"general.type": "adapter"}), tmp_path / "base", "adapter")


def test_remedies_do_not_send_from_one_form_to_the_other_and_back(made, tmp_path):
    """A directory with such positions is refused too."""
    with pytest.raises(UsageError) as caught:
        prepare_base(made({"llama.rope.scaling.type": "yarn"}), tmp_path / "base")
    assert "directory" not in (caught.value.mend or "")


@pytest.mark.parametrize("part", [1, 2])
def test_a_part_of_a_split_file_is_refused_with_the_command_that_merges(base_of, tmp_path, part):
    from suture.packs.gguf.pack_info import describe

    folder = tmp_path / "models"
    folder.mkdir()
    for number in (1, 2):
        writer = GGUFWriter(folder / f"m-0000{number}-of-00002.gguf", "llama")
        writer.add_uint16("split.no", number - 1)
        writer.add_uint16("split.count", 2)
        writer.add_tensor(f"blk.{number}.attn_norm.weight", np.ones(4, dtype=np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    given = folder / f"m-0000{part}-of-00002.gguf"
    for read in (lambda: describe(given), lambda: prepare_base(given, tmp_path / "base")):
        with pytest.raises(BadFile, match=f"part {part} of 2 of a split GGUF file") as caught:
            read()
        merge = f"llama-gguf-split --merge {folder / 'm-00001-of-00002.gguf'} {folder / 'm.gguf'}"
        assert caught.value.mend == merge
