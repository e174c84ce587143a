"""The service over HTTP. With `serve.pages`, all that knows the web framework."""

import errno
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Annotated, Any, TypeAlias

import uvicorn
from fastapi import FastAPI, Query
from fastapi import Path as InPath
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from threadpoolctl import threadpool_limits

from assortment.core.errors import BadSetting
from assortment.core.request import Request
from assortment.serve.access.gate import Gate, Gated
from assortment.serve.doors.catalog import add_catalog
from assortment.serve.doors.http import BULK, add_doors, told
from assortment.serve.doors.read import not_ahead
from assortment.serve.gorse.http import add_gorse
from assortment.serve.messages import (
    Beside,
    EventsIn,
    Failure,
    Forgotten,
    Health,
    Id,
    ItemPage,
    People,
    PersonOut,
    Picked,
    RequestIn,
    Searched,
    SlateOut,
    Taken,
    TraceOut,
    Wanted,
    item_page,
    slate_out,
    trace_out,
)
from assortment.serve.pages import NO_SIGN, Sign, add_pages
from assortment.serve.people import MuteIn, Mutes, PortraitOut, mutes_out, portrait_out
from assortment.serve.service import Service

LARGEST_BODY = 1 << 20
"""Bytes of a request's body; a larger one is refused with 413."""

LARGEST_BULK = 1 << 26
"""The same where many events or goods come at once (`BULK`)."""

InPerson: TypeAlias = Annotated[Id, InPath(description="the shop's own id of the person")]
InItem: TypeAlias = Annotated[Id, InPath(description="the shop's own id of the product")]

FAILURES: dict[int | str, dict[str, Any]] = {
    422: {"model": Failure, "description": "the request holds something that cannot be used"},
    503: {"model": Failure, "description": "the log cannot be read or written just now"},
}
NO_ITEM: dict[int | str, dict[str, Any]] = {404: {"model": Failure, "description": "the shop has no such item"}}


