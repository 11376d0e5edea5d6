"""``suture verify``."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from suture.cli.opened import open_store
from suture.cli.options import Common
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.core.errors import ExitCode
from suture.core.plan.ports import Progress
from suture.core.plan.stages import GATE
from suture.loop.rederive import differing_decisions
from suture.store.store import Store
from suture.store.verify import Damage, Verified, verify_store

SHOWN = 20


def verify(
    *,
    head: Annotated[str | None, Parameter(help="A head from an earlier report: was the past rewritten since?")] = None,
    common: Common | None = None,
) -> int:
    """Compute every hash in the store again, make every decision again, and name what was touched or differs.

    Exit code: 0 all is as it was recorded, 3 something is not.

    Example: suture verify
    """
    common = common or Common()
    with open_store(common) as store, shown_progress() as progress:
        progress.start("verify", store.ledger.head[0])
        verified = verify_store(store, remembered=head, told=progress.advance)
        progress.finish()
        readable = not any(damage.where.startswith(store.home.ledger.name) for damage in verified.damage)
        decisions, differ = _decide_again(store, progress) if readable else (0, [])
    result = {**verified.to_json(), "decisions": decisions, "differ": [asdict(difference) for difference in differ]}
    holds = verified.holds and not differ
    emit({**result, "holds": holds}, _as_text(verified, decisions, differ), as_json=common.json)
    return int(ExitCode.DONE if holds else ExitCode.FAULT)


def _decide_again(store: Store, progress: Progress) -> tuple[int, list[Damage]]:
    progress.start("decisions", sum(store.ledger.finished(run["id"], GATE) is not None for run in store.ledger.runs()))
    return differing_decisions(store, progress.advance)


def _as_text(verified: Verified, decisions: int, differ: list[Damage]) -> str:
    lines = [f"TOUCHED  {damage.where}: {damage.found}" for damage in verified.damage]
    lines.extend(f"DIFFERS  {difference.where}: {difference.found}" for difference in differ)
    if verified.unvouched:
        lines.append(f"{len(verified.unvouched)} files no finished stage vouches for (a stopped run's, or put there):")
        lines.extend(f"  {path}" for path in verified.unvouched[:SHOWN])
    count = f"{verified.records} records and {verified.files} files"
    lines.append(f"{count} checked, {len(verified.damage)} touched")
    lines.append(f"{decisions} decisions made again from their scoreboards, {len(differ)} differ")
    lines.append(f"head {verified.head}")
    return "\n".join(lines)
