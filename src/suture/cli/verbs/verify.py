"""``suture verify``."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from suture.cli.large_store import suggest_gc
from suture.cli.options import Common
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.core.errors import ExitCode
from suture.wiring.verify import Checked, repair_files
from suture.wiring.verify import verify as run_verify

SHOWN = 20


def verify(
    *,
    head: Annotated[str | None, Parameter(help="A head from an earlier report: was the past rewritten since?")] = None,
    repair: Annotated[
        bool, Parameter(negative="", help="First put back damaged files whose bytes the store has under another name.")
    ] = False,
    common: Common | None = None,
) -> int:
    """Compute every hash in the store again, make every decision again, and name what was touched or differs.

    Exit code: 0 all is as it was recorded, 3 something is not.

    Example: suture verify

    Example: suture verify --repair
    """
    common = common or Common()
    put_back = repair_files(home=common.home) if repair else []
    with shown_progress() as progress:
        checked = run_verify(head=head, home=common.home, progress=progress)
    differ = [asdict(difference) for difference in checked.differ]
    result = {**checked.verified.to_json(), "decisions": checked.decisions, "differ": differ, "holds": checked.holds}
    result["put_back"] = [{"file": file, "from": other} for file, other in put_back]
    said = "\n".join([*(f"put back {file}, from {other}" for file, other in put_back), _as_text(checked)])
    emit(result, said, as_json=common.json)
    suggest_gc(common)
    return int(ExitCode.DONE if checked.holds else ExitCode.HELD)


def _as_text(checked: Checked) -> str:
    verified, differ = checked.verified, checked.differ
    lines = [f"TOUCHED  {damage.where}: {damage.found}" for damage in verified.damage]
    lines.extend(f"DIFFERS  {difference.where}: {difference.found}" for difference in differ)
    if verified.unvouched:
        lines.append(f"{len(verified.unvouched)} files no finished stage vouches for (a stopped run's, or put there):")
        lines.extend(f"  {path}" for path in verified.unvouched[:SHOWN])
    count = f"{verified.records} records and {verified.files} files"
    lines.append(f"{count} checked, {len(verified.damage)} touched")
    lines.append(f"{checked.decisions} decisions made again from their scoreboards, {len(differ)} differ")
    lines.append(f"head {verified.head}")
    return "\n".join(lines)
