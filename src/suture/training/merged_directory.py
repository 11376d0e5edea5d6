"""Merges an adapter's update into the weights of its base."""

from pathlib import Path

from suture.core.errors import BadFile
from suture.files.atomic import whole_directory
from suture.training.base_directory import copy_tokenizer
from suture.training.extra import require_train_extra


def merge(base: Path, adapter: Path, scale: float, out: Path) -> None:
    """Write ``base + scale * update`` to ``out/``, a Hugging Face directory of BF16 safetensors.

    For each adapted matrix W (out, in) with A (r, in) and B (out, r): ``W + scale * alpha / r * B @ A``, computed in
    float32 and rounded once to BF16. With ``scale`` 0 the weights equal the base's bit for bit.

    Raises:
        BadFile: no adapter there, pickled weights, weights that do not fit the base or hold not-a-number.
        UsageError: ``out`` exists already.
    """
    require_train_extra()
    from suture.training.load import save_bf16
    from suture.training.peft_merge import merged_model

    if not (adapter / "adapter_model.safetensors").is_file():
        pickled = [name for name in ("adapter_model.bin", "adapter_model.pt") if (adapter / name).is_file()]
        reason = f" ({pickled[0]} is pickled: loading it can run code, so it is refused)" if pickled else ""
        raise BadFile(f"no adapter_model.safetensors in {adapter}{reason}", mend="save the adapter as safetensors")
    with whole_directory(Path(out)) as partial:
        save_bf16(merged_model(base, adapter, scale), partial)
        copy_tokenizer(base, partial)
