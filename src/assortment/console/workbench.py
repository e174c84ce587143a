"""The workbench: one person, their slate as it is and as it would be under another contract, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.console.desk import Desk
from assortment.core.errors import AssortmentError, StoreError
from assortment.core.request import Request, Wish
from assortment.report.plots import Dot, Line, Plot, Word, axis, placed
from assortment.report.words import number
from assortment.serve.answers import Answer, Card
from assortment.serve.service import Service
from assortment.serve.storefront.slates import Show, percent, show
from assortment.serve.storefront.wishes import wished

STEPS = tuple(round(0.1 * step, 1) for step in range(11))
"""The settings of the curve."""

MOST = 30
ROW = 54
"""Pixels of a row of the two slates."""


@dataclass(frozen=True)
class Link:
    """The way of a product from its place now to its place then, in pixels down; way: up, down or same."""

    here: int
    there: int
    way: str


@dataclass(frozen=True)
class Place:
    """A product of the slate as it would be, and its place now: None where it is new."""

    card: Card
    was: int | None


@dataclass(frozen=True)
class Beside:
    """A number of both slates, in words; way: up, down or same."""

    name: str
    now: str
    then: str
    way: str


@dataclass(frozen=True)
class Bench:
    """now: the slate as the shop sets it; then: as it would be; went: what would go; height: pixels of the links."""

    now: Show
    then: Show
    places: tuple[Place, ...]
    went: frozenset[str]
    links: tuple[Link, ...]
    height: int
    numbers: tuple[Beside, ...]
    curve: Plot | None


def add_workbench(desk: Desk) -> None:
    @desk.router.get("/workbench", response_class=HTMLResponse)
    def workbench(asked: Asked, user: str = "", k: int = 12, about: str = "", query: str = "") -> HTMLResponse:
        service, wish = desk.service, wished(asked.query_params)
        people = [name for name, _ in service.store.people(most=30)]
        user = user or (people[0] if people else "")
        bench, trouble = None, ""
        try:
            request = service.request(user, k=min(max(k, 1), MOST), about=[about] if about else [], words=query[:1000])
            bench = bench_of(service, request, wish.wish)
        except StoreError:
            raise
        except AssortmentError as error:
            trouble = str(error)
        told = {"bench": bench, "trouble": trouble, "wish": wish, "people": people, "user": user, "k": k, "about": about}
        return desk.page(asked, "workbench.html", {**told, "words": query, "row": ROW}, 422 if trouble else 200)


def bench_of(service: Service, request: Request, wish: Wish) -> Bench:
    """Both slates, and the curve of what variety would cost under the rules of the wish."""
    curve = [replace(request, wish=replace(wish, diversity=step)) for step in STEPS]
    now, then, *steps = service.tried([request, replace(request, wish=wish), *curve])
    was = {card.item.item: card.place for card in now.cards}
    stays = {card.item.item for card in then.cards}
    return Bench(
        show(now),
        show(then, wished=True),
        tuple(Place(card, was.get(card.item.item)) for card in then.cards),
        frozenset(was) - stays,
        tuple(_link(was[card.item.item], card.place) for card in then.cards if card.item.item in was),
        ROW * max(len(now.cards), len(then.cards)),
        tuple(_numbers(show(now), show(then))),
        _curve(now, then, steps),
    )


def _link(was: int, is_now: int) -> Link:
    way = "same" if was == is_now else "up" if is_now < was else "down"
    return Link(ROW * (was - 1) + ROW // 2, ROW * (is_now - 1) + ROW // 2, way)


def _numbers(now: Show, then: Show) -> list[Beside]:
    found = []
    if now.varied is not None and then.varied is not None:
        found.append(_beside("How varied", now.varied, then.varied))
    if now.cost is not None and then.cost is not None:
        found.append(_beside("Relevance given up", now.cost, then.cost))
    found.append(_way("Kinds of goods", str(now.kinds), str(then.kinds), then.kinds - now.kinds))
    before, after = _price(now.cards), _price(then.cards)
    if before and after:
        found.append(_way("Middle price", before, after, 0))
    return found


def _beside(name: str, now: float, then: float) -> Beside:
    return _way(name, percent(now), percent(then), round(100 * then) - round(100 * now))


def _way(name: str, now: str, then: str, change: float) -> Beside:
    return Beside(name, now, then, "up" if change > 0 else "down" if change < 0 else "same")


def _price(cards: Sequence[Card]) -> str:
    known = [card.item.price for card in cards if card.item.price is not None]
    return f"{np.median(known):,.2f}" if known else ""


def _curve(now: Answer, then: Answer, steps: Sequence[Answer]) -> Plot | None:
    """What each setting of variety gives and costs, with the slate as it is and as it would be."""
    points = [point for one in steps if (point := _point(one))]
    here, there = _point(now), _point(then)
    if len(points) < 2 or here is None or there is None:
        return None
    x = axis("relevance given up", [point[0] for point in (*points, here, there)], zero=True, most=5, words=_percent)
    y = axis("how varied", [point[1] for point in (*points, here, there)], most=4, words=_percent)
    small = tuple(
        Dot(*point, 3, "other", f"variety {number(step)}: {percent(point[1])} varied, {percent(point[0])} given up")
        for step, point in zip(STEPS, points, strict=False)
    )
    big = (Dot(*here, 6, "shop", "as the shop sets it"), Dot(*there, 6.5, "swept", "as it would be"))
    names = [_around(here, "now"), _around(there, "then")] if here != there else [_around(here, "now")]
    words = placed(names, x, y, 220, small)
    curve = Line(tuple(points), "swept")
    said = f"Each setting of variety under these rules: from {percent(points[0][1])} varied to {percent(points[-1][1])}"
    return Plot(said, x, y, height=220, lines=(curve,), dots=(*small, *big), words=words)


def _point(answer: Answer) -> tuple[float, float] | None:
    terms = answer.terms
    if terms is None or "redundancy" not in terms.achieved or not np.isfinite(terms.achieved["redundancy"]):
        return None
    return terms.cost, min(1.0, 1 - terms.achieved["redundancy"])


def _around(point: tuple[float, float], text: str) -> tuple[Word, ...]:
    sides = ((11, 4, "start"), (-11, 4, "end"), (0, -12, "middle"), (0, 20, "middle"))
    return tuple(Word(*point, text, dx, dy, anchor, "loud") for dx, dy, anchor in sides)


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
