"""User events of Google Cloud Retail."""

import pytest
from pydantic import ValidationError

from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.serve.doors.retail import UserEvent, events

NOW = 1_700_000_000_000


def told(**event) -> list[Event]:
    return list(events([UserEvent.model_validate({"visitorId": "v1", **event})], NOW).events)


def test_a_purchase_knows_who_was_logged_in_when_and_from_which_slate():
    details = [{"product": {"id": "cup"}, "quantity": 3}, {"product": {"id": "pot"}}]
    given = {"eventType": "purchase-complete", "eventTime": "2026-11-25T13:00:00+01:00", "productDetails": details}
    more = {"userInfo": {"userId": "ann"}, "attributionToken": "slate-9", "purchaseTransaction": {"id": "T1", "revenue": 9}}
    assert told(**given, **more) == [
        Event("ann", "cup", "purchase", 1_795_608_000_000, 3.0, "slate-9", "purchase-complete:T1:0:cup"),
        Event("ann", "pot", "purchase", 1_795_608_000_000, None, "slate-9", "purchase-complete:T1:1:pot"),
    ]


def test_a_view_is_the_visitors_where_nobody_is_logged_in():
    assert told(eventType="detail-page-view", productDetails=[{"product": {"id": "cup"}}]) == [Event("v1", "cup", "view", NOW)]


def test_a_search_says_nothing_of_a_product_and_is_counted():
    read = events([UserEvent.model_validate({"visitorId": "v1", "eventType": "search", "searchQuery": "cups"})], NOW)
    assert (read.events, read.passed_over) == ((), {"search": 1})


def test_bad_events_are_told_by_the_name_of_the_field():
    with pytest.raises(BadInput, match=r"0\.productDetails: 'add-to-cart' names no product"):
        told(eventType="add-to-cart")
    with pytest.raises(BadInput, match=r"0\.eventTime: 'yesterday' is not a moment"):
        told(eventType="add-to-cart", eventTime="yesterday", productDetails=[{"product": {"id": "cup"}}])
    with pytest.raises(ValidationError, match="eventType"):
        told(eventType="add-to-basket")
