"""Counts and times, in Prometheus's words."""

from collections.abc import Callable
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LOTS = (1, 2, 4, 8, 16, 32, 64, 128)

Key: TypeAlias = tuple[str, str, int]


class Metrics:
    """What one application counts. A registry of its own, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.requests = Counter("assortment_requests", "Requests answered.", ("method", "route", "status"), registry=registry)
        self.seconds = Histogram(
            "assortment_request_seconds",
            "From a request to the end of its answer.",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )
        self.stages = Histogram(
            "assortment_stage_seconds", "A stage of the pipeline, for a lot.", ("stage",), buckets=SECONDS, registry=registry
        )
        self.lots = Histogram("assortment_lot", "Requests served together.", ("what",), buckets=LOTS, registry=registry)
        self.slates = Counter("assortment_slates", "Slates answered, and whether in time.", ("instead",), registry=registry)
        self.events = Counter("assortment_events", "Events that the log has taken.", registry=registry)
        self.refused = Counter("assortment_refused", "Requests told to come back.", ("route",), registry=registry)
        self._children: dict[Key, Callable[[float], None]] = {}
        self._stages: dict[str, Histogram] = {}

    def gauge(self, name: str, says: str, *labels: str) -> Gauge:
        """A number that stands, and can be read when somebody looks."""
        return Gauge(name, says, labels, registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method if method in METHODS else "other", route, status)
        child = self._children.get(key)
        if child is None:
            count, histogram = self.requests.labels(key[0], route, str(status)), self.seconds.labels(route)

            def child(took: float) -> None:
                count.inc()
                histogram.observe(took)

            self._children[key] = child
        child(seconds)

    def stage(self, name: str, seconds: float) -> None:
        child = self._stages.get(name)
        if child is None:
            child = self._stages[name] = self.stages.labels(name)
        child.observe(seconds)

    def told(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)
