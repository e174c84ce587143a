"""Experiments over HTTP and as pages."""

from pathlib import Path

import pytest

from assortment.core.events import Event
from assortment.core.pipeline import Pipeline
from assortment.core.save import load
from assortment.experiment.assign import exposed
from assortment.experiment.book import Book
from assortment.parts import known_classes
from assortment.serve.service import Service
from assortment.store.sql import Store
from tests.serve.conftest import Web

BODY = {
    "name": "more",
    "people": 500,
    "guardrails": {"orders": 0.1},
    "arm": [{"name": "as-is", "diversity": 0}, {"name": "varied", "diversity": 1}],
}


@pytest.fixture
def service(pipeline: Pipeline, store: Store, tmp_path: Path) -> Service:
    book = Book(tmp_path / "experiments", lambda folder: load(folder, known_classes()))
    return Service(pipeline, store, version="v1", book=book)


@pytest.fixture
def web(service: Service) -> Web:
    return Web(service)


def test_an_experiment_is_begun_watched_and_ended(web: Web, service: Service, store: Store):
    assert web("GET", "/api/experiments").json() == []
    begun = web("POST", "/api/experiments", json=BODY)
    assert begun.status_code == 200, begun.text
    assert web("GET", "/api/experiments").json() == [begun.json()]
    for number in range(300):
        answer = service.recommend(f"p{number}", k=3)
        if exposed(answer.arm, "more") == "varied" or number % 3 == 0:
            store.append([Event(answer.user, answer.cards[0].item.item, "purchase", service.clock(), 1.0, answer.slate)])
    found = web("GET", "/api/experiments/more").json()
    assert sum(found["people"].values()) == 300
    assert found["srm"]["blocks"] is False
    assert found["primary"][0]["sequence"]["low"] > 0
    page = web("GET", "/experiments/more")
    assert page.status_code == 200
    for said in (found["decision"][0][:12], "<polygon", "conversion", "orders"):
        assert said in page.text
    assert "more" in web("GET", "/experiments").text
    assert web("POST", "/api/experiments/more/stop").json()["ended"] is not None
    assert service.recommend("p1").arm == "v1"


def test_a_page_is_there_before_anybody_was_exposed(web: Web):
    web("POST", "/api/experiments", json=BODY)
    assert "Wait: too few people were exposed." in web("GET", "/experiments/more").text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**BODY, "primary": "convrsion"}, "did you mean 'conversion'"),
        ({**BODY, "name": "No Name"}, "is called 'No Name'"),
        ({**BODY, "alfa": 0.1}, "did you mean 'alpha'"),
        ({**BODY, "arm": [{"name": "a"}, {"name": "b"}]}, "are all the same"),
        ({**BODY, "guardrails": {"orders": 7}}, "goes from 0 to 1"),
    ],
)
def test_a_slip_is_told(web: Web, body, said):
    answer = web("POST", "/api/experiments", json=body)
    assert answer.status_code == 422
    assert answer.json()["ok"] is False
    assert said in answer.json()["error"]


def test_an_unknown_experiment_and_a_server_without_any(web: Web, pipeline: Pipeline, store: Store):
    assert "no experiment 'x'" in web("GET", "/api/experiments/x").json()["error"]
    assert "keeps no experiments" in Web(Service(pipeline, store))("GET", "/api/experiments").json()["error"]
