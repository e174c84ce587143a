"""The fits of the shop: which one serves, the way to another, and why a new one was held back."""

from dataclasses import dataclass

from fastapi import Request as Asked
from fastapi.responses import HTMLResponse, Response

from assortment import kept
from assortment.console.desk import Desk
from assortment.core.errors import BadInput
from assortment.refit import Refit
from assortment.releases import Fitted, Kept, Release
from assortment.serve.storefront.routes import Fields
from assortment.serve.storefront.visitor import back_to
from assortment.shop import Shop

LISTED = 10
"""Of how many refits the page tells how they ended."""


@dataclass(frozen=True)
class Row:
    """A release as the page lists it; fitted: None where it is damaged."""

    kept: Kept
    fitted: Fitted | None


@dataclass(frozen=True)
class Ended:
    """How a refit ended, and when, milliseconds since 1970 UTC."""

    time: int
    refit: Refit


def add_releases(desk: Desk) -> None:
    @desk.router.get("/releases", response_class=HTMLResponse)
    def releases(asked: Asked) -> HTMLResponse:
        told = {"rows": rows(desk.shop), "ended": ended(desk.shop), "answering": desk.service.version}
        return desk.page(asked, "releases.html", told)

    @desk.router.post("/releases")
    def turn(given: Fields) -> Response:
        release = turned(desk, given.get("release", ""))
        return back_to(given, f"{release.name} serves.", "/console/releases")


def turned(desk: Desk, name: str) -> Release:
    """Let a release serve, here at once and after the next start too. Raises `UnknownName`, or `BadInput` where it is damaged
    or knows other goods, and then changes nothing."""
    if not name:
        raise BadInput("name the release that is to serve")
    release = desk.shop.releases.named(name)
    desk.service.take_up(release.released)
    return desk.shop.roll_back(name)


def rows(shop: Shop) -> tuple[Row, ...]:
    """The releases that are kept, the one that serves first."""
    return tuple(Row(one, _fitted(shop.releases.named(one.release))) for one in shop.kept())


def _fitted(release: Release) -> Fitted | None:
    try:
        return release.fitted
    except BadInput:
        return None


def ended(shop: Shop) -> tuple[Ended, ...]:
    """How the last refits ended, the last first."""
    return tuple(Ended(one["time"], kept.typed(Refit, one)) for one in reversed(shop.releases.noted[-LISTED:]))
