"""``suture gc``."""

from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_store_alone, open_store_to_read
from suture.cli.options import Common
from suture.cli.output import emit, table
from suture.cli.progress import shown_progress
from suture.store.garbage import Garbage, Refuse, remove
from suture.store.store import Store


def gc(
    *,
    yes: Annotated[bool, Parameter(negative="", help="Remove it; without this, only show it.")] = False,
    unfinished: Annotated[
        bool, Parameter(negative="", help="Runs that were stopped too: they cannot be resumed.")
    ] = False,
    common: Common | None = None,
) -> int:
    """Remove from the store what no alias, event, report or negative result refers to. Shows it unless told --yes.

    Exit code: 0 done, 2 another process is at work in the store.

    Example: suture gc --yes
    """
    common = common or Common()
    with open_store_alone(common) if yes else open_store_to_read(common) as store:
        refuse = Refuse(store, unfinished=unfinished)
        garbage = refuse.found()
        if yes:
            _remove(store, garbage)
    total = sum(item.bytes for item in garbage)
    items = [{"path": item.path, "bytes": item.bytes, "why": item.why} for item in garbage]
    result = {"removed": yes, "bytes": total, "items": items, "resumable": refuse.resumable()}
    emit(result, _as_text(garbage, total, refuse.resumable(), removed=yes), as_json=common.json)
    return 0


def _remove(store: Store, garbage: list[Garbage]) -> None:
    store.ledger.require_writable()
    with shown_progress() as progress:
        progress.start("gc", len(garbage))
        for item in garbage:
            remove(store, item)
            progress.advance()


def _as_text(garbage: list[Garbage], total: int, resumable: list[str], *, removed: bool) -> str:
    lines: list[str] = []
    if garbage:
        rows = [[item.path, f"{item.bytes / 1e6:.1f} MB", item.why] for item in garbage]
        lines.append(table(["path", "size", "why nothing needs it"], rows))
    lines.append(f"{'removed' if removed else 'would remove'} {len(garbage)} things, {total / 1e6:.1f} MB")
    if garbage and not removed:
        lines.append("nothing was removed: `suture gc --yes` does it")
    lines.extend(f"kept {path}: stopped, and `suture heal` goes on with it (--unfinished)" for path in resumable)
    return "\n".join(lines)
