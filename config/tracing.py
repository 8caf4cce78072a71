"""Sends the spans of battles to an OpenTelemetry collector (OTLP over HTTP), if one is named by the
standard's own variables, which also set headers and sampling:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/"""

from __future__ import annotations

import os
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING

from inference.contract import traces

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NS = 1e9


def begin(process: str) -> None:
    """Send the spans of this process, of the kind `process`. A collector that is away costs nobody
    anything: spans wait in memory, up to a bound, and then are dropped."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return
    # Only here: it takes half a second, and nobody else needs it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        """Those of a trace's first span, which its children know."""

        root = threading.local()

        def generate_trace_id(self) -> int:
            return int(self.root.trace, 16)

        def generate_span_id(self) -> int:
            trace = self.root.__dict__.pop("trace", "")
            return first_of(trace) if trace else super().generate_span_id()

    named = os.environ.get("OTEL_SERVICE_NAME") or f"evenhand-{process}"
    resource = Resource.create({"service.name": named, "host.name": socket.gethostname()})
    provider = TracerProvider(resource=resource, id_generator=Ids())  # ended with the process
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    traces.sinks.append(partial(_send, provider.get_tracer("evenhand"), Ids.root))


def _send(tracer: Tracer, root: threading.local, span: traces.Span) -> None:
    if span.is_root:
        root.trace = span.trace
    made = tracer.start_span(
        span.name,
        None if span.is_root else _below(span.trace),
        attributes=span.attributes,
        start_time=int(span.began * _NS),
    )
    for name, at in span.events:
        made.add_event(name, timestamp=int(at * _NS))
    made.end(int(span.ended * _NS))


def first_of(trace: str) -> int:
    """The id of a trace's first span."""
    return int(trace[-16:], 16) or 1


def _below(trace: str) -> Context:
    """Where the first span of this trace is the parent."""
    from opentelemetry.trace import (
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        set_span_in_context,
    )

    flags = TraceFlags(TraceFlags.SAMPLED)
    first = SpanContext(int(trace, 16), first_of(trace), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(first))
