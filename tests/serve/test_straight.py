"""A straight route answers what FastAPI's own would, and is described by it."""

from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import FastAPI, Path, Request, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from assortment.serve.messages import EventIn, EventsIn, Id
from assortment.serve.straight import straight

EVENT = b'{"user": "ann", "item": "tea", "kind": "view"}'
JSON = {"Content-Type": "application/json"}


class Told(BaseModel):
    said: str = Field(serialization_alias="from")


def described(way: Callable, path: str) -> FastAPI:
    web = FastAPI()

    @way(web)("GET", path, summary="Who")
    async def who(user: Annotated[Id, Path(description="who")], asked: Request) -> Told:
        return Told(said=f"{user} {asked.url.query}")

    @way(web)("POST", "/events", tags=["feedback"])
    async def events(body: EventsIn) -> Told:
        return Told(said=" ".join(event.item for event in ([body] if isinstance(body, EventIn) else body)))

    @way(web)("GET", "/written", response_model=Told)
    async def written() -> Response:
        return Response(b'{"from":"ann"}', 202, {"Shop": "tea"}, media_type="application/json")

    return web


def theirs(web: FastAPI) -> Callable:
    return lambda method, path, **told: web.api_route(path, methods=[method], **told)


def ours(web: FastAPI) -> Callable:
    return lambda method, path, **told: straight(web, method, path, **told)


@pytest.fixture(scope="module")
def both() -> tuple[FastAPI, FastAPI]:
    return described(theirs, "/who/{user:path}"), described(ours, "/who/{user:path}")


@pytest.mark.parametrize(
    ("method", "address", "body", "headers"),
    [
        ("GET", "/who/ann/of/kent?k=3", b"", {}),
        ("GET", "/who/", b"", {}),
        ("GET", "/who/" + "a" * 251, b"", {}),
        ("GET", "/who/a%0Ab", b"", {}),
        ("POST", "/who/ann", b"", {}),
        ("POST", "/events", EVENT, JSON),
        ("POST", "/events", EVENT, {"Content-Type": "application/json; charset=utf-8"}),
        ("POST", "/events", EVENT, {"Content-Type": "Application/JSON"}),
        ("POST", "/events", EVENT, {"Content-Type": "application/vnd.shop+json"}),
        ("POST", "/events", EVENT, {"Content-Type": "text/plain"}),
        ("POST", "/events", EVENT, {}),
        ("POST", "/events", b"[" + EVENT + b", " + EVENT + b"]", JSON),
        ("POST", "/events", b"[]", JSON),
        ("POST", "/events", b"null", JSON),
        ("POST", "/events", b"", JSON),
        ("POST", "/events", b"[" * 10_000, JSON),
        ("POST", "/events", b"\xff", JSON),
        ("POST", "/events", EVENT.decode().encode("utf-16"), JSON),
        ("POST", "/events", EVENT[:-1] + b', "time": 5}', JSON),
        ("POST", "/events", EVENT[:-1] + b', "value": "3"}', JSON),
        ("PUT", "/events", EVENT, JSON),
        ("GET", "/written", b"", {}),
    ],
)
def test_what_comes_out_is_the_same(both: tuple[FastAPI, FastAPI], method: str, address: str, body: bytes, headers: dict):
    answers = [TestClient(web).request(method, address, content=body, headers=headers) for web in both]
    assert (answers[1].status_code, answers[1].content) == (answers[0].status_code, answers[0].content)
    assert answers[1].headers == answers[0].headers


def test_a_body_that_comes_in_pieces_is_read_whole(both: tuple[FastAPI, FastAPI]):
    for whole in (EVENT, EVENT + b"}"):
        pieces = [whole[start : start + 7] for start in range(0, len(whole), 7)]
        theirs, ours = (TestClient(web).post("/events", content=iter(pieces), headers=JSON) for web in both)
        assert (ours.status_code, ours.content) == (theirs.status_code, theirs.content)


def test_what_is_told_of_it_is_the_same(both: tuple[FastAPI, FastAPI]):
    theirs, ours = both
    assert ours.openapi() == theirs.openapi()


def test_what_is_right_needs_nothing_of_fastapi():
    web = described(ours, "/who/{user}")
    for route in web.routes[-2:]:
        route.app = None  # type: ignore[attr-defined]
    client = TestClient(web)
    assert client.get("/who/ann?k=3").json() == {"from": "ann k=3"}
    assert client.post("/events", content=EVENT, headers=JSON).json() == {"from": "tea"}
    with pytest.raises(TypeError):
        client.post("/events", content=EVENT[1:], headers=JSON)
