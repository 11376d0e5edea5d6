"""Finds the model that a name means: on disk, in an installed package, in the registry or on the hub."""

import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from suture.core.digest import digest_of
from suture.core.errors import BadFile, MissingTool, UnknownName, UsageError
from suture.core.model.model_names import RegisteredName, registered_name
from suture.core.model.registry_events import models
from suture.core.nearest import nearest
from suture.files.names import is_directory, is_file
from suture.files.small_files import sha256_of
from suture.machine.installing import pip_install
from suture.store.aliases import Alias, alias_of
from suture.store.kept_packs import verified_pack
from suture.store.kept_policies import SUFFIX
from suture.store.model_guesses import guess
from suture.store.store import Store

PACKAGE_PREFIX = "package:"
WAYS = "name a GGUF file, a model's directory, a hub id (owner/name), package:NAME, or a model of the registry"


@dataclass(frozen=True)
class FoundModel:
    """Attributes:
    source: a GGUF file, a Hugging Face directory, or a hub id (a text).
    digest: SHA-256 of the file; of what a directory holds; of the id itself.
    alias: what the registry says of it, where it was named there.
    """

    source: Path | str
    digest: str
    alias: Alias | None = None


def find_model(
    store: Store, name: str, *, relative_to: Path | None = None, hashed: Callable[[Path], str] = sha256_of
) -> FoundModel:
    """Find a model by any name that people give it. A pack of the registry is hashed just now.

    Args:
        hashed: hashes a file; whoever opens the same files again and again may know its hash already.

    Raises:
        UnknownName: no such model or alias in the registry.
        UsageError: the name means a file and a model of the registry.
        MissingTool: the package is not installed.
        BadFile: no such file, a name of another tool's, or a pack's bytes were changed.
    """
    if name.startswith(PACKAGE_PREFIX):
        return _file(gguf_in_package(name.removeprefix(PACKAGE_PREFIX)), hashed)
    path = (relative_to or Path()) / name
    if (named := _in_registry(store, name, path)) is not None:
        return FoundModel(verified_pack(store, named.pack, hashed=hashed), named.pack, named)
    if is_file(path):
        return _file(path, hashed)
    if is_directory(path):
        if not _model_files(path):
            raise BadFile(f"{path} holds no model (no .safetensors, no config.json)", mend=WAYS)
        return FoundModel(path, digest_of_directory(path))
    if name.endswith(".gguf") or name.startswith((".", "/")):
        raise BadFile(f"no such file: {path}", mend=WAYS)
    if (meant := guess(name)) is not None:
        _refuse_package(name)
        raise BadFile(f"model {name!r}: {meant.said}", mend=meant.mend)
    return FoundModel(name, digest_of(["hub", name]))


def _refuse_package(name: str) -> None:
    """Raises BadFile: it is a package with a model, named without saying so."""
    with suppress(MissingTool):
        gguf_in_package(name)
        raise BadFile(f"model {name!r}: a package that holds a model, named as a file", mend=f"{PACKAGE_PREFIX}{name}")


def require_one_model(found: FoundModel, name: str) -> FoundModel:
    """Raises UsageError: the name is that of a policy, which is several models or one with conditions."""
    if found.alias is not None and found.alias.path.suffix == SUFFIX:
        raise UsageError(
            f"{name!r} is a policy ({found.alias.path}), and this takes one model",
            mend="name one of its packs: they lie in the store's packs/ under the names in that file",
        )
    return found


def alias_named(store: Store, name: str) -> Alias | None:
    """Find a name in the registry, without checking the pack's bytes; None where it is of no model there."""
    asked = registered_name(name)
    if asked is None or (asked.model, asked.alias) not in models(store.ledger.events()):
        return None
    return alias_of(store, asked.model, asked.alias)


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
    if not files and (near := nearest(name, _packages_with_gguf())):
        raise MissingTool(f"package {name!r} is not installed; did you mean {near!r}?", mend=f"package:{near}")
    if not files:
        raise MissingTool(f"package {name!r} with a GGUF file is not installed", mend=pip_install("--no-deps", name))
    return files[0]


def _packages_with_gguf() -> list[str]:
    """Packages of this environment with a GGUF file in them, as their names are written on an index."""
    folders = [Path(place) for place in sys.path if place.endswith("-packages") and Path(place).is_dir()]
    return sorted({file.parent.name.replace("_", "-") for folder in folders for file in folder.glob("*/*.gguf")})


def digest_of_directory(path: Path) -> str:
    """Hash the files of a Hugging Face directory that say what its model computes."""
    return digest_of([[file.name, sha256_of(file)] for file in _model_files(path)])


def _file(path: Path, hashed: Callable[[Path], str]) -> FoundModel:
    return FoundModel(path, hashed(path))


def _in_registry(store: Store, name: str, path: Path) -> Alias | None:
    asked, found = registered_name(name), alias_named(store, name)
    here = is_file(path) or (is_directory(path) and bool(_model_files(path)))
    if asked is None or (found is None and here):
        return None
    if found is None:
        _require_known(asked, models(store.ledger.events()))
    elif here and not asked.stated:
        raise UsageError(
            f"{name!r} is a model of the registry, and {path} is one too", mend=f"write {asked.written}, or ./{name}"
        )
    return found


def _require_known(asked: RegisteredName, known: Collection[tuple[str, str]]) -> None:
    """A bare word that resembles no model of the registry may still be a hub id.

    Raises:
        UnknownName: it can only be meant for one of the registry, and is none.
    """
    names = {model for model, _ in known}
    if asked.model in names:
        of_model = [alias for model, alias in known if model == asked.model]
        raise UnknownName(f"alias of model {asked.model!r}:", asked.alias, of_model, mend="suture registry list")
    if asked.stated or nearest(asked.model, names):
        raise UnknownName("model", asked.model, names, mend="suture registry list")


def _model_files(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.suffix in (".safetensors", ".json", ".jinja", ".model"))
