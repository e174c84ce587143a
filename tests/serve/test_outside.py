"""What is seen of a server from outside, and what it does when it has too much to do."""

import asyncio
import io
import json
import logging
import threading
from dataclasses import replace

import httpx
import numpy as np
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assortment.core.mutes import Muting
from assortment.core.pipeline import Pipeline
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.serve.desk import Bounds
from assortment.serve.http import app
from assortment.serve.outside.logs import JsonLines
from assortment.serve.service import Released, Service
from assortment.store.sql import Store
from tests import world
from tests.serve.conftest import Web


def popular(pipeline: Pipeline) -> Stage:
    return pipeline.stages[0].parts[-1]


class Waits:
    """A stage that waits until it is let, for each lot."""

    def __init__(self) -> None:
        self.let, self.begun = threading.Event(), threading.Event()

    def __call__(self, requests, slates) -> list[Slate]:
        self.begun.set()
        assert self.let.wait(20)
        return list(slates)


@pytest.fixture
def slow(pipeline: Pipeline, store: Store) -> tuple[Service, Waits]:
    waits = Waits()
    stages = (waits, *pipeline.stages)
    return Service(replace(pipeline, stages=stages), store, version="v1", popular=popular(pipeline)), waits


def asked(web: object, *calls: tuple[str, str, dict]) -> list[httpx.Response]:
    """All at once."""

    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=web, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await asyncio.gather(*(client.request(method, path, **more) for method, path, more in calls))

    return asyncio.run(all_of_them())


def test_a_slate_that_takes_too_long_is_what_is_popular_by_the_same_hard_rules(slow, store: Store):
    service, waits = slow
    store.mute(Muting("tea1", "category", "Trains", True, world.START))
    owned = {event.item for event in store.history("tea1")}
    web = app(service, bounds=Bounds(patience=0.05))
    capped = {"user": "tea1", "k": 5, "wish": {"at_most": {"brand": 1}}}
    (free, bound) = asked(web, ("GET", "/api/recommend/tea1?k=13", {}), ("POST", "/api/recommend", {"json": capped}))
    waits.let.set()
    assert free.json()["instead"] == "the slate took longer than 0.05 seconds"
    items = [card["item"] for card in free.json()["items"]]
    assert items
    assert not owned & set(items)
    assert all(card["category"] != "Trains" for card in free.json()["items"])
    brands = [brand for card in bound.json()["items"] if (brand := service.facts(card["item"])["brand"])]
    assert len(brands) == len(set(brands))
    web.state.watcher.desk.slates._pool.shutdown()
    assert {one.slate for one in store.shown()} == {free.json()["slate"], bound.json()["slate"]}, "what nobody saw is not shown"


def test_without_anything_popular_a_slow_slate_is_503_and_none_hangs(slow):
    service, waits = slow
    service.take_up(Released(service.pipeline))
    (answer,) = asked(app(service, bounds=Bounds(patience=0.05)), ("GET", "/api/recommend/tea1", {}))
    waits.let.set()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "longer than 0.05 seconds" in answer.json()["error"]


def test_where_too_many_wait_the_next_comes_back_and_no_event_is_lost(slow, store: Store):
    service, waits = slow
    web = app(service, bounds=Bounds(patience=20, room=2))
    slates = [("GET", f"/api/recommend/new{n}", {}) for n in range(8)]
    events = [("POST", "/api/events", {"json": {"user": f"new{n}", "item": "t1", "kind": "view"}}) for n in range(40)]
    threading.Thread(target=lambda: (waits.begun.wait(20), waits.let.set())).start()
    answers = asked(web, *slates, *events)
    turned = [answer for answer in answers if answer.status_code == 429]
    assert turned
    assert {answer.headers["Retry-After"] for answer in turned} == {"1"}
    assert {answer.status_code for answer in answers} == {200, 429}
    taken = [f"new{n}" for n in range(40) if answers[8 + n].status_code == 200]
    assert [user for n in range(40) for user in [f"new{n}"] if store.history(user)] == taken


