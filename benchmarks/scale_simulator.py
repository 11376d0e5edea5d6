"""What time and money so many evaluations take on so many machines: a simulation of the driver that Suture has.

    python benchmarks/scale_simulator.py [--rates benchmarks/scale_rates.json] [--json FILE]

A queue of events (heapq) with a seed. Batches are given out in plan order within a window of two an engine, take a
random time (log-normal), are recorded in plan order by one writer, judged in shards of 128 or more by the machines, and
recorded again. Machines are lost by chance (exponential), what they had is done again, and the slowest batch is asked
twice when nothing else is left. Where there are more than ``--units`` batches, neighbours are simulated as one.
"""

import argparse
import heapq
import json
import math
import random
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

SHARD = 128
SLOW = 2.0
DETECTED_S = 10.0
"""Seconds until a machine that is lost is noticed: health checks of Ray."""


@dataclass(frozen=True)
class Rates:
    """``task_s``: seconds of one engine for one task. ``writer``: attempts, with their verdicts, recorded a second."""

    engines: int
    cores: int
    batch: int
    task_s: float
    spread: float
    losses_an_hour: float
    reload_s: float
    dollars_an_hour: float
    writer: float
    programs_a_second_a_core: float
    call_s: float
    task_driver_s: float
    start_s: float


@dataclass
class Outcome:
    seconds: float
    lost: int
    twice: int
    writer_busy: float
    engines_busy: float


@dataclass
class _Machine:
    number: int
    epoch: int = 0
    free: int = 0
    running: dict[int, float] = field(default_factory=dict)


class Simulation:
    def __init__(self, rates: Rates, tasks: int, machines: int, *, seed: int, units: int = 100_000) -> None:
        batches = math.ceil(tasks / rates.batch)
        self.joined = max(1, math.ceil(batches / units))
        self.units = math.ceil(batches / self.joined)
        self.size = tasks / self.units
        # neighbours that are one unit take their time one after the other on one engine: their times add up
        self.r = replace(rates, spread=rates.spread / math.sqrt(self.joined))
        self.random = random.Random(seed)
        self.machines = [_Machine(n, free=rates.engines) for n in range(machines)]
        self.idle: dict[int, None] = dict.fromkeys(range(machines))
        self.window = 2 * rates.engines * machines
        self.events: list[tuple[float, int, str, tuple]] = []
        self.serial = 0
        self.now = rates.start_s
        self.waiting: deque[int] = deque()
        self.issued = self.recorded = self.judged = 0
        self.started: dict[int, float] = {}
        self.copies: dict[int, int] = {}
        self.answered: set[int] = set()
        self.writer_free = rates.start_s
        self.writer_busy = self.busy = 0.0
        self.judge_free = [rates.start_s] * machines
        heapq.heapify(self.judge_free)
        self.shard = 0
        self.last = 0.0
        self.lost = self.twice = 0

    def run(self) -> Outcome:
        for machine in self.machines:
            self._schedule_loss(machine)
        self._give_out()
        while self.recorded < self.units:
            self.now, _, kind, what = heapq.heappop(self.events)
            getattr(self, f"_{kind}")(*what)
            self._give_out()
        if self.shard:
            self._judge()
        engines = self.r.engines * len(self.machines)
        end = max(self.last, self.writer_free)
        return Outcome(
            end, self.lost, self.twice, self.writer_busy / end, self.busy / (engines * (end - self.r.start_s))
        )

    def _at(self, when: float, kind: str, *what: object) -> None:
        self.serial += 1
        heapq.heappush(self.events, (when, self.serial, kind, what))

    def _give_out(self) -> None:
        while self.idle:
            machine = self.machines[next(iter(self.idle))]
            unit = self._next(machine)
            if unit is None:
                return
            self._begin(machine, unit)

    def _next(self, machine: _Machine) -> int | None:
        if self.waiting:
            return self.waiting.popleft()
        if self.issued < min(self.units, self.recorded + self.window):
            self.issued += 1
            return self.issued - 1
        long = SLOW * self.size * self.r.task_s
        slow = [
            (began, unit)
            for unit, began in self.started.items()
            if self.copies[unit] == 1 and unit not in machine.running and self.now - began > long
        ]
        if not slow:
            return None
        self.twice += 1
        return min(slow)[1]

    def _begin(self, machine: _Machine, unit: int) -> None:
        sigma = self.r.spread
        seconds = self.size * self.r.task_s * self.random.lognormvariate(-sigma * sigma / 2, sigma) + self.r.call_s
        machine.free -= 1
        if not machine.free:
            del self.idle[machine.number]
        machine.running[unit] = self.now
        self.started.setdefault(unit, self.now)
        self.copies[unit] = self.copies.get(unit, 0) + 1
        self._at(self.now + seconds, "done", machine, machine.epoch, unit)

    def _done(self, machine: _Machine, epoch: int, unit: int) -> None:
        if machine.epoch != epoch:
            return  # it was lost meanwhile
        machine.free += 1
        self.idle[machine.number] = None
        self.busy += self.now - machine.running.pop(unit)
        if unit in self.answered or unit < self.recorded:
            return  # the other one was first
        self.answered.add(unit)
        self.started.pop(unit, None)
        while self.recorded in self.answered:
            self.answered.discard(self.recorded)
            self.copies.pop(self.recorded, None)
            self.recorded += 1
            self._write(self.size * (1 / self.r.writer + self.r.task_driver_s), self.now)
            self.shard += 1
            if self.shard * self.size >= SHARD:
                self._judge()

    def _write(self, seconds: float, ready: float) -> None:
        self.writer_free = max(self.writer_free, ready) + seconds
        self.writer_busy += seconds

    def _judge(self) -> None:
        """One shard on the machine whose lanes are free first."""
        programs, self.shard = self.shard * self.size, 0
        begin = max(heapq.heappop(self.judge_free), self.writer_free)
        end = begin + programs / (self.r.programs_a_second_a_core * self.r.cores) + self.r.call_s
        heapq.heappush(self.judge_free, end)
        self.last = max(self.last, end)

    def _schedule_loss(self, machine: _Machine) -> None:
        if self.r.losses_an_hour:
            self._at(self.now + self.random.expovariate(self.r.losses_an_hour / 3600), "loss", machine)

    def _loss(self, machine: _Machine) -> None:
        self.lost += 1
        machine.epoch, machine.free = machine.epoch + 1, 0
        self.idle.pop(machine.number, None)
        open_ = [unit for unit in machine.running if unit in self.copies]  # the other copy of the rest is recorded
        for unit in open_:
            self.copies[unit] -= 1
        again = [unit for unit in open_ if self.copies[unit] == 0 and unit not in self.answered]
        machine.running.clear()
        self._at(self.now + DETECTED_S, "noticed", again)
        self._at(self.now + DETECTED_S + self.r.reload_s, "back", machine)

    def _noticed(self, again: list[int]) -> None:
        self.waiting.extendleft(reversed(again))

    def _back(self, machine: _Machine) -> None:
        machine.free = self.r.engines
        self.idle[machine.number] = None
        self._schedule_loss(machine)


