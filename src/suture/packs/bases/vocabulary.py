"""A Hugging Face tokenizer in GGUF's terms."""

from pathlib import Path

from gguf import GGUFValueType, GGUFWriter

from suture.core.errors import UsageError
from suture.packs.gguf.pack_info import NORMALISE
from suture.packs.hugging_face.tokenizer import ModelTokenizer
from suture.packs.tokenizers.sentencepiece import PIECES, scores_of, types_of

_ENDS_BY_NAME = {
    *("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "</s>"),
    *("<|eom_id|>", "<EOT>", "<|end_of_text|>"),
}
"""Texts of tokens that llama.cpp ends an answer with even where a file does not say so (llama-vocab.cpp)."""


def add_vocabulary(writer: GGUFWriter, tokenizer: ModelTokenizer, source: Path) -> None:
    """Write tokens, merges, special tokens and the chat template.

    Raises:
        UsageError: more end tokens than a GGUF file can name, or pairs that llama.cpp cannot join.
    """
    cut, pieces = tokenizer.cut, tokenizer.cut.kind == PIECES
    unknown = tokenizer.content["model"].get("unk_token")
    writer.add_tokenizer_model("llama" if pieces else "gpt2")
    writer.add_tokenizer_pre("default" if pieces else cut.kind)
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_types(types_of(tokenizer.tokens, tokenizer.types, unknown) if pieces else tokenizer.types)
    if pieces:
        writer.add_token_scores(scores_of(cut.vocabulary, cut.merges, tokenizer.tokens, source / "tokenizer.json"))
        writer.add_add_space_prefix(False)
    else:
        writer.add_token_merges([f"{left} {right}" for left, right in cut.merges])
    add = {
        "bos": writer.add_bos_token_id,
        "eos": writer.add_eos_token_id,
        "unk": writer.add_unk_token_id,
        "pad": writer.add_pad_token_id,
    }
    for role, index in tokenizer.roles.items():
        add[role](index)
    _add_other_ends(writer, tokenizer, source)
    # Said either way: what llama.cpp does when a file is silent depends on the tokenizer's kind.
    writer.add_add_bos_token(tokenizer.adds_bos)
    writer.add_add_eos_token(False)
    writer.add_chat_template(tokenizer.template)
    if cut.normalise:
        writer.add_key_value(NORMALISE, cut.normalise, GGUFValueType.STRING)


def _add_other_ends(writer: GGUFWriter, tokenizer: ModelTokenizer, source: Path) -> None:
    """A GGUF file has places for three end tokens; some others llama.cpp knows by their text."""
    others = [end for end in tokenizer.ends[1:] if tokenizer.tokens[end] not in _ENDS_BY_NAME]
    places = (writer.add_eot_token_id, writer.add_eom_token_id)
    if len(others) > len(places):
        raise UsageError(
            f"{source}: {len(tokenizer.ends)} tokens end an answer (eos_token_id), more than a GGUF file can name",
            mend="leave those in config.json and generation_config.json that the model was trained to end with",
        )
    for add, end in zip(places, others, strict=False):
        add(end)
