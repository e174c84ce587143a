"""What people do just now."""

from dataclasses import dataclass

import numpy as np
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.console.desk import Desk
from assortment.core.events import Event
from assortment.report.plots import Axis, Column, Plot, axis
from assortment.report.words import moment
from assortment.serve.service import Service
from assortment.serve.shelf import Item

LISTED = 40
MINUTE, MINUTES = 60_000, 60


@dataclass(frozen=True)
class Deed:
    """An event and what it was done with; ago: in words; item: None where the shop has the product no more."""

    event: Event
    item: Item | None
    ago: str


def add_events(desk: Desk) -> None:
    @desk.router.get("/events", response_class=HTMLResponse)
    def events(asked: Asked) -> HTMLResponse:
        now = desk.service.clock()
        return desk.page(asked, "events.html", {"deeds": latest(desk.service, now), "plot": last_hour(desk.service, now)})


def latest(service: Service, now: int) -> tuple[Deed, ...]:
    """The last events, the last first."""
    ids = service.catalog.ids
    found = service.store.latest(LISTED)
    return tuple(Deed(one, service.item(one.item) if one.item in ids else None, ago(now - one.time)) for one in found)


def last_hour(service: Service, now: int) -> Plot:
    """Events per minute of the last hour."""
    since = now - MINUTES * MINUTE
    times = service.store.events(service.catalog.ids, since).time
    counts = np.bincount(np.clip((times - since) // MINUTE, 0, MINUTES - 1), minlength=MINUTES)
    columns = tuple(
        Column(minute + 0.08, minute + 0.92, float(count), f"{moment(since + minute * MINUTE):%H:%M}: {count:,} events")
        for minute, count in enumerate(counts.tolist())
        if count
    )
    ticks = tuple((float(minute), f"{moment(since + minute * MINUTE):%H:%M}") for minute in range(0, MINUTES + 1, 15))
    most = float(max(counts.max(), 4))
    said = f"{counts.sum():,} events in the last hour, {counts[-1]:,} in the last minute"
    return Plot(said, Axis("", 0, MINUTES, ticks), axis("events", [most], zero=True, most=4), height=150, columns=columns)


def ago(milliseconds: int) -> str:
    """How long ago, in the largest unit that is whole.

    >>> ago(3_000), ago(125_000), ago(7_300_000), ago(400 * 86_400_000)
    ('3 s ago', '2 min ago', '2 h ago', '400 d ago')
    """
    seconds = max(0, milliseconds // 1000)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"
