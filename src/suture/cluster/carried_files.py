"""Packs and adapters travel as files, by the digest of their bytes, and are checked where they arrive."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from suture.core.digest import digest_of
from suture.core.errors import BadFile
from suture.core.frozen import Frozen
from suture.files.atomic import remove_what_the_dead_left, remove_whole, rename_whole, scratch_directory
from suture.files.small_files import sha256_of

CHUNK = 8 << 20
"""Bytes that travel at once."""

ARRIVING = "arriving-"


class CarriedFile(Frozen):
    """``name``: relative to what it is a part of."""

    name: str
    sha256: str
    size: int


class Carried(Frozen):
    """A file, or a directory with all in it.

    Attributes:
        place: where it lies on the machine that drives; another that sees the very same bytes there needs no copy.
    """

    place: str
    directory: bool
    files: tuple[CarriedFile, ...]

    @property
    def name(self) -> str:
        """The digest it is kept under: of a file its SHA-256, of a directory that of its names and hashes."""
        if not self.directory:
            return self.files[0].sha256
        return digest_of({file.name: file.sha256 for file in self.files})

    def path_in(self, folder: Path) -> Path:
        return folder if self.directory else folder / self.files[0].name

    def chunks(self) -> Iterator[tuple[str, int, bytes]]:
        """Every file's bytes: its name, where in it they belong, and the bytes themselves."""
        for file in self.files:
            path = Path(self.place, file.name) if self.directory else Path(self.place)
            with path.open("rb") as opened:
                for at in range(0, max(1, file.size), CHUNK):  # an empty file has to be made too
                    yield file.name, at, opened.read(CHUNK)


def carried(path: Path) -> Carried:
    """Look at a file or directory that is to travel. Raises BadFile: it cannot be read."""
    path = path.resolve()
    directory = path.is_dir()
    files = sorted(file for file in path.rglob("*") if file.is_file()) if directory else [path]
    found = tuple(
        CarriedFile(
            name=str(file.relative_to(path)) if directory else path.name,
            sha256=sha256_of(file),
            size=file.stat().st_size,
        )
        for file in files
    )
    if not found:
        raise BadFile(f"{path} holds no file")
    return Carried(place=str(path), directory=directory, files=found)


class FileCache:
    """What has arrived on a node, each whole or not at all.

    Several nodes may see one directory (a home on NFS), and several processes of a node receive at once. What arrives
    lies in a directory of the machine's own, for only there does the number of a process say whether it lives.

    Args:
        shared: take what lies at the very place it has on the machine that drives, if it is the same to the byte.
    """

    def __init__(self, root: Path, *, shared: bool = True) -> None:
        self._root, self._shared = root, shared
        self._arrivals = root / f"{ARRIVING}{socket.gethostname()}"
        self._arriving: dict[str, tuple[ExitStack, Path]] = {}

    def find(self, wanted: Carried) -> str | None:
        """Where it is on this node already, checked; None where it must travel."""
        places = [self._kept(wanted)]
        if self._shared:
            places.insert(0, Path(wanted.place))
        return next((str(place) for place in places if self._is(wanted, place)), None)

    def receive(self, wanted: Carried, name: str, at: int, data: bytes) -> None:
        """Raises OSError: the disk takes no more."""
        if wanted.name not in self._arriving:
            if self._arrivals.is_dir():
                remove_what_the_dead_left(self._arrivals)
            stack = ExitStack()
            folder = stack.enter_context(scratch_directory(self._arrivals / wanted.name))
            self._arriving[wanted.name] = stack, folder
        path = self._arriving[wanted.name][1] / _inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.seek(at)
            file.write(data)

    def finish(self, wanted: Carried) -> str:
        """Check what arrived and give it its name. Raises BadFile: it is not what was sent."""
        if wanted.name not in self._arriving:
            raise BadFile(f"{wanted.name[:12]} did not arrive")
        stack, folder = self._arriving.pop(wanted.name)
        with stack:
            came = wanted.path_in(folder)
            if not self._is(wanted, came):
                raise BadFile(f"what arrived of {wanted.place} is not {wanted.name[:12]}")
            self._keep(wanted, folder)
        return str(self._kept(wanted))

    def discard(self, wanted: Carried) -> None:
        """Forget what has arrived of it so far."""
        if wanted.name in self._arriving:
            self._arriving.pop(wanted.name)[0].close()

    def _keep(self, wanted: Carried, folder: Path) -> None:
        """What lies under its name already was kept by another process meanwhile, or was damaged since."""
        kept = self._root / wanted.name
        if kept.exists() and not self._is(wanted, self._kept(wanted)):
            remove_whole(kept)
        try:
            rename_whole(folder, kept)
        except OSError:
            if not self._is(wanted, self._kept(wanted)):
                raise

    def _kept(self, wanted: Carried) -> Path:
        return wanted.path_in(self._root / wanted.name)

    def _is(self, wanted: Carried, place: Path) -> bool:
        """Whether the very bytes lie there; a directory may hold no other files."""
        try:
            if wanted.directory:
                there = {str(file.relative_to(place)) for file in place.rglob("*") if file.is_file()}
                if there != {file.name for file in wanted.files}:
                    return False
            for file in wanted.files:
                path = place / file.name if wanted.directory else place
                if path.stat().st_size != file.size or sha256_of(path) != file.sha256:
                    return False
        except (OSError, BadFile):
            return False
        return True


def _inside(name: str) -> str:
    """Raises BadFile: a name that leads out of the directory."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise BadFile(f"{name!r} leads out of its directory")
    return name
