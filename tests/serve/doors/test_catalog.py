"""Goods over HTTP."""

import pytest

from tests.ingest.test_merchant import RSS
from tests.serve.conftest import Web

MUG = {"item": "mug", "title": "green tea mug", "brand": "leaf", "price": 4.5, "stock": 3, "handmade": True, "glaze": None}


def shown(web: Web) -> list[str]:
    return [card["item"] for card in web("GET", "/api/recommend/stranger?k=50").json()["items"]]


def test_goods_that_are_put_are_shown_and_hidden_with_the_next_request(web: Web):
    assert web("PUT", "/api/items", json=[MUG, {"item": "pot"}]).json() == {"ok": True, "items": 2, "new": 2}
    assert {"mug", "pot"} <= set(shown(web))
    page = web("GET", "/api/items/mug").json()
    assert (page["title"], page["price"], page["columns"]["stock"]) == ("green tea mug", 4.5, 3)
    assert web("PUT", "/api/items", json=[{**MUG, "stock": 0}]).json() == {"ok": True, "items": 1, "new": 0}
    assert "mug" not in shown(web)
    assert web("GET", "/api/items/pot").json()["title"] == "pot"


@pytest.mark.parametrize(
    ("goods", "says"),
    [
        ([], "list should have at least 1 item"),
        ([{"title": "x"}], "0.item: field required"),
        ([{"item": "x", "price": "dear"}], "0.price: input should be a valid number"),
        ([{"item": "x", "price": -1}], "0.price: input should be greater"),
        ([{"item": "x", "Title": "t"}], "no column 'Title'; did you mean 'title'?"),
        ([{"item": "x", "vector": 1}], "made by the shop itself"),
        ([{"item": "x", "made": [1]}], "0.made"),
        ([MUG, {"item": "x", "handmade": "yes"}], "handmade is true or false for 'mug' and text for 'x'"),
        (
            [{"item": "x", "brand": None, "made": 1.0}, {"item": "y", "made": "a"}],
            "made is",
        ),
    ],
)
def test_goods_that_cannot_be_used_are_told_and_none_is_taken(web: Web, goods: list, says: str):
    answer = web("PUT", "/api/items", json=goods)
    assert answer.status_code == 422
    assert says in answer.json()["error"]
    assert web("GET", "/api/items/x").status_code == 404


def test_a_column_of_another_kind_than_the_shops_is_told(web: Web):
    web("PUT", "/api/items", json=[MUG])
    answer = web("PUT", "/api/items", json=[{"item": "x", "handmade": 3}])
    assert "column 'handmade' holds numbers, and truths for" in answer.json()["error"]


def test_a_feed_is_taken_and_its_bad_rows_are_told(web: Web):
    fed = web("POST", "/api/items/feed", content=RSS, headers={"Content-Type": "text/xml"}).json()
    assert (fed["items"], fed["new"], fed["rejected"]) == (2, 2, 1)
    assert fed["rows"] == [{"line": 26, "reason": "no item id"}]
    assert fed["unread"] == ["shipping"]
    assert "TV_1" in shown(web)
    assert "DVD-2" not in shown(web), "out of stock"
    broken = web("POST", "/api/items/feed", content=RSS[:400])
    assert broken.status_code == 422
    assert broken.json()["error"].startswith("the body, line")
