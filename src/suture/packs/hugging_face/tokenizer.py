"""A Hugging Face directory's tokenizer: ``tokenizer.json`` is the one that counts, and the other files must agree."""

from pathlib import Path
from typing import Any, NamedTuple

from gguf import TokenType

from suture.core.errors import BadFile, SutureError, UsageError
from suture.core.json_types import is_list
from suture.core.model.base import TemplateChoice, TokenizerChoice
from suture.files.small_files import read_json
from suture.packs.hugging_face.bpe import Cut, read_cut
from suture.packs.hugging_face.chat_template import choose_template
from suture.packs.hugging_face.config import CONFIG, GENERATION_CONFIG, ModelConfig
from suture.packs.hugging_face.post_processor import puts_bos_first
from suture.packs.hugging_face.special_tokens import ROLES, added_tokens, require_agreement, token_of
from suture.packs.stated import Stated

TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
WITHOUT_EFFECT = frozenset(
    {
        *("tokenizer_class", "model_max_length", "padding_side", "truncation_side", "clean_up_tokenization_spaces"),
        *("spaces_between_special_tokens", "errors", "legacy", "sp_model_kwargs", "use_default_system_prompt"),
        *("name_or_path", "tokenizer_file", "special_tokens_map_file", "model_input_names", "processor_class"),
        *("backend", "is_local", "local_files_only", "chat_template", "from_slow", "max_length", "stride"),
        *("truncation_strategy", "truncation", "padding", "pad_to_multiple_of", "pad_token_type_id"),
        *("return_token_type_ids", "use_fast", "tokenizer_type", "trim_offsets", "verbose", "response_schema"),
        *("transformers_version", "unsloth_version", "_commit_hash", "device_map", "torch_dtype", "dtype"),
        *("trust_remote_code", "vocab_size", "fix_mistral_regex", "added_tokens_decoder", "add_bos_token"),
    }
)
"""Keys of ``tokenizer_config.json`` that change no token of a prompt, or are compared with ``tokenizer.json`` here."""


class ModelTokenizer(NamedTuple):
    """What a tokenizer does, checked.

    Attributes:
        content: ``tokenizer.json`` as it is.
        tokens, types: by id, filled up to the model's vocabulary.
        roles: ids of the tokens for bos, eos, unk and pad, as far as there are such.
        ends: tokens that end an answer; the first is eos.
    """

    content: dict[str, Any]
    cut: Cut
    tokens: list[str]
    types: list[TokenType]
    roles: dict[str, int]
    adds_bos: bool
    ends: tuple[int, ...]
    template: str
    template_choice: TemplateChoice
    choice: TokenizerChoice


def read_tokenizer(directory: Path, model: ModelConfig) -> ModelTokenizer:
    """Read ``tokenizer.json``, what is said beside it, and the chat template.

    Raises:
        BadFile: no ``tokenizer.json`` that can be read.
        UsageError: a kind of tokenizer or a setting that the engines do not compute, or files that disagree.
    """
    file = directory / TOKENIZER
    if not file.is_file():
        raise BadFile(
            f"{directory} has no {TOKENIZER} (vocab.json, merges.txt and tokenizer.model are not read)",
            mend="write one with transformers: AutoTokenizer.from_pretrained(...).save_pretrained(...)",
        )
    content, said = read_json(file, what="tokenizer", mend="download it again"), directory / TOKENIZER_CONFIG
    try:
        settings = read_json(said, what="tokenizer's settings", mend="download it again") if said.is_file() else {}
        return _read(directory, model, content, settings)
    except SutureError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BadFile(f"{file} cannot be read as a tokenizer: {error}", mend="download it again") from error


def _file_with_end(directory: Path, end: int) -> Path:
    """The configuration that names this end of an answer."""
    said = directory / GENERATION_CONFIG
    named: Any = read_json(said, what="generation configuration").get("eos_token_id") if said.is_file() else None
    return said if end in (named if is_list(named) else [named]) else directory / CONFIG


def _read(directory: Path, model: ModelConfig, content: dict[str, Any], settings: dict[str, Any]) -> ModelTokenizer:
    tokenizer = Stated(content, directory / TOKENIZER, helps=_helps)
    config = Stated(settings, directory / TOKENIZER_CONFIG, helps=_helps)
    cut, size = read_cut(tokenizer), model.shape.vocabulary
    added = added_tokens(tokenizer, cut.vocabulary, size)
    tokens, types = _listed(cut.vocabulary, added, size, directory)
    ids = {text: i for i, text in enumerate(tokens) if types[i] != TokenType.UNUSED}
    texts = {role: token_of(directory, config, role) for role in ROLES}
    roles = {role: ids[text] for role, text in texts.items() if text in ids}
    require_agreement(directory, config, added)
    adds_bos = puts_bos_first(tokenizer, config, texts["bos"], roles.get("bos"))
    named = [roles[role] for role in ("eos",) if role in roles]
    ends = tuple(dict.fromkeys([*named, *model.ends]))
    if not ends:
        raise UsageError(
            f"{directory} names no token that ends an answer",
            mend=f"state eos_token in {config.file}, as the model was trained",
        )
    if wrong := [end for end in ends if end >= size or types[end] == TokenType.UNUSED]:
        raise UsageError(
            f"{_file_with_end(directory, wrong[0])}: eos_token_id {wrong[0]} is no token of tokenizer.json",
            mend="correct it there",
        )
    roles = {"bos": model.bos, **roles} if model.bos is not None and model.bos < size else roles
    template, template_choice = choose_template(directory, settings)
    config.only(False, keys=["split_special_tokens", "do_lower_case", "add_prefix_space", "add_dummy_prefix_space"])
    config.finish(WITHOUT_EFFECT)
    tokenizer.finish({"version", "truncation", "padding"})  # transformers undoes the latter two with every call
    choice = TokenizerChoice(
        file=TOKENIZER,
        kind=cut.kind,
        normalise=cut.normalise,
        adds_bos=adds_bos,
        ends=ends,
        passed_over=tuple(str(one) for one in [config.get("tokenizer_class")] if one),
    )
    return ModelTokenizer(
        content, cut, tokens, types, roles | {"eos": ends[0]}, adds_bos, ends, template, template_choice, choice
    )


def _listed(
    vocabulary: dict[str, int], added: dict[int, dict[str, Any]], size: int, directory: Path
) -> tuple[list[str], list[TokenType]]:
    tokens, types = [f"[PAD{i}]" for i in range(size)], [TokenType.UNUSED] * size
    for text, index in vocabulary.items():
        if index >= size:
            raise UsageError(
                f"{directory / TOKENIZER} gives {text!r} the id {index}, and vocab_size in config.json is {size}",
                mend="take both files from one model",
            )
        tokens[index], types[index] = text, TokenType.NORMAL
    for index, entry in added.items():
        tokens[index] = entry["content"]
        types[index] = TokenType.CONTROL if entry.get("special") else TokenType.USER_DEFINED
    return tokens, types


def _helps(key: str) -> str:
    return f"use a model whose tokenizer does without; if {key} changes no token, remove it from the file"
