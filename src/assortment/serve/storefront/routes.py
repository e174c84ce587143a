"""The shop's pages: goods for a person, kinds of goods, a product, a search, the basket, and what the shop knows of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, FastAPI
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse, Response

from assortment.core.errors import AssortmentError, BadInput, StoreError
from assortment.core.events import Event
from assortment.core.request import Wish
from assortment.serve.access.gate import Gate, may
from assortment.serve.access.rights import forgotten
from assortment.serve.answers import Answer
from assortment.serve.service import AS_SET, Service
from assortment.serve.storefront.slates import Show, count, show
from assortment.serve.storefront.visitor import (
    PERSON,
    Line,
    Visitor,
    back_to,
    fields,
    new_guest,
    put_basket,
    remember,
    visiting,
)
from assortment.serve.storefront.wishes import Wished, wished

Page: TypeAlias = Callable[..., HTMLResponse]
Who: TypeAlias = Annotated[Visitor, Depends(visiting)]
Fields: TypeAlias = Annotated[Mapping[str, str], Depends(fields)]

FRONT, SHELF, BESIDE = 12, 24, 6
"""How many goods the first page shows, how many one of kinds or a search does, and how many stand beside others."""

MOST_ON_A_PAGE = 240

SAID = {"favourite": "Liked. The next goods know.", "hide": "Hidden. The next goods know.", "cart": "In your basket."}


@dataclass(frozen=True)
class Goods:
    """A slate for the page or, where there is none, why: `trouble`. usual: what the slate would be were nothing wished for."""

    show: Show | None
    trouble: str = ""
    usual: Show | None = None

    @property
    def stands(self) -> float | None:
        """Where variety stands while nothing is wished for, which may be a person's own; None where nothing says."""
        one = self.usual or self.show
        return one.answer.terms.diversity if one and one.answer.terms else None


def add_storefront(web: FastAPI, service: Service, page: Page, gate: Gate | None = None) -> None:
    """Give the shop its pages."""
    _goods(web, service, page)
    _basket(web, service, page)
    _person(web, service, page, gate)


def _goods(web: FastAPI, service: Service, page: Page) -> None:
    @web.get("/", include_in_schema=False, response_class=HTMLResponse)
    def home(asked: Asked, who: Who) -> HTMLResponse:
        wish = wished(asked.query_params)
        goods = _answered(lambda: service.recommend(who.user, k=FRONT, wish=wish.wish), wish)
        if wish.is_set and goods.show:
            usual = service.choose(service.request(who.user, k=FRONT))
            goods = Goods(goods.show, usual=show(usual))
        return page(asked, "home.html", {"goods": goods, "wish": wish, "kinds": _kinds(service)}, _status(goods))

    @web.get("/search", include_in_schema=False, response_class=HTMLResponse)
    def searched(asked: Asked, who: Who, q: str = "") -> HTMLResponse:
        words = q.strip()[:1000]
        found = show(service.search(words, user=who.user, k=SHELF)) if words else None
        return page(asked, "search.html", {"q": words, "found": found})

    @web.get("/kinds", include_in_schema=False, response_class=HTMLResponse)
    def kinds(asked: Asked) -> HTMLResponse:
        return page(asked, "kinds.html", {"columns_of_kinds": service.kinds})

    @web.get("/kinds/{column}/{value:path}", include_in_schema=False, response_class=HTMLResponse)
    def kind(asked: Asked, who: Who, column: str, value: str, k: int = SHELF) -> HTMLResponse:
        wish = wished(asked.query_params)
        many = min(max(k, 1), MOST_ON_A_PAGE)
        there = service.kinds.get(column, {}).get(value)
        if there is None:
            service.among(column, value)  # says which kind was meant
        goods = _answered(lambda: service.among(column, value, user=who.user, k=many, wish=wish.wish), wish)
        told = {"goods": goods, "wish": wish, "column": column, "value": value, "there": there, "k": many}
        return page(asked, "kind.html", told, _status(goods))

    @web.get("/items/{item:path}", include_in_schema=False, response_class=HTMLResponse)
    def product(asked: Asked, who: Who, item: str, slate: str = "") -> HTMLResponse:
        shown, facts = service.item(item), service.facts(item)
        if not (who.said or "x-live" in asked.headers or "sec-purpose" in asked.headers):
            service.post([Event(who.user, item, "view", service.clock(), slate=slate[:250] or None)])
        similar = service.similar(item, user=who.user, k=BESIDE)
        told = {"item": shown, "facts": facts, "slate": slate, "similar": show(similar)}
        return page(asked, "item.html", told | {"beside": show(_with(service, item, who.user, similar))})


