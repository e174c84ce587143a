"""The doors over HTTP: what comes in is in the log once, and what cannot be used is told with its line and its field."""

import json

import pytest

from assortment.core.events import Event
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from tests.serve.conftest import Web

TIME = 1_700_000_000_000
VIEW = {"user": "new", "item": "t1", "kind": "view", "time": TIME}


def lines(*given: object) -> str:
    return "\n".join(json.dumps(one) for one in given)


def test_an_event_with_an_id_is_acknowledged_again_and_counted_once(web: Web, store: Store, pipeline):
    bought = {**VIEW, "kind": "purchase", "id": "order-1"}
    assert web("POST", "/api/events", json=bought).json() == {"ok": True, "events": 1, "again": 0}
    assert web("POST", "/api/events", json=[bought, VIEW, bought]).json() == {"ok": True, "events": 1, "again": 2}
    with open_store(str(store.engine.url)) as other:
        again = Web(Service(pipeline, other))("POST", "/api/events/bulk", content=lines(bought))
        assert again.json() == {"ok": True, "events": 0, "again": 1}
    assert [event.id for event in store.history("new")] == ["order-1", None]


def test_events_in_bulk_are_taken_whole(web: Web, store: Store):
    told = lines(*({**VIEW, "time": TIME + n, "id": f"e{n}"} for n in range(2000)))
    assert len(told) > 100_000
    assert web("POST", "/api/events/bulk", content=told + "\n\n").json() == {"ok": True, "events": 2000, "again": 0}
    assert store.count() == 60 + 2000


@pytest.mark.parametrize(
    ("second", "status", "says"),
    [
        ('{"user": "new", "item": "t1"', 422, "line 2 is not JSON"),
        ('{"user": "new", "item": "t1", "kind": "veiw"}', 422, "line 2.kind: no kind of event 'veiw'; did you mean 'view'?"),
        ('{"user": "new", "item": "t1", "kind": "view", "tme": 1}', 422, "line 2: no field 'tme'; did you mean 'time'?"),
        ('{"user": "new", "item": "t1", "kind": "view", "time": 99999999999999}', 422, "1.time: 99999999999999 is more than"),
        ('{"user": "new", "item": "t10", "kind": "view"}', 404, "no item 't10'"),
    ],
)
def test_a_bad_line_is_named_and_keeps_all_out(web: Web, store: Store, second: str, status: int, says: str):
    answer = web("POST", "/api/events/bulk", content=f"{json.dumps(VIEW)}\n{second}\n")
    assert answer.status_code == status
    assert says in answer.json()["error"]
    assert store.history("new") == []


def test_a_body_without_lines_is_told(web: Web):
    assert web("POST", "/api/events/bulk", content="\n \n").json()["error"].startswith("the body is empty")


def test_a_bulk_may_be_larger_than_other_bodies_and_not_without_end(web: Web, monkeypatch: pytest.MonkeyPatch):
    large = " " * (1 << 20) + lines(VIEW)
    assert web("POST", "/api/events/bulk", content=large).status_code == 200
    assert web("POST", "/api/events", content=large, headers={"Content-Type": "application/json"}).status_code == 413
    monkeypatch.setattr("assortment.serve.http.LARGEST_BULK", 1 << 20)
    assert web("POST", "/api/events/bulk", content=large).status_code == 413


def test_events_of_google_analytics_change_the_next_slate_and_are_counted_once(web: Web, store: Store):
    items = [{"item_id": "t1", "quantity": 2}, {"item_id": "t2", "item_list_id": "s9"}]
    bought = {"name": "purchase", "params": {"transaction_id": "T1", "items": items}}
    sent = {"user_id": "new", "events": [bought, {"name": "scroll"}]}
    assert web("POST", "/api/events/ga4", json=sent).json() == {
        "ok": True, "events": 2, "again": 0, "passed_over": {"scroll": 1},
    }  # fmt: skip
    assert web("POST", "/api/events/ga4", json=sent).json()["again"] == 2
    shown = [card["item"] for card in web("GET", "/api/recommend/new?k=13").json()["items"]]
    assert not {"t1", "t2"} & set(shown)
    assert [(event.item, event.value, event.slate) for event in store.history("new")] == [("t1", 2.0, None), ("t2", None, "s9")]


def test_user_events_of_google_retail_come_one_by_one_listed_and_in_lines(web: Web, store: Store):
    product = {"product": {"id": "t1"}}
    event = {
        "eventType": "detail-page-view",
        "visitorId": "v",
        "eventTime": "2026-11-01T12:00:00Z",
        "productDetails": [product],
    }
    seen = {"eventType": "home-page-view", "visitorId": "v"}
    assert web("POST", "/api/events/retail", json=event).json()["events"] == 1
    assert web("POST", "/api/events/retail", json=[event, seen]).json() == {
        "ok": True, "events": 0, "again": 1, "passed_over": {"home-page-view": 1},
    }  # fmt: skip
    later = {**event, "eventTime": "2026-11-01T12:00:01Z"}
    assert web("POST", "/api/events/retail/bulk", content=lines(event, later, seen)).json()["events"] == 1
    assert [item.time for item in store.history("v")] == [1793534400000, 1793534401000]


@pytest.mark.parametrize(
    ("door", "body", "says"),
    [
        ("ga4", {"client_id": "c", "events": [{"name": "purchase"}]}, "events.0.params.items: 'purchase' names no product"),
        ("ga4", {"client_id": "c", "events": []}, "events: list should have at least 1 item"),
        ("ga4", {"events": [{"name": "scroll"}]}, "user_id and client_id are missing"),
        ("retail", {"eventType": "detail-page-view"}, "visitorId: field required"),
        ("retail", {"eventType": "detail-page-view", "visitorId": "v"}, "0.productDetails"),
        ("retail/bulk", {"eventType": "glance", "visitorId": "v"}, "line 1.eventType: input should be"),
    ],
)
def test_what_another_system_sends_amiss_is_told_with_its_field(web: Web, door: str, body: object, says: str):
    answer = web("POST", f"/api/events/{door}", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["error"]


def test_a_moment_in_another_unit_is_told(web: Web, store: Store):
    seen = {"name": "view_item", "params": {"items": [{"item_id": "t1"}]}, "timestamp_micros": TIME}
    answer = web("POST", "/api/events/ga4", json={"client_id": "c", "events": [seen]})
    assert "before 1990; see in which unit" in answer.json()["error"]
    seen["timestamp_micros"] = TIME * 1000
    assert web("POST", "/api/events/ga4", json={"client_id": "c", "events": [seen]}).json()["events"] == 1
    assert store.history("c") == [Event("c", "t1", "view", TIME, None, None, f"view_item:c:{TIME * 1000}:0:t1")]


def test_the_page_of_the_api_shows_an_example_of_each_door(web: Web):
    page = web("GET", "/docs").text
    assert all(word in page for word in ("/api/events/ga4", "transaction_id", "visitorId", "order-9-1"))
