"""Goods over HTTP: one, a list, or a product feed."""

from typing import Annotated, Any, TypeAlias

from fastapi import Body, FastAPI
from fastapi import Request as Asked
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from assortment.core.errors import did_you_mean
from assortment.ingest.catalog import CatalogRead, read_goods
from assortment.serve.doors.goods import Cell, catalog_of
from assortment.serve.messages import Id
from assortment.serve.service import Service

TOLD = 100
"""How many rows that could not be used an answer names."""

FEED = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>85123A</g:id>…</item></channel></rss>'

Words: TypeAlias = Annotated[str, Field(max_length=20_000)]
Number: TypeAlias = Annotated[float, Field(ge=-1e15, le=1e15)]


class GoodIn(BaseModel):
    """A product. Besides these columns it may have any others: text, numbers, or true and false."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, bool | Number | Words | None]  # type: ignore[bad-override-mutable-attribute]

    item: Id
    title: Words | None = None
    brand: Words | None = None
    category: Words | None = Field(None, description="labels with | between them")
    price: Annotated[float, Field(ge=0, le=1e12)] | None = None
    stock: Number | None = Field(None, description="at 0 it is not shown")
    image: Words | None = None
    description: Words | None = None

    @model_validator(mode="after")
    def _no_slips(self) -> "GoodIn":
        for name in self.model_extra or {}:
            if not name or name.startswith(("derived_", "unsure_")) or name == "vector":
                raise ValueError(f"column '{name}' is made by the shop itself; name yours otherwise")
            if name.casefold() in GoodIn.model_fields:
                raise ValueError(str(did_you_mean("column", name, GoodIn.model_fields)))
        return self

    def cells(self) -> dict[str, Cell]:
        return {name: cell for name, cell in self.model_dump().items() if name != "item" and cell is not None}


class GoodsTaken(BaseModel):
    """The catalog has the goods, safely, and the next slate may show them."""

    ok: bool = True
    items: int
    new: int = Field(description="how many of them were not there before")


class RowOut(BaseModel):
    """A row that could not be used."""

    line: int
    reason: str


class FeedTaken(GoodsTaken):
    """What became of a feed."""

    rejected: int = Field(description="rows that could not be used")
    rows: list[RowOut] = Field(description="the first 100 of them")
    cleaned: dict[str, int] = Field(description="what was done to values, and to how many")
    unread: list[str] = Field(description="columns that were left out")


def add_catalog(web: FastAPI, service: Service) -> None:
    """Give the API its doors for goods."""
    example = [
        {"item": "MUG-1", "title": "Green tea mug", "category": "Kitchen|Mugs", "price": 4.5, "stock": 12, "handmade": True}
    ]
    shown: dict[str, Any] = {"requestBody": {"content": {"application/json": {"example": example}}}}

    @web.put("/api/items", tags=["goods"], summary="New or changed goods", openapi_extra=shown)
    def put(body: Annotated[list[GoodIn], Body(min_length=1, max_length=10_000)]) -> GoodsTaken:
        """Taken whole or not at all. Of a product that is there already, what is said here takes the place of all that was."""
        rows = {good.item: good.cells() for good in body}
        return GoodsTaken(items=len(rows), new=service.put(catalog_of(rows)))

    feed: dict[str, Any] = {
        "requestBody": {"content": {"text/xml": {"schema": {"type": "string"}, "example": FEED}}, "required": True}
    }

    @web.post("/api/items/feed", tags=["goods"], summary="A product feed", openapi_extra=feed)
    async def from_feed(asked: Asked) -> FeedTaken:
        """A feed of Google Merchant Center (RSS, Atom or TSV), or any other file of goods that can be ingested; up to 64 MiB.
        Rows that cannot be used are told, the others are taken."""
        body = await asked.body()
        return await run_in_threadpool(lambda: _fed(service, read_goods("the body", body)))


def _fed(service: Service, read: CatalogRead) -> FeedTaken:
    goods = read.catalog
    return FeedTaken(
        items=len(goods),
        new=service.put(goods) if len(goods) else 0,
        rejected=len(read.rejected),
        rows=[RowOut(line=row.line, reason=row.reason) for row, _ in zip(read.rejected, range(TOLD), strict=False)],
        cleaned=dict(read.report.cleaned),
        unread=list(read.report.unread),
    )
