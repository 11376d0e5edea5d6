"""Adapters in the form that an engine reads, bound to the bytes that they are named by."""

from pathlib import Path

from suture.core.errors import BadFile
from suture.core.model.adapter_records import ADAPTER_WEIGHTS
from suture.files.small_files import sha256_of
from suture.packs.adapters.gguf_file import write_adapter
from suture.store.home import Home


def require_adapter(directory: Path, sha256: str) -> Path:
    """The directory itself.

    Raises:
        BadFile: it is missing, or its weights are others.
    """
    weights = directory / ADAPTER_WEIGHTS
    found = sha256_of(weights) if weights.is_file() else "missing"
    if found != sha256:
        raise BadFile(f"{weights} should be {sha256[:12]} and is {found[:12]}", mend="put the adapter back")
    return directory


def adapter_for_llamacpp(home: Home, directory: Path, sha256: str, base: Path) -> Path:
    """An adapter as GGUF, made of the directory as it is now: nothing vouches for a file that was made before.

    Raises:
        BadFile, UsageError: as ``require_adapter`` and ``write_adapter``.
    """
    out = home.adapter(sha256)
    write_adapter(require_adapter(directory, sha256), base, out)
    return out
