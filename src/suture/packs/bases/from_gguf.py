"""A GGUF file into a Hugging Face directory."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType

from suture.core.errors import BadFile, UsageError
from suture.core.model.base import BASE_GGUF, WEIGHTS, BaseRecord
from suture.files.gguf_header import Header, read_header
from suture.files.read_write import sha256_of, write_json
from suture.packs.bases.tokenizer_json import write_tokenizer
from suture.packs.families.gemma3 import gemma3_config
from suture.packs.families.rope import rope_parameters
from suture.packs.gguf.layout import ROPE_FREQUENCIES, Layout
from suture.packs.gguf.quantise import decode
from suture.packs.gguf.read import read_info
from suture.packs.hugging_face.bf16 import write_bf16
from suture.packs.hugging_face.weights import Weight

_MODEL_CLASSES = {
    "llama": "LlamaForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
    "gemma3": "Gemma3ForCausalLM",
}


def convert_gguf(source: Path, out: Path, name: str) -> BaseRecord:
    """Dequantise ``source`` into BF16 safetensors in ``out``, beside configuration, tokenizer and the file itself.

    Raises:
        BadFile: not a whole GGUF file, or without something a model needs.
        UsageError: an architecture, tokenizer, rope scaling or tensor that is not supported.
    """
    info, header = read_info(source), read_header(source)
    layout = Layout.of(header, source)
    try:
        config = _config(source, header, info.architecture)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BadFile(f"{source} lacks something that a model needs: {error}", mend="download it again") from error
    write_json(out / "config.json", config)
    write_tokenizer(source, header, info, out)
    parameters = write_bf16(_weights(source, header, layout), out / WEIGHTS)
    shutil.copyfile(source, out / BASE_GGUF)  # not linked: the source may be written over
    return BaseRecord(
        source=name,
        source_sha256=sha256_of(source),
        architecture=info.architecture,
        weights_sha256=sha256_of(out / WEIGHTS),
        parameters=parameters,
        chat_template_digest=info.chat_template_digest,
        tokenizer_digest=info.tokenizer_digest,
        name=info.name or source.stem,
        licence=info.licence,
    )


def _config(source: Path, header: Header, architecture: str) -> dict[str, Any]:
    def said(key: str, default: Any = None) -> Any:
        value = header.get(f"{architecture}.{key}", default)
        if value is None:
            raise KeyError(f"{architecture}.{key}")
        return value

    heads, hidden = said("attention.head_count"), said("embedding_length")
    head_size = said("attention.key_length", hidden // heads)
    kv_heads, inner = said("attention.head_count_kv", heads), said("feed_forward_length")
    for name, shape in (
        ("token_embd", (header.tensors["token_embd.weight"].shape[0], hidden)),
        ("blk.0.attn_q", (heads * head_size, hidden)),
        ("blk.0.attn_k", (kv_heads * head_size, hidden)),
        ("blk.0.ffn_up", (inner, hidden)),
    ):
        if header.tensors[f"{name}.weight"].shape != shape:
            raise ValueError(f"{name}.weight is not of the shape {shape} that the settings call for")
    config = {
        "architectures": [_MODEL_CLASSES[architecture]],
        "model_type": architecture,
        "dtype": "bfloat16",
        "vocab_size": header.tensors["token_embd.weight"].shape[0],
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": said("block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_size,
        "hidden_act": "silu",
        "max_position_embeddings": said("context_length"),
        "rms_norm_eps": said("attention.layer_norm_rms_epsilon"),
        "rope_parameters": rope_parameters(said, _divisors(source, header), head_size, source),
        "tie_word_embeddings": "output.weight" not in header.tensors,
        "attention_bias": "blk.0.attn_q.bias" in header.tensors,
    }
    if architecture == "gemma3":
        config |= gemma3_config(said, head_size)
    for role, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding")):
        index = header.get(f"tokenizer.ggml.{key}_token_id")
        if index is not None:
            config[f"{role}_token_id"] = index
    return config


def _weights(source: Path, header: Header, layout: Layout) -> Iterator[Weight]:
    names = layout.hugging_face_names()
    there = [names[name] for name in header.tensors if name in names]
    missing = layout.missing(there)
    if missing:
        raise BadFile(f"{source} lacks the tensor {layout.name(missing[0])!r}", mend="download it again")
    data = np.memmap(source, dtype=np.uint8, mode="r")
    for name, place in header.tensors.items():
        if name == ROPE_FREQUENCIES:
            continue
        if name not in names:
            raise UsageError(
                f"{source} has a tensor that is not supported: {name!r}", mend="use a model without added parts"
            )
        raw = np.asarray(data[place.start : place.start + place.nbytes])
        if place.type == GGMLQuantizationType.BF16:
            kind, numbers = "BF16", raw.view("<u2").reshape(place.shape)
        else:
            kind, numbers = "F32", _dequantised(source, name, raw, place.type, place.shape)
        try:
            if by := layout.shift(names[name]):
                numbers = numbers - np.float32(by)
            yield Weight(names[name], kind, layout.restore(names[name], numbers))
        except ValueError as error:
            raise BadFile(
                f"{source} has tensor {name!r} of a shape that does not fit its heads", mend="download it again"
            ) from error


def _dequantised(source: Path, name: str, raw: Any, kind: GGMLQuantizationType, shape: tuple[int, ...]) -> Any:
    try:
        return decode(raw, kind, shape)
    except NotImplementedError as error:
        raise UsageError(
            f"{source} has a tensor of a quantisation that cannot be read: {name!r} is {kind.name}",
            mend="use another quantisation of it, or the Hugging Face directory it was made from",
        ) from error


def _divisors(source: Path, header: Header) -> Any:
    place = header.tensors.get(ROPE_FREQUENCIES)
    if place is None:
        return None
    return np.fromfile(source, dtype="<f4", count=place.nbytes // 4, offset=place.start)
