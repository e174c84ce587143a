"""What all pages of the console share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from assortment.serve.access.gate import operator_only
from assortment.serve.service import Service
from assortment.shop import Shop

Page: TypeAlias = Callable[..., HTMLResponse]


@dataclass(frozen=True)
class Desk:
    """The shop, what serves it, how a page is made, and where the console's addresses are."""

    shop: Shop
    service: Service
    page: Page
    router: APIRouter


def router() -> APIRouter:
    """The console's addresses, all of which only the operator may go to."""
    return APIRouter(prefix="/console", dependencies=[Depends(operator_only)], include_in_schema=False)
