"""A GGUF file into a Hugging Face directory."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType

from suture.core.errors import BadFile, UsageError
from suture.core.model.base import BASE_GGUF, WEIGHTS, BaseRecord, TemplateChoice
from suture.files.gguf_header import Header, read_header
from suture.files.small_files import sha256_of, write_json
from suture.packs.bases.tokenizer_of_gguf import ends_of, write_tokenizer
from suture.packs.families.family import Shape
from suture.packs.gguf.layout import ROPE_FREQUENCIES, Layout
from suture.packs.gguf.metadata import model_settings, require_model, tokenizer_settings
from suture.packs.gguf.pack_info import PackInfo, read_info
from suture.packs.gguf.quantise import decode
from suture.packs.hugging_face.bf16 import write_bf16
from suture.packs.hugging_face.weights import Weight


def convert_gguf(source: Path, out: Path, name: str) -> BaseRecord:
    """Dequantise ``source`` into BF16 safetensors in ``out``, beside configuration, tokenizer and the file itself.

    Raises:
        BadFile: not a whole GGUF file, or without something a model needs.
        UsageError: something that is not known to be carried over or without effect.
    """
    info, header = read_info(source), read_header(source)
    require_model(header, source)
    layout = Layout.of(header, source)
    shape, settings = model_settings(header, source, layout.family, _divisors(source, header))
    said = tokenizer_settings(header, source)
    if not info.chat_template:
        raise no_template(source)
    ids = {f"{role}_token_id": said.get(f"ggml.{key}_token_id") for role, key in (("bos", "bos"), ("pad", "padding"))}
    ends = ends_of(said)
    config = layout.family.config(shape, settings) | {key: index for key, index in ids.items() if index is not None}
    write_json(out / "config.json", config | {"eos_token_id": ends[0] if len(ends) == 1 else list(ends)})
    choice = write_tokenizer(said, info, out, ends, shape.vocabulary)
    parameters = write_bf16(_weights(source, header, layout, shape), out / WEIGHTS)
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
        template=_template(info, header),
        tokenizer=choice,
    )


def no_template(source: Path) -> UsageError:
    """The complaint about a GGUF file without a chat template."""
    return UsageError(
        f"{source} carries no chat template",
        mend=f"use an instruct model, or put its template in: gguf-new-metadata --chat-template-file FILE {source} NEW",
    )


def _template(info: PackInfo, header: Header) -> TemplateChoice:
    key = "tokenizer.chat_template"
    others = tuple(sorted(name for name in header.entries if name.startswith(f"{key}.")))
    return TemplateChoice(file=key, sha256=info.chat_template_digest, passed_over=others)


def _weights(source: Path, header: Header, layout: Layout, shape: Shape) -> Iterator[Weight]:
    expected = {layout.name(name): (name, size) for name, size in layout.family.tensors(shape).items()}
    for name in header.tensors:
        if name not in expected and name != ROPE_FREQUENCIES:
            raise UsageError(
                f"{source} has a tensor that is not supported: {name!r}", mend="use a model without added parts"
            )
    data = np.memmap(source, dtype=np.uint8, mode="r")
    for name, (theirs, size) in expected.items():
        place = header.tensors.get(name)
        if place is None:
            raise BadFile(f"{source} lacks the tensor {name!r}", mend="download it again")
        if place.shape != size:
            raise BadFile(
                f"{source} has {name!r} in the shape {place.shape}, and its settings call for {size}",
                mend="download it again, or convert the model again",
            )
        raw = np.asarray(data[place.start : place.start + place.nbytes])
        if place.type == GGMLQuantizationType.BF16:
            kind, numbers = "BF16", raw.view("<u2").reshape(place.shape)
        else:
            kind, numbers = "F32", _dequantised(source, name, raw, place.type, place.shape)
        try:
            if by := layout.shift(theirs):
                numbers = numbers - np.float32(by)
            yield Weight(theirs, kind, layout.restore(theirs, numbers))
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
