"""Prepares a base model: one directory with weights to train on, a tokenizer, and the metadata that packs copy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, MissingTool, UsageError
from suture.core.model.base import BASE_RECORD, BaseRecord
from suture.core.model.proof import Agreement
from suture.core.plan.ports import Progress
from suture.files.atomic import whole_directory
from suture.files.small_files import write_json
from suture.machine.installing import install_extra
from suture.packs.bases.from_gguf import convert_gguf
from suture.packs.bases.from_hugging_face import convert_directory

Prove = Callable[[Path, Path], Agreement]
"""Given the source's path and the directory made of it: that the serving engine computes it as the source says."""


def prepare_base(
    source: Path | str, out: Path, *, prove: Prove | None = None, progress: Progress | None = None
) -> BaseRecord:
    """Write ``out/``: BF16 safetensors in Hugging Face layout, tokenizer, ``base.gguf`` and ``suture.json``.

    From a GGUF file the weights are dequantised and rounded to BF16, and the file itself becomes ``base.gguf``; from a
    Hugging Face directory ``base.gguf`` is written anew. Needs no torch.

    Args:
        source: a ``.gguf`` file, a Hugging Face directory, or a hub id (``owner/name``) where no such path exists.
        out: appears whole or not at all, and only once ``prove`` holds.

    Raises:
        MissingTool: the extra ``[hub]``, for a hub id, is not installed.
        BadFile: the source is missing or broken.
        UsageError: something that is not known to be carried over or without effect, a hub that cannot be reached, a
            proof that fails, or ``out`` exists.
        DiskFull: nothing half-written is left.
    """
    if progress:
        progress.start("prepare base", 1)
    path = Path(source)
    if not path.exists():
        path = _download(str(source))
    with whole_directory(Path(out)) as partial:
        convert = convert_directory if path.is_dir() else convert_gguf
        record = convert(path, partial, str(source))
        if prove:
            proof = prove(path, partial)
            if not proof.holds:
                raise UsageError(
                    f"{path} is computed differently by {proof.engine} than by {proof.reference}: "
                    f"{'; '.join(proof.complaints)}",
                    mend="use another model, or another release of this one: what differs is named above",
                )
            record = record.model_copy(update={"proof": proof})
        write_json(partial / BASE_RECORD, record.to_json())
    if progress:
        progress.advance()
        progress.finish()
    return record


def _download(source: str) -> Path:
    owner, _, name = source.partition("/")
    if not owner.strip(".~") or not name or "/" in name or source.endswith(".gguf"):
        raise BadFile(f"no such base model: {source}", mend="give a .gguf file, a directory, or a hub id (owner/name)")
    try:
        import huggingface_hub
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError:
        raise MissingTool("a hub id needs huggingface_hub", mend=install_extra("hub")) from None
    wanted = ["*.safetensors", "*.json", "*.jinja", "README.md"]
    try:
        hub: Any = huggingface_hub  # its types are not whole
        return Path(hub.snapshot_download(source, allow_patterns=wanted))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(
            f"{source} is no path here, and it could not be had from the hub: {first_line}",
            mend="check the name and the connection, log in if it asks for that (hf auth login), or download it "
            "elsewhere and give its directory",
        ) from error
