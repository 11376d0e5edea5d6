"""Checks a whole store: every record and file, and every decision made again."""

from dataclasses import dataclass
from pathlib import Path

from suture.core.plan.ports import Progress
from suture.core.plan.stages import GATE
from suture.files.small_files import copy_verified, sha256_of
from suture.loop.rederive import differing_decisions
from suture.loop.workshop import Silent
from suture.store.chain_check import Damage
from suture.store.home import Home
from suture.store.store import Store, open_store, open_store_to_read
from suture.store.verification import Verified, verify_store


@dataclass(frozen=True)
class Checked:
    """Attributes:
    decisions: how many were made again from their scoreboards.
    differ: those that came out otherwise.
    """

    verified: Verified
    decisions: int
    differ: tuple[Damage, ...]

    @property
    def holds(self) -> bool:
        return self.verified.holds and not self.differ


def verify(*, head: str | None = None, home: Path | None = None, progress: Progress | None = None) -> Checked:
    """Compute every hash in the store again, and make every decision again where its ledger can be read.

    Args:
        head: of the ledger, from an earlier report: says whether the past was rewritten since.
    """
    progress = progress or Silent()
    with open_store_to_read(home) as store:
        progress.start("verify", store.ledger.records_in_all)
        verified = verify_store(store, remembered=head, told=progress.advance)
        progress.finish()
        readable = not any(damage.where.startswith(store.home.ledger.name) for damage in verified.damage)
        decisions, differ = _decide_again(store, progress) if readable else (0, [])
        return Checked(verified, decisions, tuple(differ))


def repair_files(*, home: Path | None = None) -> list[tuple[str, str]]:
    """Put back every file that is missing or was changed, where the store has its very bytes under another name.

    Returns:
        The files that were put back, and where their bytes were.
    """
    if not Home(home).root.exists():
        return []
    done: list[tuple[str, str]] = []
    with open_store(home) as store:
        files = store.ledger.files()
        for written, sha256 in files.items():
            path = store.home.absolute(written)
            if path.is_file() and sha256_of(path) == sha256:
                continue
            others = [other for other, held in files.items() if held == sha256 and other != written]
            for other in others:
                source = store.home.absolute(other)
                if source.is_file() and sha256_of(source) == sha256:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    copy_verified(source, path, sha256)
                    done.append((written, other))
                    break
    return done


def _decide_again(store: Store, progress: Progress) -> tuple[int, list[Damage]]:
    gated = sum(store.ledger.finished(run["id"], GATE) is not None for run in store.ledger.runs())
    progress.start("decisions", gated)
    try:
        return differing_decisions(store, progress.advance)
    finally:
        progress.finish()
