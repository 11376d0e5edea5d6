"""BPE with byte fallback over texts whose spaces are ``▁``: sentencepiece's kind of tokenizer, as Gemma 3 has it.

llama.cpp (``tokenizer.ggml.model`` = ``llama``) joins whichever neighbours make the token of the highest score. The
`tokenizers` library joins by a list of pairs instead. They agree when the list holds every pair of tokens that makes a
token, in the order of scores; any other list is refused.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gguf import TokenType

from suture.core.errors import UsageError

SPACE = "▁"
NORMALIZER = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
DECODER = {
    "type": "Sequence",
    "decoders": [
        {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
    ],
}
_PLAIN_CUT = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
"""What Gemma's file says: it cuts nothing, for no space is left by then."""


PIECES = "sentencepiece"
"""The kind of such a tokenizer, beside the names of byte-level pre-tokenizers."""


def is_sentencepiece(model: dict[str, Any], normalizer: Any, pre_tokenizer: Any) -> bool:
    """By the parts of a ``tokenizer.json``."""
    return (
        model.get("type") == "BPE"
        and model.get("byte_fallback") is True
        and normalizer == NORMALIZER
        and pre_tokenizer in (None, _PLAIN_CUT)
    )


def scores_of(
    vocabulary: dict[str, int], merges: Sequence[tuple[str, str]], tokens: Sequence[str], source: Path
) -> list[float]:
    """One score a token: the sooner its pairs are joined, the higher.

    Raises:
        UsageError: the list of pairs is not that of a sentencepiece vocabulary.
    """
    order = list(dict.fromkeys(left + right for left, right in merges))
    expected = [pair for text in order for pair in _pairs(text, vocabulary)]
    made_of_pairs = {text for text in vocabulary if len(text) > 1 and _pairs(text, vocabulary)} - set(
        _not_text(vocabulary)
    )
    if expected != list(merges) or not made_of_pairs <= set(order):
        raise UsageError(
            f"{source}: merges holds other pairs than its vocabulary makes, which llama.cpp cannot do",
            mend="use a model with Gemma 3's own tokenizer",
        )
    rank = {text: float(-place) for place, text in enumerate(order)}
    return [rank.get(text, float(-len(order))) for text in tokens]


def types_of(tokens: Sequence[str], types: Sequence[TokenType], unknown: str | None) -> list[TokenType]:
    """Byte tokens and the unknown token by their own type, as llama.cpp needs."""
    return [
        TokenType.BYTE if _is_byte(text) else TokenType.UNKNOWN if text == unknown else kind
        for text, kind in zip(tokens, types, strict=True)
    ]


def model_json(tokens: Sequence[str], scores: Sequence[float], types: Sequence[int], unknown: str) -> dict[str, Any]:
    """The ``model`` of a ``tokenizer.json``."""
    vocabulary = {text: i for i, text in enumerate(tokens) if types[i] != TokenType.UNUSED}
    textual = [i for i in vocabulary.values() if types[i] in {TokenType.NORMAL, TokenType.USER_DEFINED}]
    ordered = sorted(textual, key=lambda i: -scores[i])
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": unknown,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": True,
        "ignore_merges": False,
        "vocab": vocabulary,
        "merges": [list(pair) for i in ordered for pair in _pairs(tokens[i], vocabulary)],
    }


def _pairs(text: str, vocabulary: dict[str, int]) -> list[tuple[str, str]]:
    """Every two tokens that make ``text``, by their ids."""
    cuts = ((text[:at], text[at:]) for at in range(1, len(text)))
    there = [(left, right) for left, right in cuts if left in vocabulary and right in vocabulary]
    return sorted(there, key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))


def _is_byte(text: str) -> bool:
    return len(text) == 6 and text.startswith("<0x") and text.endswith(">")


def _not_text(vocabulary: dict[str, int]) -> list[str]:
    return [text for text in vocabulary if _is_byte(text) or text.startswith("<")]
