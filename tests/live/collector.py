"""A collector of traces: it speaks OTLP over HTTP, as any of OpenTelemetry's does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Received:
    """A span, as it came."""

    process: str
    trace: str
    name: str
    id: bytes
    parent: bytes
    seconds: float
    attributes: dict[str, object]
    events: tuple[str, ...]


@dataclass
class Collector:
    url: str = ""
    spans: list[Received] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            process = _said(resource.resource.attributes)["service.name"]
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans.append(
                        Received(
                            process=str(process),
                            trace=span.trace_id.hex(),
                            name=span.name,
                            id=span.span_id,
                            parent=span.parent_span_id,
                            seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                            attributes=_said(span.attributes),
                            events=tuple(event.name for event in span.events),
                        )
                    )

    def of(self, trace: str) -> dict[str, list[Received]]:
        """By name."""
        found: dict[str, list[Received]] = {}
        for span in list(self.spans):
            if span.trace == trace:
                found.setdefault(span.name, []).append(span)
        return found


def _said(attributes: object) -> dict[str, object]:
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value")))
        for each in attributes  # type: ignore[attr-defined]
    }


@contextmanager
def collector() -> Iterator[Collector]:
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            is_short = self.headers.get("Content-Encoding") == "gzip"
            found.take(decompress(body) if is_short else body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
