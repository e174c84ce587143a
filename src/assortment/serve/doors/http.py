"""The doors over HTTP: events in bulk, and in the words of other systems."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, TypeAlias, TypeVar

from fastapi import Body, FastAPI
from fastapi import Request as Asked
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic import Field as Described
from starlette.concurrency import run_in_threadpool

from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.serve.doors import ga4, retail
from assortment.serve.doors.read import Read, not_ahead, not_before
from assortment.serve.messages import EventIn, Failure, Taken
from assortment.serve.service import Service

BULK = frozenset({"/api/events/bulk", "/api/events/retail/bulk", "/api/items/feed"})
"""Where many come at once."""

NO_ITEM: dict[int | str, dict[str, Any]] = {404: {"model": Failure, "description": "the shop has no such item"}}

T = TypeVar("T", bound=BaseModel)
Document: TypeAlias = ga4.Document
UserEvents: TypeAlias = retail.UserEvent | Annotated[list[retail.UserEvent], Described(min_length=1, max_length=1000)]


class TakenOver(Taken):
    """The log has the events of another system, safely."""

    passed_over: dict[str, int] = Described(
        description="things that say nothing of one person and one product, by the sender's word for them"
    )


def _body(example: object) -> dict[str, Any]:
    """What the description of the API shows of a body."""
    return {"requestBody": {"content": {"application/json": {"example": example}}}}


def _lines(*examples: object) -> dict[str, Any]:
    """The same of a body of many lines."""
    text = "\n".join(json.dumps(example) for example in examples)
    return {
        "requestBody": {"content": {"application/x-ndjson": {"schema": {"type": "string"}, "example": text}}, "required": True}
    }


OURS = {"user": "17850", "item": "85123A", "kind": "purchase", "value": 2, "id": "order-9-1"}
GA4 = {
    "user_id": "17850",
    "events": [{"name": "purchase", "params": {"transaction_id": "T1", "items": [{"item_id": "85123A", "quantity": 2}]}}],
}
RETAIL = {
    "eventType": "add-to-cart",
    "visitorId": "v1",
    "eventTime": "2026-11-25T12:00:00Z",
    "productDetails": [{"product": {"id": "85123A"}, "quantity": 1}],
}


def told(service: Service, given: Sequence[EventIn]) -> Taken:
    """Take events in our own words."""
    new = service.post(events_of(given, service.clock()))
    return Taken(events=new, again=len(given) - new)


def events_of(given: Sequence[EventIn], now: int) -> list[Event]:
    """Events in our own words, as the log knows them; raises `BadSetting` for one that is yet to come."""
    for place, event in enumerate(given):
        if event.time is not None:
            not_ahead(f"{place}.time", event.time, now)
    return [_event(event, now) for event in given]


def _event(given: EventIn, now: int) -> Event:
    time = now if given.time is None else given.time
    return Event(given.user, given.item, given.kind, time, given.value, given.slate, given.id)


def told_over(service: Service, read: Read, now: int) -> TakenOver:
    """Take events that were read from the words of another system."""
    for place, event in enumerate(read.events):
        not_ahead(f"the time of event {place}", event.time, now)
        not_before(f"the time of event {place}", event.time)
    new = service.post(read.events)
    return TakenOver(events=new, again=len(read.events) - new, passed_over=dict(read.passed_over))


def add_doors(web: FastAPI, service: Service) -> None:
    """Give the API its doors."""

    @web.post(
        "/api/events/bulk",
        tags=["feedback"],
        responses=NO_ITEM,
        summary="Many events, one a line",
        openapi_extra=_lines(OURS, {"user": "17850", "item": "22423", "kind": "view"}),
    )
    async def bulk(asked: Asked) -> Taken:
        """One JSON object a line, each as `/api/events` takes it, up to 64 MiB; taken whole or not at all."""
        body = await asked.body()
        return await run_in_threadpool(lambda: told(service, list(lines(body, EventIn))))

    @web.post(
        "/api/events/ga4",
        tags=["feedback"],
        responses=NO_ITEM,
        summary="Events of Google Analytics 4",
        openapi_extra=_body(GA4),
    )
    def of_ga4(body: Document) -> TakenOver:
        """What the Measurement Protocol sends. Put the id of our slate into item_list_id."""
        now = service.clock()
        return told_over(service, ga4.events(body, now), now)

    @web.post(
        "/api/events/retail",
        tags=["feedback"],
        responses=NO_ITEM,
        summary="User events of Google Cloud Retail",
        openapi_extra=_body(RETAIL),
    )
    def of_retail(body: Annotated[UserEvents, Body()]) -> TakenOver:
        """One user event or a list. Put the id of our slate into attributionToken."""
        now = service.clock()
        return told_over(service, retail.events(body if isinstance(body, list) else [body], now), now)

    @web.post(
        "/api/events/retail/bulk",
        tags=["feedback"],
        responses=NO_ITEM,
        summary="Many user events of Google Cloud Retail, one a line",
        openapi_extra=_lines(RETAIL),
    )
    async def bulk_of_retail(asked: Asked) -> TakenOver:
        """One JSON object a line, as their files for import are, up to 64 MiB; taken whole or not at all."""
        body, now = await asked.body(), service.clock()
        read: Callable[[], Read] = lambda: retail.events(list(lines(body, retail.UserEvent)), now)  # noqa: E731
        return await run_in_threadpool(lambda: told_over(service, read(), now))


def lines(body: bytes, model: type[T]) -> Iterator[T]:
    """The objects of a body, one a line, empty lines passed over; raises `RequestValidationError` that names the line and the
    field, `BadInput` where there are none."""
    held = False
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            held = True
            yield _of_line(line, number, model)
    if not held:
        raise BadInput("the body is empty; send one JSON object a line")


def _of_line(line: bytes, number: int, model: type[T]) -> T:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise BadInput(f"line {number} is not JSON: {error.errors()[0]['ctx']['error']}") from error
        where = ("body", f"line {number}")
        wrong = [{**one, "loc": (*where, *one["loc"])} for one in error.errors()]
        raise RequestValidationError(wrong) from error