class Bounded:
    """Refuses a body larger than `LARGEST_BODY`, or `LARGEST_BULK`, whether it says so or turns out to be."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = dict(scope.get("headers", ())).get(b"content-length", b"0")
        most = LARGEST_BULK if scope.get("path") in BULK else LARGEST_BODY
        read = int(declared) if declared.isdigit() and int(declared) > most else 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise HTTPException(413, f"the body is larger than {most} bytes; send it in parts")
            return message

        await self.app(scope, bounded, send)


def app(service: Service, sign: Sign = NO_SIGN, gate: Gate | None = None) -> FastAPI:
    """The API and the pages of a shop; gate: who may do what, all may do all without one."""
    web = FastAPI(
        title=f"{sign.name}: recommendations",
        version=service.version or "0",
        description="Varied, relevant slates of goods; what people do with them changes the next one.",
        docs_url=None,
        redoc_url=None,
        responses=FAILURES,
    )
    web.add_middleware(Bounded)
    _asking(web, service)
    _telling(web, service)
    add_doors(web, service)
    add_catalog(web, service)
    add_gorse(web, service)
    _looking(web, service)
    add_pages(web, service, sign, gate)
    if gate is not None:
        web.add_middleware(Gated, gate)
    return web


def _asking(web: FastAPI, service: Service) -> None:
    def asked(body: RequestIn) -> Request:
        if body.time is not None:
            not_ahead("time", body.time, service.clock())
        return service.request(
            body.user or "",
            k=body.k,
            about=body.about,
            words=body.query,
            wish=body.wish.wish(),
            context=body.context,
            now=body.time,
        )

    @web.get("/api/recommend/{user:path}", tags=["slates"], responses=NO_ITEM, summary="A slate for a person")
    def recommend(user: InPerson, wanted: Annotated[Wanted, Query()]) -> SlateOut:
        """For the home page, beside the items in question, or in answer to words. Somebody unknown gets a sensible slate."""
        return slate_out(service.recommend(user, k=wanted.k, about=wanted.about, words=wanted.query, wish=wanted.wish()))

    @web.post("/api/recommend", tags=["slates"], responses=NO_ITEM, summary="A slate for a full request")
    def recommend_for(body: RequestIn) -> SlateOut:
        """The same as a document, for strangers too, and with a moment and a context of your own."""
        return slate_out(service.answer(asked(body)))

    @web.get("/api/items/{item:path}/similar", tags=["slates"], responses=NO_ITEM, summary="What stands beside a product")
    def similar(item: InItem, beside: Annotated[Beside, Query()]) -> SlateOut:
        """The goods most like it or most often chosen with it; nothing for variety."""
        return slate_out(service.similar(item, user=beside.user or "", k=beside.k))

    @web.get("/api/search", tags=["slates"], summary="What answers a query")
    def search(searched: Annotated[Searched, Query()]) -> SlateOut:
        """By meaning as well as by word, the best match first."""
        return slate_out(service.search(searched.q, user=searched.user or "", k=searched.k))

    @web.post("/api/trace", tags=["insight"], responses=NO_ITEM, summary="A request, stage by stage")
    def trace(body: RequestIn) -> TraceOut:
        """What each stage does with a request: what came, what went, what moved, and how long it took. Nothing is recorded."""
        request = asked(body)
        return trace_out(request, service.trace(request))


def _telling(web: FastAPI, service: Service) -> None:
    @web.post("/api/events", tags=["feedback"], responses=NO_ITEM, summary="What people did")
    def events(body: EventsIn) -> Taken:
        """One event or a list, taken whole or not at all. Answered once the log has them; the next slate knows of them."""
        return told(service, body if isinstance(body, list) else [body])

    @web.put("/api/users/{user:path}/muted", tags=["people"], summary="Mute a kind of goods, or take it back")
    def mute(user: InPerson, body: MuteIn) -> Mutes:
        """Answered once the log has it; no slate shows the kind from then on, unless the person asks for it."""
        return mutes_out(user, service.mute(user, body.column, body.value, body.muted))

    @web.delete("/api/users/{user:path}", tags=["people"], summary="Forget a person")
    def forget(user: InPerson) -> Forgotten:
        """Removes what they did and what they were shown. It cannot be undone."""
        return Forgotten(user=user, removed=dict(service.forget(user)))


def _looking(web: FastAPI, service: Service) -> None:
    @web.get("/api/items/{item:path}", tags=["goods"], responses=NO_ITEM, summary="A product")
    def item(item: InItem) -> ItemPage:
        """Everything the catalogue knows about it; columns whose name begins with derived_ were read from the others."""
        return item_page(service.item(item), service.facts(item))

    @web.get("/api/users/{user:path}", tags=["people"], summary="What the shop holds of a person")
    def user(user: InPerson) -> PortraitOut:
        """Of somebody unknown, nothing."""
        return portrait_out(service.user(user))

    @web.get("/api/users", tags=["people"], summary="Ids of people")
    def people(picked: Annotated[Picked, Query()]) -> People:
        """People in the log whose id contains these letters."""
        found = service.people(picked.contains, picked.most)
        return People(people=[PersonOut(user=user, events=events) for user, events in found])

    @web.get("/api/health", tags=["insight"], summary="Is the shop open?")
    def health() -> Health:
        """Reads from the log; 503 where it cannot."""
        service.people("", 1)
        return Health(version=service.version, items=len(service.catalog))


def serve(app: FastAPI, port: int, host: str = "127.0.0.1", opened: Callable[[str], object] = print) -> None:
    """Serve until told to stop (Ctrl-C or SIGTERM), then finish what is being answered and return.

    port: 0 for any that is free; opened: called with the address once it is bound. Raises `BadSetting` where it cannot be.
    Each request computes on one core: its products are too small to be worth sharing out, and there are other requests.
    """
    bound = _bind(host, port)
    opened(f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=10))
    before = signal.signal(signal.SIGTERM, _stopped)
    try:
        with threadpool_limits(1), suppress(KeyboardInterrupt):
            server.run(sockets=[bound])
    finally:
        signal.signal(signal.SIGTERM, before)
        bound.close()


def _stopped(number: int, frame: FrameType | None) -> None:
    """The server has stopped by itself; nothing more is to be done."""


def _bind(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = "it is taken; choose another" if error.errno == errno.EADDRINUSE else error.strerror
        raise BadSetting(f"port {port} of {host} cannot be opened: {reason}") from error
