"""The service over HTTP. With `serve.pages`, all that knows the web framework."""

import errno
import gc
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Annotated, Any, TypeAlias

import uvicorn
from fastapi import FastAPI, Query, Response
from fastapi import Path as InPath
from fastapi import Request as Asked
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from threadpoolctl import threadpool_limits

from assortment.core.errors import BadSetting
from assortment.serve.access.gate import Gate, Gated
from assortment.serve.access.rights import add_rights
from assortment.serve.desk import Bounds, Desk
from assortment.serve.doors.catalog import add_catalog
from assortment.serve.doors.http import BULK, add_doors, events_of
from assortment.serve.doors.read import not_ahead
from assortment.serve.gorse.http import add_gorse
from assortment.serve.messages import (
    Beside,
    EventsIn,
    Failure,
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
from assortment.serve.origins import CrossOrigin
from assortment.serve.outside.watched import Watched, Watcher, add_outside
from assortment.serve.pages import NO_SIGN, Sign, add_pages
from assortment.serve.people import MuteIn, Mutes, PortraitOut, mutes_out, portrait_out
from assortment.serve.query import described, query
from assortment.serve.service import Ask, Service, beside_item, searching
from assortment.serve.straight import straight

LARGEST_BODY = 1 << 20
"""Bytes of a request's body; a larger one is refused with 413."""

LARGEST_BULK = 1 << 26
"""The same where many events or goods come at once (`BULK`)."""

SLICE = 0.02
"""Seconds for which a thread that computes has Python to itself while others wait: a lot takes as long, and gains nothing from
being interrupted four times."""

COLLECTED_AFTER = 20_000
"""So many objects more than there were, and Python looks for those that only hold one another. After its own 700 it would look
several times in each lot, and find none."""

InPerson: TypeAlias = Annotated[Id, InPath(description="the shop's own id of the person")]
InItem: TypeAlias = Annotated[Id, InPath(description="the shop's own id of the product")]

FAILURES: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "no key, where one is needed"},
    403: {"model": Failure, "description": "no key for this"},
    422: {"model": Failure, "description": "the request holds something that cannot be used"},
    429: {"model": Failure, "description": "too much at once; Retry-After says when to try again"},
    503: {"model": Failure, "description": "the log cannot be read or written just now"},
}
A_SLATE: dict[str, Any] = {"tags": ["slates"], "response_model": SlateOut}
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


def app(
    service: Service,
    sign: Sign = NO_SIGN,
    gate: Gate | None = None,
    bounds: Bounds | None = None,
    tracer: Any = None,
    origins: Sequence[str] = (),
) -> FastAPI:
    """The API and the pages of a shop; gate: who may do what, all may do all without one; bounds: how much it takes on;
    tracer: of OpenTelemetry, to whom spans are told; origins: of pages of other hosts that may call the API.
    `web.state.watcher` is what it tells of itself."""
    desk = Desk(service, bounds)
    watcher = Watcher(desk, tracer)
    web = FastAPI(
        title=f"{sign.name}: recommendations",
        version=service.version or "0",
        description="Varied, relevant slates of goods; what people do with them changes the next one.",
        docs_url=None,
        redoc_url=None,
        responses=FAILURES,
    )
    web.state.watcher = watcher
    web.add_middleware(Bounded)
    _telling(web, service, desk)
    _asking(web, service, desk)
    add_doors(web, service)
    add_catalog(web, service)
    add_gorse(web, service)
    add_rights(web, service, gate)
    _looking(web, service)
    add_pages(web, service, sign, gate)
    add_outside(web, watcher)
    if gate is not None:
        web.add_middleware(Gated, gate)
    web.add_middleware(Watched, watcher, desk.bounds.under_way)
    if origins:
        web.add_middleware(CrossOrigin, origins)
    return web


