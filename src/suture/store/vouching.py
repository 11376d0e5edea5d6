"""Records which files the ledger vouches for: `suture verify` checks them, and no stage uses one that was changed."""

import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from suture.core.errors import BadFile
from suture.files.small_files import sha256_of
from suture.store.store import Store


def new_hashes(store: Store, paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 by path of the files at and under ``paths`` that the ledger does not vouch for yet."""
    files = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
    return {
        written: sha256_of(file)
        for file in sorted(files)
        if store.ledger.file(written := store.home.relative(file)) is None
    }


def intact_copies(store: Store, sha256: str) -> Iterator[Path]:
    """Files of the store that the ledger knows by this hash, and whose bytes have it now."""
    for written, held in store.ledger.files().items():
        file = store.home.absolute(written)
        if held == sha256 and file.is_file() and sha256_of(file) == sha256:
            yield file


def withdraw(store: Store, paths: Iterable[Path]) -> None:
    """Vouch no longer for what lies at and under ``paths``: it is about to be made again or removed."""
    store.ledger.keep_files(dict.fromkeys(_vouched(store, paths)))


def discard(store: Store, directory: Path) -> None:
    withdraw(store, [directory])
    shutil.rmtree(directory, ignore_errors=True)


def discard_file(store: Store, file: Path) -> None:
    withdraw(store, [file])
    file.unlink(missing_ok=True)


@contextmanager
def made_again(store: Store, *paths: Path) -> Generator[None]:
    """Files to be written inside: stopped anywhere, they are vouched for as they are or not at all."""
    withdraw(store, paths)
    yield
    store.ledger.keep_files(new_hashes(store, paths))


def require_intact(store: Store, *paths: Path) -> None:
    """Refuse files that were changed. What was removed may be made again.

    Raises:
        BadFile: a file that the ledger vouches for was changed.
    """
    for path in paths:
        for written, sha256 in _vouched(store, [path]).items():
            file = store.home.absolute(written)
            if not file.exists():
                withdraw(store, [file])
            elif (found := sha256_of(file)) != sha256:
                raise BadFile(
                    f"{file} was changed: it should be {sha256[:12]} and is {found[:12]}",
                    mend=f"rm -r {path}, and run it again: it is made anew",
                )


def _vouched(store: Store, paths: Iterable[Path]) -> dict[str, str]:
    places = [store.home.relative(path) for path in paths]
    return {
        written: sha256
        for written, sha256 in store.ledger.files().items()
        if any(written == place or written.startswith(place + "/") for place in places)
    }
