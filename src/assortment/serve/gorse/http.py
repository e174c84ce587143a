"""The routes of Gorse, as its clients call them."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Depends, FastAPI, Header, Query
from fastapi import Request as Asked
from fastapi.responses import JSONResponse

from assortment.core.events import Event
from assortment.serve.answers import Answer
from assortment.serve.doors.read import not_ahead
from assortment.serve.gorse.shop import GorseShop, Missing
from assortment.serve.gorse.words import FeedbackIn, ItemIn, ItemPatch, UserIn, UserPatch, delay, feedback_out, ours
from assortment.serve.messages import Id
from assortment.serve.service import Service

N: TypeAlias = Annotated[int, Query(ge=1, le=1000)]
Offset: TypeAlias = Annotated[int, Query(ge=0, le=1000)]
Cursor: TypeAlias = Annotated[str, Query(max_length=250)]
Number: TypeAlias = Annotated[str, Query(max_length=18, pattern=r"^\d*$")]
Name: TypeAlias = Annotated[str, Query(max_length=250)]
Feedback: TypeAlias = list[FeedbackIn]


def _category(asked: Asked) -> str:
    """The category that an address names, at its end or as a question; "" for all."""
    return asked.path_params.get("category") or asked.query_params.get("category", "")


Category: TypeAlias = Annotated[str, Depends(_category)]


def add_gorse(web: FastAPI, service: Service) -> None:
    """Give the API the routes of Gorse, below /gorse. They are described by Gorse; ours are in the description of the API."""
    shop, routes = GorseShop(service), APIRouter(prefix="/gorse/api", include_in_schema=False)
    _people(routes, shop)
    _goods(routes, shop)
    _feedback(routes, shop)
    _slates(routes, shop)
    _health(routes, service)
    web.include_router(routes)

    @web.exception_handler(Missing)
    def missing(_: object, error: Missing) -> JSONResponse:
        return JSONResponse({"ok": False, "error": str(error)}, 404)


def _affected(rows: int) -> dict[str, int]:
    return {"RowAffected": rows}


def _people(routes: APIRouter, shop: GorseShop) -> None:
    @routes.post("/user")
    def insert_user(body: UserIn) -> dict[str, int]:
        return _affected(shop.say({body.user: body.known()}))

    @routes.post("/users")
    def insert_users(body: list[UserIn]) -> dict[str, int]:
        return _affected(shop.say({one.user: one.known() for one in body}))

    @routes.get("/user/{user}")
    def get_user(user: Id) -> dict[str, Any]:
        return shop.user(user)

    @routes.patch("/user/{user}")
    def update_user(user: Id, body: UserPatch) -> dict[str, int]:
        there = shop.user(user)
        return _affected(shop.say({user: {"Labels": there["Labels"], "Comment": there["Comment"], **body.known()}}))

    @routes.delete("/user/{user}")
    def delete_user(user: Id) -> dict[str, int]:
        removed = shop.service.forget(user)
        return _affected(int(any(removed.values())))

    @routes.get("/users")
    def get_users(n: N = 10, cursor: Cursor = "") -> dict[str, Any]:
        after, users = shop.users(cursor, n)
        return {"Cursor": after, "Users": users}


def _goods(routes: APIRouter, shop: GorseShop) -> None:
    @routes.post("/item")
    def insert_item(body: ItemIn) -> dict[str, int]:
        return _affected(shop.put({body.item: body.cells()}))

    @routes.post("/items")
    def insert_items(body: list[ItemIn]) -> dict[str, int]:
        return _affected(shop.put({one.item: one.cells() for one in body}))

    @routes.get("/item/{item}")
    def get_item(item: Id) -> dict[str, Any]:
        return shop.item(item)

    @routes.patch("/item/{item}")
    def update_item(item: Id, body: ItemPatch) -> dict[str, int]:
        return _affected(shop.patch(item, body.cells()))

    @routes.delete("/item/{item}")
    def delete_item(item: Id) -> dict[str, int]:
        """What was bought stays in the log, and so does what it was; it is not shown any more."""
        return _affected(shop.patch(item, {"stock": 0.0}))

    @routes.get("/items")
    def get_items(n: N = 10, cursor: Number = "", q: Name = "") -> dict[str, Any]:
        if q:
            return {"Cursor": "", "Items": [shop.item(card.item.item) for card in shop.service.search(q, k=n).cards]}
        after, items = shop.items(cursor, n)
        return {"Cursor": after, "Items": items}


def _feedback(routes: APIRouter, shop: GorseShop) -> None:
    @routes.post("/feedback")
    def insert_feedback(body: Feedback) -> dict[str, int]:
        return _affected(shop.feed(body))

    @routes.put("/feedback")
    def put_feedback(body: Feedback) -> dict[str, int]:
        return _affected(shop.feed(body, over=True))

    @routes.get("/feedback")
    def get_feedback(n: N = 10, cursor: Number = "") -> dict[str, Any]:
        after, events = shop.feedback(cursor, n)
        return {"Cursor": after, "Feedback": _told(events)}

    @routes.get("/feedback/{user}/{item}")
    def get_feedback_of(user: Id, item: Id) -> list[dict[str, Any]]:
        return _told(shop.feedback("", 1000, person=user, item=item)[1])

    @routes.delete("/feedback/{user}/{item}")
    def delete_feedback(user: Id, item: Id) -> dict[str, int]:
        return _affected(shop.retract(user, item))

    @routes.get("/user/{user}/feedback")
    def feedback_of_user(user: Id) -> list[dict[str, Any]]:
        return _told(shop.service.store.history(user))

    @routes.get("/user/{user}/feedback/{kind}")
    def feedback_of_user_and_kind(user: Id, kind: Id) -> list[dict[str, Any]]:
        return _told(event for event in shop.service.store.history(user) if event.kind == ours(kind))

    @routes.get("/item/{item}/feedback/{kind}")
    def feedback_of_item(item: Id, kind: Id) -> list[dict[str, Any]]:
        return _told(shop.feedback("", 1000, item=item, kind=ours(kind))[1])


def _told(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [feedback_out(event) for event in events]


def _slates(routes: APIRouter, shop: GorseShop) -> None:
    @routes.get("/recommend/{user}")
    @routes.get("/recommend/{user}/")
    @routes.get("/recommend/{user}/{category}")
    def recommend(
        user: Id,
        category: Category,
        n: N = 10,
        offset: Offset = 0,
        kind: Annotated[str, Query(alias="write-back-type", max_length=100)] = "",
        later: Annotated[str, Query(alias="write-back-delay", max_length=20)] = "",
        version: Annotated[str, Header(alias="X-API-Version")] = "",
    ) -> list[Any]:
        back, time = ours(kind) if kind else "", shop.service.clock() + delay(later)
        not_ahead("write-back-delay", time, shop.service.clock())
        answer = shop.recommend(user, category, offset, n)
        if back:
            given = [Event(user, card.item.item, back, time, None, answer.slate) for card in answer.cards]
            shop.service.post(given)
        return _scores(answer) if version == "2" else [card.item.item for card in answer.cards]

    @routes.post("/session/recommend")
    @routes.post("/session/recommend/{category}")
    def session(body: Feedback, category: Category, n: N = 10, offset: Offset = 0) -> list[Any]:
        return _scores(shop.session(body, category, offset, n))

    @routes.get("/item/{item}/neighbors")
    @routes.get("/item/{item}/neighbors/{category}")
    def neighbours(item: Id, category: Category, n: N = 10, offset: Offset = 0) -> list[Any]:
        return _scores(shop.neighbours(item, category, offset, n))

    def listed(path: str, rank: Callable[[str, int, int], list[tuple[str, float]]]) -> None:
        @routes.get(path)
        @routes.get(f"{path}/{{category}}")
        def ranked(category: Category, n: N = 10, offset: Offset = 0) -> list[Any]:
            return [{"Id": item, "Score": score} for item, score in rank(category, offset, n)]

    listed("/popular", shop.popular)
    listed("/latest", shop.latest)


def _scores(answer: Answer) -> list[Any]:
    return [{"Id": card.item.item, "Score": card.score} for card in answer.cards]


def _health(routes: APIRouter, service: Service) -> None:
    @routes.get("/health/live")
    def live() -> dict[str, bool]:
        return {"Ready": True}

    @routes.get("/health/ready")
    def ready() -> dict[str, bool]:
        """Reads from the log; 503 where it cannot."""
        service.people("", 1)
        return {"Ready": True, "DataStoreConnected": True, "CacheStoreConnected": True}
