"""Spans for OpenTelemetry: one of each request, one of each stage within. Its packages are imported where somebody listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from assortment.core.errors import BadSetting


@contextmanager
def tracer(endpoint: str) -> Iterator[Any]:
    """A tracer that sends to a collector at an address, as in `http://localhost:4318/v1/traces`; at the end it sends the rest.

    Raises `BadSetting` where the packages are not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise BadSetting("spans need OpenTelemetry; install it with: pip install 'assortment[traces]'") from error
    provider = TracerProvider(resource=Resource.create({"service.name": "assortment"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
    try:
        yield provider.get_tracer("assortment")
    finally:
        provider.shutdown()
