"""The service over HTTP, with its pages. The only module that knows the web framework."""

import errno
import json
import logging
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Self, TypeAlias

import uvicorn
from fastapi import FastAPI, Query
from fastapi import Path as InPath
from fastapi import Request as Asked
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from threadpoolctl import threadpool_limits

from assortment.core.errors import AssortmentError, BadSetting, StoreError, UnknownName, did_you_mean
from assortment.core.events import KINDS, Event, kind_number
from assortment.core.request import Request, Wish
from assortment.serve.service import MOST, Answer, Card, Item, Portrait, Service, Trace, UnknownItem, Value

LARGEST_BODY = 1 << 20
"""Bytes of a request's body; a larger one is refused with 413."""

DAY = 86_400_000
FIRST_TIME = 631_152_000_000
"""1990-01-01 in milliseconds: an earlier time of an event is a time in seconds."""

UI = Path(__file__).parent / "ui"
SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

log = logging.getLogger("assortment.serve")


def _clean(text: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError("holds a control character")
    return text


def _kind(name: str) -> str:
    try:
        kind_number(name)
    except UnknownName as error:
        raise ValueError(str(error)) from error
    return name


def _cap(text: str) -> str:
    column, colon, most = text.rpartition(":")
    if not (column and colon and most.isdecimal() and len(most) < 10):
        raise ValueError(f"'{text}' is not COLUMN:NUMBER, as in brand:2")
    return text


Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=250), AfterValidator(_clean)]
InPerson: TypeAlias = Annotated[Id, InPath(description="the shop's own id of the person")]
InItem: TypeAlias = Annotated[Id, InPath(description="the shop's own id of the product")]
Words: TypeAlias = Annotated[str, Field(max_length=1000), AfterValidator(_clean)]
Kind: TypeAlias = Annotated[str, AfterValidator(_kind), Field(json_schema_extra={"enum": list(KINDS)})]
Cap: TypeAlias = Annotated[str, AfterValidator(_cap)]
Most: TypeAlias = Annotated[int, Field(ge=1, le=MOST)]
Diversity: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """What comes in: a field that does not exist is told, with the nearest one that does."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        for name in given if isinstance(given, dict) else ():
            if name not in cls.model_fields:
                raise ValueError(str(did_you_mean("field", str(name), cls.model_fields)))
        return given


class WishIn(Strict):
    """How varied the slate shall be."""

    diversity: Diversity | None = Field(None, description="0 relevance only … 1 variety only; null as the shop has set it")
    at_most: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, description="the most items of the slate that may share a value of a column"
    )


class RequestIn(Strict):
    """A question to the shop: for whom, about what, how varied."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user": "17850", "k": 6, "wish": {"diversity": 0.5, "at_most": {"category": 2}}}]},
    )

    user: Id | None = Field(None, description="the shop's own id of the person; null for a stranger")
    k: Most = Field(10, description="how many items")
    about: list[Id] = Field(default_factory=list, max_length=100, description="the product page or the basket it stands beside")
    query: Words = Field("", description="words to search for")
    wish: WishIn = Field(default_factory=WishIn)
    context: dict[str, Words] = Field(default_factory=dict, description="what else the shop's own stages may know")
    time: int | None = Field(None, ge=FIRST_TIME, description="the moment, in milliseconds since 1970 UTC; null for now")


class Wanted(Strict):
    """The same question, as the query of an address."""

    k: Most = Field(10, description="how many items")
    diversity: Diversity | None = Field(None, description="0 relevance only … 1 variety only; else as the shop has set it")
    at_most: list[Cap] = Field(
        default_factory=list,
        description="COLUMN:NUMBER, may be repeated: the most items that share a value",
        examples=["brand:2"],
    )
    about: list[Id] = Field(
        default_factory=list, max_length=100, description="an item the slate stands beside; may be repeated"
    )
    query: Words = Field("", description="words to search for")


class Beside(Strict):
    """Who looks at a product page, and how many items shall stand beside it."""

    k: Most = Field(10, description="how many items")
    user: Id | None = Field(None, description="who looks")


