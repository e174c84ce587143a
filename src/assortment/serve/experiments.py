"""Experiments over HTTP and as pages: begin, look, end."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from fastapi import FastAPI
from fastapi import Path as InPath
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.core.errors import BadSetting
from assortment.experiment.book import Book
from assortment.experiment.definition import parse
from assortment.experiment.measures import MEASURES
from assortment.experiment.people import BEFORE
from assortment.experiment.readout import Compared, Look, Readout, read_out
from assortment.experiment.told import told
from assortment.serve.messages import ExperimentIn
from assortment.serve.service import Service

Page: TypeAlias = Callable[..., HTMLResponse]
Name: TypeAlias = Annotated[str, InPath(max_length=40, description="the name of the experiment")]


def add_experiments(web: FastAPI, service: Service, page: Page) -> None:
    """Give the API and the pages the shop's experiments."""

    @web.get("/api/experiments", tags=["experiments"], summary="All experiments")
    def experiments() -> list[dict[str, Any]]:
        """The latest first."""
        return [one.told for one in _book(service).all()]

    @web.get("/api/experiments/{name}", tags=["experiments"], summary="What an experiment says")
    def status(name: Name) -> dict[str, Any]:
        """By now, with the decision in words; it may be looked at as often as one likes."""
        return told(_read(service, name))

    @web.post("/api/experiments", tags=["experiments"], summary="Begin an experiment")
    def start(body: ExperimentIn) -> dict[str, Any]:
        """Its arms are contracts. Arms of other settings or releases begin at the command line."""
        experiment = parse(body.model_dump(exclude_none=True), MEASURES)
        return _book(service).start(experiment, service.clock()).told

    @web.post("/api/experiments/{name}/stop", tags=["experiments"], summary="End an experiment")
    def stop(name: Name) -> dict[str, Any]:
        """From the next request on everybody is answered by what serves the shop."""
        return _book(service).stop(name, service.clock()).told

    @web.get("/experiments", include_in_schema=False, response_class=HTMLResponse)
    def listed(asked: Asked) -> HTMLResponse:
        return page(asked, "experiments.html", {"experiments": _book(service).all()})

    @web.get("/experiments/{name}", include_in_schema=False, response_class=HTMLResponse)
    def shown(asked: Asked, name: str) -> HTMLResponse:
        found = _read(service, name)
        strips = [Strip.of(one) for one in (*found.primary, *found.secondary)]
        courses = {arm: Course.of(looks) for arm, looks in found.looks.items() if looks}
        return page(asked, "experiment.html", {"found": found, "strips": strips, "courses": courses})


def _book(service: Service) -> Book:
    if service.book is None:
        raise BadSetting("this server keeps no experiments; open the shop with: assortment serve")
    return service.book


def _read(service: Service, name: str) -> Readout:
    experiment = _book(service).named(name)
    catalog, since = service.catalog, max(0, experiment.began - BEFORE)
    return read_out(experiment, service.store.shown(), service.store.events(catalog.ids, since), catalog, service.clock())


@dataclass(frozen=True)
class Strip:
    """Both intervals of a measure as places across a strip, 0 … 100, in parts of the control's mean."""

    one: Compared
    mean: float
    fixed: tuple[float, float]
    sequence: tuple[float, float]
    zero: float
    relative: str

    @staticmethod
    def of(one: Compared) -> "Strip":
        ends = [value for value in (one.sequence.low, one.sequence.high, one.gap.low, one.gap.high) if math.isfinite(value)]
        reach = max(map(abs, ends), default=0.0) or 1.0

        def at(value: float) -> float:
            return round(50 + 48 * max(-1.0, min(1.0, value / reach)), 2) if not math.isnan(value) else 50.0

        relative = f"{one.gap.mean / one.control:+.1%}" if one.control else f"{one.gap.mean:+.3g}"
        fixed, sequence = ((at(each.low), at(each.high)) for each in (one.gap, one.sequence))
        return Strip(one, at(one.gap.mean), fixed, sequence, at(0.0), relative)


@dataclass(frozen=True)
class Course:
    """How a difference came, day by day, as points of two bands and a line, 0 … 100 across and down; low, high: the ends."""

    sequence: str
    fixed: str
    line: str
    zero: float
    low: float
    high: float
    days: int

    @staticmethod
    def of(looks: Sequence[Look]) -> "Course":
        there = [value for look in looks for value in (look.fixed.low, look.fixed.high, 0.0) if math.isfinite(value)]
        low, high = min(there), max(there)
        low, high = (low - (high - low) / 2, high + (high - low) / 2) if high > low else (-1.0, 1.0)
        wide = max(1, looks[-1].day - looks[0].day)

        def point(look: Look, value: float) -> str:
            down = 100 * (high - max(low, min(high, value))) / (high - low)
            return f"{100 * (look.day - looks[0].day) / wide:.2f},{down:.2f}"

        def band(name: str) -> str:
            tops = [point(look, getattr(look, name).high) for look in looks]
            return " ".join([*tops, *(point(look, getattr(look, name).low) for look in reversed(looks))])

        line = " ".join(point(look, look.fixed.mean) for look in looks)
        return Course(band("sequence"), band("fixed"), line, 100 * high / (high - low), low, high, looks[-1].day)
