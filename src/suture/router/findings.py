"""What was found out about a router: where the prompts of suites go, and why one prompt takes the route it takes."""

from suture.core.frozen import Frozen
from suture.router.router import Routed


class Leak(Frozen):
    """One task that would be answered by another route than its own, or by none."""

    task: str
    suite: str
    route: str
    went_to: str
    by: str


class Audit(Frozen):
    """Attributes:
    matrix: prompts by suite and by the route that they take.
    owners: the route whose a suite is; "" where no route claims it.
    """

    matrix: dict[str, dict[str, int]]
    owners: dict[str, str]
    leaks: tuple[Leak, ...]
    prompts: int

    @property
    def owned(self) -> int:
        """Prompts of suites that a route claims."""
        return sum(sum(row.values()) for suite, row in self.matrix.items() if self.owners[suite])

    @property
    def routes(self) -> tuple[str, ...]:
        """The columns of the matrix: routes that claim a suite, then what else prompts took."""
        claimed = filter(None, self.owners.values())
        return tuple(dict.fromkeys([*claimed, *(name for row in self.matrix.values() for name in row)]))


class Explained(Frozen):
    """Attributes:
    threshold: what a route's probability must reach.
    margin: between the two best classes.
    telling: words of the prompt that spoke most for where it went, and how much.
    """

    routed: Routed
    threshold: float | None
    margin: float | None
    telling: tuple[tuple[str, float], ...]
