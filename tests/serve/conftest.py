"""The small shop, its log in a real SQLite file, and its HTTP."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assortment.core.pipeline import Pipeline
from assortment.serve.http import app
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from tests import world
from tests.serve import goods


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    return goods.pipeline()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/shop.db") as opened:
        opened.put_catalog(goods.catalog())
        opened.append(world.purchases())
        yield opened


@pytest.fixture
def service(pipeline: Pipeline, store: Store) -> Service:
    return Service(pipeline, store, version="v1")


class Web:
    """Asks a web application, over its own protocol, without a socket."""

    def __init__(self, service: Service) -> None:
        self.app = app(service)

    def __call__(self, method: str, address: str, **options) -> httpx.Response:
        return asyncio.run(self._asked(method, address, options))

    async def _asked(self, method: str, address: str, options) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.request(method, address, **options)


@pytest.fixture
def web(service: Service) -> Web:
    return Web(service)
