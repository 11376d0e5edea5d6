"""Says where the prompts of suites would go: the leak matrix. A prompt that takes another route than its own leaks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.measure.task import Task
from suture.router.classifier import UNKNOWN
from suture.router.findings import Audit, Explained, Leak
from suture.router.router import Router
from suture.router.seen import Seen, seen_of
from suture.suites.catalog import load_suites
from suture.wiring.route_prompts import Owned, owned_tasks
from suture.wiring.routes_file import read_routes, router_of


def audit(path: Path, selectors: Sequence[str], sources: Mapping[str, Path] | None = None) -> Audit:
    """The leak matrix of a routes file over suites; by default those that its routes name.

    Raises:
        UsageError and its children: no such file or suite, or a router that was not trained.
    """
    written = read_routes(path)
    owned = owned_tasks(written, sources)
    tasks = load_suites(list(selectors), sources=sources) if selectors else None
    return audit_tasks(router_of(path, written), owned, tasks)


def audit_tasks(router: Router, owned: Owned, tasks: Sequence[Task] | None = None) -> Audit:
    """The leak matrix over tasks, by the function that serves and measures."""
    asked = [task for own in owned.tasks.values() for task in own] if tasks is None else list(tasks)
    matrix: dict[str, Counter[str]] = {}
    leaks: list[Leak] = []
    for task in asked:
        routed = router.route(seen_of(task))
        went, owner = routed.route or UNKNOWN, owned.owner(task)
        matrix.setdefault(task.suite, Counter())[went] += 1
        if owner is not None and owner != went:
            leaks.append(Leak(task=task.id, suite=task.suite, route=owner, went_to=went, by=routed.by))
    return Audit(
        matrix={suite: dict(row) for suite, row in matrix.items()},
        owners={suite: owned.suites.get(suite, "") for suite in matrix},
        leaks=tuple(leaks),
        prompts=len(asked),
    )


def explain_route(path: Path, text: str, *, tools: bool = False, schema: bool = False) -> Explained:
    """Why a prompt takes the route it takes.

    Raises:
        UsageError and its children: no such file, or a router that was not trained.
    """
    router = router_of(path, read_routes(path))
    routed = router.route(Seen(text, tools, schema))
    if router.classifier is None or not routed.scores:
        return Explained(routed=routed, threshold=None, margin=None, telling=())
    first, second = sorted(routed.scores.values(), reverse=True)[:2]
    best = max(routed.scores, key=lambda name: routed.scores[name])
    telling = tuple(router.classifier.telling(text, best))
    return Explained(routed=routed, threshold=router.classifier.threshold, margin=first - second, telling=telling)
