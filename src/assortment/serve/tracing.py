"""The page of a request's way through the stages, and where each product stood after each."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapi import FastAPI
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.core.errors import AssortmentError, StoreError
from assortment.serve.service import Service
from assortment.serve.shelf import Item
from assortment.serve.storefront.slates import loud
from assortment.serve.storefront.tiles import hue
from assortment.serve.storefront.wishes import wished
from assortment.serve.traces import Step, Trace

WIDE, LEFT, RIGHT, TOP, FOOT = 1080, 80, 330, 64, 24
"""Pixels of the picture: its width, the space beside it, above and below."""

MOST = 50


@dataclass(frozen=True)
class Way:
    """A product on the slate: the curve of its places, its dots, and where its name stands."""

    item: Item
    name: str
    said: str
    hue: int
    path: str
    dots: tuple[tuple[float, float], ...]
    y: float


@dataclass(frozen=True)
class Picture:
    """The places of the products after each stage, down a scale that gives the first places most room. rails: each stage and
    where it stands."""

    high: int
    rails: tuple[tuple[Trace, float], ...]
    ways: tuple[Way, ...]


def add_trace(web: FastAPI, service: Service, page: Callable[..., HTMLResponse]) -> None:
    """Give the pages `/trace`."""

    @web.get("/trace", include_in_schema=False, response_class=HTMLResponse)
    def traced(asked: Asked, user: str = "", k: int = 10, about: str = "", query: str = "") -> HTMLResponse:
        wish, trouble, traces = wished(asked.query_params), "", ()
        try:
            many = min(max(k, 1), MOST)
            request = service.request(user, k=many, about=[about] if about else [], words=query[:1000], wish=wish.wish)
            traces = service.trace(request)
        except StoreError:
            raise
        except AssortmentError as error:
            trouble = str(error)
        told = {"traces": traces, "picture": picture(traces, k), "wish": wish, "trouble": trouble}
        told |= {"user": user, "k": k, "about": about, "words": query, "rows": 15}
        return page(asked, "trace.html", told, 422 if trouble else 200)


def picture(traces: Sequence[Trace], k: int) -> Picture:
    """The ways of the first k products of the last stage."""
    last = traces[-1].items[:k] if traces else ()
    places = [{step.item.item: step.place for step in trace.items} for trace in traces]
    deepest = max([2, *(found[step.item.item] for found in places for step in last if step.item.item in found)])
    high = max(260, 26 * len(last) + 90)
    room = high - TOP - FOOT

    def x(stage: int) -> float:
        return LEFT + stage * (WIDE - LEFT - RIGHT) / max(1, len(traces) - 1)

    def y(stage: int, place: int) -> float:
        if traces[stage].count > len(last):
            return TOP + room * math.log(place) / math.log(deepest)
        return TOP + room * (place - 0.5) / max(1, len(last))

    def way(step: Step, row: int) -> Way:
        item = step.item
        found = [(stage, at[item.item]) for stage, at in enumerate(places) if item.item in at]
        dots = tuple((round(x(stage), 1), round(y(stage, place), 1)) for stage, place in found)
        said = f"{item.title}: {' → '.join(str(place) for _, place in found)}"
        down = TOP + room * (row + 0.5) / len(last) + 4
        return Way(
            item, f"{row + 1}  {_short(item.title)}", said, hue(item.category or item.title), _curve(dots), dots, round(down, 1)
        )

    rails = tuple((trace, round(x(stage), 1)) for stage, trace in enumerate(traces))
    return Picture(high, rails, tuple(way(step, row) for row, step in enumerate(last)))


def _curve(dots: Sequence[tuple[float, float]]) -> str:
    """A path through points from left to right that lies level at each."""
    path = [f"M{dots[0][0]} {dots[0][1]}"] if dots else []
    for (left, above), (right, down) in pairwise(dots):
        middle = round((left + right) / 2, 1)
        path.append(f"C{middle} {above} {middle} {down} {right} {down}")
    return "".join(path)


def _short(title: str) -> str:
    name = title[:1] + title[1:].lower() if loud(title) else title
    return name if len(name) <= 38 else f"{name[:37]}…"
