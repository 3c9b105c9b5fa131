"""What the market measures of itself, read from its stores when somebody asks.

Nothing is kept in a process, so every web process gives the same answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import RedisError

from core.outbox import figures, pulse

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(now: datetime) -> bytes:
    """Return all figures in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Market(now))
    return generate_latest(registry)


@dataclass(eq=False)
class _Market(Collector):
    now: datetime
    sources_up: dict[str, int] = field(default_factory=dict)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the database and Redis; a source that is down is a figure of its own."""
        found: list[GaugeMetricFamily] = []
        for source, read, failure in (
            ("database", self._deliveries, DatabaseError),
            ("redis", self._processes, RedisError),
        ):
            try:
                found += read()
                self.sources_up[source] = 1
            except failure:
                self.sources_up[source] = 0
        up = GaugeMetricFamily("market_source_up", "Whether a store answered", labels=["source"])
        for source, is_up in self.sources_up.items():
            up.add_metric([source], is_up)
        yield from [*found, up]

    def _deliveries(self) -> list[GaugeMetricFamily]:
        owed = figures.open_deliveries(self.now)
        return [
            _gauge("market_deliveries_open", "Deliveries not yet settled", owed.pending),
            _gauge(
                "market_delivery_oldest_seconds",
                "How long the oldest open delivery has waited",
                owed.oldest_pending_s,
            ),
            _gauge("market_deliveries_parked", "Deliveries that wait for a person", owed.parked),
        ]

    def _processes(self) -> list[GaugeMetricFamily]:
        lengths = GaugeMetricFamily(
            "market_queue_length", "Messages that wait in a queue", labels=["queue"]
        )
        for queue, length in pulse.queue_lengths().items():
            lengths.add_metric([queue], length)
        ages = GaugeMetricFamily(
            "market_heartbeat_age_seconds",
            "How long ago a process last showed life; absent where it never did",
            labels=["process"],
        )
        for key, at in pulse.heartbeats().items():
            if at is not None:
                ages.add_metric([key.removeprefix("heartbeat:")], self.now.timestamp() - at)
        return [lengths, ages]


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
