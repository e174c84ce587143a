"""The people of the shop: who is there, and the way to their pages."""

from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.console.desk import Desk

LISTED = 48


def add_people(desk: Desk) -> None:
    @desk.router.get("/people", response_class=HTMLResponse)
    def people(asked: Asked, contains: str = "") -> HTMLResponse:
        found = desk.service.store.people(contains.strip()[:250], LISTED)
        return desk.page(asked, "people.html", {"people": found, "contains": contains})
