"""Gorse's own client, as its package gives it, against our server."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from assortment.serve.http import app
from assortment.serve.service import Service
from assortment.store.sql import open_store
from tests.serve.conftest import Web

gorse = pytest.importorskip("gorse", reason="no client of Gorse: install PyGorse")

MOMENT = "2022-11-20T13:55:27Z"


@pytest.fixture
def client(service: Service) -> Iterator["gorse.Gorse"]:
    """The client and a server on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(uvicorn.Config(app(service), log_level="warning", lifespan="off"))
        running = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        running.start()
        try:
            yield gorse.Gorse(f"http://127.0.0.1:{bound.getsockname()[1]}/gorse", "a key", timeout=10)
        finally:
            server.should_exit = True
            running.join()


def ids(scores) -> list[str]:
    return [score.id if isinstance(score, gorse.Score) else score["Id"] for score in scores]


def refused(call) -> int:
    with pytest.raises(gorse.GorseException) as raised:
        call()
    return raised.value.status_code


def test_people(client):
    labels = {"group": ["sailors", "tea"]}
    assert client.insert_user({"UserId": "100", "Labels": labels, "Comment": "zoe"}) == {"RowAffected": 1}
    assert client.get_user("100")["Labels"] == labels
    assert client.insert_users([{"UserId": f"{n}"} for n in (101, 102)]) == {"RowAffected": 2}
    first, cursor = client.get_users(2)
    rest, end = client.get_users(2, cursor)
    assert [user["UserId"] for user in first + rest] == ["100", "101", "102"]
    assert end == ""
    assert client.get_user("tea1")["Comment"] == "", "known by what they did"
    assert client.delete_user("100") == {"RowAffected": 1}
    assert refused(lambda: client.get_user("100")) == 404


def test_goods_come_change_and_are_hidden(client, service):
    item = {"ItemId": "mug", "IsHidden": False, "Labels": ["leaf"], "Categories": ["Tea", "Mugs"], "Timestamp": MOMENT,
            "Comment": "green tea mug"}  # fmt: skip
    assert client.insert_item(item) == {"RowAffected": 1}
    assert client.get_item("mug") == item
    assert "mug" in ids(client.get_recommend("tea0", n=20)), "recommendable at once"
    assert ids(client.get_recommend("tea0", "Mugs")) == ["mug"]
    assert client.search_items("green tea mug", 1)[0]["ItemId"] == "mug"
    client.update_item("mug", comment="jasmine tea mug")
    assert client.get_item("mug") == {**item, "Comment": "jasmine tea mug"}
    client.update_item("t0", is_hidden=True)
    assert service.item("t0").price == 3.0, "what Gorse does not know of stands"
    assert "t0" not in ids(client.get_recommend("stranger", n=20))
    client.update_item("t0", is_hidden=False)
    assert "t0" in ids(client.get_recommend("stranger", n=20))
    assert client.delete_item("mug") == {"RowAffected": 1}
    assert "mug" not in ids(client.get_recommend("tea0", n=20))
    assert refused(lambda: client.get_item("nothing")) == 404
    first, cursor = client.get_items(10)
    rest, end = client.get_items(10, cursor)
    assert [one["ItemId"] for one in first + rest] == list(service.catalog.ids.names)
    assert end == ""


def test_feedback_is_taken_once_listed_and_taken_back(client, service):
    assert client.insert_feedback("star", "100", "t1", MOMENT) == {"RowAffected": 1}
    again = [
        {"FeedbackType": kind, "UserId": "100", "ItemId": item, "Timestamp": MOMENT, "Value": 2}
        for kind, item in (("star", "t1"), ("read", "r1"), ("purchase", "new-thing"))
    ]
    assert client.insert_feedbacks(again) == {"RowAffected": 2}, "the first is there already"
    assert client.list_feedbacks("star", "100") == [
        {"FeedbackType": "favourite", "UserId": "100", "ItemId": "t1", "Timestamp": MOMENT, "Value": 0.0, "Comment": ""}
    ]
    assert service.item("new-thing").title == "new-thing", "as with Gorse, goods come with their feedback"
    assert "new-thing" not in ids(client.get_recommend("100", n=20))
    everything, cursor = client.get_feedbacks(50)
    rest, end = client.get_feedbacks(50, cursor)
    assert len(everything + rest) == 60 + 3
    assert end == ""
    assert client.delete_feedback("100", "new-thing") == {"RowAffected": 1}
    assert "new-thing" in ids(client.get_recommend("100", n=20)), "with the next request"