class Searched(Strict):
    """A search."""

    q: Words = Field(min_length=1, description="words to search for", examples=["red mug"])
    k: Most = Field(20, description="how many items")
    user: Id | None = Field(None, description="who searches")


class Picked(Strict):
    """Which people to list."""

    contains: Words = Field("", description="letters of the id")
    most: Annotated[int, Field(ge=1, le=200)] = Field(20, description="how many ids")


class EventIn(Strict):
    """One thing that one person did."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"user": "17850", "item": "85123A", "kind": "purchase", "value": 2}]}
    )

    user: Id
    item: Id
    kind: Kind
    time: int | None = Field(None, description="milliseconds since 1970 UTC; now if absent")
    value: Annotated[float, Field(ge=-1e9, le=1e9)] | None = Field(None, description="the quantity or the rating")
    slate: Id | None = Field(None, description="the id of the slate that it answers")

    @model_validator(mode="after")
    def _milliseconds(self) -> Self:
        if self.time is not None and self.time < FIRST_TIME:
            raise ValueError(f"time {self.time} is before 1990; times are in milliseconds since 1970, not in seconds")
        return self


def _shape(given: Any) -> str:
    return "list" if isinstance(given, list) else "one"


EventsIn: TypeAlias = Annotated[
    Annotated[EventIn, Tag("one")] | Annotated[list[EventIn], Tag("list"), Field(min_length=1)], Discriminator(_shape)
]


class ItemOut(BaseModel):
    """A product."""

    item: str = Field(description="the shop's own id")
    title: str
    price: float | None = Field(description="null where unknown")
    category: str | None = Field(description="the shop's own or, where it gave none, the one read from the title")
    image: str | None


class ItemPage(ItemOut):
    """A product with everything known about it."""

    columns: dict[str, Value] = Field(description="all other columns of the catalogue")


class CardOut(ItemOut):
    """A product at its place in a slate."""

    place: int = Field(description="1 is the first")
    score: float | None
    source: str | None = Field(serialization_alias="from", description="the part that spoke loudest for it")
    why: str | None = Field(description="the reason, in words")
    relevance: float | None = Field(description="0 the least … 1 the most relevant of the candidates")
    before: int | None = Field(description="the place it would have had by relevance alone")
    propensity: float = Field(description="the probability of this item at this place; 1 where nothing is drawn")


class SlateOut(BaseModel):
    """What is put before the person. It is recorded under its id, which events may name."""

    slate: str = Field(description="its id", examples=["0b8f3c1e6a0d4f7fb0a1a7c2f9d6e5a4"])
    user: str = Field(description="empty for a stranger")
    time: int = Field(description="milliseconds since 1970 UTC")
    arm: str = Field(description="the version that chose it")
    items: list[CardOut]


class Taken(BaseModel):
    """The log has the events, safely."""

    ok: bool = True
    events: int


class DeedOut(ItemOut):
    """One of the last things a person did with a product."""

    kind: str
    time: int


class PortraitOut(BaseModel):
    """What the shop holds of a person."""

    user: str
    known: bool
    recent: list[DeedOut] = Field(description="the last deed first")
    owned: list[ItemOut]
    refused: list[ItemOut] = Field(description="hidden or returned")
    tastes: dict[str, float] = Field(description="share of each category among the goods remembered")
    last: int | None = Field(description="milliseconds since 1970 UTC of the last deed")


class Forgotten(BaseModel):
    """A person is removed from the log."""

    ok: bool = True
    user: str
    removed: dict[str, int] = Field(description="rows removed, by table")


class PersonOut(BaseModel):
    """Somebody in the log."""

    user: str
    events: int = Field(description="how many events of theirs the log holds")


class People(BaseModel):
    """People in the log, the most active first."""

    people: list[PersonOut]


class StepOut(ItemOut):
    """One row of what a stage made."""

    place: int
    was: int | None = Field(description="its place before the stage; null where the stage brought it")
    score: float | None
    notes: dict[str, Value] = Field(description="what stages noted; `z:<part>` is the part's score in deviations from the mean")


class StageOut(BaseModel):
    """What one stage made of the request."""

    stage: str
    milliseconds: float
    count: int = Field(description="items after it")
    came: int
    went: int
    moved: int = Field(description="of those that stayed, how many stand elsewhere among them")
    items: list[StepOut] = Field(description="the first 200 after it")
    gone: list[ItemOut] = Field(description="the first 200 that left, in their old order")


class TraceOut(BaseModel):
    """A request, stage by stage. Nothing is recorded."""

    user: str
    time: int
    milliseconds: float
    stages: list[StageOut]


class Health(BaseModel):
    """The shop answers, and its log too."""

    ok: bool = True
    version: str
    items: int


class Failure(BaseModel):
    """What went wrong, and the way out. Every error has this form."""

    ok: bool = False
    error: str = Field(examples=["no item '85123X'; did you mean '85123A'?"])


FAILURES: dict[int | str, dict[str, Any]] = {
    422: {"model": Failure, "description": "the request holds something that cannot be used"},
    503: {"model": Failure, "description": "the log cannot be read or written just now"},
}
NO_ITEM: dict[int | str, dict[str, Any]] = {404: {"model": Failure, "description": "the shop has no such item"}}


class Bounded:
    """Refuses a body larger than `LARGEST_BODY`, whether it says so or turns out to be."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = dict(scope.get("headers", ())).get(b"content-length", b"0")
        read = int(declared) if declared.isdigit() and int(declared) > LARGEST_BODY else 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise HTTPException(413)
            return message

        await self.app(scope, bounded, send)


