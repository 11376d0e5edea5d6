"""What the live studio is given to show and to decide with. ``wiring`` puts the store behind it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from suture.core.measure.served_record import Opinion
from suture.core.model.registry_events import RegistryEvent
from suture.router.findings import Audit, Explained
from suture.store.store import Store
from suture.studio.pictures.frame import Svg
from suture.studio.routing import RoutesShown
from suture.studio.shown import Shown


class Library(Protocol):
    """Reads the store and the files that were named."""

    @property
    def files(self) -> Sequence[str]:
        """Names of the files that the command was given."""
        ...

    @property
    def home(self) -> str: ...

    def store(self) -> AbstractContextManager[Store]:
        """Open the store for reading. Raises BadFile: there is none."""
        ...

    def run(self, run: str) -> Shown:
        """Raises UsageError: no decision yet; BadFile: no such run."""
        ...

    def file(self, number: int) -> Shown:
        """Raises UnknownName: no such number."""
        ...

    def compare(self, before: str, after: str) -> Shown:
        """What differs between two measurements, each named as ``run-ID.before``, ``run-ID.after`` or ``file-N``.

        Raises:
            StaleEvidence: they were not measured alike.
        """
        ...

    @property
    def experiments(self) -> Sequence[str]:
        """Names of the results of grids that the command was given."""
        ...

    def experiment(self, number: int) -> Mapping[str, Svg]:
        """Its pictures by name. Raises UnknownName: no such number; BadFile: no results of a grid."""
        ...

    @property
    def routers(self) -> Sequence[str]:
        """Names of the routes files that the command was given."""
        ...

    def routing(self, number: int) -> RoutesShown:
        """Raises UnknownName: no such number; BadRecipe: no routes file, or a broken one."""
        ...

    def leaks(self, number: int, suites: Sequence[str]) -> Audit:
        """Where the prompts of suites go; of those that the routes name where ``suites`` is empty. Nothing is fetched.

        Raises:
            UsageError and its children: no such suite, one that is not on this machine, or an untrained router.
        """
        ...

    def explain(self, number: int, prompt: str, *, tools: bool, schema: bool) -> Explained:
        """Why a prompt takes its route, as ``suture route explain`` says it."""
        ...

    def verify(self) -> Mapping[str, object]:
        """Check the whole store: ``holds``, ``records``, ``files``, ``head``, and what is damaged."""
        ...


@dataclass(frozen=True)
class Deciding:
    """What only somebody with a key may do; by the same code as the command line.

    Attributes:
        name_of: whose key it is, or None.
        has_keys: whether there are any; without one nothing can be decided here.
        promote: model, run, and the reason of an override, by whom.
        rollback: model and why, by whom.
        mark: what somebody says of a served answer: record, choice, opinion, correction, by whom.
    """

    name_of: Callable[[str], str | None]
    has_keys: Callable[[], bool]
    promote: Callable[[str, str, str, str], RegistryEvent]
    rollback: Callable[[str, str, str], RegistryEvent]
    mark: Callable[[str, int, Opinion, str | None, str], None]
