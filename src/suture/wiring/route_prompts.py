"""Prompts that belong to routes: the examples in a routes file, and tasks of the suites that it names."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.task import Task
from suture.router.everyday import everyday_questions, questions_of_kind
from suture.router.seen import Seen, seen_of
from suture.router.written import WrittenRoutes
from suture.suites.catalog import load_suites


@dataclass(frozen=True)
class Owned:
    """Attributes:
    tasks: by route, in the order of the file.
    suites: the route of each suite, by the name that its tasks bear.
    """

    tasks: Mapping[str, Sequence[Task]]
    suites: Mapping[str, str]

    def owner(self, task: Task) -> str | None:
        """The route whose task it is; None where no route claims its suite."""
        return self.suites.get(task.suite)


def owned_tasks(written: WrittenRoutes, sources: Mapping[str, Path] | None = None) -> Owned:
    """The tasks that routes claim.

    Raises:
        UsageError and its children: no such suite, or two routes claim one.
    """
    tasks = {route.name: load_suites(route.suites, sources=sources) for route in written.routes}
    suites: dict[str, str] = {}
    for name, own in tasks.items():
        for suite in dict.fromkeys(task.suite for task in own):
            if suites.setdefault(suite, name) != name:
                raise UsageError(f"routes {suites[suite]!r} and {name!r} both claim suite {suite!r}")
    return Owned(tasks, suites)


def prompts_of(written: WrittenRoutes, owned: Owned) -> dict[str, list[Seen]]:
    """What a router may learn of each route, once each; a prompt that a rule decides is none of the classifier's. The
    only route of a kind also has the questions of that kind that Suture brings along."""
    kinds = Counter(route.kind for route in written.routes)
    found: dict[str, list[Seen]] = {}
    for route in written.routes:
        known = questions_of_kind(route.kind) if kinds[route.kind] == 1 else ()
        tasks = (seen_of(task) for task in owned.tasks[route.name])
        found[route.name] = list(dict.fromkeys([*map(Seen, (*route.examples, *known)), *tasks]))
    return found


def unknown_prompts(written: WrittenRoutes) -> list[Seen]:
    """What a router learns as of no route."""
    return [Seen(text) for text in dict.fromkeys((*everyday_questions(), *written.unknown_examples))]
