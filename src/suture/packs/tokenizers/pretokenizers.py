"""Byte-level pre-tokenizers by the name llama.cpp gives them, as the `tokenizers` library writes them in JSON.

A GGUF file only names its pre-tokenizer (``tokenizer.ggml.pre``); a Hugging Face directory spells it out. Reading one
and writing the other needs this table both ways. A wrong entry gives a model that is trained on different tokens from
those it is served with, so only names whose token ids are tested are here.
"""

from typing import Any, NamedTuple


class PreTokenizer(NamedTuple):
    """``steps`` in order; ``ignore_merges`` and ``adds_bos`` are what llama.cpp takes for granted with the name."""

    steps: tuple[dict[str, Any], ...]
    ignore_merges: bool = False
    adds_bos: bool = False

    def to_json(self) -> dict[str, Any]:
        return self.steps[0] if len(self.steps) == 1 else {"type": "Sequence", "pretokenizers": list(self.steps)}


def _bytes(*, use_regex: bool) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def _split(digits: str) -> dict[str, Any]:
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
        + digits
        + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


PRE_TOKENIZERS: dict[str, PreTokenizer] = {
    "gpt-2": PreTokenizer((_bytes(use_regex=True),)),
    "smollm": PreTokenizer(({"type": "Digits", "individual_digits": True}, _bytes(use_regex=True))),
    "qwen2": PreTokenizer((_split(r"\p{N}"), _bytes(use_regex=False))),
    "llama-bpe": PreTokenizer((_split(r"\p{N}{1,3}"), _bytes(use_regex=False)), ignore_merges=True, adds_bos=True),
}


def name_of(pre_tokenizer: dict[str, Any] | None) -> str | None:
    """Name of a ``tokenizer.json``'s ``pre_tokenizer`` entry, or None where it is not one of the known ones."""
    if pre_tokenizer is None:
        return None
    steps = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    seen = [_essence(step) for step in steps]
    for name, known in PRE_TOKENIZERS.items():
        if seen == [_essence(step) for step in known.steps]:
            return name
    return None


def _essence(step: dict[str, Any]) -> dict[str, Any]:
    # Offsets are reported differently with trim_offsets, tokens are not.
    return {key: value for key, value in step.items() if key != "trim_offsets"}
