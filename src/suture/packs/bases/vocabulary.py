"""A Hugging Face byte-level BPE tokenizer, in GGUF's terms."""

from pathlib import Path
from typing import Any

from gguf import GGUFWriter, SpecialVocab, TokenType

from suture.core.errors import BadFile, UsageError
from suture.files.read_write import read_json
from suture.packs.tokenizers.pretokenizers import PRE_TOKENIZERS, name_of
from suture.packs.tokenizers.sentencepiece import is_sentencepiece, scores_of, types_of


def add_vocabulary(writer: GGUFWriter, directory: Path, size: int) -> None:
    """Write tokens, merges, special tokens and chat template of ``directory``'s tokenizer; pad to ``size`` tokens.

    Raises:
        BadFile: no ``tokenizer.json`` that can be read.
        UsageError: a kind of tokenizer whose token ids are not tested.
    """
    file = directory / "tokenizer.json"
    try:
        tokenizer = read_json(file, what="tokenizer", mend="download it again")
        model, added = tokenizer["model"], tokenizer.get("added_tokens", [])
        pre = name_of(tokenizer.get("pre_tokenizer"))
        pieces = is_sentencepiece(tokenizer)
        if not pieces and (model.get("type") != "BPE" or pre is None):
            raise UsageError(
                f"{file} is of a kind that is not supported: {model.get('type')}, cut by "
                f"{_kinds(tokenizer.get('pre_tokenizer'))}",
                mend=f"convert the model with llama.cpp's converter and give the GGUF file, or use a byte-level BPE "
                f"tokenizer of one of these kinds: {', '.join(PRE_TOKENIZERS)}",
            )
        tokens, types = _tokens(model["vocab"], added, size)
        special = SpecialVocab(directory, load_merges=not pieces, n_vocab=size)
        # Said either way: what llama.cpp does when a file is silent depends on the tokenizer's kind.
        special.add_special_token["bos"] = _puts_bos_first(tokenizer.get("post_processor"))
        writer.add_tokenizer_model("llama" if pieces else "gpt2")
        writer.add_tokenizer_pre("default" if pre is None else pre)
        writer.add_token_list(tokens)
        writer.add_token_types(types_of(tokens, types, model.get("unk_token")) if pieces else types)
        if pieces:
            writer.add_token_scores(scores_of(model, tokens))
            writer.add_add_space_prefix(False)
        special.add_to_gguf(writer, quiet=True)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError) as error:
        raise BadFile(f"{file} cannot be read as a tokenizer: {error}", mend="download it again") from error


def _tokens(vocabulary: dict[str, int], added: list[dict[str, Any]], size: int) -> tuple[list[str], list[TokenType]]:
    tokens = [f"[PAD{i}]" for i in range(size)]
    types = [TokenType.UNUSED] * size
    for text, index in vocabulary.items():
        if not 0 <= index < size:
            raise ValueError(f"token {text!r} has the id {index}, and the model has {size} tokens")
        tokens[index], types[index] = text, TokenType.NORMAL
    for entry in added:
        tokens[entry["id"]] = entry["content"]
        types[entry["id"]] = TokenType.CONTROL if entry.get("special") else TokenType.USER_DEFINED
    return tokens, types


def _puts_bos_first(post_processor: dict[str, Any] | None) -> bool:
    """Whether this tokenizer puts a special token before every text, whatever its configuration file says."""
    steps = (post_processor or {}).get("processors", [post_processor or {}])
    templates = [step["single"] for step in steps if step.get("type") == "TemplateProcessing"]
    return any(template and "SpecialToken" in template[0] for template in templates)


def _kinds(pre_tokenizer: dict[str, Any] | None) -> str:
    steps = (pre_tokenizer or {}).get("pretokenizers", [pre_tokenizer or {}])
    return " + ".join(str(step.get("type", "nothing")) for step in steps)
