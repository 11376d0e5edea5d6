"""What `/metrics` tells, in Prometheus' text form."""

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from suture.core.measure.modes import is_fallback
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.speech import Load
from suture.serve.record_writer import RecordWriter
from suture.serve.responder import Ended, Responder
from suture.serve.steering import RouteShown

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Meters:
    """Of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "suture_requests", "Requests by path and status.", ["path", "status"], registry=self.registry
        )
        self._answers = Counter(
            "suture_answers",
            "Answers by who gave them, and whether they ended, failed, or lost their reader.",
            ["model", "outcome"],
            registry=self.registry,
        )
        self._used = Counter(
            "suture_models_used", "Answers by who gave them, and the pack.", ["model", "pack"], registry=self.registry
        )
        self._fallbacks = Counter(
            "suture_fallback_count",
            "Answers that the fallback gave, by route and why: what the specialist's answer lacked, or the mode.",
            ["route", "why"],
            registry=self.registry,
        )
        self._passed_on = Counter(
            "suture_passed_on",
            "Prompts that went on to a later tier, by why.",
            ["route", "why"],
            registry=self.registry,
        )
        self._tokens = Counter(
            "suture_tokens", "Tokens of prompts and answers.", ["model", "part"], registry=self.registry
        )
        self._first = Histogram(
            "suture_first_piece_seconds", "Until an answer began.", ["model"], buckets=SECONDS, registry=self.registry
        )
        self._whole = Histogram(
            "suture_answer_seconds", "Until it was whole.", ["model"], buckets=SECONDS, registry=self.registry
        )

    def watch(
        self,
        responder: Responder,
        records: RecordWriter | None = None,
        steered: Callable[[], Sequence[RouteShown]] = tuple,
    ) -> None:
        self.registry.register(_LoadGauge(responder))
        self.registry.register(_SteeringGauge(steered))
        if records is not None:
            self.registry.register(_RecordsGauge(records))

    def request(self, path: str, status: int) -> None:
        self._requests.labels(path, str(status)).inc()

    def began(self, model: str, seconds: float) -> None:
        self._first.labels(model).observe(seconds)

    def ended(self, model: str, ended: Ended, seconds: float) -> None:
        self._answers.labels(model, "complete").inc()
        self._tokens.labels(model, "prompt").inc(ended.prompt_tokens)
        self._tokens.labels(model, "answer").inc(ended.tokens)
        self._whole.labels(model).observe(seconds)
        if ended.how is not None:
            self._answered_by(model, ended.how)

    def _answered_by(self, model: str, how: ServedAnswer) -> None:
        given = how.given
        self._used.labels(model, given.pack[:12] if given else "").inc()
        if given is not None and is_fallback(given.tier):
            self._fallbacks.labels(how.route, how.fallback or how.mode).inc()
        if how.fallback:
            self._passed_on.labels(how.route, how.fallback).inc()

    def lost(self, model: str, outcome: str) -> None:
        """``outcome``: ``failed``, ``left`` or ``cut``."""
        self._answers.labels(model, outcome).inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _LoadGauge(Collector):
    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def collect(self) -> Iterable[Metric]:
        load: Load = self._responder.load()
        yield GaugeMetricFamily("suture_waiting", "Answers that wait for a slot.", value=load.waiting)
        yield GaugeMetricFamily("suture_speaking", "Answers that are in a slot.", value=load.speaking)
        yield CounterMetricFamily(
            "suture_engine_restarts", "Times that an engine of its own process died and was started.", load.restarts
        )
        shadows = CounterMetricFamily(
            "suture_shadow_answers", "Answers of shadows, and how they compare.", labels=["model", "outcome"]
        )
        for (model, outcome), count in self._responder.shadow_counts().items():
            shadows.add_metric([model, outcome], count)
        yield shadows


class _RecordsGauge(Collector):
    def __init__(self, records: RecordWriter) -> None:
        self._records = records

    def collect(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
        counts = self._records.counts
        answers = CounterMetricFamily(
            "suture_recorded_answers", "Answers in records, counted in gaps, or not to be recorded.", labels=["what"]
        )
        for what, count in (("record", counts.kept), ("gap", counts.lost), ("unwanted", counts.unwanted)):
            answers.add_metric([what], count)
        yield answers
        yield CounterMetricFamily(
            "suture_records_late", "Records that were not written when their answer ended.", value=counts.late
        )
        yield GaugeMetricFamily("suture_records_waiting", "Records that wait to be written.", value=self._records.depth)


class _SteeringGauge(Collector):
    def __init__(self, steered: Callable[[], Sequence[RouteShown]]) -> None:
        self._steered = steered

    def collect(self) -> Iterable[Metric]:
        labels = ["route", "policy"]
        trust = GaugeMetricFamily("suture_conductance", "How much a route trusts a policy.", labels=labels)
        share = GaugeMetricFamily("suture_policy_share", "The share of prompts that a policy is asked.", labels=labels)
        opened = GaugeMetricFamily(
            "suture_circuit_open", "1 where the fallback answers in a policy's place.", labels=labels
        )
        for route in self._steered():
            for one in route.policies:
                at = [route.route, one.name]
                trust.add_metric(at, one.conductance)
                share.add_metric(at, one.share)
                opened.add_metric(at, float(one.name in route.open))
        yield from (trust, share, opened)
