"""The shop's pages without a browser: wishes in addresses, slates in words, and who may change what."""

import re
from pathlib import Path

import pytest
from starlette.datastructures import QueryParams

import assortment.serve.pages as pages
from assortment.core.errors import BadSetting
from assortment.core.request import Wish
from assortment.core.terms import GaveWay, Terms
from assortment.serve.answers import Answer
from assortment.serve.service import Service
from assortment.serve.storefront.slates import in_words, show
from assortment.serve.storefront.tiles import COLOURS
from assortment.serve.storefront.wishes import wished
from tests.serve import goods
from tests.serve.conftest import Web

CSS = (Path(pages.__file__).parent / "ui" / "static" / "tiles.css").read_text()


def test_a_wish_is_read_as_an_address_has_it_and_as_a_form_sends_it():
    address = wished(QueryParams("diversity=0.4&at_most=category:2&at_most=brand:1&at_least=price:3&apart=brand:2&floor=.5"))
    assert address.wish == Wish(0.4, {"category": 2, "brand": 1}, {"price": 3}, {"brand": 2}, 0.5)
    form = wished(QueryParams("diversity=0.4&at_most=&at_most_of=brand&at_most=2&at_most_of=category&floor=0"))
    assert form.wish == Wish(0.4, {"category": 2})
    assert form.left == ()


def test_what_cannot_be_read_is_left_aside_and_said():
    found = wished(QueryParams("at_most=brand&diversity=much&at_least=category:2"))
    assert found.wish == Wish(at_least={"category": 2})
    assert [said.partition(" ")[0] for said in found.left] == ["diversity=much", "at_most=brand"]


def test_an_amount_out_of_range_is_an_error():
    with pytest.raises(BadSetting, match=r"at_most brand=2\.5"):
        wished(QueryParams("at_most=brand:2.5"))


def test_what_the_shop_itself_wishes_and_does_not_get_is_told_too(service: Service):
    found = service.choose(service.request("tea3", k=8))
    gave_way = (
        GaveWay("at_least derived_colour", 2, 1, "the 8 candidates have only 1"),
        GaveWay("items", 12, 8, "at_most brand=1"),
    )
    answer = Answer("s", "tea3", 0, "v", found.cards, Terms(0.7, {"items": 8.0}, 0.2, gave_way))
    (alone,) = show(answer).gave_way
    assert (alone.asked, alone.said) == ("At least 2 different colours", "the slate has 1. The 8 candidates have only 1.")
    assert show(answer, wished=True).gave_way[1].said == "the slate has 8. At most 1 of one brand."


def test_the_slider_stands_where_the_answer_says_it_does(web: Web):
    assert web.app.state.pages is not None
    page = web("GET", "/?user=tea3").text
    assert re.search(r'id="diversity"[^>]*value="0.2"', page), "Sign says 0.3, the pipeline 0.2"


def test_kinds_are_counted_once_where_the_slate_was_asked_for_them():
    terms = Terms(0.3, {"items": 8.0, "redundancy": -0.01, "at_least category": 3.0, "apart brand": 1.0}, 0)
    assert in_words(terms, 8, 3) == (
        "8 products, 3 categories, two of one brand side by side, likeness 0.00; costs no expected relevance."
    )


def test_every_colour_of_a_title_has_a_rule():
    assert [word for word in COLOURS if not re.search(rf"\.c-{word}\b", CSS)] == []


def test_a_form_of_another_site_changes_nothing(web: Web, service: Service):
    body = b"kind=hide&item=t1"
    told = web("POST", "/deeds", content=body, headers={"Sec-Fetch-Site": "cross-site", "Cookie": "person=tea1"})
    assert told.status_code == 422
    assert "came from another site" in told.text
    before = len(service.store.history("tea1"))
    told = web("POST", "/deeds", content=body, headers={"Sec-Fetch-Site": "same-origin", "Cookie": "person=tea1"})
    assert told.status_code == 303
    assert len(service.store.history("tea1")) == before + 1


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"])
def test_no_form_leads_to_another_site(web: Web, back: str):
    told = web("POST", "/deeds", data={"kind": "favourite", "item": "t1", "back": back})
    assert told.headers["location"] == "/"


def test_a_bad_name_is_told_on_a_page(web: Web):
    told = web("GET", "/?user=%07")
    assert told.status_code == 422
    assert "is no id of a person" in told.text


def test_a_cap_of_the_shop_does_not_empty_a_page_of_one_kind(service: Service):
    answer = service.among("category", "Tea", user="nobody", wish=Wish(at_most={"brand": 1}))
    brands = [goods.catalog().column("brand")[goods.catalog().ids.number(card.item.item)] for card in answer.cards]
    assert len(set(brands)) == len(brands)
    alone = service.among("category", "Tea", user="nobody")
    assert len(alone.cards) == 6
    assert "at_most category" not in alone.terms.achieved
    assert len(service.store.shown(answer.slate)) == 1


def test_pages_hold_no_style_and_no_script_of_their_own(web: Web):
    """So a strict policy of what may run holds."""
    for path in ("/?user=tea3&at_most=category:1", "/items/t1", "/kinds", "/me?user=tea3", "/search?q=tea", "/trace?user=tea2"):
        page = web("GET", path).text
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*src=)", page), path
