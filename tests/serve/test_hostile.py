"""Whatever is sent, the server says what is wrong with it, and nothing breaks."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig

from assortment.core.pipeline import Pipeline
from assortment.core.save import load
from assortment.experiment.book import Book
from assortment.parts import known_classes
from assortment.serve.access.gate import Gate
from assortment.serve.http import LARGEST_BODY, app
from assortment.serve.service import Service
from assortment.store.access import open_access
from assortment.store.sql import open_store
from tests import world
from tests.serve import goods
from tests.serve.access.conftest import NOW, Clock
from tests.serve.conftest import Web

JSON = {"Content-Type": "application/json"}
PATHS = [
    "/api/events",
    "/api/recommend/{user}",
    "/api/recommend",
    "/api/items/{item}",
    "/api/items/{item}/similar",
    "/api/search",
    "/api/trace",
    "/api/users",
    "/api/users/{user}",
    "/api/users/{user}/muted",
    "/api/users/{user}/export",
    "/api/events/ga4",
    "/api/events/retail",
    "/api/experiments",
    "/api/experiments/{name}",
    "/api/experiments/{name}/stop",
    "/api/health",
    "/api/audit",
]


@schemathesis.serializer("application/x-ndjson")
def lines(context: schemathesis.SerializationContext, value: object) -> bytes:
    return value.encode() if isinstance(value, str) else b"\n".join(json.dumps(one).encode() for one in value)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[object, str]]:
    """A locked shop, and the key of an operator who may be asked anything."""
    folder: Path = tmp_path_factory.mktemp("shop")
    with open_store(f"sqlite:///{folder}/shop.db") as store:
        store.put_catalog(goods.catalog())
        store.append(world.purchases())
        access, pipeline = open_access(store), goods.pipeline()
        key = access.add("all", "operator", None, NOW)
        book = Book(folder / "experiments", lambda place: load(place, known_classes()))
        service = Service(pipeline, store, version="v1", book=book, popular=pipeline.stages[0].parts[-1])
        gate = Gate(access, False, Clock())
        yield app(service, gate=gate), key


@pytest.fixture(scope="module")
def schema(shop: tuple[object, str]) -> object:
    """The API as it describes itself. JSON Schema cannot say all that is asked of a field: 422 may answer what fits it."""
    expected = ["2xx", "401", "403", "404", "409", "422", "429"]
    config = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": expected}}})
    return schemathesis.openapi.from_asgi("/openapi.json", shop[0], config=config)


@pytest.mark.parametrize("path", PATHS)
def test_no_call_that_can_be_made_up_breaks_the_server_or_its_own_description(schema: object, shop, path: str):
    """Schemathesis, with all of its checks, for each call of a path."""
    for name, call in schema.find_operations(path) if hasattr(schema, "find_operations") else schema[path].items():
        assert name

        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=call.as_strategy())
        def called(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {shop[1]}"})

        called()


def test_no_path_of_the_api_is_left_out(shop: tuple[object, str]):
    known = {path.replace(":path", "") for path in shop[0].openapi()["paths"]}
    assert set(PATHS) <= known


NASTY = [
    "'; DROP TABLE event; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "../../etc/passwd",
    "%00%0d%0aSet-Cookie: a=b",
    "\u202e\ufeff\U0001f4a9",
    "A" * 250,
    "NaN",
    "-1e999",
    "__proto__",
]


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_nothing_that_stands_in_a_field_is_more_than_a_text(web: Web, nasty: str):
    before = web("GET", "/api/users").json()
    event = {"user": nasty, "item": "t1", "kind": "view", "slate": nasty}
    assert web("POST", "/api/events", json=event).status_code == 200
    calls = [
        ("POST", "/api/events", {"json": {**event, "item": nasty}}),
        ("POST", "/api/events", {"json": {**event, "kind": nasty}}),
        ("POST", "/api/recommend", {"json": {"user": nasty, "query": nasty, "context": {nasty: nasty}}}),
        ("POST", "/api/recommend", {"json": {"about": [nasty]}}),
        ("POST", "/api/recommend", {"json": {"wish": {"at_most": {nasty: 1}}}}),
        ("GET", "/api/search", {"params": {"q": nasty}}),
        ("GET", "/api/users", {"params": {"contains": nasty}}),
        ("PUT", "/api/users/x/muted", {"json": {"column": nasty, "value": nasty}}),
        ("GET", "/search", {"params": {"q": nasty}}),
        ("GET", "/api/recommend/x", {"params": {"k": nasty, "diversity": nasty, "at_most": nasty}}),
        ("POST", "/api/trace", {"json": {"user": nasty, nasty: 1}}),
    ]
    for method, path, more in calls:
        answer = web(method, path, **more)
        assert answer.status_code in (200, 404, 422), (path, answer.text)
        if answer.headers["Content-Type"].startswith("text/html"):
            assert "<script>alert" not in answer.text
        else:
            assert answer.headers["Content-Type"].startswith("application/json")
        assert "set-cookie: a" not in str(answer.headers).lower()
    assert web("GET", "/api/health").status_code == 200
    assert len(web("GET", "/api/users").json()["people"]) >= len(before["people"])


BODIES = [
    pytest.param(b"[" * 100_000, id="deep lists"),
    pytest.param(b'{"user":' * 50_000, id="deep objects"),
    pytest.param(b'{"user": "a", "item": "t1", "kind": "rating", "value": NaN}', id="NaN"),
    pytest.param(b'{"user": "a", "item": "t1", "kind": "rating", "value": Infinity}', id="infinity"),
    pytest.param(b'{"user": "a", "item": "t1", "kind": "rating", "value": 1e400}', id="too large a number"),
    pytest.param(b'{"user": "a", "item": "t1", "kind": "view", "time": ' + b"9" * 5000 + b"}", id="a huge number"),
    pytest.param(b'{"user": "\\ud800", "item": "t1", "kind": "view"}', id="half a letter"),
    pytest.param(b'{"user": "a\\u0000", "item": "t1", "kind": "view"}', id="NUL"),
    pytest.param(b"\xff\xfe\x00", id="no UTF-8"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"null", id="null"),
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", ["/api/events", "/api/recommend", "/api/trace", "/api/events/ga4", "/api/events/bulk"])
def test_a_body_that_is_no_document_is_told(web: Web, path: str, body: bytes):
    answer = web("POST", path, content=body, headers=JSON)
    assert answer.status_code in (200, 422), answer.text
    assert answer.status_code == 422 or path == "/api/events/bulk"
    assert not answer.json().get("events")


def test_a_body_may_be_so_large_and_no_larger(web: Web):
    event = {"user": "a", "item": "t1", "kind": "view"}
    padded = json.dumps(event) + " " * (LARGEST_BODY - len(json.dumps(event)))
    assert web("POST", "/api/events", content=padded, headers=JSON).status_code == 200
    assert web("POST", "/api/events", content=padded + " ", headers=JSON).status_code == 413


@pytest.mark.parametrize(
    "path", ["/static/../service.py", "/static/%2e%2e/service.py", "/static/..%2f..%2fservice.py", "/static//etc/passwd"]
)
def test_no_path_leads_out_of_the_static_files(web: Web, path: str):
    answer = web("GET", path)
    assert answer.status_code == 404
    assert "import" not in answer.text


@pytest.mark.parametrize("name", ["../../shop", "..%2f..%2fshop", "a/b", "x" * 41])
def test_no_name_of_an_experiment_leads_elsewhere(web: Web, name: str, pipeline: Pipeline):
    for method, path in (("GET", f"/api/experiments/{name}"), ("POST", f"/api/experiments/{name}/stop")):
        assert web(method, path).status_code in (404, 405, 422)