@dataclass(frozen=True)
class Sign:
    """What the pages say of the shop. currency: what stands before a price; diversity: where the slider stands until it is
    moved, which is what the shop's own settings say."""

    name: str = "Assortment"
    currency: str = ""
    diversity: float = 0.3


NO_SIGN = Sign()


def app(service: Service, sign: Sign = NO_SIGN) -> FastAPI:
    """The API and the pages of a shop."""
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
    _looking(web, service)
    _pages(web, service, sign)
    return web


def _asking(web: FastAPI, service: Service) -> None:
    def asked(body: RequestIn) -> Request:
        if body.time is not None:
            _not_ahead("time", body.time, service.clock())
        return service.request(
            body.user or "",
            k=body.k,
            about=body.about,
            words=body.query,
            wish=Wish(body.wish.diversity, body.wish.at_most),
            context=body.context,
            now=body.time,
        )

    @web.get("/api/recommend/{user:path}", tags=["slates"], responses=NO_ITEM, summary="A slate for a person")
    def recommend(user: InPerson, wanted: Annotated[Wanted, Query()]) -> SlateOut:
        """For the home page, beside the items in question, or in answer to words. Somebody unknown gets a sensible slate."""
        caps = {column: int(most) for column, _, most in (cap.rpartition(":") for cap in wanted.at_most)}
        wish = Wish(wanted.diversity, caps)
        return _slate(service.recommend(user, k=wanted.k, about=wanted.about, words=wanted.query, wish=wish))

    @web.post("/api/recommend", tags=["slates"], responses=NO_ITEM, summary="A slate for a full request")
    def recommend_for(body: RequestIn) -> SlateOut:
        """The same as a document, for strangers too, and with a moment and a context of your own."""
        return _slate(service.answer(asked(body)))

    @web.get("/api/items/{item:path}/similar", tags=["slates"], responses=NO_ITEM, summary="What stands beside a product")
    def similar(item: InItem, beside: Annotated[Beside, Query()]) -> SlateOut:
        """The goods most like it or most often chosen with it; nothing for variety."""
        return _slate(service.similar(item, user=beside.user or "", k=beside.k))

    @web.get("/api/search", tags=["slates"], summary="What answers a query")
    def search(searched: Annotated[Searched, Query()]) -> SlateOut:
        """By meaning as well as by word, the best match first."""
        return _slate(service.search(searched.q, user=searched.user or "", k=searched.k))

    @web.post("/api/trace", tags=["insight"], responses=NO_ITEM, summary="A request, stage by stage")
    def trace(body: RequestIn) -> TraceOut:
        """What each stage does with a request: what came, what went, what moved, and how long it took. Nothing is recorded."""
        request = asked(body)
        stages = service.trace(request)
        return TraceOut(
            user=request.user,
            time=request.time,
            milliseconds=sum(stage.milliseconds for stage in stages),
            stages=[_stage(stage) for stage in stages],
        )


