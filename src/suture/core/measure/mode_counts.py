"""What a routes file scores in each mode: who answered, who answered in somebody's place, and what passed. Pure."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.measure.carried import Carried, carried_by_boards
from suture.core.measure.modes import Mode, is_fallback
from suture.core.measure.scoreboard import Scoreboard


class Share(Frozen):
    """Tasks of one suite."""

    passed: int
    total: int


class ModeCounts(Frozen):
    """One mode over all suites.

    Attributes:
        suites: by name.
        refused: tasks of no route, where nobody may answer those; they are among the total and did not pass.
        fallback_count: answers that the fallback gave. In mode B it is 0 by construction: there is no such tier.
        models_used: who gave answers, and how many: the route's name or ``fallback``, with its pack.
        tokens: that were generated, over all that was asked.
        carried: how many answers carry a reward, a penalty, a conductance.
        boards: digests of the scoreboards behind it, by route.
    """

    mode: Mode
    suites: dict[str, Share]
    refused: int = 0
    fallback_count: int
    models_used: dict[str, int]
    tokens: int
    carried: Carried
    boards: dict[str, str] = Field(default_factory=dict[str, str])

    @property
    def total(self) -> Share:
        """Over all suites."""
        return Share(
            passed=sum(share.passed for share in self.suites.values()),
            total=sum(share.total for share in self.suites.values()),
        )


def count_mode(mode: Mode, boards: Mapping[str, Scoreboard], refused: Sequence[str] = ()) -> ModeCounts:
    """Count one mode.

    Args:
        boards: by route: what was measured of the tasks that take it.
        refused: the suite of each task that nobody answers.
    """
    passed: dict[str, int] = {}
    total: dict[str, int] = {}
    used: dict[str, int] = {}
    fallbacks = tokens = 0
    for route, board in boards.items():
        for result in board.results:
            total[result.suite] = total.get(result.suite, 0) + 1
            passed[result.suite] = passed.get(result.suite, 0) + result.verdict.passed
            by_fallback = result.served is not None and is_fallback(result.served.tier)
            fallbacks += by_fallback
            who = f"{'fallback' if by_fallback else route} {result.attempt.pack[:12]}"
            used[who] = used.get(who, 0) + 1
            answers = result.served.answers if result.served is not None else ()
            tokens += sum(one.tokens for one in answers) if answers else result.attempt.completion.tokens
    for suite in refused:
        total[suite] = total.get(suite, 0) + 1
    return ModeCounts(
        mode=mode,
        suites={suite: Share(passed=passed.get(suite, 0), total=count) for suite, count in total.items()},
        refused=len(refused),
        fallback_count=fallbacks,
        models_used=dict(sorted(used.items())),
        tokens=tokens,
        carried=carried_by_boards(boards),
        boards={route: board.digest for route, board in boards.items()},
    )
