"""Engines of a cluster behind the port that the loop knows: a batch is answered whole, by one engine of one node."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock

from suture.cluster.carried_files import carried
from suture.cluster.crew import Crew
from suture.cluster.seats import EngineAsked, EngineSeat
from suture.core.measure.attempt import Completion, EngineIdentity, Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.ports import Engines, Generator


class ClusterEngines:
    """Args:
    local: the engines of the machine that drives, which know the names.
    threads: of an engine, where nobody says how many: as on the machine that drives, so that both are one instrument.
    own_class: whether the machine that drives is of the class that the run uses.
    elsewhere: names of engines that answer from a server elsewhere: no node is asked.
    with_threads: is told how many threads the engines that are opened have.
    """

    def __init__(
        self,
        local: Engines,
        crew: Crew[EngineSeat],
        *,
        threads: int,
        own_class: bool,
        elsewhere: Collection[str] = (),
        with_threads: Callable[[int], None] = lambda threads: None,
    ) -> None:
        self._with_threads = with_threads
        self._local, self._crew, self._threads = local, crew, threads
        self._own_class, self._elsewhere = own_class, elsewhere
        self._identities: dict[EngineChoice, EngineIdentity] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return self._local.names

    def installed(self) -> tuple[str, ...]:
        return self._local.installed()

    def why_not(self, name: str, types: Collection[str]) -> str:
        return self._local.why_not(name, types)

    def reads_directories(self, choice: EngineChoice) -> bool:
        return self._local.reads_directories(choice)

    def takes_messages(self, choice: EngineChoice) -> bool:
        return self._local.takes_messages(choice)

    def hot_adapters(self, choice: EngineChoice) -> bool:
        return self._local.hot_adapters(choice)

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        """That of this machine where the run uses its class, else that of the first node that answers."""
        if self._own_class or choice.name in self._elsewhere:
            return self._local.identify(choice)
        if choice not in self._identities:
            asked = self._pinned(choice)
            found = self._crew.submit(lambda seat: seat.identify(asked), _equal)
            self._identities[choice] = found.result()
        return self._identities[choice]

    def open(self, choice: EngineChoice, pack: Path, /, *, adapters: Mapping[str, Path] | None = None) -> Generator:
        """Loads nothing here: a node loads the pack with the first batch it gets."""
        if choice.name in self._elsewhere:
            return _OneAtATime(self._local.open(choice, pack, **({"adapters": adapters} if adapters else {})))
        beside = {sha256: carried(path) for sha256, path in (adapters or {}).items()}
        packed, identity = carried(pack), self.identify(choice)
        self._with_threads(identity.threads)
        return _ClusterEngine(self._crew, EngineAsked(self._pinned(choice), identity, packed, beside))

    def _pinned(self, choice: EngineChoice) -> EngineChoice:
        return choice if choice.threads else choice.model_copy(update={"threads": self._threads})


class _ClusterEngine:
    """Implements ``Generator``; any number of threads may ask at once."""

    def __init__(self, crew: Crew[EngineSeat], asked: EngineAsked) -> None:
        self.identity = asked.identity
        self._crew, self._asked = crew, asked

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """Raises Fault: no node is left, or the engine failed on two of them."""

        def work(seat: EngineSeat) -> list[Completion]:
            return seat.answer(self._asked, requests, sampling)

        yield from enumerate(self._crew.submit(work, same_answers).result())

    def close(self) -> None:
        """Nothing to do: a node keeps its pack until it is asked with another."""


class _OneAtATime:
    """An engine of this process, asked from several threads: never with two batches at once."""

    def __init__(self, engine: Generator) -> None:
        self._engine, self._alone = engine, Lock()

    @property
    def identity(self) -> EngineIdentity:
        return self._engine.identity

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        with self._alone:
            yield from self._engine.generate(requests, sampling)

    def close(self) -> None:
        self._engine.close()


def same_answers(one: Sequence[Completion], other: Sequence[Completion]) -> bool:
    """Whether two answers to a batch are equal, however long either took."""
    return [_timeless(completion) for completion in one] == [_timeless(completion) for completion in other]


def _timeless(completion: Completion) -> Completion:
    return completion.model_copy(update={"seconds": 0.0})


def _equal(one: object, other: object) -> bool:
    return one == other