def _telling(web: FastAPI, service: Service) -> None:
    @web.post("/api/events", tags=["feedback"], responses=NO_ITEM, summary="What people did")
    def events(body: EventsIn) -> Taken:
        """One event or a list, taken whole or not at all. Answered once the log has them; the next slate knows of them."""
        now = service.clock()
        given = body if isinstance(body, list) else [body]
        return Taken(events=service.post([_event(event, place, now) for place, event in enumerate(given)]))

    @web.delete("/api/users/{user:path}", tags=["people"], summary="Forget a person")
    def forget(user: InPerson) -> Forgotten:
        """Removes what they did and what they were shown. It cannot be undone."""
        return Forgotten(user=user, removed=dict(service.forget(user)))


def _looking(web: FastAPI, service: Service) -> None:
    @web.get("/api/items/{item:path}", tags=["goods"], responses=NO_ITEM, summary="A product")
    def item(item: InItem) -> ItemPage:
        """Everything the catalogue knows about it; columns whose name begins with derived_ were read from the others."""
        return ItemPage(**_item(service.item(item)), columns=service.facts(item))

    @web.get("/api/users/{user:path}", tags=["people"], summary="What the shop holds of a person")
    def user(user: InPerson) -> PortraitOut:
        """Of somebody unknown, nothing."""
        return _portrait(service.user(user))

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


def _event(given: EventIn, place: int, now: int) -> Event:
    if given.time is not None:
        _not_ahead(f"{place}.time", given.time, now)
    return Event(given.user, given.item, given.kind, now if given.time is None else given.time, given.value, given.slate)


def _not_ahead(field: str, time: int, now: int) -> None:
    if time > now + DAY:
        raise BadSetting(f"{field}: {time} is more than a day from now ({now})")


def _item(item: Item) -> dict[str, Any]:
    return {"item": item.item, "title": item.title, "price": item.price, "category": item.category, "image": item.image}


def _card(card: Card) -> CardOut:
    return CardOut(
        **_item(card.item),
        place=card.place,
        score=card.score,
        source=card.source,
        why=card.why,
        relevance=card.relevance,
        before=card.before,
        propensity=card.propensity,
    )


def _slate(answer: Answer) -> SlateOut:
    cards = [_card(card) for card in answer.cards]
    return SlateOut(slate=answer.slate, user=answer.user, time=answer.time, arm=answer.arm, items=cards)


def _portrait(portrait: Portrait) -> PortraitOut:
    return PortraitOut(
        user=portrait.user,
        known=portrait.known,
        recent=[DeedOut(**_item(deed.item), kind=deed.kind, time=deed.time) for deed in portrait.recent],
        owned=[ItemOut(**_item(item)) for item in portrait.owned],
        refused=[ItemOut(**_item(item)) for item in portrait.refused],
        tastes=dict(portrait.tastes),
        last=portrait.last,
    )


def _stage(trace: Trace) -> StageOut:
    steps = [
        StepOut(**_item(step.item), place=step.place, was=step.was, score=step.score, notes=dict(step.notes))
        for step in trace.items
    ]
    return StageOut(
        stage=trace.stage,
        milliseconds=trace.milliseconds,
        count=trace.count,
        came=trace.came,
        went=trace.went,
        moved=trace.moved,
        items=steps,
        gone=[ItemOut(**_item(item)) for item in trace.gone],
    )


