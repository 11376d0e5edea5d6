"""The byte-pair model of a ``tokenizer.json``, and how texts are cut for it, read by allow list."""

from typing import Any, NamedTuple

from suture.core.errors import BadFile, UsageError
from suture.packs.stated import Stated, shown
from suture.packs.tokenizers.pretokenizers import PRE_TOKENIZERS, name_of
from suture.packs.tokenizers.sentencepiece import DECODER, PIECES, is_sentencepiece

_NFC = {"type": "NFC"}
_SEQUENCE = "normalizers"


class Cut(NamedTuple):
    """How a text becomes tokens.

    Attributes:
        kind: llama.cpp's name of the pre-tokenizer, or ``PIECES``.
        normalise: the Unicode form that texts are brought into first: ``NFC``, or empty. llama.cpp does not do it, so
            Suture does, where it renders a prompt.
        merges: pairs that are joined, in order.
    """

    kind: str
    normalise: str
    vocabulary: dict[str, int]
    merges: list[tuple[str, str]]


def read_cut(tokenizer: Stated) -> Cut:
    """Raises UsageError: any step or setting that the engines would not do in the same way."""
    model = tokenizer.part("model")
    pieces = is_sentencepiece(tokenizer.get("model"), tokenizer.get("normalizer"), tokenizer.get("pre_tokenizer"))
    kind = PIECES if pieces else _pre_tokenizer(tokenizer, model)
    normalise = "" if pieces else _normaliser(tokenizer)
    decoder: dict[str, Any] = tokenizer.get("decoder", {})
    if decoder != DECODER if pieces else decoder.get("type") != "ByteLevel":
        raise tokenizer.refused("decoder", "the engines turn such tokens into text in another way")
    known = None if pieces else PRE_TOKENIZERS[kind]
    model.only(0, 0.0, keys=["dropout"])
    model.only("", keys=["continuing_subword_prefix", "end_of_word_suffix"])
    model.only(pieces, keys=["byte_fallback"])
    joins = bool(model.get("ignore_merges", False))
    if joins != (known is not None and known.ignore_merges):
        raise model.refused("ignore_merges", f"llama.cpp takes the other for granted with the kind {kind!r}")
    vocabulary, merges = model.get("vocab", {}), [_pair(merge) for merge in model.get("merges", [])]
    unknown = model.get("unk_token")
    if unknown is not None and not pieces and (lacking := _lacking(vocabulary)):
        raise model.refused(
            "unk_token", f"it would stand for {lacking} bytes that have no token, and llama.cpp drops them"
        )
    model.finish({"type", "fuse_unk"})
    _require_sound(tokenizer, vocabulary, merges)
    return Cut(kind, normalise, vocabulary, merges)


def _pre_tokenizer(tokenizer: Stated, model: Stated) -> str:
    kind = name_of(tokenizer.get("pre_tokenizer"))
    if model.get("type") != "BPE" or kind is None:
        raise UsageError(
            f"{tokenizer.file} is of a kind that is not supported: {model.get('type')}, cut by "
            f"{_kinds(tokenizer.get('pre_tokenizer'))} after {_kinds(tokenizer.get('normalizer'), _SEQUENCE)}",
            mend=f"use a model with a byte-level BPE tokenizer of one of these kinds: {', '.join(PRE_TOKENIZERS)}; or "
            "with Gemma 3's",
        )
    return kind


def _normaliser(tokenizer: Stated) -> str:
    normalizer: dict[str, Any] = tokenizer.get("normalizer", {})
    steps: list[Any] = normalizer.get(_SEQUENCE, [normalizer]) if normalizer else []
    if any(step != _NFC for step in steps):
        raise tokenizer.refused(
            "normalizer",
            "texts would be changed before they are cut, and the engines would not do that",
            mend="use a model whose tokenizer has no normalizer, or NFC",
        )
    return "NFC" if steps else ""


def _pair(merge: Any) -> tuple[str, str]:
    left, right = merge.split(" ", 1) if isinstance(merge, str) else merge
    return left, right


def _require_sound(tokenizer: Stated, vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> None:
    ids = list(vocabulary.values())
    if not ids or any(type(i) is not int or i < 0 for i in ids) or len(set(ids)) < len(ids):
        raise BadFile(f"{tokenizer.file}: vocab holds no tokens, or two with one id", mend="download the file again")
    for left, right in merges:
        if left not in vocabulary or right not in vocabulary or left + right not in vocabulary:
            raise BadFile(
                f"{tokenizer.file}: merges joins {shown([left, right])}, which the vocabulary does not hold",
                mend="download the file again",
            )


def _lacking(vocabulary: dict[str, int]) -> int:
    """How many bytes that UTF-8 can hold have no token, by GPT-2's alphabet of bytes."""
    shown_as_they_are = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in shown_as_they_are]
    alphabet = {byte: chr(byte) for byte in shown_as_they_are} | {b: chr(256 + i) for i, b in enumerate(others)}
    never = {0xC0, 0xC1, *range(0xF5, 0x100)}
    return sum(character not in vocabulary for byte, character in alphabet.items() if byte not in never)


def _kinds(steps: dict[str, Any] | None, several: str = "pretokenizers") -> str:
    listed = (steps or {}).get(several, [steps or {}])
    return " + ".join(str(step.get("type", "nothing")) for step in listed)
