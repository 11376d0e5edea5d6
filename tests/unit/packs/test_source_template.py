"""Which chat template of a directory counts: transformers', and the record says which that is."""

import pytest
from sources import edit, refused
from tiny_models import TEMPLATE

from suture.files.gguf_header import read_header
from suture.packs.bases.prepare_base import prepare_base

OTHER = TEMPLATE.replace("assistant", "model")


@pytest.mark.parametrize(
    ("files", "stated", "chosen", "passed_over"),
    [
        ({}, TEMPLATE, "tokenizer_config.json", ()),
        ({"chat_template.jinja": TEMPLATE}, None, "chat_template.jinja", ()),
        ({"chat_template.jinja": TEMPLATE}, OTHER, "chat_template.jinja", ("tokenizer_config.json (default)",)),
        (
            {"chat_template.jinja": TEMPLATE, "additional_chat_templates/rag.jinja": OTHER},
            None,
            "chat_template.jinja",
            ("additional_chat_templates/rag.jinja (rag)",),
        ),
        (
            {},
            [{"name": "rag", "template": OTHER}, {"name": "default", "template": TEMPLATE}],
            "tokenizer_config.json",
            ("tokenizer_config.json (rag)",),
        ),
    ],
    ids=["stated", "file", "both", "folder", "several"],
)
def test_the_template_that_counts_is_transformers_and_is_written_down(
    source, tmp_path, files, stated, chosen, passed_over
):
    from transformers import PreTrainedTokenizerFast

    directory = source()
    for name, text in files.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(text)
    edit(directory / "tokenizer_config.json", chat_template=stated if stated is not None else ...)
    record = prepare_base(directory, tmp_path / "base")
    assert record.template is not None
    assert (record.template.file, record.template.passed_over) == (chosen, passed_over)
    chat = [{"role": "user", "content": "hi"}]
    theirs = PreTrainedTokenizerFast.from_pretrained(directory)
    ours = PreTrainedTokenizerFast.from_pretrained(tmp_path / "base")
    both = [one.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for one in (ours, theirs)]
    assert both[0] == both[1]
    assert read_header(tmp_path / "base" / "base.gguf").get("tokenizer.chat_template") == TEMPLATE


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (..., ("no chat template", "chat_template.jinja")),
        ([{"name": "rag", "template": OTHER}, {"name": "tool_use", "template": OTHER}], ("rag, tool_use", "default")),
        (3, ("chat_template",)),
        ("", ("no chat template",)),
    ],
)
def test_no_template_that_could_count(source, tmp_path, stated, words):
    directory = source()
    edit(directory / "tokenizer_config.json", chat_template=stated)
    refused(directory, tmp_path / "base", *words)