def _pages(web: FastAPI, service: Service, sign: Sign) -> None:
    templates = Jinja2Templates(directory=UI / "pages")
    templates.env.filters["example"] = _example
    web.mount("/static", StaticFiles(directory=UI / "static"), name="static")

    def page(asked: Asked, name: str, more: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        told = {"shop": sign.name, "currency": sign.currency, "diversity": sign.diversity, "version": service.version}
        return templates.TemplateResponse(asked, name, {**told, "columns": service.columns, **more}, status, SAFE)

    @web.get("/", include_in_schema=False, response_class=HTMLResponse)
    def home(asked: Asked) -> HTMLResponse:
        return page(asked, "home.html", {})

    @web.get("/search", include_in_schema=False, response_class=HTMLResponse)
    def searched(asked: Asked, q: str = "") -> HTMLResponse:
        return page(asked, "search.html", {"q": q})

    @web.get("/trace", include_in_schema=False, response_class=HTMLResponse)
    def traced(asked: Asked) -> HTMLResponse:
        return page(asked, "trace.html", {})

    @web.get("/me", include_in_schema=False, response_class=HTMLResponse)
    def me(asked: Asked) -> HTMLResponse:
        return page(asked, "me.html", {})

    @web.get("/docs", include_in_schema=False, response_class=HTMLResponse)
    def docs(asked: Asked) -> HTMLResponse:
        return page(asked, "docs.html", {"paths": web.openapi()["paths"]})

    @web.get("/items/{item:path}", include_in_schema=False, response_class=HTMLResponse)
    def product(asked: Asked, item: str) -> HTMLResponse:
        return page(asked, "item.html", {"item": service.item(item), "facts": service.facts(item)})

    def failed(asked: Asked, status: int, error: str, headers: Mapping[str, str] | None = None) -> Response:
        if asked.url.path.startswith("/api/"):
            return JSONResponse({"ok": False, "error": error}, status, headers)
        return page(asked, "error.html", {"error": error, "status": status}, status)

    @web.exception_handler(RequestValidationError)
    def unusable(asked: Asked, error: RequestValidationError) -> Response:
        return failed(asked, 422, "; ".join(_said(one) for one in error.errors()[:5]))

    @web.exception_handler(AssortmentError)
    def refused(asked: Asked, error: AssortmentError) -> Response:
        if isinstance(error, StoreError):
            return failed(asked, 503, str(error), {"Retry-After": "1"})
        return failed(asked, 404 if isinstance(error, UnknownItem) else 422, str(error))

    @web.exception_handler(HTTPException)
    def not_found(asked: Asked, error: HTTPException) -> Response:
        status = 422 if error.status_code == 400 else error.status_code
        return failed(asked, status, _plainly(asked, error), error.headers)

    @web.exception_handler(Exception)
    def broken(asked: Asked, error: Exception) -> Response:
        log.exception("%s %s failed", asked.method, asked.url.path, exc_info=error)
        return failed(asked, 500, "something broke in the server; its log says what")


def _example(body: Mapping[str, Any]) -> str:
    """The example of what a request's body may be, by the API's own description of it."""
    named = {"RequestIn": RequestIn, "EventIn": EventIn}
    model = next(model for name, model in named.items() if f"/{name}" in json.dumps(body))
    return json.dumps(model.model_json_schema()["examples"][0], ensure_ascii=False)


def _said(error: Mapping[str, Any]) -> str:
    """What pydantic says, as the field and what is wrong with it."""
    if error["type"] == "json_invalid":
        return f"the body is not JSON: {error['ctx']['error']} at character {error['loc'][-1]}"
    where = ".".join(str(part) for part in error["loc"][1:] if part not in ("one", "list"))
    if error["type"] == "value_error":
        said = str(error["ctx"]["error"])
    else:
        given = error["input"]
        said = error["msg"][:1].lower() + error["msg"][1:]
        said += f", not {str(given)[:80]!r}" if isinstance(given, str | int | float) else ""
    return f"{where}: {said}" if where else said


def _plainly(asked: Asked, error: HTTPException) -> str:
    if error.status_code == 404:
        return f"nothing is at {asked.url.path}; /docs lists what there is"
    if error.status_code == 405:
        return f"{asked.method} is not for {asked.url.path}; /docs lists what is"
    if error.status_code == 413:
        return f"the body is larger than {LARGEST_BODY} bytes; send it in parts"
    return "the body is not JSON in UTF-8" if error.status_code == 400 else error.detail


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
