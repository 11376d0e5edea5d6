"""A cluster put together: its nodes checked, its crews manned, and the ports that the loop works with."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial

from suture.cluster.crew import Crew
from suture.cluster.engines import ClusterEngines
from suture.cluster.jobs import Tally, Unfit
from suture.cluster.judge import ClusterJudge
from suture.cluster.muster import Manned, Muster
from suture.cluster.node_facts import NodeFacts, choose_instrument, version_misfits
from suture.cluster.node_work import EngineWork, JudgeWork
from suture.cluster.nodes import ClusterGone, Lost, Node, Nodes, Process
from suture.cluster.seats import Arrivals, EngineSeat, JudgeSeat, ProcessSeat
from suture.core.errors import Fault, SutureError
from suture.core.measure.verdict import JudgeIdentity
from suture.core.plan.ports import Engines

ENGINES, JUDGES = "generation", "judging"
PATIENCE_S = 60.0
"""How long work waits for a node when none is left: one may be on its way."""


@dataclass(frozen=True)
class Asked:
    """What every node must be.

    Attributes:
        here: what the machine that drives is.
        judge: the judge that would judge there.
        threads: of an engine, where nobody says how many.
    """

    here: NodeFacts
    judge: JudgeIdentity
    threads: int


@dataclass(frozen=True)
class Makers:
    """What is made in a process on a node; both travel there, so they are functions of modules.

    Attributes:
        engine: called with how many GPUs the process is given.
        judge: called with how many programs it may judge at once.
    """

    engine: Callable[[int], EngineWork]
    judge: Callable[[int], JudgeWork]


@dataclass
class Hub:
    """An open cluster."""

    engines: ClusterEngines
    judge: ClusterJudge
    engine_crew: Crew[EngineSeat]
    judge_crew: Crew[JudgeSeat]
    muster: Muster
    nodes: Nodes
    _closing: threading.Lock = field(default_factory=threading.Lock)

    def batches(self) -> int:
        """How many batches may be under way: two an engine, so that none waits for the next."""
        return max(2 * self.engine_crew.size, 2)

    def shards(self) -> int:
        return max(2 * self.judge_crew.size, 2)

    def abandon(self) -> None:
        """End what is under way; the cluster can be used again."""
        stopped = Fault("this was stopped before it was done")
        for crew in (self.engine_crew, self.judge_crew):
            crew.fail_all(stopped)

    def close(self) -> None:
        with self._closing:
            self.muster.close()
            for crew in (self.engine_crew, self.judge_crew):
                crew.close()
            self.nodes.close()

    @property
    def says(self) -> str:
        """What came of it, in one line."""
        hosts = len(self.engine_crew.nodes | self.judge_crew.nodes)
        tallies = (("batches", self.engine_crew.tally), ("calls of a judge", self.judge_crew.tally))
        return f"cluster: {hosts} nodes; " + "; ".join(_words(what, tally) for what, tally in tallies)


def _words(what: str, tally: Tally) -> str:
    compared = f", {tally.flips} of {tally.compared} second answers differ" if tally.compared else ""
    return f"{tally.done} {what}, {tally.again} begun again, {tally.twice} asked twice{compared}"


def open_hub(
    nodes: Nodes,
    makers: Makers,
    asked: Asked,
    local: Engines,
    *,
    note: Callable[[str], None],
    elsewhere: Collection[str] = (),
    patience: float = PATIENCE_S,
    again: str = "run the same command again",
) -> Hub:
    """Check every node there is, and open seats on those that fit. Close the hub when done.

    Args:
        local: the engines of the machine that drives.
        note: is told which nodes do nothing, and why.
        elsewhere: names of engines that answer from a server: no node is asked.
        patience: seconds that work waits for a node when none is left.
        again: the command that goes on with what was recorded.

    Raises:
        Fault: no node fits.
    """
    opening = _Opening(nodes, makers, asked, note=note, patience=patience, again=again)
    try:
        hub = opening.open(local, elsewhere)
    except ClusterGone as error:
        nodes.close()
        raise Fault(f"the cluster is gone ({error})", mend=again) from error
    except BaseException:
        nodes.close()
        raise
    for crew in (hub.engine_crew, hub.judge_crew):
        if not crew.size:
            error = hub.muster.nobody(crew.name)
            hub.close()
            raise error
    return hub


class _Opening:
    """How the seats of a hub are made. ``instrument``: the class that answers, once it is chosen."""

    def __init__(
        self,
        nodes: Nodes,
        makers: Makers,
        asked: Asked,
        *,
        note: Callable[[str], None],
        patience: float,
        again: str,
    ) -> None:
        self._nodes, self._makers, self._asked = nodes, makers, asked
        self._arrivals = Arrivals()
        self._threads = asked.threads
        self._cores: dict[str, int] = {}
        self._instrument = ""
        self._looked_at: dict[str, EngineSeat] = {}
        engines = Crew[EngineSeat](ENGINES, self._leave_out, lambda node: self._cores.get(node, 1))
        judges = Crew[JudgeSeat](JUDGES, self._leave_out)
        manned = [
            Manned(engines, self._engine_seat, self._engine_seats),
            Manned(judges, self._judge_seat, lambda node: int(node.cores > 0)),
        ]
        self._engines, self._judges = engines, judges
        self._muster = Muster(nodes, manned, note=note, patience=patience, again=again)
        self._note = note

    def open(self, local: Engines, elsewhere: Collection[str]) -> Hub:
        self._choose_instrument()
        self._muster.begin()
        engines = ClusterEngines(
            local,
            self._engines,
            threads=self._asked.threads,
            own_class=self._instrument == self._asked.here.instrument,
            elsewhere=elsewhere,
            with_threads=self._with_threads,
        )
        judge = ClusterJudge(self._judges, self._asked.judge)
        return Hub(engines, judge, self._engines, self._judges, self._muster, self._nodes)

    def _leave_out(self, crew: str, seat: ProcessSeat, why: str) -> None:
        self._muster.leave_out(crew, seat, why)

    def _with_threads(self, threads: int) -> None:
        """From now on engines have so many threads, and nodes as many engines as they have cores for."""
        self._threads = threads

    def _engine_seats(self, node: Node) -> int:
        if node.cores == 0:
            return 0
        self._cores[node.id] = node.gpus or max(1, node.cores // self._threads)
        return self._cores[node.id]

    def _choose_instrument(self) -> None:
        """Look once at every node that would answer: what most of them are is what the run uses."""
        here = self._asked.here
        found: list[str] = []
        for node in self._nodes.alive():
            if self._engine_seats(node):
                try:
                    seat = self._engine_process(node)
                except (Lost, Unfit, SutureError):
                    continue  # it is found again, and said, when seats are opened
                found.append(seat.facts.instrument)
                if seat.facts.instrument == here.instrument:
                    self._looked_at[node.id] = seat
                    break
                seat.close()
        self._instrument = choose_instrument(here.instrument, found)
        if self._instrument != here.instrument and found:
            self._note(f"answers come from {self._instrument}; this machine is {here.instrument}")

    def _engine_process(self, node: Node) -> EngineSeat:
        process = self._nodes.start(node, partial(self._makers.engine, node.gpus and 1), gpus=node.gpus and 1)
        facts = self._facts(process)
        return EngineSeat(node, process, facts, self._arrivals)

    def _engine_seat(self, node: Node) -> EngineSeat:
        seat = self._looked_at.pop(node.id, None) or self._engine_process(node)
        if seat.facts.instrument != self._instrument:
            seat.close()
            raise Unfit(f"another instrument: {seat.facts.instrument}, where the run uses {self._instrument}")
        return seat

    def _judge_seat(self, node: Node) -> JudgeSeat:
        process = self._nodes.start(node, partial(self._makers.judge, node.cores))
        seat = JudgeSeat(node, process, self._facts(process))
        try:
            seat.require(self._asked.judge)
        except BaseException:
            seat.close()
            raise
        return seat

    def _facts(self, process: Process) -> NodeFacts:
        """Raises Unfit: its versions are not those of this machine."""
        try:
            facts: NodeFacts = process.call("facts")
            if misfits := version_misfits(self._asked.here, facts):
                raise Unfit(misfits)
        except BaseException:
            process.stop()
            raise
        return facts
