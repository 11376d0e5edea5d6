"""Options of verbs that leave a page for a browser."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.output import say
from suture.core.errors import UsageError
from suture.studio.shown import Shown
from suture.wiring.pages import write_page

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|MB)?", re.IGNORECASE)
_UNITS = {"": 1, "B": 1, "KB": 1_000, "MB": 1_000_000}


@Parameter(name="*")
@dataclass(frozen=True)
class PageOptions:
    html: Annotated[Path | None, Parameter(help="The page for a browser; default beside --out, ending in .html.")] = (
        None
    )
    max_size: Annotated[
        str, Parameter(help="How large that page may be, such as 3MB; off for everything. It says what it leaves out.")
    ] = "3MB"

    @property
    def most(self) -> int | None:
        """In bytes. Raises UsageError: no size."""
        return parse_size(self.max_size)

    def write(self, page: Shown, *, beside: Path | None = None) -> Path | None:
        """Write the page where it was asked for, else beside a file, else nowhere; returns where."""
        path = self.html or (beside.with_suffix(".html") if beside is not None else None)
        return None if path is None else self._write(page, path)

    def write_all(self, page: Shown, named: Sequence[Path], *, beside: Path) -> list[Path]:
        """Write the page wherever a file was named for it, else beside ``beside``; returns where, once each."""
        paths = [*([self.html] if self.html else []), *named] or [beside.with_suffix(".html")]
        return [self._write(page, path) for path in dict.fromkeys(paths)]

    def _write(self, page: Shown, path: Path) -> Path:
        made = write_page(path, page, max_size=self.most)
        if made.cut.says:
            say(f"{path}: {made.size:,} bytes; left out: {made.cut.says} (--max-size off keeps everything)")
        if not made.fits:
            say(f"{path} is larger than --max-size {self.max_size}: with so many tasks nothing more can be left out")
        return path

    def require_writable(self) -> None:
        """Said before the work rather than after it. Raises UsageError: no size, or a directory stands there."""
        _ = self.most
        if self.html is not None and self.html.is_dir():
            raise UsageError(f"--html {self.html} is a directory", mend="name a file in it")


def parse_size(written: str) -> int | None:
    """``3MB``, ``500KB``, a number of bytes, or ``off``. Raises UsageError for anything else."""
    if written.lower() == "off":
        return None
    found = _SIZE.fullmatch(written.strip())
    if found is None:
        raise UsageError(f"--max-size {written!r} is no size", mend="--max-size 3MB, or --max-size off")
    return int(float(found[1]) * _UNITS[(found[2] or "").upper()])
