"""Names of an adapter's tensors: as peft writes them, and as other tools leave them."""

import re
from collections.abc import Container, Iterator
from typing import NamedTuple

PREFIX = "base_model.model."
_WRAPPERS = {"_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
"""Parts of a name that torch.compile, DDP, FSDP and activation checkpointing put in."""
_MATRIX = re.compile(r"(?P<module>.+)\.lora_(?P<side>[AB])(?:\.(?P<adapter>(?!bias$)[^.]+))??(?:\.weight)?")
_WHOLE = re.compile(r"(?P<module>.+?)(?:\.base_layer)?\.weight")
_TIED = "model.embed_tokens.weight"
"""What a base without an output matrix of its own has in its place."""
_KINDS = {
    "lora_magnitude_vector": "DoRA's lengths",
    "lora_embedding_": "an update of the embeddings",
    "modules_to_save": "a whole module that was trained",
    "trainable_tokens": "trained rows of the embeddings",
    "token_adapter": "trained rows of the embeddings",
    "lora_diag": "KaSA's singular values",
    "lora_B.bias": "a trained bias",
    ".bias": "a trained bias",
    "lora_down": "a matrix by another tool's name",
    "lora_up": "a matrix by another tool's name",
    "lora_a": "a matrix by another tool's name",
    "lora_b": "a matrix by another tool's name",
}


class Matrix(NamedTuple):
    """One of the two matrices (``side`` A or B) that update the base's ``module``.

    ``adapter`` is the adapter's own name in the key, or empty; ``trained_as`` the module's names in the model that was
    trained, with torch's wrappers and without.
    """

    module: str
    side: str
    adapter: str
    trained_as: tuple[str, ...]


def matrix_of(key: str, base: Container[str]) -> Matrix | None:
    """Read what a key names, by the base's own names of modules; None where it is no LoRA matrix.

    Without peft's prefix, with the adapter's name in it, below a wrapper of torch's, or of a model whose layers lie one
    level higher (trained without the output matrix) or lower (beside a part that reads pictures): all the same matrix.
    """
    found = _MATRIX.fullmatch(_unwrapped(key))
    if found is None:
        return None
    adapter = found["adapter"] or ""
    wrapped = _MATRIX.fullmatch(key.removeprefix(PREFIX))
    names = (wrapped["module"] if wrapped else found["module"], found["module"])
    module = _module(found["module"], base)
    return Matrix(module, found["side"], "" if adapter == "weight" else adapter, names)


def whole_of(key: str, base: Container[str]) -> str | None:
    """The base's tensor that a key repeats in full: peft saves the embeddings and the output matrix beside an update of
    either."""
    found = _WHOLE.fullmatch(_unwrapped(key))
    name = f"{_module(found['module'], base)}.weight" if found else ""
    name = _TIED if name == "lm_head.weight" and name not in base else name
    return name if name in base else None


def canonical(module: str, side: str) -> str:
    """Write the key as peft's ``save_pretrained`` does."""
    return f"{PREFIX}{module}.lora_{side}.weight"


def kind_of(key: str) -> str:
    """Say what a key that is no LoRA matrix seems to be."""
    return next((kind for part, kind in _KINDS.items() if part in key), "a part that is not known")


def _unwrapped(key: str) -> str:
    return ".".join(part for part in key.split(".") if part not in _WRAPPERS).removeprefix(PREFIX)


def _module(name: str, base: Container[str]) -> str:
    return next((other for other in _spellings(name) if f"{other}.weight" in base), name)


def _spellings(name: str) -> Iterator[str]:
    yield name
    yield f"model.{name}"
    without = ".".join(part for part in name.split(".") if part != "language_model")
    yield without
    yield f"model.{without}"
    yield without.removeprefix("model.")
