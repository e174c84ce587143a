"""What a person is to decide: goods of which the understanding has a guess that is not certain."""

from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse, Response

from assortment.console.desk import Desk
from assortment.core.arrays import Ids, Items, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput
from assortment.serve.service import Service
from assortment.serve.storefront.routes import Fields
from assortment.serve.storefront.slates import count
from assortment.serve.storefront.visitor import back_to
from assortment.store.overview import liked_by
from assortment.understand.account import Doubt, doubts_of

LISTED = 20
CHOICES = 400
"""How many values of an attribute are offered."""


class Queue:
    """The list of doubts, read anew when the goods are others: it is ordered by how many people liked them, which the
    database counts."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = Lock()
        self._of: Catalog | None = None
        self._doubts: tuple[Doubt, ...] = ()

    def __call__(self) -> tuple[Doubt, ...]:
        with self._lock:
            catalog = self._service.catalog
            if self._of is not catalog:
                liked = liked_by(self._service.store)
                self._doubts = doubts_of(catalog, np.array([liked.get(item, 0) for item in catalog.ids.names], np.int64))
                self._of = catalog
            return self._doubts


def add_review(desk: Desk) -> None:
    queue = Queue(desk.service)

    @desk.router.get("/review", response_class=HTMLResponse)
    def review(asked: Asked, attribute: str = "", page: int = 1) -> HTMLResponse:
        every = queue()
        names = sorted({one.attribute for one in every})
        asked_of = [one for one in every if not attribute or one.attribute == attribute]
        first = LISTED * (min(max(page, 1), 1 + len(asked_of) // LISTED) - 1)
        told = {
            "doubts": asked_of[first : first + LISTED],
            "items": {one.item: desk.service.item(one.item) for one in asked_of[first : first + LISTED]},
            "names": names,
            "attribute": attribute,
            "all": len(asked_of),
            "first": first,
            "number": first // LISTED + 1,
            "choices": {name: choices(desk.service.catalog, name) for name in names},
        }
        return desk.page(asked, "review.html", told)

    @desk.router.post("/review")
    def decide(given: Fields) -> Response:
        decided = decisions(given)
        if not decided:
            return back_to(given, "Nothing was decided.", "/console/review")
        keep(desk.service, decided)
        return back_to(given, f"{count(len(decided), 'decision')} kept; the next slates know.", "/console/review")


def choices(catalog: Catalog, attribute: str) -> tuple[str, ...]:
    """The values that goods have or might have of an attribute, in order."""
    named = (name for name in (attribute, f"derived_{attribute}", f"unsure_{attribute}") if name in catalog)
    found = {str(value) for name in named for value in catalog.column(name) if value is not None}
    return tuple(sorted(found)[:CHOICES])


def decisions(given: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """By item and attribute what was decided, of a form whose fields are `decide:ATTRIBUTE:ITEM`; not what is left open.

    >>> decisions({"decide:category:85123A": "Candles", "decide:category:22423": " ", "back": "/"})
    {('85123A', 'category'): 'Candles'}
    """
    found = {}
    for name, value in given.items():
        kind, _, rest = name.partition(":")
        attribute, _, item = rest.partition(":")
        if kind == "decide" and item and value.strip():
            found[item, attribute] = value.strip()[:250]
    return found


def keep(service: Service, decided: Mapping[tuple[str, str], str]) -> None:
    """Let the shop say itself, from now on, what was decided. Raises `UnknownItem` for goods that it does not have."""
    stored = service.store.catalog()
    items = list(dict.fromkeys(item for item, _ in decided))
    for item in items:
        service.item(item)
    if strange := {attribute for _, attribute in decided if f"unsure_{attribute}" not in service.catalog}:
        raise BadInput(f"nothing is open of '{min(strange)}'")
    goods = _rows(stored, stored.numbers(items))
    for attribute in {attribute for _, attribute in decided}:
        said = goods.columns.get(attribute, np.full(len(items), None, object))
        ours = [decided.get((item, attribute), value) for item, value in zip(items, said, strict=True)]
        goods = goods.with_column(attribute, strings(ours))
    service.put(goods)


def _rows(catalog: Catalog, rows: Items) -> Catalog:
    names: Sequence[str] = [catalog.ids.names[row] for row in rows.tolist()]
    return Catalog(Ids(tuple(names)), {name: column[rows] for name, column in catalog.columns.items()})
