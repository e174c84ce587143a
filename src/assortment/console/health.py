"""How the shop does: what serves, how long each stage takes, and what should be looked at."""

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.console.desk import Desk
from assortment.core.errors import BadInput
from assortment.releases import Release
from assortment.report.words import spoken
from assortment.serve.service import Service
from assortment.shop import Shop

SAMPLE = 8
"""How many people's requests are timed, the most active."""

DAY = 86_400_000
GROWN = 0.1
"""How much the log may grow, in parts of what was fitted on, before a fit is advised."""

_opened = time.monotonic()


@dataclass(frozen=True)
class Timed:
    """A stage: the middle one and the slowest of its times, milliseconds; share: of the slowest stage's, 0 … 1; left: how many
    goods there are after it, the middle one."""

    stage: str
    middle: float
    slowest: float
    share: float
    left: int


@dataclass(frozen=True)
class Health:
    """log: milliseconds that a look at the log took; up: seconds since the program began; memory: megabytes; since: how many
    events since the fit; idle: milliseconds since the last, None where there is none; advice: what should be looked at."""

    version: str
    release: str
    goods: int
    people: int
    events: int
    since: int
    idle: int | None
    log: float
    up: float
    memory: float
    stages: tuple[Timed, ...]
    advice: tuple[str, ...]

    @property
    def milliseconds(self) -> float:
        """What a request takes, the middle times of the stages together."""
        return sum(stage.middle for stage in self.stages)


def add_health(desk: Desk) -> None:
    @desk.router.get("", response_class=HTMLResponse)
    def health(asked: Asked) -> HTMLResponse:
        return desk.page(asked, "health.html", {"health": health_of(desk.shop, desk.service)})


def health_of(shop: Shop, service: Service) -> Health:
    """How a shop and the server of it do."""
    start = time.perf_counter()
    events = service.store.count()
    log = 1000 * (time.perf_counter() - start)
    last = service.store.latest(1)
    release = answering(shop, service)
    fitted = release.fitted
    return Health(
        version=service.version,
        release=release.name,
        goods=len(service.catalog),
        people=fitted.people,
        events=events,
        since=events - fitted.events,
        idle=service.clock() - last[0].time if last else None,
        log=log,
        up=time.monotonic() - _opened,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        stages=timed(service, [user for user, _ in service.store.people(most=SAMPLE)] or [""]),
        advice=tuple(_advice(shop, service, release, events)),
    )


def answering(shop: Shop, service: Service) -> Release:
    """The release that answers here: the first whose fit has the version of the service."""
    for release in shop.releases.all():
        try:
            if release.fitted.version == service.version:
                return release
        except BadInput:
            continue
    return shop.release


def timed(service: Service, users: Sequence[str]) -> tuple[Timed, ...]:
    """How long each stage takes for some people."""
    traces = [service.trace(service.request(user, k=12)) for user in users]
    rows = list(zip(*traces, strict=True))
    most = max((stage.milliseconds for row in rows for stage in row), default=0.0)
    return tuple(
        Timed(
            spoken(row[0].stage),
            float(np.median([stage.milliseconds for stage in row])),
            max(stage.milliseconds for stage in row),
            float(np.median([stage.milliseconds for stage in row])) / most if most else 0.0,
            int(np.median([stage.count for stage in row])),
        )
        for row in rows
    )


def _advice(shop: Shop, service: Service, release: Release, events: int) -> list[str]:
    advice, since, fitted = [], events - release.fitted.events, release.fitted.events
    if shop.releases.serving.name != release.name:
        advice.append(f"Release {shop.releases.serving.name} was put in place; {release.name} goes on answering.")
    if since > GROWN * max(fitted, 1):
        advice.append(f"The log grew by {since:,} events since the fit: assortment refit {shop.folder.name}")
    unvectored = _without_vector(service)
    if unvectored:
        advice.append(f"{unvectored:,} goods have no vector: nothing is like them, and no search by meaning finds them.")
    return advice


def _without_vector(service: Service) -> int:
    if "vector" not in service.catalog:
        return 0
    return int((~service.catalog.column("vector").any(axis=1)).sum())
