"""Which files the ledger vouches for: `suture verify` checks those, and nothing is built on one that was changed."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from suture.core.errors import BadFile
from suture.files.read_write import sha256_of
from suture.store.home import Home
from suture.store.ledger import Ledger


def new_hashes(home: Home, ledger: Ledger, paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 by path of the files at and under ``paths`` that the ledger does not vouch for yet."""
    files = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
    return {written: sha256_of(file) for file in sorted(files) if ledger.file(written := home.relative(file)) is None}


def withdraw(home: Home, ledger: Ledger, paths: Iterable[Path]) -> None:
    """Vouch no longer for what lies at and under ``paths``: it is about to be made again or removed."""
    ledger.keep_files(dict.fromkeys(_vouched(home, ledger, paths)))


def discard(home: Home, ledger: Ledger, directory: Path) -> None:
    withdraw(home, ledger, [directory])
    shutil.rmtree(directory, ignore_errors=True)


def discard_file(home: Home, ledger: Ledger, file: Path) -> None:
    withdraw(home, ledger, [file])
    file.unlink(missing_ok=True)


@contextmanager
def made_again(home: Home, ledger: Ledger, *paths: Path) -> Iterator[None]:
    """Files to be written inside: stopped anywhere, they are vouched for as they are or not at all."""
    withdraw(home, ledger, paths)
    yield
    ledger.keep_files(new_hashes(home, ledger, paths))


def require_intact(home: Home, ledger: Ledger, *paths: Path) -> None:
    """What was removed may be made again; what was changed is not built upon.

    Raises:
        BadFile: a file that the ledger vouches for was changed.
    """
    for written, sha256 in _vouched(home, ledger, paths).items():
        file = home.absolute(written)
        if not file.exists():
            withdraw(home, ledger, [file])
        elif (found := sha256_of(file)) != sha256:
            raise BadFile(
                f"{file} was changed: it should be {sha256[:12]} and is {found[:12]}",
                mend=f"remove {file.parent}, and run it again",
            )


def _vouched(home: Home, ledger: Ledger, paths: Iterable[Path]) -> dict[str, str]:
    places = [home.relative(path) for path in paths]
    return {
        written: sha256
        for written, sha256 in ledger.files().items()
        if any(written == place or written.startswith(place + "/") for place in places)
    }
