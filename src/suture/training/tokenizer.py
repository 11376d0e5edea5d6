"""Makes the tokenizer that transformers reads out of a GGUF file cut text as llama.cpp does.

transformers gives every byte-level GGUF tokenizer GPT-2's pre-tokenizer and no BOS rule; llama.cpp goes by the names in
the file. Uncorrected, SmolLM2 would be trained on ``123`` as one token and served with three.
"""

import json
from pathlib import Path
from typing import Any

from suture.core.errors import UsageError
from suture.core.pretokenizers import PRE_TOKENIZERS, PreTokenizer
from suture.training.files import write_json


def known_pre_tokenizer(model: object, pre: object, source: Path) -> PreTokenizer:
    """The entry for a GGUF file's ``tokenizer.ggml.model`` and ``tokenizer.ggml.pre``.

    Raises:
        UsageError: not byte-level BPE, or cut in a way whose token ids are not tested.
    """
    if model == "gpt2" and pre in PRE_TOKENIZERS:
        return PRE_TOKENIZERS[str(pre)]
    raise UsageError(
        f"{source} has a tokenizer that is not supported (model {model!r}, pre-tokenizer {pre!r})",
        mend=f"use a model with a byte-level BPE tokenizer of one of these kinds: {', '.join(PRE_TOKENIZERS)}",
    )


def correct_tokenizer(directory: Path, pre: PreTokenizer, *, bos: tuple[str, int] | None) -> None:
    """Rewrite ``tokenizer.json`` and ``tokenizer_config.json`` in ``directory``.

    Args:
        bos: text and id of the token to put before every text; None for none.
    """
    file = directory / "tokenizer.json"
    tokenizer = json.loads(file.read_text("utf-8"))
    tokenizer["pre_tokenizer"] = pre.to_json()
    tokenizer["normalizer"] = None
    tokenizer["model"]["ignore_merges"] = pre.ignore_merges
    tokenizer["post_processor"] = _template(bos)
    write_json(file, tokenizer)
    file = directory / "tokenizer_config.json"
    config = json.loads(file.read_text("utf-8"))
    # A class such as Qwen2Tokenizer would put its own idea of the steps in place of the file's.
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    config["add_bos_token"] = bos is not None
    for local in ("is_local", "local_files_only", "name_or_path"):
        config.pop(local, None)
    write_json(file, config)


def _template(bos: tuple[str, int] | None) -> dict[str, Any] | None:
    if bos is None:
        return None
    text, index = bos
    start = {"SpecialToken": {"id": text, "type_id": 0}}
    sequence = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "type": "TemplateProcessing",
        "single": [start, sequence],
        "pair": [start, sequence, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {text: {"id": text, "ids": [index], "tokens": [text]}},
    }
