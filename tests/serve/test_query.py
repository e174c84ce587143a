"""A query as a model is read and described as FastAPI would by its own way."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Query, Request
from fastapi.testclient import TestClient

from assortment.serve.messages import Wanted
from assortment.serve.query import described, query


@pytest.fixture(scope="module")
def web() -> FastAPI:
    web, read = FastAPI(), query(Wanted, Wanted.model_dump)

    @web.get("/theirs")
    async def theirs(wanted: Annotated[Wanted, Query()]) -> dict:
        return wanted.model_dump()

    @web.get("/ours", openapi_extra=described(Wanted))
    async def ours(asked: Request) -> dict:
        return read(asked)

    return web


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "?k=3&diversity=0.5&query=red%20mug",
        "?at_most=brand:2&at_most=category:3&about=a",
        "?k=2&k=4",
        "?k=",
        "?k=many",
        "?k=0&diversity=2",
        "?diversty=1",
        "?at_most=brand",
        "?about=",
        "?floor=nan",
    ],
)
def test_what_comes_in_is_the_same(web: FastAPI, asked: str):
    client = TestClient(web)
    theirs = client.get(f"/theirs{asked}")
    for ours in (client.get(f"/ours{asked}"), client.get(f"/ours{asked}")):
        assert (ours.status_code, ours.json()) == (theirs.status_code, theirs.json())


def test_what_is_told_of_it_is_the_same(web: FastAPI):
    paths = web.openapi()["paths"]
    assert paths["/ours"]["get"]["parameters"] == paths["/theirs"]["get"]["parameters"]
