"""Events in the words of Google Analytics 4."""

import pytest
from pydantic import ValidationError

from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.serve.doors.ga4 import Document, events

NOW = 1_700_000_000_000


def told(*given: dict, **more) -> list[Event]:
    return list(events(Document.model_validate({"client_id": "c.1", "events": list(given), **more}), NOW).events)


def test_a_purchase_is_an_event_for_each_product_and_is_counted_once():
    items = [{"item_id": "cup", "quantity": 2, "price": 3.5}, {"item_id": "pot", "item_list_id": "slate-9"}]
    purchase = {"name": "purchase", "params": {"transaction_id": "T1", "currency": "EUR", "items": items}}
    assert told(purchase, user_id="ann", timestamp_micros=1_690_000_000_123_456) == [
        Event("ann", "cup", "purchase", 1_690_000_000_123, 2.0, None, "purchase:T1:0:cup"),
        Event("ann", "pot", "purchase", 1_690_000_000_123, None, "slate-9", "purchase:T1:1:pot"),
    ]


def test_a_refund_of_the_same_order_is_not_the_purchase_again():
    items = {"transaction_id": "T1", "items": [{"item_id": "cup"}]}
    bought, back = told({"name": "purchase", "params": items}, {"name": "refund", "params": items})
    assert (bought.kind, back.kind) == ("purchase", "return")
    assert bought.id != back.id


@pytest.mark.parametrize(
    ("name", "kind"),
    [("view_item", "view"), ("select_item", "click"), ("add_to_wishlist", "favourite"), ("add_to_cart", "cart")],
)
def test_each_name_has_its_kind_and_where_there_is_no_time_it_is_now(name, kind):
    (event,) = told({"name": name, "params": {"items": [{"item_id": "cup"}], "item_list_id": "s"}})
    assert event == Event("c.1", "cup", kind, NOW, None, "s", None)


def test_an_events_own_time_comes_before_that_of_its_document():
    (event,) = told(
        {"name": "view_item", "params": {"items": [{"item_id": "cup"}]}, "timestamp_micros": 5_000}, timestamp_micros=9_000
    )
    assert event.time == 5


def test_what_says_nothing_of_a_product_is_passed_over_and_counted():
    seen = {"name": "view_item_list", "params": {"items": [{"item_id": "cup"}]}}
    read = events(Document.model_validate({"client_id": "c", "events": [seen, seen, {"name": "scroll"}]}), NOW)
    assert read.events == ()
    assert read.passed_over == {"view_item_list": 2, "scroll": 1}


def test_what_was_shared_is_named_by_itself():
    (event,) = told({"name": "share", "params": {"method": "mail", "item_id": "cup"}})
    assert (event.kind, event.item) == ("share", "cup")


def test_a_product_that_is_not_named_and_a_person_who_is_not_are_told():
    with pytest.raises(BadInput, match=r"events\.1\.params\.items: 'add_to_cart' names no product"):
        told({"name": "scroll"}, {"name": "add_to_cart", "params": {"items": []}})
    with pytest.raises(BadInput, match="user_id and client_id are missing"):
        events(Document.model_validate({"events": [{"name": "scroll"}]}), NOW)
    with pytest.raises(ValidationError, match=r"events\.0\.params\.items\.0\.item_id"):
        told({"name": "view_item", "params": {"items": [{"item_name": "a cup"}]}})