def rates_of(said: dict, machine: str, *, grouped: bool = True) -> Rates:
    one = said["machines"][machine]
    known = {key: one[key] for key in ("engines", "cores", "batch", "task_s", "spread", "losses_an_hour", "reload_s")}
    return Rates(
        **known,
        dollars_an_hour=one["dollars_an_hour"],
        writer=said["writer"]["grouped" if grouped else "attempts_a_second"],
        programs_a_second_a_core=said["judge"]["programs_a_second_a_core"],
        call_s=said["driver"]["call_s"],
        task_driver_s=said["driver"]["task_s"],
        start_s=said["driver"]["start_s"],
    )


def table(said: dict, tasks: list[int], machines: list[int], *, seed: int, units: int) -> list[dict]:
    rows = []
    for name in said["machines"]:
        for count in tasks:
            for number in machines:
                rates = rates_of(said, name)
                found = Simulation(rates, count, number, seed=seed, units=units).run()
                rows.append(
                    {
                        "machine": name,
                        "evaluations": count,
                        "machines": number,
                        "hours": found.seconds / 3600,
                        "dollars": found.seconds / 3600 * number * rates.dollars_an_hour,
                        "writer_busy": found.writer_busy,
                        "engines_busy": found.engines_busy,
                        "lost": found.lost,
                        "twice": found.twice,
                    }
                )
    return rows


def saturation(said: dict, machine: str, *, grouped: bool) -> float:
    """Machines from which on the one writer is what all wait for."""
    rates = rates_of(said, machine, grouped=grouped)
    return (1 / (1 / rates.writer + rates.task_driver_s)) * rates.task_s / rates.engines


def as_text(rows: list[dict], said: dict) -> str:
    lines = [
        "| machine | evaluations | machines | hours | dollars | engines busy | writer busy |",
        "|---|" + "---:|" * 6,
    ]
    lines += [
        f"| {row['machine']} | {row['evaluations']:.0e} | {row['machines']} | {row['hours']:.3g} "
        f"| {row['dollars']:.3g} | {row['engines_busy']:.0%} | {row['writer_busy']:.0%} |"
        for row in rows
    ]
    lines += ["", "| machine | the writer is the limit from | with group commit |", "|---|---:|---:|"]
    for name in said["machines"]:
        alone, grouped = (saturation(said, name, grouped=grouped) for grouped in (False, True))
        lines.append(f"| {name} | {alone:.0f} machines | {grouped:.0f} machines |")
    return "\n".join(lines)


def _at_least_one(written: str) -> int:
    number = float(written)
    if not 1 <= number < 1e15:
        raise argparse.ArgumentTypeError(f"{written}: a number from 1 on")
    return int(number)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rates", type=Path, default=Path(__file__).with_name("scale_rates.json"))
    parser.add_argument("--tasks", type=_at_least_one, nargs="+", default=[10**4, 10**6, 10**8])
    parser.add_argument("--machines", type=_at_least_one, nargs="+", default=[1, 8, 64, 1000])
    parser.add_argument("--units", type=_at_least_one, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    try:
        read = json.loads(options.rates.read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{options.rates}: {error}") from None
    found = table(read, options.tasks, options.machines, seed=options.seed, units=options.units)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    print(as_text(found, read))
