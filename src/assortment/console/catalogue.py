"""What is known of the goods: what the shop says itself, what was found out, what is missing and what stands twice."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.console.desk import Desk
from assortment.core.catalog import Catalog
from assortment.report.plots import Axis, Column, Plot, axis
from assortment.serve.service import Service
from assortment.serve.shelf import Item
from assortment.shop import Shop
from assortment.understand.account import BINS, Account, accounts

LISTED = 12
LONG, SHORT = 120, 2
"""Letters and words: a title that is longer, or has fewer words, is pointed out."""


@dataclass(frozen=True)
class Known:
    """An attribute: parts of the goods, 0 … 100: said by the shop, found, not certain, not known; plot: how sure what was found
    is, None where nothing was."""

    account: Account
    parts: tuple[tuple[str, str, float, int], ...]
    plot: Plot | None


@dataclass(frozen=True)
class Flaw:
    """Something that goods lack or have wrong: how many, and a few of them."""

    name: str
    means: str
    count: int
    some: tuple[Item, ...]


@dataclass(frozen=True)
class Quality:
    """twins: groups of goods that are the same thing twice, the largest first; ingested: what the last ingest counted."""

    goods: int
    known: tuple[Known, ...]
    flaws: tuple[Flaw, ...]
    twins: tuple[tuple[Item, ...], ...]
    groups: int
    prices: Plot | None
    ingested: Mapping[str, Any]


def add_catalogue(desk: Desk) -> None:
    @desk.router.get("/catalogue", response_class=HTMLResponse)
    def catalogue(asked: Asked) -> HTMLResponse:
        return desk.page(asked, "catalogue.html", {"quality": quality(desk.shop, desk.service)})


def quality(shop: Shop, service: Service) -> Quality:
    """What is known of the goods of a shop, and what is wrong with it."""
    catalog = service.catalog
    twins = _twins(catalog)
    file = shop.folder / "ingest.json"
    return Quality(
        len(catalog),
        tuple(_known(one) for one in accounts(catalog)),
        tuple(_flaws(service)),
        tuple(tuple(service.item(catalog.ids.names[row]) for row in group[:4]) for group in twins[:LISTED]),
        len(twins),
        _prices(catalog),
        json.loads(file.read_text(encoding="utf-8")) if file.exists() else {},
    )


def _known(account: Account) -> Known:
    counts = (
        ("said", "said by the shop", account.said),
        ("found", "found", account.derived),
        ("unsure", "not certain", account.unsure),
        ("unknown", "not known", account.unknown),
    )
    goods = max(account.goods, 1)
    parts, left = [], 0.0
    for kind, name, count in counts:
        parts.append((kind, name, round(left, 2), round(100 * count / goods, 2), count))
        left += 100 * count / goods
    return Known(account, tuple(part for part in parts if part[4]), _histogram(account) if account.derived else None)


def _histogram(account: Account) -> Plot:
    most = float(max(account.histogram))
    columns = tuple(
        Column(place / BINS, (place + 0.9) / BINS, count, f"{place / BINS:.1f} to {(place + 1) / BINS:.1f}: {count:,} goods")
        for place, count in enumerate(account.histogram)
        if count
    )
    x = Axis("how sure", 0, 1, ((0.0, "0"), (0.5, "0.5"), (1.0, "1")))
    said = f"How sure what was found of {account.name.replace('_', ' ')} is"
    return Plot(said, x, Axis("goods", 0, most, ((0.0, "0"), (most, f"{most:,.0f}"))), height=90, columns=columns)


def _flaws(service: Service) -> list[Flaw]:
    catalog = service.catalog
    titles = [str(title or "") for title in catalog.columns.get("title", np.full(len(catalog), "", object))]
    words = [len(title.split()) for title in titles]
    counts = Counter(title.casefold() for title in titles if title)
    checks: list[tuple[str, str, Any]] = [
        ("No title", "nothing can be read of them", [not title for title in titles]),
        ("Titles of one word", "too little to find what they are like", [0 < count < SHORT for count in words]),
        ("Very long titles", f"more than {LONG} letters", [len(title) > LONG for title in titles]),
        ("The same title twice", "people cannot tell them apart", [counts[title.casefold()] > 1 for title in titles]),
    ]
    if "price" in catalog and catalog.column("price").dtype != object:
        price = catalog.column("price")
        checks.append(("No price", "they count for no wish about prices", ~np.isfinite(price)))
        checks.append(("A price of nothing or less", "", np.isfinite(price) & (price <= 0)))
    if "image" in catalog:
        checks.append(("No picture", "a drawn one stands in", [value is None for value in catalog.column("image")]))
    return [flaw for name, means, wrong in checks if (flaw := _flaw(service, name, means, np.asarray(wrong, bool))).count]


def _flaw(service: Service, name: str, means: str, wrong: Any) -> Flaw:
    rows = np.flatnonzero(wrong)
    return Flaw(name, means, len(rows), tuple(service.item(service.catalog.ids.names[row]) for row in rows[:5].tolist()))


def _twins(catalog: Catalog) -> list[list[int]]:
    """The rows of goods that are the same thing twice, the largest group first."""
    groups: dict[str, list[int]] = {}
    for row, label in enumerate(catalog.columns.get("twin", ())):
        if label is not None:
            groups.setdefault(str(label), []).append(row)
    return sorted(groups.values(), key=len, reverse=True)


def _prices(catalog: Catalog) -> Plot | None:
    """How many goods cost how much, in steps that double."""
    if "price" not in catalog or catalog.column("price").dtype == object:
        return None
    price = catalog.column("price")
    step = np.floor(np.log2(price[np.isfinite(price) & (price > 0)])).astype(np.int64)
    if not len(step):
        return None
    low, counts = int(step.min()), np.bincount(step - step.min())
    columns = tuple(
        Column(
            place + 0.05,
            place + 0.95,
            float(count),
            f"{2.0 ** (low + place):g} to {2.0 ** (low + place + 1):g}: {count:,} goods",
        )
        for place, count in enumerate(counts.tolist())
        if count
    )
    ticks = tuple((float(place), f"{2.0 ** (low + place):g}") for place in range(len(counts) + 1))
    x = Axis("price", 0, len(counts), ticks)
    return Plot(
        "How many goods cost how much", x, axis("goods", [float(counts.max())], zero=True, most=4), 170, columns=columns
    )
