"""A directory's tokenizer is carried over as tokenizer.json says, or refused by the name of what is in the way."""

import json

import pytest
from sources import edit, refused

from suture.core.measure.task import Message
from suture.core.model.pack_manifest import Quantisation
from suture.files.gguf_header import read_header
from suture.packs.bases.prepare_base import prepare_base

END = {"SpecialToken": {"id": "<|im_end|>", "type_id": 0}}
START = {"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}
TEXT = {"Sequence": {"id": "A", "type_id": 0}}
NFC = {"type": "NFC"}
AFTER = {"type": "TemplateProcessing", "single": [TEXT, END], "special_tokens": {}}
AROUND = {"type": "TemplateProcessing", "single": [START, TEXT, END], "special_tokens": {}}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"normalizer": {"type": "Lowercase"}}, "normalizer"),
        ({"normalizer": {"type": "NFKC"}}, "normalizer"),
        (
            {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "StripAccents"}]}},
            "normalizer",
        ),
        (
            {"post_processor": AFTER},
            "post_processor",
        ),
        ({"post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}}, "post_processor"),
        (
            {
                "post_processor": {
                    "type": "Sequence",
                    "processors": [
                        {"type": "ByteLevel"},
                        AROUND,
                    ],
                }
            },
            "im_end",
        ),
        ({"decoder": {"type": "WordPiece"}}, "decoder"),
        ({"a_step_of_next_year": {"type": "x"}}, "a_step_of_next_year"),
    ],
)
def test_a_step_of_the_tokenizer_that_the_engines_do_not_do(source, tmp_path, changes, word):
    directory = source()
    edit(directory / "tokenizer.json", **changes)
    refused(directory, tmp_path / "base", "tokenizer.json", word)


@pytest.mark.parametrize(
    ("key", "value"),
    [("dropout", 0.1), ("ignore_merges", True), ("byte_fallback", True), ("end_of_word_suffix", "</w>"), ("next", 1)],
)
def test_a_setting_of_the_byte_pair_model_that_the_engines_do_not_have(source, tmp_path, key, value):
    directory = source()
    model = json.loads((directory / "tokenizer.json").read_text())["model"]
    edit(directory / "tokenizer.json", model=model | {key: value})
    refused(directory, tmp_path / "base", f"tokenizer.json: model.{key}")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"add_eos_token": True}, "add_eos_token"),
        ({"add_bos_token": True}, "add_bos_token"),
        ({"add_prefix_space": True}, "add_prefix_space"),
        ({"split_special_tokens": True}, "split_special_tokens"),
        ({"do_lower_case": True}, "do_lower_case"),
        ({"auto_map": {"AutoTokenizer": ["x.X", None]}}, "auto_map"),
        ({"eos_token": "</s>"}, "'</s>'"),
        ({"additional_special_tokens": ["<|tool|>"]}, "'<|tool|>'"),
        ({"image_token": "<|image|>"}, "'<|image|>'"),
        ({"added_tokens_decoder": {"2": {"content": "<|im_end|>", "lstrip": True, "special": True}}}, "lstrip"),
        ({"added_tokens_decoder": {"9": {"content": "<|nine|>"}}}, "'<|nine|>'"),
        ({"a_setting_of_next_year": 1}, "a_setting_of_next_year"),
    ],
)
def test_what_is_said_beside_the_tokenizer_must_agree_with_it(source, tmp_path, changes, word):
    directory = source()
    edit(directory / "tokenizer_config.json", **changes)
    refused(directory, tmp_path / "base", "tokenizer_config.json", word)


def test_an_added_token_that_takes_white_space_with_it(source, tmp_path):
    directory = source()
    added = json.loads((directory / "tokenizer.json").read_text())["added_tokens"]
    added[1]["rstrip"] = True
    edit(directory / "tokenizer.json", added_tokens=added)
    refused(directory, tmp_path / "base", "<|im_start|>", "rstrip")


def test_a_tokenizer_in_another_form_only(source, tmp_path):
    directory = source()
    (directory / "tokenizer.json").rename(directory / "vocab.json")
    refused(directory, tmp_path / "base", "no tokenizer.json", "vocab.json")


