"""``suture replay ID``."""

from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common
from suture.cli.output import emit
from suture.core.errors import ExitCode
from suture.core.measure.replayed import Replay
from suture.wiring.replay import replay as run_replay


def replay(
    record_id: Annotated[str, Parameter(help="The completion's id: suture records list.")],
    /,
    *,
    index: Annotated[int, Parameter(help="Which of its choices, where there are several.")] = 0,
    common: Common | None = None,
) -> int:
    """Ask the same pack the same prompt again, with the same seed, and compare.

    Says `same`, `differs at token N` with the margin there, or `cannot` and why. Exit code: 0 the same, 1 it differs, 3
    it cannot be asked.

    Example: suture replay chatcmpl-019f
    """
    common = common or Common()
    found = run_replay(common.home, record_id, index)
    emit(found.to_json(), found.says, as_json=common.json)
    codes = {Replay.SAME: ExitCode.DONE, Replay.DIFFERS: ExitCode.REJECTED, Replay.CANNOT: ExitCode.HELD}
    return int(codes[found.outcome])
