"""Around every request: it is counted, timed, named and logged, and turned away where too many are under way."""

import json
import logging
import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assortment.core.around import Around, each_stage
from assortment.core.errors import StoreError
from assortment.serve.access.gate import ANYBODY
from assortment.serve.desk import Desk
from assortment.serve.outside.metrics import Metrics

log = logging.getLogger("assortment.requests")


class Watcher:
    """What an application tells of itself. tracer: of OpenTelemetry, None where nobody listens; ready: if it takes more."""

    def __init__(self, desk: Desk, tracer: Any = None) -> None:
        self.metrics = Metrics()
        self.tracer = tracer
        self.desk = desk
        self.under_way = 0
        self.ready = True
        for what, counter in (("slates", desk.slates), ("events", desk.events)):
            counter.told = self.metrics.lots.labels(what).observe
        slates = {instead: self.metrics.slates.labels("yes" if instead else "no") for instead in (True, False)}
        desk.answered = lambda instead: slates[instead].inc()
        desk.taken = self.metrics.events.inc
        waiting = self.metrics.gauge("assortment_waiting", "Who waits to be served.", "what")
        waiting.labels("slates").set_function(lambda: desk.slates.waiting)
        waiting.labels("events").set_function(lambda: desk.events.waiting)
        self.metrics.gauge("assortment_under_way", "Requests under way.").set_function(lambda: self.under_way)
        self.metrics.gauge("assortment_goods", "Goods of the catalog.").set_function(lambda: len(desk.service.catalog))

    @property
    def around(self) -> Around:
        """Around every stage: it is timed, and where somebody listens it is a span."""
        return self._stage

    @contextmanager
    def _stage(self, name: str, requests: int) -> Iterator[None]:
        start = time.perf_counter()
        with self.span(name, {"assortment.requests": requests}):
            yield
        self.metrics.stage(name, time.perf_counter() - start)

    def span(self, name: str, facts: dict[str, Any]) -> AbstractContextManager[Any]:
        return nullcontext() if self.tracer is None else self.tracer.start_as_current_span(name, attributes=facts)


class Watched:
    """An application that is watched. Most: requests under way beyond which the next is told to come back, health excepted."""

    def __init__(self, app: ASGIApp, watcher: Watcher, most: int) -> None:
        self.app = app
        self.watcher = watcher
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watcher, start, status = self.watcher, time.perf_counter(), 500
        name = f"{random.getrandbits(128):032x}"

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        watcher.under_way += 1
        try:
            facts = {"http.request.method": scope["method"]}
            with watcher.span(f"{scope['method']} request", facts) as span, each_stage(watcher.around):
                if watcher.under_way > self.most and not scope["path"].startswith("/health/"):
                    await _come_back(seen, f"{self.most} requests are under way")
                else:
                    await self.app(scope, receive, seen)
                route = route_of(scope)
                if span is not None:
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attributes({"http.route": route, "http.response.status_code": status})
        finally:
            watcher.under_way -= 1
            self._told(scope, name, status, time.perf_counter() - start)

    def _told(self, scope: Scope, name: str, status: int, seconds: float) -> None:
        """What is counted and logged: the route and not the address, for that may name a person."""
        route = route_of(scope)
        self.watcher.metrics.answered(scope["method"], route, status, seconds)
        if status == 429:
            self.watcher.metrics.refused.labels(route).inc()
        if log.isEnabledFor(logging.INFO):
            who = scope.get("state", {}).get("who", ANYBODY)
            facts = {"request": name, "method": scope["method"], "route": route, "status": status}
            log.info("answered", extra={**facts, "milliseconds": round(1000 * seconds, 2), "who": who.name, "role": who.role})


def route_of(scope: Scope) -> str:
    """The route of a request, as in `/api/users/{user}`."""
    return getattr(scope.get("route"), "path", "none")


async def _come_back(send: Send, error: str) -> None:
    body = json.dumps({"ok": False, "error": f"{error}; try again in a second"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def add_outside(web: FastAPI, watcher: Watcher) -> None:
    """`/metrics`, `/health/live` and `/health/ready`."""

    @web.get("/metrics", include_in_schema=False, response_class=Response)
    def metrics() -> Response:
        return Response(watcher.metrics.told(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @web.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, bool]:
        return {"ok": True}

    @web.get("/health/ready", include_in_schema=False, response_model=None)
    def ready() -> Response:
        """503 while the log cannot be read, and from when the server was told to stop."""
        if not watcher.ready:
            return JSONResponse({"ok": False, "error": "the server is closing"}, 503)
        try:
            watcher.desk.service.store.mark()
        except StoreError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 503, {"Retry-After": "1"})
        return JSONResponse({"ok": True, "version": watcher.desk.service.version})
