"""What runs on a node: an engine with the pack it was last asked with, or a judge. Knows nothing of Ray."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suture.cluster.carried_files import Carried, FileCache
from suture.cluster.node_facts import NodeFacts, facts_here
from suture.core.errors import Fault
from suture.core.measure.attempt import Completion, EngineIdentity, Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Verdict
from suture.core.plan.ports import Engines, Generator, Judge


@dataclass(frozen=True)
class Order:
    """What to load: a pack, and adapters beside it by the SHA-256 of their weights, where they lie on the node."""

    choice: EngineChoice
    identity: EngineIdentity
    pack: str
    adapters: Mapping[str, str]


class EngineWork:
    """Answers whole batches, one at a time.

    Args:
        engines: those of the node.
        files: where packs and adapters arrive.
        ray: the version of Ray there.
        gpus: how many Ray gives to this process.
    """

    def __init__(self, engines: Engines, files: FileCache, *, ray: str, gpus: float = 0) -> None:
        self._engines, self._files, self._ray, self._gpus = engines, files, ray, gpus
        self._loaded: tuple[Order, Generator] | None = None

    def facts(self) -> NodeFacts:
        return facts_here(ray=self._ray, gpus=self._gpus)

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        return self._engines.identify(choice)

    def find(self, wanted: Carried) -> str | None:
        return self._files.find(wanted)

    def receive(self, wanted: Carried, name: str, at: int, data: bytes) -> None:
        self._files.receive(wanted, name, at, data)

    def finish(self, wanted: Carried) -> str:
        return self._files.finish(wanted)

    def discard(self, wanted: Carried) -> None:
        self._files.discard(wanted)

    def answer(self, order: Order, requests: Sequence[Request], sampling: Sampling) -> list[Completion]:
        """One completion a request, in order. Raises Fault: the engine failed."""
        engine = self._engine(order)
        try:
            found = dict(engine.generate(requests, sampling))
            if len(found) != len(requests):
                raise Fault(f"engine {order.identity.name} answered {len(found)} of {len(requests)} requests")
        except BaseException:
            self._unload()  # one that failed once may fail for ever
            raise
        return [found[index] for index in range(len(requests))]

    def _engine(self, order: Order) -> Generator:
        if self._loaded is not None and self._loaded[0] == order:
            return self._loaded[1]
        self._unload()  # one at a time: each holds a model
        adapters = {sha256: Path(place) for sha256, place in order.adapters.items()}
        engine = self._engines.open(order.choice, Path(order.pack), **({"adapters": adapters} if adapters else {}))
        if engine.identity != order.identity:
            engine.close()
            raise Fault(f"engine says it is {engine.identity}, expected {order.identity}")
        self._loaded = (order, engine)
        return engine

    def _unload(self) -> None:
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded[1].close()


class JudgeWork:
    """Judges programs in as many lanes as the node gives cores.

    Args:
        open_judge: called with the isolation level and the number of lanes.
    """

    def __init__(self, open_judge: Callable[[JudgeIdentity, int], Judge], lanes: int, *, ray: str) -> None:
        self._open, self._lanes, self._ray = open_judge, lanes, ray
        self._judge: Judge | None = None

    def facts(self) -> NodeFacts:
        return facts_here(ray=self._ray)

    def identify(self, asked: JudgeIdentity) -> JudgeIdentity:
        """Open a judge at the level that is asked; its identity. Raises MissingTool: this node has no such level."""
        if self._judge is None:
            self._judge = self._open(asked, self._lanes)
        return self._judge.identity

    def judge(self, submissions: Sequence[tuple[Task, str]]) -> list[tuple[int, Verdict]]:
        if self._judge is None:
            raise Fault("this node was given programs before it was asked what judge it has")
        return list(self._judge.judge(submissions))
