"""What somebody meant by a name that is no file, no package, no model of the registry and no hub id. Pure."""

import re
from typing import NamedTuple

from suture.core.nearest import nearest

SMALL_MODELS = {
    "smollm2:135m": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "smollm2:360m": "HuggingFaceTB/SmolLM2-360M-Instruct",
    "smollm2:1.7b": "HuggingFaceTB/SmolLM2-1.7B-Instruct",
    "qwen2.5:0.5b": "Qwen/Qwen2.5-0.5B-Instruct",
    "qwen2.5:1.5b": "Qwen/Qwen2.5-1.5B-Instruct",
    "qwen2.5:3b": "Qwen/Qwen2.5-3B-Instruct",
    "qwen2.5-coder:0.5b": "Qwen/Qwen2.5-Coder-0.5B-Instruct",
    "qwen2.5-coder:1.5b": "Qwen/Qwen2.5-Coder-1.5B-Instruct",
    "qwen3:0.6b": "Qwen/Qwen3-0.6B",
    "qwen3:1.7b": "Qwen/Qwen3-1.7B",
    "qwen3:4b": "Qwen/Qwen3-4B",
    "llama3.2:1b": "meta-llama/Llama-3.2-1B-Instruct",
    "llama3.2:3b": "meta-llama/Llama-3.2-3B-Instruct",
    "gemma3:270m": "google/gemma-3-270m-it",
    "gemma3:1b": "google/gemma-3-1b-it",
}
"""Small models as Ollama names them, and the hub's ids of the same weights."""
_HUB_PLACE = re.compile(r"^(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?:models/)?([\w.-]+/[\w.-]+)(.*)$")
_PREFIX = re.compile(r"^(?:hf|hub|huggingface|hf_hub|transformers)[:/]+([\w.-]+/[\w.-]+)$", re.IGNORECASE)
_OLLAMA = re.compile(r"^(?:ollama/|ollama:)?([a-z][\w.-]*)(?::([\w.-]+))?$", re.IGNORECASE)


class Guess(NamedTuple):
    """``said``: why the name cannot be used. ``mend``: what to write instead."""

    said: str
    mend: str


PROMOTED = "a path, OWNER/NAME, or a model that `suture heal` promoted: suture registry list"


def guess(name: str) -> Guess | None:
    """None where the name may be a hub id (``owner/name``)."""
    if (place := _HUB_PLACE.match(name) or _PREFIX.match(name)) is not None:
        return Guess("an address on the hub, and not an id", place[1].partition(":")[0])
    if "://" in name:
        return Guess("an address; a model is downloaded first", "curl -L -o model.gguf ADDRESS, and name model.gguf")
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name) and not name.lower().startswith("ollama/"):
        return None
    if (tagged := _OLLAMA.match(name)) is not None and (tagged[2] or name.lower().startswith("ollama")):
        return _of_ollama(tagged[1].lower(), tagged[2])
    if re.fullmatch(r"[\w.-]+", name):
        near = _nearest(name)
        return Guess("no file, no model of the registry, and no hub id (owner/name)", near or PROMOTED)
    return Guess("no name of a model", "a GGUF file, a directory, owner/name, package:NAME, or a model of the registry")


def _of_ollama(model: str, tag: str | None) -> Guess:
    said = "a name of Ollama's"
    same = SMALL_MODELS.get(f"{model}:{(tag or '').lower().partition('-')[0]}")
    file = f"the file that `ollama show {model}{f':{tag}' if tag else ''} --modelfile` names after FROM"
    return Guess(said, f"{same}, or {file}" if same else file)


def _nearest(name: str) -> str | None:
    """The hub id of a small model whose name looks most like this one."""
    plain = {_plain(hub.partition("/")[2]): hub for hub in SMALL_MODELS.values()}
    plain |= {_plain(ollama): hub for ollama, hub in SMALL_MODELS.items()}
    wanted = _plain(name)
    exact = [hub for known, hub in plain.items() if known.startswith(wanted)]
    if exact:
        return exact[0]
    near = nearest(wanted, plain)
    return None if near is None else plain[near]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]|instruct|gguf|q[48]_[0k]\w*", "", name.lower())
