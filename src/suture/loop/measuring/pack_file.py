"""A pack on disk, with what is needed to ask it."""

from dataclasses import dataclass
from pathlib import Path

from suture.core.measure.chat import ChatTemplate


@dataclass(frozen=True)
class PackFile:
    path: Path
    sha256: str
    template: ChatTemplate