def _asking(web: FastAPI, service: Service, desk: Desk) -> None:
    wanted = query(Wanted, lambda said: (said.k, tuple(said.about), said.query, said.wish()))

    async def slate(ask: Ask) -> Response:
        return Response(slate_out(await desk.recommend(ask)), media_type="application/json")

    def asked(body: RequestIn) -> Ask:
        if body.time is not None:
            not_ahead("time", body.time, service.clock())
        return Ask(
            body.user or "", body.k, tuple(body.about), body.query, body.wish.wish(), context=body.context, now=body.time
        )

    @straight(
        web,
        "GET",
        "/api/recommend/{user:path}",
        responses=NO_ITEM,
        summary="A slate for a person",
        openapi_extra=described(Wanted),
        **A_SLATE,
    )
    async def recommend(user: InPerson, asked: Asked) -> Response:
        """For the home page, beside the items in question, or in answer to words. Somebody unknown gets a sensible slate."""
        return await slate(Ask(user, *wanted(asked)))

    @straight(web, "POST", "/api/recommend", responses=NO_ITEM, summary="A slate for a full request", **A_SLATE)
    async def recommend_for(body: RequestIn) -> Response:
        """The same as a document, for strangers too, and with a moment and a context of your own."""
        return await slate(asked(body))

    @web.get("/api/items/{item:path}/similar", responses=NO_ITEM, summary="What stands beside a product", **A_SLATE)
    async def similar(item: InItem, beside: Annotated[Beside, Query()]) -> Response:
        """The goods most like it or most often chosen with it; nothing for variety."""
        return await slate(beside_item(item, beside.user or "", beside.k))

    @web.get("/api/search", summary="What answers a query", **A_SLATE)
    async def search(searched: Annotated[Searched, Query()]) -> Response:
        """By meaning as well as by word, the best match first."""
        return await slate(searching(searched.q, searched.user or "", searched.k))

    @web.post("/api/trace", tags=["insight"], responses=NO_ITEM, summary="A request, stage by stage")
    def trace(body: RequestIn) -> TraceOut:
        """What each stage does with a request: what came, what went, what moved, and how long it took. Nothing is recorded."""
        request = service.request_for(asked(body))
        return trace_out(request, service.trace(request))


def _telling(web: FastAPI, service: Service, desk: Desk) -> None:
    @straight(web, "POST", "/api/events", tags=["feedback"], responses=NO_ITEM, summary="What people did")
    async def events(body: EventsIn) -> Taken:
        """One event or a list, taken whole or not at all. Answered once the log has them; the next slate knows of them."""
        given = events_of(body if isinstance(body, list) else [body], service.clock())
        new = await desk.post(given)
        return Taken(events=new, again=len(given) - new)

    @web.put("/api/users/{user:path}/muted", tags=["people"], summary="Mute a kind of goods, or take it back")
    def mute(user: InPerson, body: MuteIn) -> Mutes:
        """Answered once the log has it; no slate shows the kind from then on, unless the person asks for it."""
        return mutes_out(user, service.mute(user, body.column, body.value, body.muted))


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


class Server(uvicorn.Server):
    """Says that it takes no more as soon as it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if isinstance(self.config.app, FastAPI):
            self.config.app.state.watcher.ready = False
        super().handle_exit(sig, frame)


def serve(app: FastAPI, port: int, host: str = "127.0.0.1", opened: Callable[[str], object] = print, behind: str = "") -> None:
    """Serve until told to stop (Ctrl-C or SIGTERM), then finish what is being answered and return.

    port: 0 for any that is free; opened: called with the address once it is bound; behind: the addresses of proxies, with
    commas, that are believed where a request comes from. Raises `BadSetting` where the port cannot be bound.
    Each request computes on one core: its products are too small to be worth sharing out, and there are other requests.
    """
    bound = _bind(host, port)
    opened(f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}")
    proxies = {"proxy_headers": bool(behind), "forwarded_allow_ips": behind}
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10, **proxies))
    sys.setswitchinterval(SLICE)
    gc.set_threshold(COLLECTED_AFTER)
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
