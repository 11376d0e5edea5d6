"""The weights of somebody's Hugging Face directory: the files that transformers loads, whole, in the right shapes."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from suture.core.errors import BadFile, UsageError
from suture.core.json_types import is_object
from suture.files.small_files import read_json
from suture.packs.hugging_face.weights import Weight, read_weights

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
_EMBEDDINGS, _HEAD = "model.embed_tokens.weight", "lm_head.weight"
_CONSTANT = "rotary_emb.inv_freq"


def source_weights(directory: Path, expected: Mapping[str, tuple[int, ...]]) -> dict[str, Weight]:
    """Every tensor of the model, each of its expected shape. Nothing is read yet.

    Args:
        expected: shapes by name, as the configuration says; without a head of its own where the two are tied.

    Raises:
        BadFile: no safetensors, a file of several missing, or a broken one.
        UsageError: a tensor that is missing, unknown or of another shape, or a tied head that is not the embeddings.
    """
    found: dict[str, Weight] = {}
    for file in weight_files(directory):
        for name, weight in read_weights(file).items():
            if name in found:
                raise BadFile(f"{directory} has the tensor {name!r} twice", mend="download it again")
            found[name] = weight
    found = {name: weight for name, weight in found.items() if not name.endswith(_CONSTANT)}
    if _HEAD in found and _HEAD not in expected:
        _require_same(directory, found.pop(_HEAD), found.get(_EMBEDDINGS))
    for name, shape in expected.items():
        if name not in found:
            raise BadFile(f"{directory} lacks the tensor {name!r}", mend=_mend_missing(name, found))
        if found[name].stored.shape != shape:
            raise UsageError(
                f"{directory} has {name!r} in the shape {found[name].stored.shape}, and config.json calls for {shape}",
                mend="take weights and config.json from one model",
            )
    for name in found:
        if name not in expected:
            raise UsageError(
                f"{directory} has a tensor that is not supported: {name!r}",
                mend="use a model without added parts"
                if not name.endswith(".bias")
                else "state attention_bias in config.json, if the model was trained with biases",
            )
    return found


def weight_files(directory: Path) -> list[Path]:
    """``model.safetensors``, or else the files that its index names, as transformers does.

    An index is a list of the directory's own files; a path that leads elsewhere is refused.

    Raises:
        BadFile: neither, or a file that the index names is missing.
    """
    if (directory / "adapter_config.json").is_file():
        raise UsageError(
            f"{directory} holds an adapter, not a model", mend=f"suture import adapter {directory} --base MODEL"
        )
    if (directory / SINGLE).is_file():
        return [directory / SINGLE]
    if (directory / INDEX).is_file():
        index = read_json(directory / INDEX, what="list of weight files", mend="download it again")
        places = index.get("weight_map")
        names = sorted({str(name) for name in places.values()}) if is_object(places) else []
        if not names or not all(re.fullmatch(r"\w[\w.\-]*\.safetensors", name) for name in names):
            raise BadFile(f"{directory / INDEX} names files outside its directory, or none", mend="download it again")
        if missing := [name for name in names if not (directory / name).is_file()]:
            raise BadFile(
                f"{directory} lacks {missing[0]}: {len(missing)} of the {len(names)} files that {INDEX} names",
                mend="download what is missing",
            )
        return [directory / name for name in names]
    others = sorted(file.name for file in directory.glob("*.safetensors"))
    if others:
        raise BadFile(
            f"{directory} has {others[0]}, but no {SINGLE} and no {INDEX}, so nothing says which files make the model",
            mend=f"rename it to {SINGLE}" if len(others) == 1 else f"download {INDEX} too",
        )
    raise BadFile(
        f"{directory} has no safetensors files (pickled weights are not read: they can run code)",
        mend="use the model's safetensors files",
    )


def _require_same(directory: Path, head: Weight, embeddings: Weight | None) -> None:
    if embeddings is not None and head.stored.shape == embeddings.stored.shape:
        rows = range(0, head.stored.shape[0], 1 << 14)
        parts = ((head.rows(at, 1 << 14), embeddings.rows(at, 1 << 14)) for at in rows)
        if all(np.array_equal(one, other) for one, other in parts):
            return
    raise UsageError(
        f"{directory}: config.json ties the output matrix to the embeddings (tie_word_embeddings), and the "
        "weights hold an lm_head.weight that is another matrix; transformers 4 drops it, transformers 5 uses it",
        mend="set tie_word_embeddings to false in config.json if it was trained, else remove lm_head.weight",
    )


def _mend_missing(name: str, found: Collection[str]) -> str:
    other = next((key for key in found if key.endswith(name) or name.endswith(f".{key}")), None)
    if other is not None:
        return f"save it again from AutoModelForCausalLM without a wrapper: there it is called {other!r}"
    if name == _HEAD:
        return "download it again; if the model has no output matrix of its own, set tie_word_embeddings in config.json"
    if name.endswith(".bias"):
        return "download it again; if the model has no biases, set attention_bias to false in config.json"
    return "download it again"
