"""User events of Google Cloud Retail (Vertex AI Search for commerce).

An event is known again by the order that it is of, or by its visitor and its moment, so that it may be sent twice; one that has
neither is new each time.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.serve.doors.read import Loose, Read, milliseconds, once, read
from assortment.serve.messages import Id

KINDS = {"detail-page-view": "view", "add-to-cart": "cart", "purchase-complete": "purchase"}
"""Their types of event that say what one person did with one product; the others are passed over."""

Type = Literal[
    "detail-page-view",
    "add-to-cart",
    "purchase-complete",
    "remove-from-cart",
    "category-page-view",
    "home-page-view",
    "search",
    "shopping-cart-page-view",
]


class Product(Loose):
    """A product by its id."""

    id: Id


class ProductDetail(Loose):
    """A product and how many of it."""

    product: Product
    quantity: Annotated[float, Field(ge=0, le=1e9)] | None = None


class UserInfo(Loose):
    """Who it was, where somebody was logged in."""

    user_id: Id | None = Field(None, alias="userId")


class Transaction(Loose):
    """The order of a purchase."""

    id: Id | None = None


class UserEvent(Loose):
    """One thing that one visitor did."""

    event_type: Type = Field(alias="eventType")
    visitor_id: Id = Field(alias="visitorId")
    event_time: Annotated[str, Field(max_length=40)] | None = Field(None, alias="eventTime")
    product_details: Annotated[list[ProductDetail], Field(max_length=200)] = Field(default_factory=list, alias="productDetails")
    user_info: UserInfo = Field(default_factory=UserInfo, alias="userInfo")
    attribution_token: Id | None = Field(None, alias="attributionToken", description="the id of our slate that it answers")
    purchase_transaction: Transaction = Field(default_factory=Transaction, alias="purchaseTransaction")


def events(given: list[UserEvent], now: int) -> Read:
    """What user events say; now: milliseconds since 1970 UTC, for what has no time. Raises `BadInput` that names the field."""
    return read((event.event_type, _meant(event, place, now)) for place, event in enumerate(given))


def _meant(event: UserEvent, place: int, now: int) -> Iterator[Event] | None:
    if event.event_type not in KINDS:
        return None
    if not event.product_details:
        raise BadInput(f"{place}.productDetails: '{event.event_type}' names no product")
    time = now if event.event_time is None else milliseconds(event.event_time, f"{place}.eventTime")
    return _of_products(event, time)


def _of_products(event: UserEvent, time: int) -> Iterator[Event]:
    person, known_by = event.user_info.user_id or event.visitor_id, _known_by(event)
    for place, detail in enumerate(event.product_details):
        name = once(event.event_type, *known_by, place, detail.product.id) if known_by else None
        yield Event(person, detail.product.id, KINDS[event.event_type], time, detail.quantity, event.attribution_token, name)


def _known_by(event: UserEvent) -> tuple[str, ...]:
    """What tells an event from all others; nothing where nothing does."""
    if event.purchase_transaction.id:
        return (event.purchase_transaction.id,)
    return (event.visitor_id, event.event_time) if event.event_time else ()
