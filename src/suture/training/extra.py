"""The extra ``[train]``: found or named in one clear line, before anything heavy is imported."""

from importlib.util import find_spec

from suture.core.errors import MissingTool
from suture.machine.installing import install_extra, pip_install

_PACKAGES = ("torch", "transformers", "peft", "accelerate")


def require_train_extra() -> None:
    """Raises MissingTool: a package of the extra is not installed."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise MissingTool(f"training needs {', '.join(missing)}", mend=install_extra("train"))


def require_four_bit() -> None:
    """Require what a 4-bit base (QLoRA, Dettmers et al., 2023, arXiv 2305.14314) needs besides the extra.

    Raises:
        MissingTool: no GPU, or no bitsandbytes.
    """
    import torch

    if not torch.cuda.is_available():
        raise MissingTool(
            "load_in_4bit needs a CUDA GPU, and torch sees none here",
            mend="leave --load-in-4bit out, or run on a machine with a GPU",
        )
    if find_spec("bitsandbytes") is None:
        raise MissingTool("load_in_4bit needs bitsandbytes", mend=pip_install("bitsandbytes"))
