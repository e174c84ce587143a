"""The pages, and how an error is told: as a page to people, as a document to programs."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import FastAPI
from fastapi import Request as Asked
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import FileSystemLoader
from starlette.exceptions import HTTPException

from assortment.core.catalog import Catalog
from assortment.core.errors import AssortmentError, StoreError
from assortment.serve.access.gate import Gate, who_asks
from assortment.serve.access.login import add_login
from assortment.serve.counter import Busy
from assortment.serve.experiments import add_experiments
from assortment.serve.messages import EventIn, ExperimentIn, RequestIn
from assortment.serve.people import MuteIn
from assortment.serve.service import Service
from assortment.serve.shelf import UnknownItem
from assortment.serve.storefront.routes import add_storefront
from assortment.serve.storefront.visitor import greeted, known
from assortment.serve.storefront.words import WORDS
from assortment.serve.tracing import add_trace

UI = Path(__file__).parent / "ui"
SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

log = logging.getLogger("assortment.serve")


@dataclass(frozen=True)
class Sign:
    """What the pages say of the shop. currency: what stands before a price; diversity: where the slider stands until it is
    moved, which is what the shop's own settings say."""

    name: str = "Assortment"
    currency: str = ""
    diversity: float = 0.3


NO_SIGN = Sign()


class Pages:
    """The templates of a shop, and what all of them may say."""

    def __init__(self, service: Service, sign: Sign) -> None:
        self._service = service
        self._sign = sign
        self._templates = Jinja2Templates(directory=[UI / "pages"])
        self._templates.env.filters["example"] = _example
        self._templates.env.globals.update(WORDS)

    def add(self, folders: Iterable[Path], words: Mapping[str, Any]) -> None:
        """More templates, and more that templates may say."""
        loader = self._templates.env.loader
        assert isinstance(loader, FileSystemLoader)
        loader.searchpath.extend(map(str, folders))
        self._templates.env.globals.update(words)

    def __call__(self, asked: Asked, name: str, more: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """A template as a page for whoever asks."""
        visitor = known(asked)
        service, sign = self._service, self._sign
        told = {"shop": sign.name, "currency": sign.currency, "diversity": sign.diversity, "version": service.version}
        offered = {"columns": tuple(dict.fromkeys(service.columns)), "priced": _priced(service.catalog)}
        told |= {**offered, "visitor": visitor, "role": who_asks(asked).role, **more}
        return greeted(self._templates.TemplateResponse(asked, name, told, status, SAFE), visitor)


def add_pages(web: FastAPI, service: Service, sign: Sign, gate: Gate | None = None) -> None:
    """Give the API its pages and its errors."""
    page = web.state.pages = Pages(service, sign)
    web.mount("/static", StaticFiles(directory=UI / "static"), name="static")

    @web.get("/docs", include_in_schema=False, response_class=HTMLResponse)
    def docs(asked: Asked) -> HTMLResponse:
        return page(asked, "docs.html", {"paths": web.openapi()["paths"]})

    add_storefront(web, service, page, gate)
    add_trace(web, service, page)
    add_experiments(web, service, page)
    if gate is not None:
        add_login(web, gate, page)

    def failed(asked: Asked, status: int, error: str, headers: Mapping[str, str] | None = None) -> Response:
        if asked.url.path.startswith(("/api/", "/gorse/")):
            return JSONResponse({"ok": False, "error": error}, status, headers)
        return page(asked, "error.html", {"error": error, "status": status}, status)

    @web.exception_handler(RequestValidationError)
    def unusable(asked: Asked, error: RequestValidationError) -> Response:
        return failed(asked, 422, "; ".join(_said(one) for one in error.errors()[:5]))

    @web.exception_handler(AssortmentError)
    def refused(asked: Asked, error: AssortmentError) -> Response:
        if isinstance(error, Busy):
            return failed(asked, 429, str(error), {"Retry-After": "1"})
        if isinstance(error, StoreError):
            return failed(asked, 503, str(error), {"Retry-After": "1"})
        return failed(asked, 404 if isinstance(error, UnknownItem) else 422, str(error))

    @web.exception_handler(HTTPException)
    def not_found(asked: Asked, error: HTTPException) -> Response:
        status = 422 if error.status_code == 400 else error.status_code
        return failed(asked, status, _plainly(asked, error), error.headers)

    @web.exception_handler(Exception)
    def broken(asked: Asked, error: Exception) -> Response:
        log.exception("%s %s failed", asked.method, asked.url.path, exc_info=error)
        return failed(asked, 500, "something broke in the server; its log says what")


def _priced(catalog: Catalog) -> bool:
    """Whether the goods have prices that differ, so that a slate can be asked to spread over them."""
    if "price" not in catalog or catalog.column("price").dtype == object:
        return False
    prices = catalog.column("price")
    return len(np.unique(prices[np.isfinite(prices)])) > 1


def _example(body: Mapping[str, Any]) -> str:
    """The example of what a request's body may be, by the API's own description of it."""
    content = next(iter(body["content"].values()))
    if "example" in content:
        example = content["example"]
        return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
    named = {"RequestIn": RequestIn, "EventIn": EventIn, "MuteIn": MuteIn, "ExperimentIn": ExperimentIn}
    model = next(model for name, model in named.items() if f"/{name}" in json.dumps(body))
    return json.dumps(model.model_json_schema()["examples"][0], ensure_ascii=False)


def _said(error: Mapping[str, Any]) -> str:
    """What pydantic says, as the field and what is wrong with it."""
    if error["type"] == "json_invalid":
        return f"the body is not JSON: {error['ctx']['error']} at character {error['loc'][-1]}"
    where = ".".join(str(part) for part in error["loc"][1:] if part not in ("one", "list"))
    if error["type"] == "value_error":
        said = str(error["ctx"]["error"])
    else:
        given = error["input"]
        said = error["msg"][:1].lower() + error["msg"][1:]
        said += f", not {str(given)[:80]!r}" if isinstance(given, str | int | float) else ""
    return f"{where}: {said}" if where else said


def _plainly(asked: Asked, error: HTTPException) -> str:
    if error.status_code == 404:
        return f"nothing is at {asked.url.path}; /docs lists what there is"
    if error.status_code == 405:
        return f"{asked.method} is not for {asked.url.path}; /docs lists what is"
    return "the body is not JSON in UTF-8" if error.status_code == 400 else error.detail