def test_bos_before_every_text_where_both_files_say_so(source, tmp_path):
    directory = source()
    tokens = {"<|im_start|>": {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]}}
    first = {"type": "TemplateProcessing", "single": [START, TEXT], "pair": [START, TEXT], "special_tokens": tokens}
    edit(directory / "tokenizer.json", post_processor=first)
    edit(directory / "tokenizer_config.json", add_bos_token=True)
    record = prepare_base(directory, tmp_path / "base")
    assert record.tokenizer is not None
    assert record.tokenizer.adds_bos
    assert read_header(tmp_path / "base" / "base.gguf").get("tokenizer.ggml.add_bos_token") is True
    edit(directory / "tokenizer_config.json", bos_token="<|endoftext|>")
    refused(directory, tmp_path / "other", "bos_token")


def test_every_end_token_that_the_model_was_trained_with_ends_an_answer(source, tmp_path):
    directory = source()
    tokenizer = json.loads((directory / "tokenizer.json").read_text())
    plain = [text for text in tokenizer["model"]["vocab"] if len(text) == 1][:3]
    ids = [tokenizer["model"]["vocab"][text] for text in plain]
    edit(directory / "generation_config.json", eos_token_id=[2, *ids[:2]])
    record = prepare_base(directory, tmp_path / "base")
    assert record.tokenizer is not None
    assert record.tokenizer.ends == (2, *ids[:2])
    header = read_header(tmp_path / "base" / "base.gguf")
    named = [header.get(f"tokenizer.ggml.{role}_token_id") for role in ("eos", "eot", "eom")]
    assert named == [2, *ids[:2]]
    assert json.loads((tmp_path / "base/config.json").read_text())["eos_token_id"] == named
    again = prepare_base(tmp_path / "base" / "base.gguf", tmp_path / "again")
    assert again.tokenizer is not None
    assert again.tokenizer.ends == record.tokenizer.ends
    edit(directory / "generation_config.json", eos_token_id=[2, *ids])
    refused(directory, tmp_path / "other", "eos_token_id")


def test_the_file_that_names_an_unknown_end_is_told(source, tmp_path):
    directory = source()
    edit(directory / "generation_config.json", eos_token_id=99_999)
    refused(directory, tmp_path / "base", "generation_config.json: eos_token_id 99999")
    edit(directory / "generation_config.json", eos_token_id=2)
    edit(directory / "config.json", eos_token_id=99_999)
    refused(directory, tmp_path / "base", f"{directory.name}/config.json: eos_token_id 99999")


def test_a_template_that_is_no_jinja_is_named(source, tmp_path):
    directory = source()
    (directory / "chat_template.jinja").write_text("{% for message in messages %}")
    refused(directory, tmp_path / "base", "chat_template.jinja: its chat template is no Jinja")


def test_the_class_that_a_tokenizer_names_does_not_count(source, tmp_path):
    directory = source()
    edit(directory / "tokenizer_config.json", tokenizer_class="GPT2Tokenizer")
    record = prepare_base(directory, tmp_path / "base")
    assert record.tokenizer is not None
    assert (record.tokenizer.file, record.tokenizer.kind) == ("tokenizer.json", "smollm")
    assert record.tokenizer.passed_over == ("GPT2Tokenizer",)
    from transformers import PreTrainedTokenizerFast

    from suture.training.load import load_tokenizer

    text = "it's 123 and 4567"
    filed = PreTrainedTokenizerFast.from_pretrained(directory)(text)["input_ids"]
    assert load_tokenizer(tmp_path / "base")(text)["input_ids"] == filed


def test_texts_are_normalised_as_the_tokenizer_says_where_the_engines_would_not(source, tmp_path):
    from transformers import PreTrainedTokenizerFast

    from suture.engines.pack_reader import PackReader
    from suture.packs.bases.pack_template import template_of
    from suture.packs.gguf.write_gguf import write_pack

    pytest.importorskip("xllamacpp")
    directory = source("qwen2")
    edit(directory / "tokenizer.json", normalizer=NFC)
    assert prepare_base(directory, tmp_path / "base").tokenizer.normalise == "NFC"
    write_pack(tmp_path / "base", tmp_path / "base", Quantisation.Q8_0, tmp_path / "p.gguf", lineage={"adapter": "x"})
    chat = [Message(role="user", content="cafe\u0301 und große A\u030angst")]
    theirs = PreTrainedTokenizerFast.from_pretrained(directory).apply_chat_template(
        [chat[0].model_dump()], add_generation_prompt=True, return_dict=False
    )
    for pack in (tmp_path / "base" / "base.gguf", tmp_path / "p.gguf"):
        assert list(PackReader(pack).token_ids(template_of(pack).render(chat))) == theirs
    again = prepare_base(tmp_path / "p.gguf", tmp_path / "again")
    assert again.tokenizer is not None
    assert again.tokenizer.normalise == "NFC"
