"""Keys of those who may ask what is served: only their hashes are kept."""

from pathlib import Path

from pydantic import Field

from suture.core.errors import UnknownName, UsageError
from suture.core.frozen import Frozen
from suture.files.small_files import read_model, write_json
from suture.store.home import Home


class KeyFile(Frozen):
    """Attributes:
    keys: SHA-256 of each key, by its name.
    unrecorded: names of the keys whose requests are not recorded.
    """

    keys: dict[str, str] = Field(default_factory=dict[str, str])
    unrecorded: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)


def key_file(home: Home) -> KeyFile:
    """Raises BadFile: the file cannot be read, so that nobody is let in by mistake."""
    if not home.keys.exists():
        return KeyFile()
    return read_model(home.keys, KeyFile, what="file of keys", mend=f"remove {home.keys} and make new keys")


def kept_keys(home: Home) -> dict[str, str]:
    """By name. Raises BadFile as ``key_file``."""
    return key_file(home).keys


def keep_key(home: Home, name: str, sha256: str, *, recorded: bool = True) -> None:
    """Raises UsageError: there is a key of that name."""
    kept = key_file(home)
    if name in kept.keys:
        raise UsageError(f"there is a key {name!r} already", mend=f"suture keys remove {name}")
    unrecorded = kept.unrecorded if recorded else (*kept.unrecorded, name)
    _write(home.keys, KeyFile(keys={**kept.keys, name: sha256}, unrecorded=unrecorded))


def remove_key(home: Home, name: str) -> None:
    """Raises UnknownName: there is none of that name."""
    kept = key_file(home)
    if name not in kept.keys:
        raise UnknownName("key", name, kept.keys, mend="suture keys list")
    keys = {known: sha256 for known, sha256 in kept.keys.items() if known != name}
    _write(home.keys, KeyFile(keys=keys, unrecorded=tuple(one for one in kept.unrecorded if one != name)))


def _write(path: Path, keys: KeyFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, keys.to_json())
    path.chmod(0o600)
