"""A GGUF file's byte-level BPE tokenizer, in the `tokenizers` library's JSON.

transformers has such a converter of its own, but it gives every byte-level tokenizer GPT-2's pre-tokenizer and no rule
for BOS, where llama.cpp goes by the names in the file: SmolLM2 would be trained on ``123`` as one token and be served
with three.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gguf import TokenType

from suture.core.errors import BadFile, UsageError
from suture.files.gguf_header import Header
from suture.files.read_write import write_json
from suture.packs.gguf.read import PackInfo
from suture.packs.tokenizers.pretokenizers import PRE_TOKENIZERS
from suture.packs.tokenizers.sentencepiece import DECODER, NORMALIZER, model_json

_BYTES = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}


def write_tokenizer(source: Path, header: Header, info: PackInfo, out: Path) -> None:
    """Write ``tokenizer.json``, ``tokenizer_config.json`` and ``chat_template.jinja`` into ``out``.

    Raises:
        BadFile: tokens or merges missing or of another type.
        UsageError: not byte-level BPE, or cut in a way whose token ids are not tested.
    """
    model, pre = header.get("tokenizer.ggml.model"), header.get("tokenizer.ggml.pre")
    pieces = model == "llama" and header.get("tokenizer.ggml.add_space_prefix") is False
    if not pieces and (model != "gpt2" or pre not in PRE_TOKENIZERS):
        raise UsageError(
            f"{source} has a tokenizer that is not supported (model {model!r}, pre-tokenizer {pre!r})",
            mend=f"use a model with a byte-level BPE tokenizer of one of these kinds: {', '.join(PRE_TOKENIZERS)}",
        )
    tokens, merges = header.get("tokenizer.ggml.tokens"), header.get("tokenizer.ggml.merges")
    types = header.get("tokenizer.ggml.token_type") or [TokenType.NORMAL] * len(tokens or [])
    scores = header.get("tokenizer.ggml.scores") if pieces else []
    if pieces and tokens and isinstance(scores, list) and len(scores) == len(tokens):
        merges = []  # told by the scores
    if not tokens or merges is None or len(types) != len(tokens) or not all(isinstance(t, str) for t in tokens):
        raise BadFile(f"{source} has a tokenizer without tokens, types or merges", mend="download it again")
    bos = header.get("tokenizer.ggml.bos_token_id")
    try:
        write_json(
            out / "tokenizer.json",
            {
                "version": "1.0",
                "truncation": None,
                "padding": None,
                "added_tokens": _added(tokens, types),
                "normalizer": NORMALIZER if pieces else None,
                "pre_tokenizer": None if pieces else PRE_TOKENIZERS[pre].to_json(),
                "post_processor": _bos_first(info.bos, bos) if info.add_bos and info.bos is not None else None,
                "decoder": DECODER if pieces else _BYTES,
                "model": model_json(tokens, scores, types, _unknown(header, tokens))
                if pieces
                else _byte_level(tokens, types, merges, ignore_merges=PRE_TOKENIZERS[pre].ignore_merges),
            },
        )
    except (UnicodeEncodeError, AttributeError) as error:
        raise BadFile(f"{source} has tokens that are not text: {error}", mend="download it again") from error
    _write_config(header, info, out)


def _byte_level(
    tokens: Sequence[str], types: Sequence[int], merges: Sequence[str], *, ignore_merges: bool
) -> dict[str, Any]:
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": ignore_merges,
        "vocab": {text: i for i, text in enumerate(tokens) if types[i] != TokenType.UNUSED},
        "merges": [merge.split(" ", 1) for merge in merges],
    }


def _unknown(header: Header, tokens: Sequence[str]) -> str:
    index = header.get("tokenizer.ggml.unknown_token_id")
    return tokens[index] if isinstance(index, int) and 0 <= index < len(tokens) else "<unk>"


def _write_config(header: Header, info: PackInfo, out: Path) -> None:
    tokens = header.get("tokenizer.ggml.tokens")
    config: dict[str, Any] = {
        # No class of the model's own: it would put its own idea of the steps in place of the file's.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": info.add_bos,
        "clean_up_tokenization_spaces": False,
    }
    for role, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"), ("unk", "unknown")):
        index = header.get(f"tokenizer.ggml.{key}_token_id")
        if isinstance(index, int) and 0 <= index < len(tokens):
            config[f"{role}_token"] = tokens[index]
    write_json(out / "tokenizer_config.json", config)
    if info.chat_template:
        (out / "chat_template.jinja").write_text(info.chat_template, encoding="utf-8", newline="")


def _added(tokens: list[str], types: Sequence[int]) -> list[dict[str, Any]]:
    """Tokens that are found in a text before it is cut: llama.cpp's control and user-defined ones."""
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return [
        {"id": i, "content": text, **plain, "special": types[i] == TokenType.CONTROL}
        for i, text in enumerate(tokens)
        if types[i] in {TokenType.CONTROL, TokenType.USER_DEFINED}
    ]


def _bos_first(text: str, index: int) -> dict[str, Any]:
    start, sequence = {"SpecialToken": {"id": text, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "type": "TemplateProcessing",
        "single": [start, sequence],
        "pair": [start, sequence, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {text: {"id": text, "ids": [index], "tokens": [text]}},
    }
