"""Where things lie: the nearest ``.suture/`` from the working directory upwards, or ``$SUTURE_HOME``."""

import os
import shutil
from pathlib import Path

HOME_VARIABLE = "SUTURE_HOME"
NAME, LEDGER = ".suture", "ledger.db"
MORE_ROOM = "free some space, or name a store on a larger disk: --home DIR or SUTURE_HOME"


class Home:
    def __init__(self, root: Path | str | None = None) -> None:
        self.root = (Path(root) if root else _named() or _nearest()).absolute()

    @property
    def ledger(self) -> Path:
        return self.root / LEDGER

    @property
    def locks(self) -> Path:
        """The file whose bytes are the store's locks."""
        return self.root / "ledger.lock"

    @property
    def served(self) -> Path:
        """The records of what was served."""
        return self.root / "served.db"

    def served_tasks(self, digest: str) -> Path:
        """Tasks that were made of served answers, by the digest of their rows."""
        return self.root / "served" / digest[:16] / "served.jsonl"

    def served_questions(self, digest: str) -> Path:
        """What was asked of served models, by the digest of the rows."""
        return self.root / "served" / digest[:16] / "questions.jsonl"

    @property
    def hashes(self) -> Path:
        """Hashes of files that were served, by what the file system says of them: known again after a restart."""
        return self.root / "hashed.json"

    @property
    def keys(self) -> Path:
        """Who may ask what is served, by the hashes of their keys."""
        return self.root / "keys.json"

    def base(self, source_sha256: str) -> Path:
        return self.root / "bases" / source_sha256[:16]

    def run(self, name: str, run_id: str) -> Path:
        return self.root / "runs" / f"{name}-{run_id}"

    def pack(self, sha256: str) -> Path:
        return self.root / "packs" / f"{sha256}.gguf"

    @property
    def segments(self) -> Path:
        """The directory of ledgers of other stores that were joined to this one."""
        return self.root / "segments"

    def segment(self, last: str) -> Path:
        """One of them, by the head of its chain."""
        return self.segments / f"{last}.db"

    def policy(self, sha256: str) -> Path:
        return self.root / "policies" / f"{sha256}.json"

    def first_words(self, pack: str) -> Path:
        """What a pack said first when it was promoted."""
        return self.root / "first_words" / f"{pack}.json"

    def gate_report(self, digest: str) -> Path:
        """A gate report that an alias's event names, by its digest."""
        return self.root / "gates" / f"{digest}.json"

    def adapter(self, sha256: str) -> Path:
        """An adapter as GGUF, by the hash of the PEFT weights it was made of."""
        return self.root / "adapters" / f"{sha256}.gguf"

    def adapter_directory(self, sha256: str) -> Path:
        """An adapter that a policy serves, as peft has it."""
        return self.root / "adapters" / sha256

    def engine_probe(self, key: str) -> Path:
        """The file that says how the installed engines did on one pack, and which was picked."""
        return self.root / "engines" / f"{key[:16]}.json"

    @property
    def nearest(self) -> Path:
        """The store, or the nearest directory above it that is there."""
        return next(path for path in (self.root, *self.root.parents) if path.exists())

    def room(self) -> tuple[Path, int]:
        """``nearest``, and how many bytes its disk has free."""
        return self.nearest, shutil.disk_usage(self.nearest).free

    def relative(self, path: Path) -> str:
        """Return a path as the ledger writes it: relative to the store, so that the store can be moved."""
        absolute = path.absolute()
        return str(absolute.relative_to(self.root)) if absolute.is_relative_to(self.root) else str(absolute)

    def absolute(self, written: str) -> Path:
        return self.root / written


def is_of_served(source: str) -> bool:
    """Whether a place is that of ``Home.served_questions``, in whatever store."""
    return Path(source).match("served/*/questions.jsonl")


def _named() -> Path | None:
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else None


def _nearest() -> Path:
    """The store of this directory or of the nearest one above it that has one, as git finds its own; else one here."""
    here = Path.cwd()
    above = (place / NAME for place in (here, *here.parents))
    found = (store for store in above if os.path.isfile(store / LEDGER))  # noqa: PTH113 - no error where it may not look
    return next(found, here / NAME)
