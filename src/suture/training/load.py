"""Loading and saving a causal language model the one way Suture does it."""

from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from suture.core.errors import BadFile
from suture.training.quiet import quiet

_UNREADABLE = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError),
    *(SafetensorError, StrictDataclassError),
)
"""What transformers raises for a configuration or weights that it cannot load."""


def load_model(directory: Path, dtype: torch.dtype = torch.float32, **options: Any) -> Any:
    """Safetensors only, no code from the directory.

    Raises:
        BadFile: the directory's weights or configuration cannot be read.
    """
    try:
        with quiet():
            return AutoModelForCausalLM.from_pretrained(
                directory, dtype=dtype, use_safetensors=True, trust_remote_code=False, local_files_only=True, **options
            )
    except _UNREADABLE as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadFile(f"{directory} cannot be loaded as a model: {said}", mend="make it again") from error


def usual_device() -> str:
    """The GPU, where torch sees one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def save_bf16(model: Any, out: Path) -> None:
    """Round to BF16 (nearest even) and write ``model.safetensors`` and ``config.json``; tied weights once."""
    with quiet():
        model.to(torch.bfloat16).save_pretrained(out, max_shard_size="100TB")


def parameters_of(model: Any) -> int:
    """Tied weights count once."""
    return sum(parameter.numel() for parameter in model.parameters())


def load_tokenizer(directory: Path) -> Any:
    """Raises BadFile: the directory's tokenizer cannot be read."""
    try:
        with quiet():
            return AutoTokenizer.from_pretrained(directory, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # the tokenizers library raises no narrower one
        raise BadFile(f"{directory} has no tokenizer that can be read", mend="make it again") from error


def end_ids(model: Any, tokenizer: Any) -> set[int]:
    """The tokens with which an answer may end, as the model's own settings and its tokenizer say."""
    configured = model.generation_config.eos_token_id
    found = configured if isinstance(configured, list) else [configured]
    return {token for token in [*found, tokenizer.eos_token_id] if token is not None}


def load_filed_tokenizer(directory: Path) -> Any:
    """``tokenizer.json`` as it is: a model's own class may put its own idea of the steps in place of the file's.

    Raises BadFile: it cannot be read.
    """
    try:
        with quiet():
            return PreTrainedTokenizerFast.from_pretrained(directory, local_files_only=True)
    except Exception as error:  # the tokenizers library raises no narrower one
        raise BadFile(f"{directory} has no tokenizer that can be read: {error}", mend="download it again") from error