def test_feedback_that_is_put_gives_way(client, web: Web, store):
    one = {"FeedbackType": "star", "UserId": "100", "ItemId": "t1", "Timestamp": MOMENT, "Value": 1}
    for value in (1, 5):
        assert web("PUT", "/gorse/api/feedback", json=[{**one, "Value": value}]).json() == {"RowAffected": 1}
    assert [event.value for event in store.history("100")] == [5.0]


def test_slates(client, service, store):
    liked = [{"FeedbackType": "star", "UserId": "s", "ItemId": item, "Timestamp": MOMENT} for item in ("r0", "r1", "r2")]
    session = ids(client.session_recommend(liked, 3))
    assert {item[0] for item in session[:2]} == {"r"}
    assert not {"r0", "r1", "r2"} & set(session) or len(session) == 3
    assert store.history("s") == [], "nothing of a session is kept"
    neighbours = ids(client.get_neighbors("t1", 3))
    assert {item[0] for item in neighbours} == {"t"}
    assert ids(client.get_neighbors("t1", 2, offset=1)) == neighbours[1:]
    whole = ids(client.get_recommend("tea1", n=6))
    scores = client.get_recommend("tea1", n=3, offset=3)
    assert ids(scores) == whole[3:]
    assert all(isinstance(score.score, float) for score in scores)
    assert store.shown(user="tea1")[-1].items == tuple(whole[3:])


def test_what_is_recommended_may_be_written_back(client, store):
    shown = ids(client.get_recommend("100", n=3, write_back_type="read", write_back_delay="10m"))
    assert [(event.item, event.kind) for event in store.history("100")] == [(item, "view") for item in shown]
    assert refused(lambda: client.get_recommend("100", write_back_type="read", write_back_delay="soon")) == 422


def test_popular_latest_and_the_first_version_of_recommend(web: Web, service: Service):
    listed = web("GET", "/gorse/api/popular?n=3").json()
    counts = {}
    for event in service.store.events(service.catalog.ids).item:
        counts[event] = counts.get(event, 0) + 1
    assert listed[0]["Score"] == max(counts.values())
    assert all(one["Id"][0] == "r" for one in web("GET", "/gorse/api/popular/Trains").json())
    for item, moment in (("old", "2020-01-01"), ("young", "2021-01-01")):
        web("POST", "/gorse/api/item", json={"ItemId": item, "Timestamp": moment})
    assert [one["Id"] for one in web("GET", "/gorse/api/latest?n=2").json()] == ["young", "old"]
    assert web("GET", "/gorse/api/recommend/tea1?n=2").json() == [
        one["Id"] for one in web("GET", "/gorse/api/recommend/tea1?n=2", headers={"X-API-Version": "2"}).json()
    ]
    assert web("GET", "/gorse/api/health/ready").json()["Ready"] is True


@pytest.mark.parametrize(
    ("feedback", "says"),
    [
        ({"FeedbackType": "wave", "UserId": "u", "ItemId": "t1"}, "no kind of feedback 'wave'"),
        ({"FeedbackType": "star", "ItemId": "t1"}, "0.UserId: field required"),
        ({"FeedbackType": "star", "UserId": "u", "ItemId": "t1", "Timestamp": "soon"}, "0.Timestamp: 'soon' is not a moment"),
    ],
)
def test_feedback_that_cannot_be_used_is_told_with_its_field(web: Web, store, feedback, says):
    answer = web("POST", "/gorse/api/feedback", json=[feedback])
    assert answer.status_code == 422
    assert says in answer.json()["error"]
    assert store.history("u") == []


def test_a_store_takes_what_is_said_of_people_with_it_when_they_are_forgotten(client, store):
    client.insert_user({"UserId": "zoe", "Comment": "a sailor"})
    assert store.forget("zoe")["person"] == 1
    with open_store(str(store.engine.url)) as other:
        assert Service.forget.__name__ == "forget"
        assert other.forget("zoe")["person"] == 0