def test_many_posts_at_once_are_each_their_own(service: Service, store: Store):
    view = {"item": "t1", "kind": "view", "id": "one"}
    calls = [("POST", "/api/events", {"json": {**view, "user": "a", "item": item}}) for item in ("t1", "t1", "nothing")]
    calls.append(("POST", "/api/events", {"json": [{**view, "user": "b", "id": "two"}, {**view, "user": "b", "id": "three"}]}))
    first, second, third, fourth = asked(app(service), *calls)
    assert sorted(one.json()["events"] for one in (first, second)) == [0, 1]
    assert third.status_code == 404
    assert fourth.json()["events"] == 2
    assert (len(store.history("a")), len(store.history("b"))) == (1, 2)


def test_slates_that_are_chosen_together_are_those_of_each_alone(service: Service):
    users = ["tea1", "tea2", "train1", "nobody", ""]
    alone = [service.choose(service.request(user, k=5)).cards for user in users]
    calls = [("POST", "/api/recommend", {"json": {"user": user or None, "k": 5}}) for user in users]
    bad = ("POST", "/api/recommend", {"json": {"about": ["nothing"]}})
    *together, refused = asked(app(service), *calls, bad)
    assert refused.status_code == 404
    for answer, cards in zip(together, alone, strict=True):
        assert [card["item"] for card in answer.json()["items"]] == [card.item.item for card in cards]
        assert np.allclose([card["score"] for card in answer.json()["items"]], [card.score for card in cards], atol=1e-5)


def test_metrics_name_routes_and_stages_and_no_person(web: Web):
    web("GET", "/api/recommend/tea1")
    web("GET", "/api/users/tea1")
    web("GET", "/api/items/t77")
    web("BREW", "/api/coffee")
    told = web("GET", "/metrics")
    assert told.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for line in (
        'assortment_requests_total{method="GET",route="/api/recommend/{user:path}",status="200"} 1.0',
        'assortment_requests_total{method="GET",route="/api/items/{item:path}",status="404"} 1.0',
        'assortment_requests_total{method="other",route="none",status="404"} 1.0',
        'assortment_stage_seconds_count{stage="Blended"} 1.0',
        'assortment_lot_count{what="slates"} 1.0',
        'assortment_slates_total{instead="no"} 1.0',
        'assortment_waiting{what="slates"} 0.0',
    ):
        assert line in told.text, line
    assert "tea1" not in told.text


def test_live_says_that_the_server_lives_and_ready_that_it_can_answer(web: Web, service: Service, store: Store):
    assert web("GET", "/health/live").json() == {"ok": True}
    assert web("GET", "/health/ready").json() == {"ok": True, "version": "v1"}
    web.app.state.watcher.ready = False
    closing = web("GET", "/health/ready")
    assert (closing.status_code, closing.json()["error"]) == (503, "the server is closing")
    assert web("GET", "/health/live").status_code == 200


def test_a_request_and_its_stages_are_spans_of_one_trace(service: Service):
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    (answer,) = asked(app(service, tracer=provider.get_tracer("test")), ("GET", "/api/recommend/tea1", {}))
    assert answer.status_code == 200
    spans = {span.name: span for span in kept.get_finished_spans()}
    request = spans.pop("GET /api/recommend/{user:path}")
    assert request.attributes["http.response.status_code"] == 200
    assert {"Blended", "Policed", "Diversified"} <= set(spans)
    assert {span.parent.span_id for span in spans.values()} == {request.context.span_id}
    assert "tea1" not in str([span.to_json() for span in kept.get_finished_spans()])


def test_each_request_is_a_line_of_json_without_the_person(web: Web, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, "assortment.requests"):
        answer = web("GET", "/api/users/tea1")
    line = json.loads(JsonLines().format(caplog.records[-1]))
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["level"], line["method"], line["route"], line["status"]) == ("info", "GET", "/api/users/{user:path}", 200)
    assert line["milliseconds"] > 0
    assert "tea1" not in json.dumps(line)


def test_an_error_is_logged_in_one_line(caplog: pytest.LogCaptureFixture):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    record = logging.makeLogRecord({"msg": "no\nway", "exc_info": (ValueError, ValueError("x"), None), "odd": object()})
    handler.emit(record)
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["says"] == "no\nway"
    assert "ValueError" in json.loads(line)["trace"]
