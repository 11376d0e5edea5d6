"""Seats of a crew: the driver's side of one process on a node."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from suture.cluster.carried_files import Carried
from suture.cluster.jobs import Unfit
from suture.cluster.node_facts import NodeFacts
from suture.cluster.node_work import Order
from suture.cluster.nodes import Node, Process
from suture.core.errors import BadFile, SutureError
from suture.core.measure.attempt import Completion, EngineIdentity, Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Verdict


class Arrivals:
    """What is on which node, so that several seats of one send nothing twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, threading.Lock] = {}

    def of(self, node: str) -> threading.Lock:
        with self._lock:
            return self._nodes.setdefault(node, threading.Lock())


class ProcessSeat:
    """``facts``: what its node said of itself."""

    def __init__(self, node: Node, process: Process, facts: NodeFacts) -> None:
        self.node, self.host, self.facts = node.id, node.host, facts
        self._process = process

    def close(self) -> None:
        self._process.stop()


@dataclass(frozen=True)
class EngineAsked:
    """An engine with what it is to load: a pack, and adapters by the SHA-256 of their weights."""

    choice: EngineChoice
    identity: EngineIdentity
    pack: Carried
    adapters: Mapping[str, Carried]


class EngineSeat(ProcessSeat):
    def __init__(self, node: Node, process: Process, facts: NodeFacts, arrivals: Arrivals) -> None:
        super().__init__(node, process, facts)
        self._arrivals = arrivals
        self._places: dict[str, str] = {}
        self._fits: set[tuple[str, str]] = set()

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        return self._process.call("identify", choice)

    def answer(self, asked: EngineAsked, requests: Sequence[Request], sampling: Sampling) -> list[Completion]:
        """Raises Lost, Unfit: the engine there is another instrument. Raises SutureError: as the engine does."""
        self._require(asked.choice, asked.identity)
        adapters = {name: self._place(one) for name, one in asked.adapters.items()}
        order = Order(asked.choice, asked.identity, self._place(asked.pack), adapters)
        return self._process.call("answer", order, list(requests), sampling)

    def _require(self, choice: EngineChoice, identity: EngineIdentity) -> None:
        if (choice.digest, identity.digest) in self._fits:
            return
        found = self.identify(choice)
        if found != identity:
            raise Unfit("another instrument: " + "; ".join(found.changes_since(identity)))
        self._fits.add((choice.digest, identity.digest))

    def _place(self, wanted: Carried) -> str:
        """Where it lies on the node, once it is there."""
        if wanted.name not in self._places:
            with self._arrivals.of(self.node):
                self._places[wanted.name] = self._process.call("find", wanted) or self._send(wanted)
        return self._places[wanted.name]

    def _send(self, wanted: Carried) -> str:
        """Send it once more if it did not arrive as it was. Raises Unfit: this node cannot take it."""
        try:
            try:
                return self._sent(wanted)
            except BadFile:
                return self._sent(wanted)
        except SutureError as error:
            self._process.call("discard", wanted)
            raise Unfit(f"{wanted.name[:12]} cannot be put there: {error}") from error

    def _sent(self, wanted: Carried) -> str:
        for name, at, data in wanted.chunks():
            self._process.call("receive", wanted, name, at, data)
        return self._process.call("finish", wanted)


class JudgeSeat(ProcessSeat):
    def judge(self, submissions: Sequence[tuple[Task, str]]) -> list[tuple[int, Verdict]]:
        return self._process.call("judge", list(submissions))

    def require(self, asked: JudgeIdentity) -> None:
        """Raises Unfit: what judges there is another judge."""
        try:
            found: JudgeIdentity = self._process.call("identify", asked)
        except SutureError as error:
            raise Unfit(str(error)) from error
        if found != asked:
            raise Unfit(f"its judge is {_words(found)}, {_words(asked)} is asked")


def _words(judge: JudgeIdentity) -> str:
    return f"{judge.version} at {judge.level.value}"
