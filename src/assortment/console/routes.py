"""The console's addresses."""

from pathlib import Path

from fastapi import FastAPI

from assortment.console.catalogue import add_catalogue
from assortment.console.desk import Desk, router
from assortment.console.events import add_events, ago
from assortment.console.health import add_health
from assortment.console.longrun import add_long_run
from assortment.console.overtime import add_overtime
from assortment.console.people import add_people
from assortment.console.releases import add_releases
from assortment.console.review import add_review
from assortment.console.workbench import add_workbench
from assortment.report import page as report
from assortment.report.words import moment
from assortment.serve.pages import Pages
from assortment.serve.service import Service
from assortment.shop import Shop

TEMPLATES = (Path(__file__).parent / "templates", Path(report.__file__).parent / "templates")


def add_console(web: FastAPI, shop: Shop, service: Service) -> None:
    """Give the server of a shop its console, under `/console`."""
    pages: Pages = web.state.pages
    pages.add(TEMPLATES, {"console": True, "moment": moment, "ago": ago})
    desk = Desk(shop, service, pages, router())
    for add in (
        add_health,
        add_events,
        add_overtime,
        add_long_run,
        add_workbench,
        add_releases,
        add_catalogue,
        add_review,
        add_people,
    ):
        add(desk)
    web.include_router(desk.router)
