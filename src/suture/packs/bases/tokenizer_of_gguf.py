"""A GGUF file's tokenizer, in the `tokenizers` library's JSON.

transformers has such a converter of its own, but it gives every byte-level tokenizer GPT-2's pre-tokenizer and no rule
for BOS, where llama.cpp goes by the names in the file: SmolLM2 would be trained on ``123`` as one token and be served
with three.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gguf import TokenType

from suture.core.errors import BadFile, UsageError
from suture.core.json_types import is_list
from suture.core.model.base import TokenizerChoice
from suture.packs.bases.tokenizer_files import write_tokenizer_files
from suture.packs.gguf.pack_info import PackInfo
from suture.packs.stated import Stated
from suture.packs.tokenizers.pretokenizers import PRE_TOKENIZERS
from suture.packs.tokenizers.sentencepiece import DECODER, NORMALIZER, PIECES, model_json

_BYTES = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}


def ends_of(said: Stated) -> tuple[int, ...]:
    """Ids of the tokens that end an answer; the first is eos.

    Raises:
        UsageError: the file names none: llama.cpp would take GPT-2's.
    """
    named = [said.get(f"ggml.{role}_token_id") for role in ("eos", "eot", "eom")]
    if not isinstance(named[0], int):
        raise UsageError(
            f"{said.file} names no token that ends an answer (tokenizer.ggml.eos_token_id)",
            mend=f"gguf-new-metadata --special-token eos TOKEN {said.file} NEW, with its own TOKEN",
        )
    return tuple(dict.fromkeys(end for end in named if isinstance(end, int)))


def write_tokenizer(said: Stated, info: PackInfo, out: Path, ends: tuple[int, ...], size: int) -> TokenizerChoice:
    """Write ``tokenizer.json``, ``tokenizer_config.json`` and ``chat_template.jinja`` into ``out``.

    Args:
        said: the file's settings under ``tokenizer.``.
        size: rows of the model's embeddings.

    Raises:
        BadFile: tokens or merges missing or of another type.
        UsageError: not byte-level BPE, or cut in a way whose token ids are not tested.
    """
    model, pre = said.get("ggml.model"), said.get("ggml.pre")
    pieces = model == "llama" and said.get("ggml.add_space_prefix") is False
    if not pieces and (model != "gpt2" or pre not in PRE_TOKENIZERS):
        raise UsageError(
            f"{said.file} has a tokenizer that is not supported (model {model!r}, pre-tokenizer {pre!r})",
            mend=f"use a model with a byte-level BPE tokenizer of one of these kinds: {', '.join(PRE_TOKENIZERS)}; or "
            "with Gemma 3's",
        )
    tokens, merges = said.get("ggml.tokens"), said.get("ggml.merges")
    types = said.get("ggml.token_type") or [TokenType.NORMAL] * len(tokens or [])
    scores: Any = said.get("ggml.scores") if pieces else []
    if pieces and tokens and is_list(scores) and len(scores) == len(tokens):
        merges: Any = []  # told by the scores
    if not tokens or merges is None or len(types) != len(tokens) or not all(isinstance(t, str) for t in tokens):
        raise BadFile(f"{said.file} has a tokenizer without tokens, types or merges", mend="download it again")
    if len(tokens) != size or not all(0 <= end < size for end in ends):
        raise BadFile(
            f"{said.file} has {len(tokens)} tokens, end tokens {', '.join(map(str, ends))}, and embeddings of {size}",
            mend="download it again, or convert the model again",
        )
    known = None if pieces else PRE_TOKENIZERS[pre]
    bos = said.get("ggml.bos_token_id")
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added(tokens, types),
        "normalizer": NORMALIZER if known is None else {"type": info.normalise} if info.normalise else None,
        "pre_tokenizer": None if known is None else known.to_json(),
        "post_processor": _bos_first(info.bos, bos) if info.add_bos and info.bos is not None else None,
        "decoder": DECODER if known is None else _BYTES,
        "model": model_json(tokens, scores, types, _unknown(said, tokens))
        if known is None
        else _byte_level(tokens, types, merges, ignore_merges=known.ignore_merges),
    }
    try:
        roles = _roles(said, tokens)
        write_tokenizer_files(out, content, adds_bos=info.add_bos, roles=roles, template=info.chat_template)
    except (UnicodeEncodeError, AttributeError) as error:
        raise BadFile(f"{said.file} has tokens that are not text: {error}", mend="download it again") from error
    return TokenizerChoice(
        file="tokenizer.ggml",
        kind=pre if known else PIECES,
        normalise=info.normalise,
        adds_bos=info.add_bos,
        ends=ends,
    )


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


def _unknown(said: Stated, tokens: Sequence[str]) -> str:
    index = said.get("ggml.unknown_token_id")
    return tokens[index] if isinstance(index, int) and 0 <= index < len(tokens) else "<unk>"


def _roles(said: Stated, tokens: Sequence[str]) -> dict[str, str]:
    ids = {role: said.get(f"ggml.{key}_token_id") for role, key in _KEYS.items()}
    return {role: tokens[i] for role, i in ids.items() if isinstance(i, int) and 0 <= i < len(tokens)}


_KEYS = {"bos": "bos", "eos": "eos", "pad": "padding", "unk": "unknown"}


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
