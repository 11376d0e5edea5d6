"""A GGUF file into a Hugging Face directory."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from gguf import GGUFReader
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, modeling_gguf_pytorch_utils

from suture.core.digest import digest_of_text
from suture.core.errors import BadFile, UsageError
from suture.core.pack import SUPPORTED_ARCHITECTURES, BaseRecord
from suture.training.files import BASE_GGUF, sha256_of, sha256_of_all
from suture.training.model import parameters_of, save_bf16
from suture.training.quiet import quiet
from suture.training.tokenizer import correct_tokenizer, known_pre_tokenizer


def convert_gguf(source: Path, out: Path, name: str) -> BaseRecord:
    """Dequantise ``source`` into BF16 safetensors in ``out``, beside its tokenizer and the file itself.

    Raises:
        BadFile: not a readable GGUF file.
        UsageError: an architecture or tokenizer that is not supported.
    """
    said = _metadata(source)
    architecture = said("general.architecture")
    if architecture not in SUPPORTED_ARCHITECTURES:
        raise UsageError(
            f"{source} is of architecture {architecture!r}, which is not supported",
            mend=f"use a model of one of these architectures: {', '.join(SUPPORTED_ARCHITECTURES)}",
        )
    pre = known_pre_tokenizer(said("tokenizer.ggml.model"), said("tokenizer.ggml.pre"), source)
    with quiet(), _without_bar():
        config = AutoConfig.from_pretrained(source.parent, gguf_file=source.name)
        head_size = said(f"{architecture}.attention.key_length")
        if head_size is not None:
            config.head_dim = head_size  # which transformers does not look up
        model = _dequantised(source, config)
        tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
        # Otherwise transformers takes the plain weights it just made for quantised ones, and will not save them.
        model.hf_quantizer, model.is_quantized = None, False
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        save_bf16(model, out)
        tokenizer.save_pretrained(out)
    adds_bos = said("tokenizer.ggml.add_bos_token", pre.adds_bos)
    bos = said("tokenizer.ggml.bos_token_id")
    correct_tokenizer(
        out, pre, bos=(tokenizer.convert_ids_to_tokens(bos), bos) if adds_bos and bos is not None else None
    )
    _link_or_copy(source, out / BASE_GGUF)
    return BaseRecord(
        source=name,
        source_sha256=sha256_of(source),
        architecture=architecture,
        weights_sha256=sha256_of_all(out, "*.safetensors"),
        parameters=parameters_of(model),
        chat_template_digest=digest_of_text(said("tokenizer.chat_template", "")),
        licence=said("general.license", ""),
    )


def _metadata(source: Path) -> Any:
    try:
        reader = GGUFReader(source)
    except (OSError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise BadFile(f"{source} is not a GGUF file, or is cut off: {error}", mend="download it again") from error

    def said(key: str, default: Any = None) -> Any:
        field = reader.get_field(key)
        return default if field is None else field.contents()

    return said


def _dequantised(source: Path, config: Any) -> Any:
    try:
        return AutoModelForCausalLM.from_pretrained(
            source.parent, gguf_file=source.name, config=config, dtype=torch.float32
        )
    except (ValueError, KeyError, TypeError, RuntimeError, NotImplementedError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadFile(
            f"the weights of {source} cannot be dequantised: {reason}",
            mend="use another quantisation of it, or the Hugging Face directory it was made from",
        ) from error


@contextmanager
def _without_bar() -> Iterator[None]:
    """This one bar of transformers does not obey its own switch."""
    module: Any = modeling_gguf_pytorch_utils
    bar = module.tqdm
    module.tqdm = lambda items, **_: items
    try:
        yield
    finally:
        module.tqdm = bar


def _link_or_copy(source: Path, out: Path) -> None:
    try:
        os.link(source, out)
    except OSError:
        shutil.copyfile(source, out)
