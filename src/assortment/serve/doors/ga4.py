"""Events of Google Analytics 4, as its Measurement Protocol and its tags send them.

One document holds a person and some events, each with the items it is about. `item_list_id`, which names the list that an item
was picked from, is where a page puts the id of our slate. An event is known again by its `event_id`, by the order that it is
of, or by its moment in microseconds, so that it may be sent twice; one that has none of these is new each time.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.serve.doors.read import Loose, Read, once, read
from assortment.serve.messages import Id

KINDS = {
    "view_item": "view",
    "select_item": "click",
    "add_to_wishlist": "favourite",
    "add_to_cart": "cart",
    "purchase": "purchase",
    "refund": "return",
    "share": "share",
}
"""Their events, and what they are called here; all others say nothing of one person and one product, and are passed over."""

Quantity = Annotated[float, Field(ge=0, le=1e9)]


class ItemIn(Loose):
    """A product that an event is about."""

    item_id: Id
    quantity: Quantity | None = None
    item_list_id: Id | None = Field(None, description="the id of our slate, if it was picked from one")


class Params(Loose):
    """What is known of an event."""

    items: Annotated[list[ItemIn], Field(max_length=200)] = Field(default_factory=list)
    item_list_id: Id | None = None
    item_id: Id | None = Field(None, description="of what was shared")
    transaction_id: Id | None = Field(None, description="with it a purchase is counted once, however often it is sent")
    event_id: Id | None = Field(None, description="the same for any event")


class Happened(Loose):
    """One thing that happened."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    params: Params = Field(default_factory=Params)
    timestamp_micros: Annotated[int, Field(ge=0, le=10**17)] | None = None


class Document(Loose):
    """What the Measurement Protocol sends."""

    user_id: Id | None = Field(None, description="the shop's own id of the person")
    client_id: Id | None = Field(None, description="who it is where nobody is logged in")
    timestamp_micros: Annotated[int, Field(ge=0, le=10**17)] | None = None
    events: Annotated[list[Happened], Field(min_length=1, max_length=1000)]


def events(document: Document, now: int) -> Read:
    """What a document says; now: milliseconds since 1970 UTC, for what has no time. Raises `BadInput` where nobody is named, or
    where an event that names a product should and does not."""
    person = document.user_id or document.client_id
    if person is None:
        raise BadInput("user_id and client_id are missing: it must be said who did it")
    return read((event.name, _meant(event, place, person, document, now)) for place, event in enumerate(document.events))


def _meant(event: Happened, place: int, person: str, document: Document, now: int) -> Iterator[Event] | None:
    if event.name not in KINDS:
        return None
    micros = event.timestamp_micros or document.timestamp_micros
    items = event.params.items or ([ItemIn(item_id=event.params.item_id)] if event.params.item_id else [])
    if not items:
        raise BadInput(f"events.{place}.params.items: '{event.name}' names no product")
    known_by = _known_by(event, place, person, document)
    return _of_items(event, items, known_by, person, now if micros is None else micros // 1000)


def _of_items(event: Happened, items: list[ItemIn], known_by: tuple[object, ...], person: str, time: int) -> Iterator[Event]:
    for place, item in enumerate(items):
        slate = item.item_list_id or event.params.item_list_id
        name = once(event.name, *known_by, place, item.item_id) if known_by else None
        yield Event(person, item.item_id, KINDS[event.name], time, item.quantity, slate, name)


def _known_by(event: Happened, place: int, person: str, document: Document) -> tuple[object, ...]:
    """What tells an event from all others; nothing where nothing does."""
    if named := event.params.event_id or event.params.transaction_id:
        return (named,)
    if event.timestamp_micros is not None:
        return (person, event.timestamp_micros)
    return () if document.timestamp_micros is None else (person, document.timestamp_micros, place)