def _with(service: Service, item: str, user: str, similar: Answer) -> Answer:
    """What goes well with a product, by the part that finds it or else goods of other kinds near it."""
    if service.pipeline.pairing is not None:
        return service.goes_with(item, user=user, k=BESIDE)
    cap = {"category": 1.0} if "category" in service.columns else {}
    alike = {card.item.item for card in similar.cards}
    found = service.choose(service.request(user, k=2 * BESIDE, about=[item], wish=Wish(0.7, at_most=cap)))
    cards = [card for card in found.cards if card.item.item not in alike][:BESIDE]
    return service.record(replace(found, cards=tuple(cards), terms=None))


def _answered(ask: Callable[[], Answer], wish: Wished) -> Goods:
    """The goods or, where the wish names what the shop does not have, why there are none."""
    try:
        return Goods(show(ask(), wish.is_set))
    except StoreError:
        raise
    except AssortmentError as error:
        return Goods(None, str(error))


def _status(goods: Goods) -> int:
    return 200 if goods.show else 422


def _kinds(service: Service) -> tuple[str, Mapping[str, int]]:
    """The column whose kinds the first page names, and the kinds; "" where the goods have none."""
    named = service.kinds
    column = next((name for name in named if name in named), "")
    return column, named.get(column, {})


def _basket(web: FastAPI, service: Service, page: Page) -> None:
    @web.get("/basket", include_in_schema=False, response_class=HTMLResponse)
    def basket(asked: Asked, who: Who) -> HTMLResponse:
        held = [line for line in who.basket if line.item in service.catalog.ids]
        items = [service.item(line.item) for line in held]
        about = [item.item for item in items]
        beside = show(service.recommend(who.user, k=BESIDE, about=about)) if items else None
        total = sum(item.price for item in items if item.price is not None)
        unpriced = sum(item.price is None for item in items)
        return page(asked, "basket.html", {"items": items, "total": total, "unpriced": unpriced, "beside": beside})

    @web.post("/deeds", include_in_schema=False)
    def deed(who: Who, given: Fields) -> Response:
        kind, item, slate = given.get("kind", ""), given.get("item", ""), given.get("slate", "")
        if kind not in SAID:
            raise BadInput(f"kind={kind[:40]!r} is nothing that a page can do; it is one of {', '.join(SAID)}")
        service.post([Event(who.user, item, kind, service.clock(), slate=slate or None)])
        response = back_to(given, SAID[kind])
        if kind == "cart" and item not in who.holds:
            put_basket(response, [*who.basket, Line(item, slate)])
        return _known(response, who)

    @web.post("/basket/remove", include_in_schema=False)
    def remove(who: Who, given: Fields) -> Response:
        response = back_to(given, "Taken out of your basket.", "/basket")
        put_basket(response, [line for line in who.basket if line.item != given.get("item")])
        return _known(response, who)

    @web.post("/basket/buy", include_in_schema=False)
    def buy(who: Who, given: Fields) -> Response:
        now = service.clock()
        held = [line for line in who.basket if line.item in service.catalog.ids]
        service.post([Event(who.user, line.item, "purchase", now, 1.0, line.slate or None) for line in held])
        response = back_to(given, f"Bought {count(len(held), 'product')}. The next goods know.", "/basket")
        put_basket(response, [])
        return _known(response, who)


def _person(web: FastAPI, service: Service, page: Page, gate: Gate | None) -> None:
    @web.get("/me", include_in_schema=False, response_class=HTMLResponse)
    def me(asked: Asked, who: Who) -> HTMLResponse:
        told: dict[str, Any] = {"person": service.user(who.user), "all": "all" in asked.query_params}
        told["may_forget"] = may(asked, "POST", "/me/forget")
        return page(asked, "me.html", told | {"next": show(service.recommend(who.user, k=BESIDE, wish=AS_SET))})

    @web.post("/me/muted", include_in_schema=False)
    def mute(who: Who, given: Fields) -> Response:
        column, value, muted = (given.get(name, "") for name in ("column", "value", "muted"))
        service.mute(who.user, column, value, muted == "yes")
        said = f"Muted: {value}. The next goods obey." if muted == "yes" else f"{value} may be shown again."
        return _known(back_to(given, said, "/me"), who)

    @web.post("/me/forget", include_in_schema=False)
    def forget(asked: Asked, who: Who, given: Fields) -> Response:
        receipt = forgotten(service, gate, asked, who.user)
        told = ", ".join(count(number, word) for word, number in receipt.removed.items() if number) or "nothing was held"
        response = back_to(given, f"Forgotten: {told}. Receipt {receipt.receipt}.", "/me")
        put_basket(response, [])
        remember(response, PERSON, new_guest() if who.name == "Guest" else who.user, 365 * 86_400)
        return response


def _known(response: Response, who: Visitor) -> Response:
    """The response to somebody whom the browser knows from now on."""
    if who.new:
        remember(response, PERSON, who.user, 365 * 86_400)
    return response
