"""``suture verify``."""

from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common
from suture.cli.output import emit
from suture.cli.progress import shown_progress
from suture.cli.wiring import open_ledger
from suture.core.errors import ExitCode
from suture.store.verify import Verified, verify_store

SHOWN = 20


def verify(
    *,
    head: Annotated[str | None, Parameter(help="A head from an earlier report: was the past rewritten since?")] = None,
    common: Common | None = None,
) -> int:
    """Compute every hash in the store again, and name what was touched.

    Exit code: 0 all is as it was recorded, 3 something is not.

    Example: suture verify
    """
    common = common or Common()
    with open_ledger(common) as (home, ledger), shown_progress() as progress:
        progress.start("verify", ledger.head[0])
        verified = verify_store(home, ledger, remembered=head, told=progress.advance)
        progress.finish()
    emit(verified.to_json(), _as_text(verified), as_json=common.json)
    return int(ExitCode.DONE if verified.holds else ExitCode.FAULT)


def _as_text(verified: Verified) -> str:
    lines = [f"TOUCHED  {damage.where}: {damage.found}" for damage in verified.damage]
    if verified.unvouched:
        lines.append(f"{len(verified.unvouched)} files no finished stage vouches for (a stopped run's, or put there):")
        lines.extend(f"  {path}" for path in verified.unvouched[:SHOWN])
    count = f"{verified.records} records and {verified.files} files"
    lines.append(f"{count} checked, {len(verified.damage)} touched")
    lines.append(f"head {verified.head}")
    return "\n".join(lines)
