"""Families of metrics as `prometheus_client` wants them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from arena.counters import FAMILIES, REST, SUM, Family, Field

PREFIX = "evenhand_"
# By values of the labels, a tuple of strings; None: not known.
Rows = Mapping[Any, float | None]


def gauge(name: str, about: str, value: float | None) -> Metric:
    return gauges(name, about, (), {(): value})


def gauges(name: str, about: str, labels: Iterable[str], rows: Rows) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, about, labels=[*labels])
    return _filled(family, rows)


def counter(name: str, about: str, labels: Iterable[str], rows: Rows) -> Metric:
    return _filled(CounterMetricFamily(PREFIX + name, about, labels=[*labels]), rows)


def _filled(family: CounterMetricFamily | GaugeMetricFamily, rows: Rows) -> Metric:
    for values, value in rows.items():
        if value is not None:
            family.add_metric([*values], value)
    return family


def counted(totals: Mapping[Field, float]) -> Iterator[Metric]:
    """Every counter and histogram of `arena.counters`, also those that nothing was added to."""
    by_family: dict[str, dict[tuple[str, ...], dict[str, float]]] = defaultdict(dict)
    for field, amount in totals.items():
        by_family[field.family].setdefault(field.values, {})[field.part] = amount
    for name, family in FAMILIES.items():
        found = by_family[name] or ({(): {}} if not family.labels else {})
        if family.buckets:
            yield _histogram(name, family, found)
        else:
            rows = {values: parts.get("", 0.0) for values, parts in found.items()}
            yield counter(name, family.help, family.labels, rows)


def _histogram(
    name: str, family: Family, found: Mapping[tuple[str, ...], Mapping[str, float]]
) -> Metric:
    made = HistogramMetricFamily(PREFIX + name, family.help, labels=[*family.labels])
    for values, parts in found.items():
        buckets, below = [], 0.0
        for bound in (*map(str, family.buckets), REST):
            below += parts.get(bound, 0.0)
            buckets.append((bound, below))
        made.add_metric([*values], buckets, sum_value=parts.get(SUM, 0.0))
    return made
