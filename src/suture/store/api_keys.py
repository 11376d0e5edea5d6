"""Keys of those who may ask what is served: only their hashes are kept."""

from pathlib import Path

from pydantic import Field

from suture.core.errors import UnknownName, UsageError
from suture.core.frozen import Frozen
from suture.files.small_files import read_model, write_json
from suture.store.home import Home


class KeyFile(Frozen):
    """``keys``: SHA-256 of each key, by its name."""

    keys: dict[str, str] = Field(default_factory=dict[str, str])


def kept_keys(home: Home) -> dict[str, str]:
    """By name. Raises BadFile: the file cannot be read, so that nobody is let in by mistake."""
    if not home.keys.exists():
        return {}
    return read_model(home.keys, KeyFile, what="file of keys", mend=f"remove {home.keys} and make new keys").keys


def keep_key(home: Home, name: str, sha256: str) -> None:
    """Raises UsageError: there is a key of that name."""
    keys = kept_keys(home)
    if name in keys:
        raise UsageError(f"there is a key {name!r} already", mend=f"suture keys remove {name}")
    _write(home.keys, {**keys, name: sha256})


def remove_key(home: Home, name: str) -> None:
    """Raises UnknownName: there is none of that name."""
    keys = kept_keys(home)
    if name not in keys:
        raise UnknownName("key", name, keys, mend="suture keys list")
    _write(home.keys, {known: sha256 for known, sha256 in keys.items() if known != name})


def _write(path: Path, keys: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, KeyFile(keys=keys).to_json())
    path.chmod(0o600)
